//! The kinds of personal data, by the names the outer contract fixes.
//!
//! Owns the closed list, its order (the last tie-break between overlapping findings) and the
//! parsing of names and families. Knows nothing of how an entity is found or replaced.

use std::fmt;

macro_rules! entities {
    ($($variant:ident $name:literal $label:literal),+ $(,)?) => {
        /// One kind of personal data.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        pub enum Entity {
            $(#[doc = concat!("`", $name, "`")] $variant,)+
        }

        impl Entity {
            /// Every entity, in the order that breaks ties.
            pub const ALL: &'static [Entity] = &[$(Entity::$variant),+];

            /// The name used in flags, output and data files.
            pub const fn name(self) -> &'static str {
                match self { $(Entity::$variant => $name,)+ }
            }

            /// The word a label replacement shows, without brackets: `PHONE`.
            pub const fn label(self) -> &'static str {
                match self { $(Entity::$variant => $label,)+ }
            }
        }
    };
}

entities! {
    Phone "phone" "PHONE",
    Email "email" "EMAIL",
    PaymentCard "payment_card" "CARD",
    CardSecurityCode "card_security_code" "SECURITY_CODE",
    Iban "iban" "IBAN",
    IpAddress "ip_address" "IP",
    MacAddress "mac_address" "MAC",
    Imei "imei" "IMEI",
    Imsi "imsi" "IMSI",
    Iccid "iccid" "ICCID",
    UsSsn "us_ssn" "SSN",
    CaSin "ca_sin" "SIN",
    UkNhs "uk_nhs" "NHS",
    PersonName "person_name" "NAME",
    PostalAddress "postal_address" "ADDRESS",
    DateOfBirth "date_of_birth" "BIRTH_DATE",
    CookieId "cookie_id" "COOKIE",
    AdvertisingId "advertising_id" "ADVERTISING_ID",
    DeviceId "device_id" "DEVICE_ID",
    Geolocation "geolocation" "LOCATION",
    Credential "credential" "CREDENTIAL",
    Health "special.health" "HEALTH",
    EthnicOrigin "special.ethnic_origin" "ETHNIC_ORIGIN",
    PoliticalOpinion "special.political_opinion" "POLITICAL_OPINION",
    ReligionOrBelief "special.religion_or_belief" "RELIGION",
    TradeUnion "special.trade_union" "TRADE_UNION",
    Genetic "special.genetic" "GENETIC",
    Biometric "special.biometric" "BIOMETRIC",
    SexLife "special.sex_life" "SEX_LIFE",
    SexualOrientation "special.sexual_orientation" "SEXUAL_ORIENTATION",
    Criminal "special.criminal" "CRIMINAL",
}

/// An entity name that is not one, with the nearest that is.
#[derive(Debug, thiserror::Error)]
#[error("unknown entity '{given}'\n\nhint: did you mean '{nearest}'?")]
pub struct UnknownEntity {
    given: String,
    nearest: &'static str,
}

impl Entity {
    /// Whether this is one of the special categories (GDPR Art. 9 and 10).
    pub fn is_special(self) -> bool {
        self >= Entity::Health
    }

    /// The entities a name stands for: one entity, or the family of a prefix such as `special`.
    ///
    /// # Errors
    /// [`UnknownEntity`] with the nearest known name.
    pub fn parse_family(name: &str) -> Result<Vec<Entity>, UnknownEntity> {
        let family: Vec<Entity> = Entity::ALL
            .iter()
            .copied()
            .filter(|e| {
                e.name() == name
                    || e.name()
                        .strip_prefix(name)
                        .is_some_and(|rest| rest.starts_with('.'))
            })
            .collect();
        if !family.is_empty() {
            return Ok(family);
        }
        let nearest = Entity::ALL
            .iter()
            .map(|e| e.name())
            .min_by_key(|candidate| edit_distance(candidate, name))
            .unwrap_or("phone");
        Err(UnknownEntity {
            given: name.to_owned(),
            nearest,
        })
    }
}

impl fmt::Display for Entity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A set of entities, as a selection or a count's key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct EntitySet(u64);

impl EntitySet {
    /// Every entity.
    pub fn all() -> Self {
        Entity::ALL.iter().copied().collect()
    }

    /// Whether `entity` is in the set.
    pub const fn contains(self, entity: Entity) -> bool {
        self.0 & (1 << entity as u8) != 0
    }

    /// Adds one entity.
    pub const fn insert(&mut self, entity: Entity) {
        self.0 |= 1 << entity as u8;
    }

    /// Takes one entity out.
    pub const fn remove(&mut self, entity: Entity) {
        self.0 &= !(1 << entity as u8);
    }

    /// Whether nothing is in the set.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }
}

impl FromIterator<Entity> for EntitySet {
    fn from_iter<I: IntoIterator<Item = Entity>>(iter: I) -> Self {
        let mut set = EntitySet::default();
        for entity in iter {
            set.insert(entity);
        }
        set
    }
}

/// Levenshtein distance in bytes; the lists it ranks are short.
pub fn edit_distance(a: &str, b: &str) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.bytes().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.bytes().enumerate() {
            let substituted = diagonal + usize::from(x != y);
            diagonal = row[j + 1];
            row[j + 1] = substituted.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_names_its_family_and_a_slip_names_the_nearest() {
        assert_eq!(Entity::parse_family("special").unwrap().len(), 10);
        assert_eq!(
            Entity::parse_family("special.health").unwrap(),
            [Entity::Health]
        );
        assert_eq!(Entity::parse_family("phone").unwrap(), [Entity::Phone]);
        let slip = Entity::parse_family("emial").unwrap_err().to_string();
        assert!(slip.contains("'email'"), "{slip}");
        assert!(Entity::parse_family("spec").is_err());
    }
}
