//! `label`: the name of the entity in brackets, `[PHONE]`.
//!
//! Owns the brackets; the word itself belongs to the entity.

use crate::entity::Entity;

/// The label of an entity: upper-case ASCII letters and underscores in square brackets.
pub fn label(entity: Entity) -> String {
    format!("[{}]", entity.label())
}

/// Whether `text` is the label of some entity.
pub(super) fn is_label(text: &str) -> bool {
    text.strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'))
        .is_some_and(|word| Entity::ALL.iter().any(|entity| entity.label() == word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_entity_has_its_own_label_and_only_labels_are_recognised() {
        assert_eq!(label(Entity::Phone), "[PHONE]");
        assert_eq!(label(Entity::Health), "[HEALTH]");
        let mut labels: Vec<String> = Entity::ALL.iter().map(|&e| label(e)).collect();
        assert!(labels.iter().all(|l| is_label(l)));
        labels.sort();
        labels.dedup();
        assert_eq!(labels.len(), Entity::ALL.len());
        for other in [
            "PHONE",
            "[PHONE",
            "[phone]",
            "[INFO]",
            "[]",
            "[PHONE] ",
            "[[PHONE]]",
        ] {
            assert!(!is_label(other), "{other}");
        }
    }
}
