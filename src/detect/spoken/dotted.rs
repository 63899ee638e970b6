//! Addresses of hosts that are told: "one ninety two dot zero dot two dot forty one".
//!
//! Owns what four numbers with dots between them are. It must not know words.

use std::net::Ipv4Addr;
use std::ops::Range;

use super::run::readings;
use super::unit::Unit;

/// The address in `units`, when there are dots between exactly four numbers, and its units.
pub(super) fn address(units: &[Unit]) -> Option<(Range<usize>, Ipv4Addr)> {
    let dots: Vec<usize> = (0..units.len())
        .filter(|at| units.get(*at).is_some_and(|unit| unit.gap.dot))
        .collect();
    let [second, third, last] = dots[..] else {
        return None;
    };
    let octet = |range: Range<usize>| {
        let units = units.get(range).filter(|units| !units.is_empty())?;
        let mut found = None;
        readings(units, |digits, _| {
            let bytes = digits.as_bytes();
            let plain = bytes.len() == 1 || bytes.first() != Some(&b'0');
            if found.is_none() && bytes.len() <= 3 && plain {
                found = u8::try_from(digits.value()).ok();
            }
        });
        found
    };
    // What is said before the first number and behind the last may be other numbers.
    let (start, first) = (0..second).find_map(|from| Some((from, octet(from..second)?)))?;
    let (end, fourth) = (last + 1..=units.len())
        .rev()
        .find_map(|to| Some((to, octet(last..to)?)))?;
    let address = Ipv4Addr::new(first, octet(second..third)?, octet(third..last)?, fourth);
    Some((start..end, address))
}
