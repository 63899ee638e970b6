//! Which operator replaces which entity.
//!
//! Owns the names of the operators and the reading of `--operator [ENTITY=]NAME`. What an
//! operator does is elsewhere.

use std::fmt;

use crate::entity::{Entity, UnknownEntity, edit_distance};

/// The six operators.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Operator {
    /// Characters of the same width: nothing moves. The default.
    #[default]
    Mask,
    /// The name of the entity in brackets.
    Label,
    /// What may stay of a value, the rest hidden.
    Partial,
    /// A keyed pseudonym, the same for all spellings.
    Token,
    /// Other digits in the same form; the holder of the key can turn them back.
    Fpe,
    /// Nothing.
    Remove,
    /// Another value that is right; not among those that can be chosen for an entity.
    Correct,
}

impl Operator {
    /// Every operator that can be chosen.
    pub const ALL: [Operator; 6] = [
        Operator::Mask,
        Operator::Label,
        Operator::Partial,
        Operator::Token,
        Operator::Fpe,
        Operator::Remove,
    ];

    /// The name used in flags, receipts and configuration.
    pub const fn name(self) -> &'static str {
        match self {
            Operator::Mask => "mask",
            Operator::Label => "label",
            Operator::Partial => "partial",
            Operator::Token => "token",
            Operator::Fpe => "fpe",
            Operator::Remove => "remove",
            Operator::Correct => "correct",
        }
    }

    /// Whether it may write into the file it read. Reversible replacements may not: the file
    /// would still hold the value for whoever has the key, and a second run could not tell (R7).
    pub const fn in_place_allowed(self) -> bool {
        !matches!(self, Operator::Fpe)
    }

    /// Whether it cannot work without a key.
    pub const fn needs_key(self) -> bool {
        matches!(self, Operator::Token | Operator::Fpe)
    }

    /// Whether it can be chosen for `entity` by name.
    ///
    /// `fpe` needs a value that is digits and nothing else.
    pub const fn applies_to(self, entity: Entity) -> bool {
        match self {
            Operator::Fpe => matches!(
                entity,
                Entity::Phone
                    | Entity::PaymentCard
                    | Entity::CardSecurityCode
                    | Entity::Imei
                    | Entity::Imsi
                    | Entity::Iccid
                    | Entity::UsSsn
                    | Entity::CaSin
                    | Entity::UkNhs
            ),
            _ => true,
        }
    }

    /// What is done to `entity` when this is asked for. Card security codes may not be kept in
    /// any form after authorisation (PCI DSS 3.3), so what would keep something of them masks.
    const fn for_entity(self, entity: Entity) -> Operator {
        match (entity, self) {
            (Entity::CardSecurityCode, Operator::Partial | Operator::Token | Operator::Fpe) => {
                Operator::Mask
            }
            _ => self,
        }
    }

    fn parse(name: &str) -> Result<Operator, OperatorError> {
        Operator::ALL
            .into_iter()
            .find(|o| o.name() == name)
            .ok_or_else(|| {
                let nearest = Operator::ALL
                    .into_iter()
                    .min_by_key(|o| edit_distance(o.name(), name));
                OperatorError::Unknown {
                    given: name.to_owned(),
                    nearest: nearest.unwrap_or_default().name(),
                }
            })
    }
}

impl fmt::Display for Operator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A choice of operators that cannot be.
#[derive(Debug, thiserror::Error)]
pub enum OperatorError {
    /// No such operator.
    #[error("unknown operator '{given}'\n\nhint: did you mean '{nearest}'?")]
    Unknown {
        /// What was written.
        given: String,
        /// The operator whose name is nearest.
        nearest: &'static str,
    },
    /// No such entity or family before the `=`.
    #[error(transparent)]
    Entity(#[from] UnknownEntity),
    /// The operator cannot work on the entity.
    #[error(
        "the operator '{operator}' does not work on '{entity}'\n\nhint: fpe keeps the form of \
         numbers (phone, payment_card, imei, imsi, iccid, us_ssn, ca_sin, uk_nhs); use token here"
    )]
    DoesNotApply {
        /// The operator.
        operator: Operator,
        /// The entity or family as written.
        entity: String,
    },
}

/// The operator of every entity; masks by default.
///
/// Its `Display` is a list that [`OperatorSet::parse`] reads back, the same for equal sets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OperatorSet([Operator; Entity::ALL.len()]);

impl Default for OperatorSet {
    fn default() -> Self {
        Self([Operator::Mask; Entity::ALL.len()])
    }
}

impl OperatorSet {
    /// Reads `[ENTITY=]NAME` entries in order, where the last that speaks of an entity wins.
    /// `ENTITY` may be a family such as `special`. Without it, the operator is for all entities
    /// it works on, and the others keep what they had.
    ///
    /// # Errors
    /// [`OperatorError`] for an unknown name (with the nearest one) and for an operator that
    /// works on none of the entities named.
    pub fn parse<S: AsRef<str>>(
        entries: impl IntoIterator<Item = S>,
    ) -> Result<Self, OperatorError> {
        let mut set = Self::default();
        for entry in entries {
            let (family, name) = match entry.as_ref().split_once('=') {
                Some((family, name)) => (Some(family.trim()), name.trim()),
                None => (None, entry.as_ref().trim()),
            };
            let operator = Operator::parse(name)?;
            let named = family.map(Entity::parse_family).transpose()?;
            let entities = named.as_deref().unwrap_or(Entity::ALL);
            let mut applied = false;
            for &entity in entities.iter().filter(|&&e| operator.applies_to(e)) {
                set.0[entity as usize] = operator.for_entity(entity);
                applied = true;
            }
            if !applied {
                let entity = family.unwrap_or_default().to_owned();
                return Err(OperatorError::DoesNotApply { operator, entity });
            }
        }
        Ok(set)
    }

    /// The operator of an entity.
    pub fn for_entity(&self, entity: Entity) -> Operator {
        self.0[entity as usize]
    }

    /// Whether any entity has this operator.
    pub fn uses(&self, operator: Operator) -> bool {
        self.0.contains(&operator)
    }

    /// Whether any entity's operator needs a key.
    pub fn needs_key(&self) -> bool {
        self.0.iter().any(|o| o.needs_key())
    }

    /// The first entity whose operator may not write in place, with that operator.
    pub fn refuses_in_place(&self) -> Option<(Entity, Operator)> {
        Entity::ALL
            .iter()
            .map(|&entity| (entity, self.for_entity(entity)))
            .find(|(_, operator)| !operator.in_place_allowed())
    }
}

impl fmt::Display for OperatorSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(Operator::Mask.name())?;
        for &entity in Entity::ALL {
            let operator = self.for_entity(entity);
            if operator != Operator::Mask {
                write!(f, ",{entity}={operator}")?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_entry_wins_and_families_are_whole() {
        use Entity::{CardSecurityCode, Criminal, Email, Health, PaymentCard, Phone};
        use Operator::{Fpe, Label, Mask, Partial, Remove, Token};
        for (entries, expected) in [
            (&[][..], &[(Phone, Mask), (Health, Mask)][..]),
            (&["label"], &[(Phone, Label), (CardSecurityCode, Label)]),
            (&["phone=token"], &[(Phone, Token), (Email, Mask)]),
            (&["label", "phone=token"], &[(Phone, Token), (Email, Label)]),
            (&["phone=token", "label"], &[(Phone, Label), (Email, Label)]),
            (
                &["special=label"],
                &[(Health, Label), (Criminal, Label), (Phone, Mask)],
            ),
            (
                &["special=label", "special.health=remove"],
                &[(Health, Remove), (Criminal, Label)],
            ),
            (
                &["label", "fpe"],
                &[(Phone, Fpe), (PaymentCard, Fpe), (Email, Label)],
            ),
            (
                &["token"],
                &[(CardSecurityCode, Mask), (PaymentCard, Token)],
            ),
            (&["card_security_code=partial"], &[(CardSecurityCode, Mask)]),
            (&["card_security_code=fpe"], &[(CardSecurityCode, Mask)]),
            (
                &["card_security_code=remove"],
                &[(CardSecurityCode, Remove)],
            ),
            (&["partial", "mask"], &[(Phone, Mask), (Email, Mask)]),
            (&[" phone = partial "], &[(Phone, Partial)]),
        ] {
            let set = OperatorSet::parse(entries).unwrap();
            for &(entity, operator) in expected {
                assert_eq!(set.for_entity(entity), operator, "{entries:?} {entity}");
            }
            let again = OperatorSet::parse(set.to_string().split(',')).unwrap();
            assert_eq!(again, set, "{entries:?} reads back");
        }
    }

    #[test]
    fn a_slip_names_the_nearest_and_a_mismatch_says_why() {
        for (entry, cause, hint) in [
            ("tokn", "unknown operator 'tokn'", "'token'"),
            ("phone=", "unknown operator ''", "hint"),
            ("emial=mask", "unknown entity 'emial'", "'email'"),
            ("email=fpe", "'fpe' does not work on 'email'", "use token"),
            (
                "special=fpe",
                "'fpe' does not work on 'special'",
                "use token",
            ),
        ] {
            let error = OperatorSet::parse([entry]).unwrap_err().to_string();
            assert!(
                error.contains(cause) && error.contains(hint),
                "{entry}: {error}"
            );
        }
    }

    #[test]
    fn only_fpe_refuses_to_write_in_place_and_only_pseudonyms_need_a_key() {
        for (entries, place, key) in [
            (&["mask"][..], None, false),
            (&["token"], None, true),
            (&["label", "email=partial", "special=remove"], None, false),
            (&["us_ssn=fpe"], Some((Entity::UsSsn, Operator::Fpe)), true),
        ] {
            let set = OperatorSet::parse(entries).unwrap();
            assert_eq!(
                (set.refuses_in_place(), set.needs_key()),
                (place, key),
                "{entries:?}"
            );
        }
    }
}
