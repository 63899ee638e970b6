//! The operators of a run, with their keys, and what they make of a value.
//!
//! Owns the step from a choice of operators to a replacement, including what happens where a
//! choice cannot be followed: the value is masked, which destroys more, never less.

use super::secret::{KeyId, Secret};
use super::{
    Fpe, Operator, OperatorSet, Original, Slot, Tokens, canonical_bytes, label, mask_number_like,
    partial, remove,
};
use crate::edit::Replacement;

/// A chosen operator needs a key and there is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the operator '{0}' needs a key\n\nhint: make one with 'efface key new'")]
pub struct MissingKey(pub Operator);

/// What replaces a value, and which operator made it.
pub struct Applied {
    /// The operator that was used; `mask` where the chosen one could not be.
    pub operator: Operator,
    /// What to write.
    pub replacement: Replacement,
}

/// The operators of a run, ready to use. Shared by all threads.
pub struct Operators {
    set: OperatorSet,
    keyed: Option<Keyed>,
}

/// What needs the secret.
struct Keyed {
    tokens: Tokens,
    fpe: Fpe,
}

impl Operators {
    /// The operators of `set`, with keys from `secret` if any of them needs one.
    ///
    /// # Errors
    /// [`MissingKey`] when one is needed and not given.
    pub fn new(set: OperatorSet, secret: Option<&Secret>) -> Result<Self, MissingKey> {
        let first = Operator::ALL
            .into_iter()
            .find(|o| o.needs_key() && set.uses(*o));
        let keyed = match (first, secret) {
            (None, _) => None,
            (Some(_), Some(secret)) => Some(Keyed {
                tokens: Tokens::new(secret),
                fpe: Fpe::new(secret),
            }),
            (Some(operator), None) => return Err(MissingKey(operator)),
        };
        Ok(Self { set, keyed })
    }

    /// The choice these operators follow.
    pub fn set(&self) -> &OperatorSet {
        &self.set
    }

    /// The operator of an entity.
    pub fn operator_of(&self, entity: crate::entity::Entity) -> Operator {
        self.set.for_entity(entity)
    }

    /// The id of the key in use, if one is: to be kept beside the output.
    pub fn key_id(&self) -> Option<KeyId> {
        self.keyed.as_ref().map(|keyed| keyed.fpe.key_id())
    }

    /// What replaces a value.
    ///
    /// In a recording everything is silence. Where a number must stay a number, everything but
    /// `fpe` masks. A value that `partial` or `fpe` refuses is masked.
    pub fn replace(&self, original: &Original<'_>) -> Applied {
        let operator = self.set.for_entity(original.entity);
        let made = match original.slot {
            Slot::Text => self.text(operator, original),
            Slot::Number if operator == Operator::Fpe => {
                self.fpe(original).map(Replacement::Number)
            }
            Slot::Number | Slot::Sound => None,
        };
        match made {
            Some(replacement) => Applied {
                operator,
                replacement,
            },
            None => Applied {
                operator: Operator::Mask,
                replacement: masked(original),
            },
        }
    }

    fn text(&self, operator: Operator, original: &Original<'_>) -> Option<Replacement> {
        match operator {
            Operator::Mask => Some(Replacement::Mask),
            Operator::Label => Some(Replacement::Text(label(original.entity))),
            Operator::Partial => {
                partial(original.entity, original.canonical).map(Replacement::Text)
            }
            Operator::Token => self.keyed.as_ref().map(|keyed| {
                let canonical = canonical_bytes(original.canonical, original.text);
                Replacement::Text(keyed.tokens.token(original.entity, &canonical))
            }),
            Operator::Fpe => self.fpe(original).map(Replacement::Text),
            Operator::Remove => Some(remove::remove(original.before, original.after)),
            // What is right is not made of what is wrong.
            Operator::Correct => None,
        }
    }

    fn fpe(&self, original: &Original<'_>) -> Option<String> {
        self.keyed
            .as_ref()
            .and_then(|keyed| keyed.fpe.replace(original).ok())
    }
}

/// The mask of a value in its slot.
fn masked(original: &Original<'_>) -> Replacement {
    match original.slot {
        Slot::Text => Replacement::Mask,
        Slot::Number => Replacement::Number(mask_number_like(original.text)),
        Slot::Sound => Replacement::Silence,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entity::Entity;
    use crate::finding::Canonical;

    fn secret() -> Secret {
        Secret::from_bytes(&(0..32).collect::<Vec<u8>>()).unwrap()
    }

    fn operators(choice: &str) -> Operators {
        Operators::new(OperatorSet::parse([choice]).unwrap(), Some(&secret())).unwrap()
    }

    /// Operator and replacement, as one line.
    fn shown(applied: &Applied) -> String {
        let replacement = match &applied.replacement {
            Replacement::Mask => "-".to_owned(),
            Replacement::Text(text) => format!("text {text}"),
            Replacement::Number(number) => format!("number {number}"),
            Replacement::Silence => "silence".to_owned(),
            Replacement::Nothing => "nothing".to_owned(),
        };
        format!("{}: {replacement}", applied.operator)
    }

    #[test]
    fn each_operator_in_each_slot() {
        let canonical = Canonical::Phone {
            digits: 14_165_550_123,
            country_len: 1,
        };
        let token = "token: text PHONE_ngcbhpfzbzykvspjwytyxfvm";
        for (choice, text, number) in [
            ("mask", "mask: -", "mask: number 1000000000"),
            ("label", "label: text [PHONE]", "mask: number 1000000000"),
            (
                "partial",
                "partial: text *******0123",
                "mask: number 1000000000",
            ),
            ("token", token, "mask: number 1000000000"),
            ("fpe", "fpe: text 1032335885", "fpe: number 1032335885"),
            ("remove", "remove: nothing", "mask: number 1000000000"),
        ] {
            let operators = operators(choice);
            let original = Original::new(Entity::Phone, b"4165550123", &canonical);
            assert_eq!(shown(&operators.replace(&original)), text);
            let in_number = original.in_slot(Slot::Number);
            assert_eq!(shown(&operators.replace(&in_number)), number, "{choice}");
            let in_sound = original.in_slot(Slot::Sound);
            assert_eq!(
                shown(&operators.replace(&in_sound)),
                "mask: silence",
                "{choice}"
            );
        }
        let between = Original::new(Entity::Phone, b"4165550123", &canonical)
            .between((Some(b'7'), Some(b'8')));
        assert_eq!(
            shown(&operators("remove").replace(&between)),
            "remove: text *"
        );
    }

    #[test]
    fn what_an_operator_refuses_is_masked() {
        let short = Canonical::Phone {
            digits: 611,
            country_len: 0,
        };
        let code = Canonical::Digits { value: 123, len: 3 };
        for (choice, entity, canonical, text) in [
            ("partial", Entity::Phone, &short, "611"),
            ("fpe", Entity::Phone, &short, "611"),
            ("partial", Entity::CardSecurityCode, &code, "123"),
            ("token", Entity::CardSecurityCode, &code, "123"),
            ("fpe", Entity::CardSecurityCode, &code, "123"),
        ] {
            let original = Original::new(entity, text.as_bytes(), canonical);
            let applied = operators(choice).replace(&original);
            assert_eq!(shown(&applied), "mask: -", "{choice} {entity}");
        }
    }

    #[test]
    fn a_key_is_asked_for_only_where_one_is_used() {
        for (choice, missing) in [
            ("mask", None),
            ("partial", None),
            ("special=token", Some(Operator::Token)),
            ("phone=fpe", Some(Operator::Fpe)),
            ("card_security_code=token", None),
        ] {
            let set = OperatorSet::parse([choice]).unwrap();
            let without = Operators::new(set.clone(), None);
            assert_eq!(without.err(), missing.map(MissingKey), "{choice}");
            let with = Operators::new(set, Some(&secret())).unwrap();
            assert_eq!(
                with.key_id(),
                missing.map(|_| secret().key_id()),
                "{choice}"
            );
        }
    }
}
