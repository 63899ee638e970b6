//! Lets `detect::phone::plan` answer for candidates on standard input, to be compared with
//! libphonenumber (`compare.py` beside this file drives it), and measures it.
//!
//! A candidate is a line `+DIGITS` (international) or `XX DIGITS` (as written in region XX).
//! `answer` prints one line each: `V +E164 REGION KIND`, `P +E164` or `-`.
//! `time` prints nanoseconds per candidate over the whole input.

use std::hint::black_box;
use std::io::{BufWriter, Read, Write};

use efface::detect::phone::plan::{self, Region, Validity, Verdict};

/// How often `time` goes over its input: enough for a steady figure in a few seconds.
const ROUNDS: usize = 40;

struct Candidate<'a> {
    region: Option<Region>,
    digits: &'a [u8],
}

impl Candidate<'_> {
    #[inline]
    fn judge(&self) -> Option<Verdict> {
        match self.region {
            None => plan::international(self.digits),
            Some(region) => plan::national(region, self.digits),
        }
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mode = std::env::args().nth(1).unwrap_or_default();
    if mode != "answer" && mode != "time" {
        // `cargo bench` runs every bench without these words; there is nothing to do then.
        return Ok(());
    }
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text)?;
    let candidates = text.lines().map(candidate).collect::<Result<Vec<_>, _>>()?;
    if mode == "answer" {
        answer(&candidates)?;
    } else {
        time(&candidates)?;
    }
    Ok(())
}

fn candidate(line: &str) -> Result<Candidate<'_>, String> {
    if let Some(digits) = line.strip_prefix('+') {
        return Ok(Candidate {
            region: None,
            digits: digits.as_bytes(),
        });
    }
    let (region, digits) = line
        .split_once(' ')
        .ok_or_else(|| format!("no region: {line}"))?;
    let region = Region::parse(region).ok_or_else(|| format!("unknown region: {line}"))?;
    Ok(Candidate {
        region: Some(region),
        digits: digits.as_bytes(),
    })
}

fn answer(candidates: &[Candidate<'_>]) -> std::io::Result<()> {
    let mut out = BufWriter::new(std::io::stdout().lock());
    for candidate in candidates {
        match candidate.judge() {
            None => writeln!(out, "-")?,
            Some(Verdict {
                number,
                validity: Validity::Possible,
            }) => {
                writeln!(out, "P {}", number.e164().as_str())?;
            }
            Some(Verdict {
                number,
                validity: Validity::Valid,
            }) => {
                let region = number.region().map_or("001", Region::code);
                writeln!(
                    out,
                    "V {} {region} {:?}",
                    number.e164().as_str(),
                    number.kind()
                )?;
            }
        }
    }
    out.flush()
}

fn time(candidates: &[Candidate<'_>]) -> std::io::Result<()> {
    let mut best = f64::INFINITY;
    let mut counts = [0_usize; 3];
    for _ in 0..ROUNDS {
        counts = [0; 3];
        let start = cpu_nanoseconds();
        for candidate in candidates {
            let verdict = black_box(candidate).judge();
            let class = verdict.map_or(0, |v| if v.validity == Validity::Valid { 2 } else { 1 });
            counts[class] += 1;
            black_box(verdict);
        }
        best = best.min((cpu_nanoseconds() - start) as f64 / candidates.len() as f64);
    }
    let mut out = std::io::stdout().lock();
    let [refused, possible, valid] = counts;
    writeln!(
        out,
        "{best:.1} ns/candidate: {valid} valid, {possible} possible, {refused} refused"
    )
}

/// Processor time of this thread, which other load on the machine does not lengthen.
fn cpu_nanoseconds() -> i64 {
    let now = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    now.tv_sec * 1_000_000_000 + now.tv_nsec
}
