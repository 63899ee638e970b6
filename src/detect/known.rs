//! Which entities there are detectors for, so that nobody takes silence for absence.

use crate::detect::terms;
use crate::entity::{Entity, EntitySet};

/// Every entity that some detector looks for; of the special categories those with terms.
pub fn known() -> EntitySet {
    let mut set: EntitySet = Entity::ALL
        .iter()
        .copied()
        .filter(|entity| !entity.is_special())
        .collect();
    for info in (0..).map_while(terms::term) {
        set.insert(info.entity);
    }
    set
}
