//! The resolution against a slow reference that is obviously right: it counts days one by one,
//! knows daylight saving by its rule, and asks every rule, duty and hold in turn.
//!
//! `EFFACE_CASES=1000000 cargo test --lib retain::tests` runs the whole campaign.

use std::path::{Path, PathBuf};

use super::policy::Policy;
use super::rules::FileRules;
use crate::redact::ageing::{FileAges, FileFacts, When, Why};
use crate::redact::guard::{EditContext, Guard};
use crate::redact::hold::{Cover, HoldText};
use crate::time::Undated;

/// Numbers that look random and are the same each time (xorshift64*).
struct Chance(u64);

impl Chance {
    fn below(&mut self, most: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33) % most
    }

    fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len() as u64) as usize]
    }
}

const fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

const fn days_in(year: i64, month: i64) -> i64 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// A day and the seconds since its midnight.
type Wall = (i64, i64, i64, i64);

/// Days since 1970, counted year by year and month by month.
fn day_number((year, month, day, _): Wall) -> i64 {
    let years: i64 = (1970..year)
        .map(|year| 365 + i64::from(is_leap(year)))
        .sum();
    let months: i64 = (1..month).map(|month| days_in(year, month)).sum();
    years + months + day - 1
}

fn wall_of(seconds: i64) -> Wall {
    let (mut days, second) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    let mut year = 1970;
    while days >= 365 + i64::from(is_leap(year)) {
        days -= 365 + i64::from(is_leap(year));
        year += 1;
    }
    let mut month = 1;
    while days >= days_in(year, month) {
        days -= days_in(year, month);
        month += 1;
    }
    (year, month, days + 1, second)
}

fn seconds_of(wall: Wall) -> i64 {
    day_number(wall) * 86_400 + wall.3
}

/// The day of the month of the `nth` Sunday.
fn sunday(year: i64, month: i64, nth: i64) -> i64 {
    // 1970-01-01 was a Thursday.
    let first = (day_number((year, month, 1, 0)) + 4) % 7;
    (7 - first) % 7 + 1 + (nth - 1) * 7
}

/// Seconds east of UTC in Toronto, by the rule since 2007: from the second Sunday in March, 02:00
/// EST, to the first in November, 02:00 EDT.
fn toronto(instant: i64) -> i64 {
    let (year, ..) = wall_of(instant);
    let spring = seconds_of((year, 3, sunday(year, 3, 2), 2 * 3600)) + 5 * 3600;
    let autumn = seconds_of((year, 11, sunday(year, 11, 1), 2 * 3600)) + 4 * 3600;
    if (spring..autumn).contains(&instant) {
        -4 * 3600
    } else {
        -5 * 3600
    }
}

fn offset(zone: &str, instant: i64) -> i64 {
    if zone == "UTC" { 0 } else { toronto(instant) }
}

/// When a clock on the wall shows that; the later one of two, and an hour on where it never does.
fn instant_of(zone: &str, wall: Wall) -> i64 {
    let shown = seconds_of(wall);
    let fits = |east: i64| {
        let instant = shown - east;
        (offset(zone, instant) == east).then_some(instant)
    };
    if zone == "UTC" {
        return shown;
    }
    let both = [fits(-4 * 3600), fits(-5 * 3600)];
    let later = both.into_iter().flatten().max();
    // In the gap: as if clocks had not been put forward.
    later.unwrap_or(shown + 5 * 3600)
}

/// When a period is over: months first, clamped to the end of the month, then days.
fn over(zone: &str, from: i64, (months, days): (i64, i64)) -> i64 {
    let (year, month, day, second) = wall_of(from + offset(zone, from));
    let all = year * 12 + month - 1 + months;
    let (year, month) = (all / 12, all % 12 + 1);
    let day = day.min(days_in(year, month));
    let then = day_number((year, month, day, 0)) + days;
    let (year, month, day, _) = wall_of(then * 86_400);
    instant_of(zone, (year, month, day, second))
}

#[derive(Clone, Copy)]
struct RuleCase {
    age: (i64, i64),
    by_file: bool,
    undated_file: bool,
    path: &'static str,
    action: &'static str,
}

/// A path, from when, before when, and when it runs out.
type HoldCase = (Option<&'static str>, Option<i64>, Option<i64>, Option<i64>);

struct Case {
    zone: &'static str,
    rules: Vec<RuleCase>,
    duties: Vec<((i64, i64), &'static str)>,
    holds: Vec<HoldCase>,
    path: &'static str,
    when: When,
    changed: i64,
    now: i64,
}

/// 2024-03-31 12:00:00 UTC, behind the end of short months.
const NOW: i64 = 1_711_886_400;
const AGES: [(i64, i64); 9] = [
    (1, 0),
    (18, 0),
    (12, 0),
    (24, 0),
    (0, 30),
    (0, 1),
    (1, 1),
    (13, 7),
    (120, 0),
];
const PATHS: [&str; 4] = ["cdr/a.csv", "cdr/sub/b.csv", "log/c.log", "d.json"];
const GLOBS: [&str; 4] = ["**", "cdr/**", "*.json", "**/*.csv"];

fn fits(glob: &str, path: &str) -> bool {
    match glob {
        "**" => true,
        "cdr/**" => path.starts_with("cdr/"),
        "*.json" => path.ends_with(".json") && !path.contains('/'),
        _ => path.ends_with(".csv"),
    }
}

fn case(chance: &mut Chance) -> Case {
    let zone = chance.pick(&["UTC", "America/Toronto"]);
    // Now on odd days of the calendar, and in the hours of daylight saving.
    let anywhere = NOW + chance.below(400 * 86_400) as i64 - 200 * 86_400;
    let now = chance.pick(&[
        NOW,
        anywhere,
        1_709_208_000,
        1_710_055_800,
        1_699_165_800 + 1800,
        1_704_067_199,
    ]);
    let age = chance.pick(&AGES);
    // Around the very second at which something is over, and anywhere.
    let near = now - age.0 * 30 * 86_400 - age.1 * 86_400;
    let time = match chance.below(4) {
        0 => near + chance.below(12 * 86_400) as i64 - 6 * 86_400,
        1 => {
            let mut from = near;
            // Straight to the boundary, by walking there.
            let mut step = 8 * 86_400;
            while step > 0 {
                while over(zone, from + step, age) <= now {
                    from += step;
                }
                while over(zone, from, age) > now {
                    from -= step;
                }
                step /= 4;
            }
            from + chance.below(5) as i64 - 2
        }
        _ => 1_199_145_600 + chance.below((now - 1_199_145_600) as u64) as i64,
    };
    let when = match chance.below(12) {
        0 => Err(Undated::Unreadable),
        1 => Err(Undated::Future),
        _ => Ok(time),
    };
    let rules = (0..=chance.below(3)).map(|_| RuleCase {
        age: if chance.below(2) == 0 {
            age
        } else {
            chance.pick(&AGES)
        },
        by_file: chance.below(6) == 0,
        undated_file: chance.below(3) == 0,
        path: chance.pick(&GLOBS),
        action: chance.pick(&["erase", "redact", "delete-file"]),
    });
    let rules = rules.collect();
    let duties = (0..chance.below(3)).map(|_| (chance.pick(&AGES), chance.pick(&GLOBS)));
    let duties = duties.collect();
    let at =
        |chance: &mut Chance| (chance.below(2) == 0).then(|| time + chance.below(5) as i64 - 2);
    let holds = (0..chance.below(2)).map(|_| {
        let path = (chance.below(2) == 0).then(|| chance.pick(&["/r/cdr", "/r/**/*.log"]));
        let (from, to) = (at(chance), at(chance));
        let ends = (chance.below(3) == 0).then(|| now + chance.below(3) as i64 - 1);
        (path, from, to, ends)
    });
    let holds = holds.collect();
    Case {
        zone,
        rules,
        duties,
        holds,
        path: chance.pick(&PATHS),
        when,
        changed: now - chance.below(900 * 86_400) as i64,
        now,
    }
}

/// What has to come of it: which rules, and who keeps it.
#[derive(Debug, PartialEq, Eq)]
enum Fate {
    NoRule,
    Later,
    Undated,
    Duty,
    Held,
    /// By these rules, in the order of the policy.
    Goes(Vec<usize>),
}

fn reference(case: &Case) -> Fate {
    let covering: Vec<(usize, &RuleCase)> = case
        .rules
        .iter()
        .enumerate()
        .filter(|(_, rule)| fits(rule.path, case.path))
        .collect();
    if covering.is_empty() {
        return Fate::NoRule;
    }
    let mut goes = Vec::new();
    for (number, rule) in &covering {
        let time = if rule.by_file {
            Some(case.changed)
        } else {
            match case.when {
                Ok(time) => Some(time),
                Err(Undated::Unreadable) if rule.undated_file => Some(case.changed),
                Err(_) => None,
            }
        };
        if let Some(time) = time
            && over(case.zone, time, rule.age) <= case.now
        {
            goes.push(*number);
        }
    }
    if goes.is_empty() {
        let all_by_file = covering.iter().all(|(_, rule)| rule.by_file);
        return if case.when.is_err() && !all_by_file {
            Fate::Undated
        } else {
            Fate::Later
        };
    }
    for (age, path) in &case.duties {
        let is_over = |from: i64| over(case.zone, from, *age) <= case.now;
        if fits(path, case.path) && !case.when.is_ok_and(is_over) {
            return Fate::Duty;
        }
    }
    for (path, from, to, ends) in &case.holds {
        if path.is_none() && from.is_none() && to.is_none() {
            continue;
        }
        if ends.is_some_and(|ends| case.now >= ends) {
            continue;
        }
        let place = match path {
            None => true,
            Some("/r/cdr") => case.path.starts_with("cdr/"),
            Some(_) => case.path.ends_with(".log"),
        };
        let time = match case.when {
            Err(_) => true,
            Ok(time) => from.is_none_or(|from| time >= from) && to.is_none_or(|to| time < to),
        };
        if place && time {
            return Fate::Held;
        }
    }
    Fate::Goes(goes)
}

fn period((months, days): (i64, i64)) -> String {
    let mut parts = Vec::new();
    if months > 0 {
        parts.push(format!("{months} months"));
    }
    if days > 0 {
        parts.push(format!("{days} days"));
    }
    parts.join(" ")
}

fn policy(case: &Case) -> Option<Policy> {
    let mut text = format!(
        "version = 1\n[[source]]\npaths = [\"**\"]\ntimezone = \"{}\"\n",
        case.zone
    );
    for (number, rule) in case.rules.iter().enumerate() {
        let rule = format!(
            "[[rule]]\nid = \"r{number}\"\nmatch = {{ paths = [\"{}\"] }}\nmax_age = \"{}\"\naction = \"{}\"\nevent = \"{}\"\n",
            rule.path,
            period(rule.age),
            rule.action,
            if rule.by_file { "file" } else { "record" },
        ) + if rule.undated_file {
            "undated = \"file\"\n"
        } else {
            ""
        };
        text.push_str(&rule);
    }
    for (number, (age, path)) in case.duties.iter().enumerate() {
        let duty = format!(
            "[[duty]]\nid = \"d{number}\"\nmatch = {{ paths = [\"{path}\"] }}\nmin_age = \"{}\"\ncitation = \"law\"\n",
            period(*age)
        );
        text.push_str(&duty);
    }
    // What contradicts itself is refused, and tested elsewhere.
    Policy::parse(Path::new("policy.toml"), &text).ok()
}

fn resolved(case: &Case, policy: &Policy) -> Fate {
    let absolute = PathBuf::from("/r").join(case.path);
    let facts = FileFacts {
        path: Path::new(case.path),
        beneath: Path::new(case.path),
        absolute: &absolute,
        format: Some("csv"),
        changed: case.changed,
        named: false,
    };
    let Some(rules) = FileRules::of(policy, &facts, case.now) else {
        return Fate::NoRule;
    };
    let judged = rules.judge(case.when);
    if judged.due == 0 {
        return match judged.why {
            Why::Duty(_) => Fate::Duty,
            Why::Undated(_) => Fate::Undated,
            _ => Fate::Later,
        };
    }
    let holds = case.holds.iter().enumerate();
    let holds =
        holds.filter(|(_, (path, from, to, _))| path.is_some() || from.is_some() || to.is_some());
    let holds = holds.map(|(number, (path, from, to, ends))| HoldText {
        id: format!("h{number}"),
        cover: Cover {
            paths: path.iter().map(|path| (*path).to_owned()).collect(),
            from: *from,
            to: *to,
            ..Cover::default()
        },
        case: None,
        reason: "case".to_owned(),
        created: 0,
        expires: *ends,
    });
    let guard = Guard::of(holds.collect(), case.now);
    let context = EditContext {
        path: absolute,
        subject_tags: Some(Vec::new()),
        time: case.when.ok(),
        ..EditContext::default()
    };
    if guard.permits(&context).is_err() {
        return Fate::Held;
    }
    let mut goes: Vec<usize> = rules
        .rules()
        .iter()
        .enumerate()
        .filter(|(bit, _)| judged.due >> bit & 1 == 1)
        .map(|(_, number)| *number)
        .collect();
    goes.sort_unstable();
    Fate::Goes(goes)
}

/// Cases of a run of the suite; the campaign takes a million.
const CASES: u64 = 4_000;

#[test]
fn the_resolution_is_that_of_the_reference() {
    let asked = std::env::var("EFFACE_CASES").ok();
    let cases = asked.and_then(|cases| cases.parse().ok()).unwrap_or(CASES);
    let mut chance = Chance(0x9E37_79B9_7F4A_7C15);
    let (mut compared, mut gone, mut kept) = (0u64, 0u64, 0u64);
    while compared < cases {
        let case = case(&mut chance);
        let Some(policy) = policy(&case) else {
            continue;
        };
        let (want, got) = (reference(&case), resolved(&case, &policy));
        assert_eq!(
            got,
            want,
            "case {compared}: {} {:?} changed {} now {} rules {:?} duties {:?} holds {:?}",
            case.zone,
            case.when,
            case.changed,
            case.now,
            case.rules
                .iter()
                .map(|rule| (rule.age, rule.path, rule.by_file))
                .collect::<Vec<_>>(),
            case.duties,
            case.holds
        );
        compared += 1;
        gone += u64::from(matches!(got, Fate::Goes(_)));
        kept += u64::from(matches!(got, Fate::Duty | Fate::Held));
    }
    // A campaign in which nothing happens proves nothing.
    assert!(
        gone * 20 > cases && kept * 50 > cases,
        "{gone} {kept} of {cases}"
    );
}
