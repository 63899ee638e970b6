//! The floor under every directory scan: walk, open, read to the end, close, and nothing else.
//!
//! `floor DIR` reads every regular file below DIR with one thread and one reused buffer and
//! prints how many files and bytes it saw. What a scanner costs above this is its own doing.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// One read takes most files of interest whole.
const BUFFER: usize = 64 * 1024;

fn read_whole(path: &Path, buffer: &mut [u8]) -> io::Result<u64> {
    let mut file = File::open(path)?;
    let mut bytes = 0;
    loop {
        match file.read(buffer)? {
            0 => return Ok(bytes),
            count => bytes += count as u64,
        }
    }
}

fn main() -> io::Result<()> {
    let Some(root) = std::env::args_os().nth(1) else {
        return Err(io::Error::other("usage: floor DIR"));
    };
    let mut buffer = vec![0; BUFFER];
    let mut folders = vec![PathBuf::from(root)];
    let (mut files, mut bytes) = (0u64, 0u64);
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            let kind = entry.file_type()?;
            if kind.is_dir() {
                folders.push(entry.path());
            } else if kind.is_file() {
                files += 1;
                bytes += read_whole(&entry.path(), &mut buffer)?;
            }
        }
    }
    println!("{files} files, {bytes} bytes");
    Ok(())
}
