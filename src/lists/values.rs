//! Values as a list names them: one, a range, a network, a domain.

use std::collections::HashSet;
use std::net::IpAddr;
use std::ops::RangeInclusive;

use crate::detect::phone::plan::Region;
use crate::entity::Entity;
use crate::finding::Canonical;
use crate::subject::identify;

/// Why a line of a list says nothing. It does not show the line, which may be a real value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WrongLine {
    /// No value that is known.
    #[error(
        "no value, range or domain\n\nhint: give a number with its country code, an address, a \
         domain such as example.com, FROM..TO, or entity:value; comments start with #"
    )]
    Unknown,
    /// A range whose ends are not of one kind and length, or in the wrong order.
    #[error(
        "no range\n\nhint: give two numbers of one length, the smaller first: \
         +14165550100..+14165550199"
    )]
    NoRange,
    /// A network that is none.
    #[error("no network\n\nhint: give an address and a number of bits, such as 192.0.2.0/24")]
    NoNetwork,
    /// Nothing a company has of its own.
    #[error(
        "only numbers, addresses and domains are a company's own\n\nhint: values, columns and \
         texts that are no findings belong into the list of --allow"
    )]
    NotOwn,
}

/// What a line says.
pub(super) enum Line {
    Value(Entity, Canonical),
    Range(Entity, Key, RangeInclusive<u128>),
    Domain(Box<[u8]>),
    Column(String),
    /// A text as it stands, for entities that have no canonical form to be read.
    Text(Entity, Box<[u8]>),
}

/// What values must share for one range to hold them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Key {
    /// Numbers of so many digits.
    Digits(u32),
    V4,
    V6,
}

/// What the lines of a list hold.
#[derive(Clone, Default)]
pub(super) struct Values {
    exact: HashSet<(Entity, Canonical)>,
    ranges: Vec<(Entity, Key, RangeInclusive<u128>)>,
    domains: Vec<Box<[u8]>>,
    texts: HashSet<(Entity, Box<[u8]>)>,
}

impl std::fmt::Debug for Values {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let lines = self.exact.len() + self.ranges.len() + self.domains.len() + self.texts.len();
        write!(f, "Values({lines} lines)")
    }
}

impl Values {
    pub(super) fn add(&mut self, line: Line) {
        match line {
            Line::Value(entity, canonical) => {
                self.exact.insert((entity, canonical));
            }
            Line::Range(entity, key, range) => self.ranges.push((entity, key, range)),
            Line::Domain(name) => self.domains.push(name),
            Line::Text(entity, text) => {
                self.texts.insert((entity, text));
            }
            // Columns hold no values.
            Line::Column(_) => {}
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.exact.is_empty()
            && self.ranges.is_empty()
            && self.domains.is_empty()
            && self.texts.is_empty()
    }

    /// Whether one of the lines holds the value.
    pub(super) fn hold(&self, entity: Entity, canonical: &Canonical) -> bool {
        if !self.exact.is_empty() && self.exact.contains(&(entity, canonical.clone())) {
            return true;
        }
        if !self.ranges.is_empty()
            && let Some((key, number)) = place(canonical)
        {
            let within = |one: &(Entity, Key, RangeInclusive<u128>)| {
                one.0 == entity && one.1 == key && one.2.contains(&number)
            };
            if self.ranges.iter().any(within) {
                return true;
            }
        }
        match canonical {
            Canonical::Text(address) if entity == Entity::Email => {
                let at = memchr::memrchr(b'@', address).map_or(0, |at| at + 1);
                let host = address.get(at..).unwrap_or_default();
                self.domains.iter().any(|domain| is_below(host, domain))
            }
            _ => false,
        }
    }

    /// Whether one of the lines is this text, whatever its case.
    pub(super) fn hold_text(&self, entity: Entity, text: &[u8]) -> bool {
        !self.texts.is_empty() && self.texts.contains(&(entity, folded(text)))
    }
}

fn folded(text: &[u8]) -> Box<[u8]> {
    String::from_utf8_lossy(text)
        .to_lowercase()
        .into_bytes()
        .into_boxed_slice()
}

/// Whether a host is the domain or lies below it.
fn is_below(host: &[u8], domain: &[u8]) -> bool {
    host.strip_suffix(domain)
        .is_some_and(|before| before.is_empty() || before.ends_with(b"."))
}

/// A value as a number on the scale of those it can be compared with.
fn place(canonical: &Canonical) -> Option<(Key, u128)> {
    Some(match canonical {
        Canonical::Phone { digits, .. } => {
            let len = digits.checked_ilog10().map_or(1, |tens| tens + 1);
            (Key::Digits(len), u128::from(*digits))
        }
        Canonical::Digits { value, len } => (Key::Digits(u32::from(*len)), u128::from(*value)),
        Canonical::Ip(IpAddr::V4(address)) => (Key::V4, u128::from(address.to_bits())),
        Canonical::Ip(IpAddr::V6(address)) => (Key::V6, address.to_bits()),
        Canonical::Text(_) | Canonical::Term(_) => return None,
    })
}

/// Reads one line.
pub(super) fn read(typed: &str, regions: &[Region]) -> Result<Line, WrongLine> {
    if let Some(name) = typed.strip_prefix("column:") {
        let name = name.trim();
        return match name {
            "" => Err(WrongLine::Unknown),
            _ => Ok(Line::Column(name.to_owned())),
        };
    }
    if let Some((from, to)) = typed.split_once("..").filter(|(_, to)| !to.is_empty())
        && !typed.contains('@')
    {
        return range(from, to, regions);
    }
    if let Ok((entity, canonical)) = identify(typed, regions) {
        return Ok(Line::Value(entity, canonical));
    }
    if let Some((address, bits)) = typed.split_once('/')
        && let Ok(address) = address.trim().parse::<IpAddr>()
    {
        return network(address, bits.trim());
    }
    if let Some(domain) = domain(typed) {
        return Ok(Line::Domain(domain));
    }
    if let Some((name, value)) = typed.split_once(':')
        && let Ok([entity]) = Entity::parse_family(name.trim()).as_deref()
        && !value.trim().is_empty()
        && is_free(*entity)
    {
        return Ok(Line::Text(*entity, folded(value.trim().as_bytes())));
    }
    Err(WrongLine::Unknown)
}

/// Whether values of the entity may be any text, so that a line that no detector knows is none the
/// less one.
fn is_free(entity: Entity) -> bool {
    !matches!(
        entity,
        Entity::Phone | Entity::Email | Entity::PaymentCard | Entity::IpAddress
    )
}

fn range(from: &str, to: &str, regions: &[Region]) -> Result<Line, WrongLine> {
    let end = |typed: &str| identify(typed.trim(), regions).map_err(|_| WrongLine::NoRange);
    let ((entity, from), (other, to)) = (end(from)?, end(to)?);
    let (Some((key, from)), Some((other_key, to))) = (place(&from), place(&to)) else {
        return Err(WrongLine::NoRange);
    };
    if (entity, key) != (other, other_key) || from > to {
        return Err(WrongLine::NoRange);
    }
    Ok(Line::Range(entity, key, from..=to))
}

fn network(address: IpAddr, bits: &str) -> Result<Line, WrongLine> {
    let (key, number, width) = match address {
        IpAddr::V4(address) => (Key::V4, u128::from(address.to_bits()), 32),
        IpAddr::V6(address) => (Key::V6, address.to_bits(), 128),
    };
    let bits: u32 = bits.parse().map_err(|_| WrongLine::NoNetwork)?;
    let free = u32::checked_sub(width, bits).ok_or(WrongLine::NoNetwork)?;
    let mask = 1u128.checked_shl(free).map_or(u128::MAX, |size| size - 1);
    let first = number & !mask;
    Ok(Line::Range(Entity::IpAddress, key, first..=first | mask))
}

/// `example.com`, `@example.com` or `*.example.com`.
fn domain(typed: &str) -> Option<Box<[u8]>> {
    let name = typed
        .strip_prefix('@')
        .or_else(|| typed.strip_prefix("*."))
        .unwrap_or(typed);
    let label = |label: &str| {
        !label.is_empty()
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.chars().all(|c| c.is_alphanumeric() || c == '-')
    };
    let last = name.rsplit('.').next()?;
    let sound =
        name.contains('.') && name.split('.').all(label) && last.chars().any(char::is_alphabetic);
    sound.then(|| name.to_lowercase().into_bytes().into_boxed_slice())
}
