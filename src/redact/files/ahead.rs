//! Edits that are ready before they are asked for.
//!
//! Owns the thread between deriving and writing. Knows neither.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::sync_channel;

use crate::redact::derive::Derived;
use crate::redact::edit::Splice;
use crate::redact::edits::{Edits, Survey};
use crate::redact::failure::{Failure, Outcome, Reason};

/// Batches of edits that are ready before they are asked for.
const AHEAD: usize = 1;

/// Lets `take` have the splices of `first` and then of all that is left in `edits`, while those
/// that follow are derived on another thread, and gives what the source came to. The source is
/// closed behind the last one: who else has a file open decides how it may be written. Where it
/// was not read whole the splices end with a failure, so that nothing of them is carried out.
pub(super) fn ahead<R>(
    mut edits: Edits<'_>,
    (mut survey, first): (Survey, Vec<Derived>),
    take: impl FnOnce(&mut dyn Iterator<Item = Outcome<Splice>>) -> R,
) -> (R, Survey) {
    const BROKEN: Failure = Failure::new(Reason::Changed, "cannot read the file");
    // Behind the last splice; who dies before has sent some of them, which are not all.
    let all = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let all = &all;
        let (batches, ready) = sync_channel(AHEAD);
        let deriving = scope.spawn(move || {
            let mut batch = Some(first);
            while let Some(mut derived) = batch {
                let splices: Vec<Vec<Splice>> = derived
                    .iter_mut()
                    .map(|derived| {
                        survey.join(derived);
                        std::mem::take(&mut derived.splices)
                    })
                    .collect();
                // Who takes no more has failed, and says why.
                if batches.send(splices).is_err() {
                    return survey;
                }
                batch = edits.next_batch();
            }
            survey.broken = edits.broken();
            drop(edits);
            all.store(survey.broken.is_none(), Ordering::Release);
            survey
        });
        let batched = ready.into_iter().flatten().flatten().map(Ok);
        // Asked only once the other end is gone.
        let end = std::iter::once_with(|| (!all.load(Ordering::Acquire)).then_some(Err(BROKEN)));
        let mut splices = batched.chain(end.flatten());
        let taken = take(&mut splices);
        drop(splices);
        let survey = deriving.join();
        (
            taken,
            survey.unwrap_or_else(|panic| std::panic::resume_unwind(panic)),
        )
    })
}
