mod data;
mod edges;
mod naive;

use super::{TermHit, find_iter};

/// The hits in `text` as (what they cover, entity name).
fn found(text: &str) -> Vec<(&str, &'static str)> {
    find_iter(text.as_bytes())
        .map(|hit| (&text[hit.start..hit.end], hit.entity.name()))
        .collect()
}

fn hits(text: &[u8]) -> Vec<TermHit> {
    find_iter(text).collect()
}
