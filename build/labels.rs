//! Compiles `patterns/labels.toml` to a hash table of names and what they say.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Labels {
    holds: Vec<Holds>,
    refuses: Vec<Refuses>,
    #[serde(rename = "example")]
    _example: toml::Value,
    #[serde(rename = "counter_example")]
    _counter_example: toml::Value,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Holds {
    entity: String,
    exact: Vec<String>,
    #[serde(default)]
    last: Vec<String>,
    #[serde(default)]
    first: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Refuses {
    class: String,
    exact: Vec<String>,
    #[serde(default)]
    last: Vec<String>,
    #[serde(default)]
    first: Vec<String>,
}

/// What a name says wherever it stands: as a whole, as last words, as first word.
#[derive(Clone, Default)]
struct Says([Option<String>; 3]);

/// The number of buckets; a power of two well above the number of names keeps them short.
const BUCKETS: usize = 1024;

/// FNV-1a, 32 bits; `src/detect/labels` computes the same.
fn hash(name: &str) -> u32 {
    name.bytes().fold(0x811c_9dc5, |hash, byte| {
        (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    })
}

/// `snake_case` as the name of a variant.
fn variant(name: &str) -> String {
    let upper = |word: &str| {
        let mut letters = word.chars();
        letters
            .next()
            .map_or(String::new(), |c| c.to_uppercase().chain(letters).collect())
    };
    name.split('_').map(upper).collect()
}

/// Writes `labels.rs` with `BUCKETS` and `NAMES` into `out`.
pub(crate) fn generate(path: &Path, out: &Path) -> Result<(), String> {
    let file = path.display();
    let text = std::fs::read_to_string(path).map_err(|e| format!("{file}: {e}"))?;
    let labels: Labels = toml::from_str(&text).map_err(|e| format!("{file}: {e}"))?;
    let mut names: BTreeMap<&str, Says> = BTreeMap::new();
    let holds = labels.holds.iter().map(|l| {
        (
            format!("Says::Holds(Entity::{})", variant(&l.entity)),
            [&l.exact, &l.last, &l.first],
        )
    });
    let refuses = labels.refuses.iter().map(|l| {
        (
            format!("Says::Refuses(Class::{})", variant(&l.class)),
            [&l.exact, &l.last, &l.first],
        )
    });
    for (says, lists) in holds.chain(refuses) {
        for (place, list) in lists.into_iter().enumerate() {
            for name in list {
                let bare = name.trim_end_matches(|c: char| c.is_ascii_digit());
                if bare.is_empty() || !bare.bytes().all(|b| b.is_ascii_lowercase()) {
                    return Err(format!("{file}: '{name}' must be lower-case letters"));
                }
                let slot = &mut names.entry(bare).or_default().0[place];
                match slot {
                    Some(other) if *other != says => {
                        return Err(format!("{file}: '{name}' says both {other} and {says}"));
                    }
                    _ => *slot = Some(says.clone()),
                }
            }
        }
    }
    let mut ordered: Vec<(&str, Says)> = names.into_iter().collect();
    ordered.sort_by_key(|(name, _)| (hash(name) as usize % BUCKETS, *name));
    let mut starts = vec![0usize; BUCKETS + 1];
    for (name, _) in &ordered {
        starts[hash(name) as usize % BUCKETS + 1] += 1;
    }
    for i in 0..BUCKETS {
        starts[i + 1] += starts[i];
    }
    let mut code = format!(
        "/// Where the names of each bucket start.\nstatic BUCKETS: [u16; {}] = {starts:?};\n\
         /// Names by bucket, with what each says as a whole, as last words and as first word.\n\
         static NAMES: &[(&str, [Option<Says>; 3])] = &[\n",
        BUCKETS + 1
    );
    for (name, Says(says)) in &ordered {
        let says: Vec<String> = says
            .iter()
            .map(|says| {
                says.as_ref()
                    .map_or("None".to_owned(), |says| format!("Some({says})"))
            })
            .collect();
        writeln!(code, "    ({name:?}, [{}]),", says.join(", ")).map_err(|e| e.to_string())?;
    }
    code.push_str("];\n");
    std::fs::write(out.join("labels.rs"), code).map_err(|e| format!("labels.rs: {e}"))
}
