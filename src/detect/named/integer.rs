//! Internet addresses that stand as one whole number in a column of addresses.
//!
//! Databases keep them with the first octet as the highest byte (`INET_ATON` of MySQL). Cisco's call
//! records have it as the lowest, and the sign of a number of 32 bits (Cisco Unified CM Call Detail
//! Records Administration Guide, "Convert Signed Decimal Value to IP Address").

use std::net::{IpAddr, Ipv4Addr};

use super::form::Form;
use super::read::Value;
use crate::finding::{Canonical, Evidence};

/// The least such number: of smaller ones the first or the last octet would be 0, which no host's is.
const LEAST: i64 = 1 << 24;

/// What Cisco's columns of such numbers begin with, and what they have in them.
const LITTLE: ([&str; 2], [&str; 2]) = (["orig", "dest"], ["ipaddr", "transportaddress_ip"]);

/// Whether numbers of a column called `label` have the first octet as their lowest byte.
pub(super) fn is_little(label: &[u8]) -> bool {
    /// The longest such name has 39.
    const LONGEST: usize = 48;
    if label.len() > LONGEST {
        return false;
    }
    let begins = |start: &&str| {
        let own = label.get(..start.len());
        own.is_some_and(|own| own.eq_ignore_ascii_case(start.as_bytes()))
    };
    let holds = |name: &&str| {
        let mut windows = label.windows(name.len());
        windows.any(|own| own.eq_ignore_ascii_case(name.as_bytes()))
    };
    LITTLE.0.iter().any(begins) && LITTLE.1.iter().any(holds)
}

/// The address that the number in a whole cell of the column called `label` is.
pub(super) fn address(text: &[u8], value: &Value, label: &[u8]) -> Option<Form> {
    let cell = text.get(value.range.clone())?;
    let trimmed = cell.trim_ascii();
    if !value.exact || !(8..=11).contains(&trimmed.len()) || trimmed.first() == Some(&b'+') {
        return None;
    }
    let number: i64 = std::str::from_utf8(trimmed).ok()?.parse().ok()?;
    let little = is_little(label);
    let bits = if little && number < 0 {
        i32::try_from(number).ok()?.cast_unsigned()
    } else {
        u32::try_from(number).ok()?
    };
    let octets = if little {
        bits.to_le_bytes()
    } else {
        bits.to_be_bytes()
    };
    if number.abs() < LEAST || matches!(octets[0], 0 | 255) {
        return None;
    }
    let start = value.range.start + cell.len() - cell.trim_ascii_start().len();
    let canonical = Canonical::Ip(IpAddr::V4(Ipv4Addr::from(octets)));
    let form = Form::new(start..start + trimmed.len(), canonical, 90);
    Some(form.with(Evidence::WHOLE_CELL))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_addresses_by_the_column_they_stand_in() {
        for (label, cell, address) in [
            ("origIpAddr", "239138826", Some("10.248.64.14")),
            ("destIpAddr", "-939392832", Some("192.0.2.200")),
            (
                "origMediaTransportAddress_IP",
                "409220038",
                Some("198.51.100.24"),
            ),
            (
                "origVideoTransportAddress_IP_Channel2",
                "-939392832",
                Some("192.0.2.200"),
            ),
            ("client_ip", "3221225985", Some("192.0.2.1")),
            ("client_ip", "-939392832", None),
            ("origIpAddr", "0", None),
            ("origIpAddr", "-1", None),
            ("origIpAddr", "99999999999", None),
            ("origIpAddr", "2147483648x", None),
            ("ip", "192.0.2.1", None),
        ] {
            let value = Value::exact(0..cell.len());
            let form = super::address(cell.as_bytes(), &value, label.as_bytes());
            let told = form.map(|form| form.canonical);
            let want = address.map(|one| Canonical::Ip(one.parse().unwrap()));
            assert!(told == want, "{label} {cell}");
        }
    }
}
