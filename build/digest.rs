//! A digest of all knowledge, by which an index tells that it was built with other knowledge.

use std::path::Path;

/// Tells the compiler the digest of every file below `patterns`, names included, as
/// `EFFACE_KNOWLEDGE`. It has to differ for what differs, not to withstand an attack.
pub(crate) fn generate(patterns: &Path) -> Result<(), String> {
    let mut digest = FNV_OFFSET;
    take(patterns, &mut digest)?;
    println!("cargo::rustc-env=EFFACE_KNOWLEDGE={digest:016x}");
    Ok(())
}

/// FNV-1a, 64 bits (RFC 9923).
const FNV_OFFSET: u64 = 0xcbf2_9ce4_8422_2325;
const FNV_PRIME: u64 = 0x0000_0100_0000_01b3;

fn take(folder: &Path, digest: &mut u64) -> Result<(), String> {
    let told = |error| format!("{}: {error}", folder.display());
    let entries = std::fs::read_dir(folder).map_err(told)?;
    let paths: Result<Vec<_>, _> = entries.map(|entry| entry.map(|e| e.path())).collect();
    let mut paths = paths.map_err(told)?;
    paths.sort();
    for path in paths {
        let name = path.file_name().unwrap_or_default();
        mix(name.as_encoded_bytes(), digest);
        if path.is_dir() {
            take(&path, digest)?;
        } else {
            let bytes = std::fs::read(&path).map_err(|e| format!("{}: {e}", path.display()))?;
            mix(&bytes, digest);
        }
    }
    Ok(())
}

fn mix(bytes: &[u8], digest: &mut u64) {
    let length = (bytes.len() as u64).to_le_bytes();
    for byte in length.iter().chain(bytes) {
        *digest = (*digest ^ u64::from(*byte)).wrapping_mul(FNV_PRIME);
    }
}
