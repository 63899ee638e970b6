//! `efface erase`: like redact, but records go, and nothing is done without `--apply`.

use super::args::EraseArgs;
use super::exit::ExitStatus;
use super::misuse::Misuse;
use super::redact::{carry_out, order};
use super::refused;
use crate::redact::derive::Way;
use crate::redact::files::{Order, Target};
use crate::report::Printer;

/// Erases, or shows what would be.
pub(super) fn run(args: EraseArgs, printer: Printer) -> ExitStatus {
    let narrowed = !args.find.only.is_empty()
        || !args.subjects.subject.is_empty()
        || args.subjects.subject_file.is_some()
        || !args.subjects.field.is_empty();
    if !narrowed {
        let misuse = Misuse::new(
            "it is not said what to erase",
            "name a person with --subject, or kinds of data with --only",
        );
        return refused(printer, &misuse);
    }
    let way = match (args.records, args.values) {
        (true, _) => Way::Records,
        (_, true) => Way::Values,
        _ if args.subjects.subject.is_empty() && args.subjects.subject_file.is_none() => {
            Way::Records
        }
        _ => Way::Side,
    };
    let apply = args.apply && !args.run.dry_run;
    let order = order(
        &args.paths,
        args.find,
        args.read,
        &args.run,
        &args.subjects,
        &args.replace,
        &args.write,
        &args.state,
    );
    let order = order.and_then(|order| match order.operators.refuses_in_place() {
        Some((entity, operator)) => Err(Misuse::new(
            format!("the operator '{operator}' for '{entity}' erases nothing"),
            "it can be turned back; use mask, label, token or remove",
        )),
        None => Ok(order),
    });
    match order {
        Ok(order) => carry_out(
            &Order {
                way,
                target: if apply {
                    Target::InPlace
                } else {
                    Target::Nowhere
                },
                command: "erase",
                ..order
            },
            (args.run.progress, args.run.quiet),
            printer,
        ),
        Err(misuse) => refused(printer, &misuse),
    }
}
