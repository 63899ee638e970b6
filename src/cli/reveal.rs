//! `efface reveal`: turns `fpe` replacements back for whoever has the key.

use std::io::BufRead;

use super::args::RevealArgs;
use super::exit::ExitStatus;
use super::misuse::Misuse;
use super::{print, refused, state};
use crate::detect::phone::plan::Region;
use crate::entity::Entity;
use crate::finding::Canonical;
use crate::redact::io::Io;
use crate::redact::operator::{Fpe, KeyId, canonical_bytes};
use crate::redact::state::key::unhex;
use crate::report::{Printer, Shown};

/// Reveals what stands on standard input, a line at a time.
pub(super) fn run(args: &RevealArgs, printer: Printer) -> ExitStatus {
    let io = Io::real();
    let fpe = match state::open(&io, &args.state) {
        Ok(opened) => Fpe::new(&opened.key().secret()),
        Err(misuse) => return refused(printer, &misuse),
    };
    let Some(region) = Region::parse(&args.region) else {
        let misuse = Misuse::new(
            format!("unknown region '{}'", Shown::text(&args.region)),
            "regions are ISO 3166 codes such as 'US'",
        );
        return refused(printer, &misuse);
    };
    let (entity, made_with) = match (entity(&args.entity), key_id(args, &fpe)) {
        (Ok(entity), Ok(id)) => (entity, id),
        (Err(misuse), _) | (_, Err(misuse)) => return refused(printer, &misuse),
    };
    for (number, line) in std::io::stdin().lock().lines().enumerate() {
        let line = match line {
            Ok(line) => line,
            Err(error) => {
                let misuse = Misuse::new(
                    format!("cannot read line {}: {error}", number + 1),
                    "give one replacement a line",
                );
                return refused(printer, &misuse);
            }
        };
        let revealed = canonical(entity, &line, region)
            .ok_or_else(|| "it is no number".to_owned())
            .and_then(|canonical| {
                fpe.reveal(entity, &canonical, made_with)
                    .map_err(|refused| refused.to_string())
            });
        let text = match revealed {
            Ok(revealed) => canonical_bytes(&revealed, &[]),
            Err(why) => {
                let misuse = Misuse::new(
                    format!("cannot turn back line {}: {why}", number + 1),
                    "give replacements that fpe made with this key, one a line",
                );
                return refused(printer, &misuse);
            }
        };
        match print(printer, &[&text[..], b"\n"].concat()) {
            ExitStatus::Done => {}
            status => return status,
        }
    }
    ExitStatus::Done
}

fn entity(name: &str) -> Result<Entity, Misuse> {
    match Entity::parse_family(name).map_err(|error| Misuse::told(&error))?[..] {
        [entity] => Ok(entity),
        _ => Err(Misuse::new(
            format!("'{}' is a family, not an entity", Shown::text(name)),
            "name one entity such as phone",
        )),
    }
}

fn key_id(args: &RevealArgs, fpe: &Fpe) -> Result<KeyId, Misuse> {
    let Some(text) = &args.key_id else {
        return Ok(fpe.key_id());
    };
    let mut id = [0; 8];
    unhex(text, &mut id).map(|()| KeyId(id)).ok_or_else(|| {
        Misuse::new(
            format!("--key-id cannot be '{}'", Shown::text(text)),
            "a key id has 16 hexadecimal digits",
        )
    })
}

/// A replacement as it stands in a file: digits in any grouping; a national number is read as
/// `region` writes it.
fn canonical(entity: Entity, line: &str, region: Region) -> Option<Canonical> {
    let mut digits: String = line.chars().filter(char::is_ascii_digit).collect();
    if entity != Entity::Phone {
        return Some(Canonical::Digits {
            value: digits.parse().ok()?,
            len: u8::try_from(digits.len()).ok()?,
        });
    }
    let code = region.calling_code().to_string();
    let national_len = 10;
    let has_code = digits.starts_with(&code) && digits.len() > national_len;
    let country_len = if line.trim_start().starts_with('+') {
        let known = |region: Region| {
            let code = region.calling_code().to_string();
            digits.starts_with(&code).then_some(code.len())
        };
        Region::all().find_map(known)?
    } else {
        if !has_code {
            digits = format!("{code}{}", digits.trim_start_matches('0'));
        }
        code.len()
    };
    Some(Canonical::Phone {
        digits: digits.parse().ok()?,
        country_len: u8::try_from(country_len).ok()?,
    })
}
