//! A sweep as one page of HTML that needs nothing else: what went, what stayed and why, by rule,
//! kind of data and month, and what is coming due.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::sweep::RunFacts;
use crate::redact::ageing::Why;
use crate::retain::Swept;
use crate::retain::policy::Policy;
use crate::time::Zone;

/// Months that are drawn: three years.
const DRAWN: usize = 36;

const STYLE: &str = "body{font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;\
padding:0 1rem;color:#222}table{border-collapse:collapse;margin:1rem 0}td,th{padding:.2rem .8rem;\
border-bottom:1px solid #ddd;text-align:left}td.n{text-align:right;font-variant-numeric:tabular-nums}\
svg{width:100%;height:auto}rect{fill:#36c}text{font:11px system-ui,sans-serif;fill:#444}\
@media(prefers-color-scheme:dark){body{background:#111;color:#ddd}td,th{border-color:#333}\
rect{fill:#69f}text{fill:#aaa}}";

/// The page.
pub fn sweep_page(
    swept: &Swept,
    policy: &Policy,
    (applied, now, seconds, exit): RunFacts,
) -> String {
    let mut page = String::from("<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">");
    // Writing to a string cannot fail.
    let _ = write!(
        page,
        "<meta name=\"viewport\" content=\"width=device-width\"><title>Retention sweep</title>\
         <style>{STYLE}</style></head><body><h1>Retention sweep</h1><p>{}, {}; {} files, {} changed, \
         {} incomplete; {seconds:.1} s; exit code {exit}.</p>",
        Zone::utc().show(now),
        if applied {
            "carried out"
        } else {
            "tried out: nothing was changed"
        },
        swept.totals.files,
        swept.totals.changed,
        swept.totals.incomplete,
    );
    if swept.carried_over {
        page.push_str("<p>The budget was spent: the next run goes on with the rest.</p>");
    }
    by_rule(&mut page, swept, policy);
    by_entity(&mut page, swept);
    by_month(&mut page, swept, policy);
    coming_due(&mut page, swept, policy, now);
    page.push_str("</body></html>\n");
    page
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

fn rule_name(policy: &Policy, rule: u16) -> String {
    let rule = policy.rules.get(usize::from(rule));
    rule.map_or(String::new(), |rule| escaped(&rule.id))
}

fn table(page: &mut String, title: &str, heads: &[&str], rows: &[(Vec<String>, u64)]) {
    let _ = write!(page, "<h2>{title}</h2>");
    if rows.is_empty() {
        page.push_str("<p>Nothing.</p>");
        return;
    }
    page.push_str("<table><tr>");
    for head in heads {
        let _ = write!(page, "<th>{head}</th>");
    }
    page.push_str("</tr>");
    for (words, count) in rows {
        page.push_str("<tr>");
        for word in words {
            let _ = write!(page, "<td>{word}</td>");
        }
        let _ = write!(page, "<td class=\"n\">{count}</td></tr>");
    }
    page.push_str("</table>");
}

fn by_rule(page: &mut String, swept: &Swept, policy: &Policy) {
    let mut counts: BTreeMap<(u16, Why), u64> = BTreeMap::new();
    for (item, count) in swept.tally.iter() {
        *counts.entry((item.rule, item.why)).or_default() += count;
    }
    let rows: Vec<(Vec<String>, u64)> = counts
        .into_iter()
        .map(|((rule, why), count)| {
            let reason = match why {
                Why::Duty(number) => policy
                    .duties
                    .get(usize::from(number))
                    .map_or(String::new(), |duty| {
                        format!("{}: {}", escaped(&duty.id), escaped(&duty.citation))
                    }),
                _ => String::new(),
            };
            let name = why.name().to_owned();
            (vec![rule_name(policy, rule), name, reason], count)
        })
        .collect();
    table(
        page,
        "By rule",
        &["Rule", "What became of them", "Reason", "Records"],
        &rows,
    );
}

fn by_entity(page: &mut String, swept: &Swept) {
    let rows: Vec<(Vec<String>, u64)> = swept
        .totals
        .counts
        .iter()
        .map(|count| {
            let how = count.operator.map_or("with its record", |one| one.name());
            let words = vec![count.entity.name().to_owned(), how.to_owned()];
            (words, count.values)
        })
        .collect();
    table(page, "By kind of data", &["Kind", "How", "Values"], &rows);
    page.push_str("<p>Values in records that go for their age alone are not looked for.</p>");
}

fn month_name(month: i32) -> String {
    if month == 0 {
        "not known".to_owned()
    } else {
        format!("{:04}-{:02}", month / 12, month % 12 + 1)
    }
}

fn by_month(page: &mut String, swept: &Swept, policy: &Policy) {
    let mut counts: BTreeMap<(i32, u16, &str), u64> = BTreeMap::new();
    for (item, count) in swept.tally.iter() {
        if item.why != Why::Later {
            *counts
                .entry((item.month, item.rule, item.why.name()))
                .or_default() += count;
        }
    }
    let rows: Vec<(Vec<String>, u64)> = counts
        .into_iter()
        .map(|((month, rule, why), count)| {
            let words = vec![month_name(month), rule_name(policy, rule), why.to_owned()];
            (words, count)
        })
        .collect();
    let heads = [
        "Month of the record",
        "Rule",
        "What became of them",
        "Records",
    ];
    table(page, "By month", &heads, &rows);
}

/// Records that are not due yet, by the month in which they will be.
fn coming_due(page: &mut String, swept: &Swept, policy: &Policy, now: i64) {
    let this = crate::redact::ageing::month_of(Ok(now));
    let mut counts: BTreeMap<i32, u64> = BTreeMap::new();
    for (item, count) in swept.tally.iter() {
        let rule = policy.rules.get(usize::from(item.rule));
        if let (Why::Later, Some(rule), true) = (item.why, rule, item.month != 0) {
            let due = item.month + rule.max_age.whole_months();
            *counts.entry(due.max(this)).or_default() += count;
        }
    }
    page.push_str("<h2>Coming due</h2>");
    let months: Vec<i32> = (this..).take(DRAWN).collect();
    let most = counts.values().copied().max().unwrap_or(0);
    if most == 0 {
        page.push_str("<p>Nothing.</p>");
        return;
    }
    let _ = write!(
        page,
        "<svg viewBox=\"0 0 {} 170\" role=\"img\" aria-label=\"Records by the month in which they come due\">",
        DRAWN * 24
    );
    for (place, month) in months.iter().enumerate() {
        let count = counts.get(month).copied().unwrap_or(0);
        let height = (count * 120).div_ceil(most);
        let x = place * 24;
        let _ = write!(
            page,
            "<rect x=\"{}\" y=\"{}\" width=\"18\" height=\"{height}\"><title>{}: {count}</title></rect>",
            x + 3,
            130 - height,
            month_name(*month),
        );
        if month % 3 == 0 {
            let _ = write!(
                page,
                "<text x=\"{x}\" y=\"150\">{}</text>",
                month_name(*month)
            );
        }
    }
    page.push_str("</svg>");
    let rows: Vec<(Vec<String>, u64)> = counts
        .iter()
        .map(|(month, count)| (vec![month_name(*month)], *count))
        .collect();
    table(page, "Coming due, by month", &["Month", "Records"], &rows);
}
