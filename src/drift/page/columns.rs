//! The columns: a table of all of them, and the distributions of each.

use super::State;
use super::format::{NONE, count, maybe, p, part, setting, share, short_text, text};
use crate::drift::{Bar, ColumnDrift, DriftReport, Limits, Missing, Test, Verdict};

/// Bars that are drawn of a column.
pub(super) const MOST_BARS: usize = 60;
/// Characters of a bar's label.
const LABEL: usize = 60;

/// The columns with their names, drifted before undecided before steady, large effects first.
fn sorted(report: &DriftReport) -> Vec<(&str, &ColumnDrift)> {
    let mut columns: Vec<_> = report.columns.iter().map(|(name, column)| (name.as_str(), column)).collect();
    let effect = |column: &ColumnDrift| column.effect().filter(|effect| !effect.is_nan()).unwrap_or(0.0);
    columns.sort_by(|(_, a), (_, b)| a.verdict.cmp(&b.verdict).then(effect(b).total_cmp(&effect(a))));
    columns
}

/// Rows with a value on either side. A report that was not made here may hold any number.
fn known(column: &ColumnDrift) -> [u64; 2] {
    column
        .bars
        .iter()
        .fold([0; 2], |[old, new], bar| [old.saturating_add(bar.reference), new.saturating_add(bar.current)])
}

fn missing_shares(column: &ColumnDrift) -> [Option<f64>; 2] {
    let Missing { reference, current, .. } = column.missing;
    let [old, new] = known(column);
    [part(reference, reference.saturating_add(old)), part(current, current.saturating_add(new))]
}

/// A number that speaks for drift is bold.
fn loud(text: String, is_loud: bool) -> String {
    if is_loud { format!("<strong>{text}</strong>") } else { text }
}

/// All columns, a row each.
pub(super) fn table(report: &DriftReport) -> String {
    let columns = sorted(report);
    if columns.is_empty() {
        return "<section aria-labelledby=\"columns\">\n<h2 id=\"columns\">All columns</h2>\n\
                <p>There is no column.</p>\n</section>\n"
            .to_owned();
    }
    // Columns that would be empty throughout only take room from the others.
    let with_w = columns.iter().any(|(_, column)| column.wasserstein.is_some());
    let with_exact = columns.iter().any(|(_, column)| column.p_exact.is_some());
    let mut heads = vec!["JS"];
    heads.extend(with_w.then_some("W"));
    heads.extend(["PSI", "p adj"]);
    heads.extend(with_exact.then_some("p exact"));
    heads.extend(["missing then", "missing now"]);
    let heads: String = heads.iter().map(|head| format!("<th scope=\"col\" class=\"n\">{head}</th>")).collect();
    let mut rows = String::new();
    for (at, (name, column)) in columns.iter().enumerate() {
        let beyond = |effect: Option<f64>| effect.is_some_and(|effect| effect >= column.limit);
        let is = |test: Test| column.test == test;
        let mut cells = vec![loud(maybe(column.js), is(Test::ChiSquare) && beyond(column.js))];
        if with_w {
            cells.push(loud(maybe(column.wasserstein), is(Test::KolmogorovSmirnov) && beyond(column.wasserstein)));
        }
        cells.push(maybe(column.psi));
        cells.push(loud(p(column.p_adjusted), column.p_adjusted.is_some_and(|p| p < report.limits.p)));
        if with_exact {
            cells.push(p(column.p_exact));
        }
        // Rows without a label are not counted as missing: they are only not told apart yet.
        let is_target = *name == report.target;
        let [old, new] = missing_shares(column).map(|of| if is_target { NONE.to_owned() } else { share(of) });
        cells.extend([old, loud(new, column.missing.drifted)]);
        let cells: String = cells.iter().map(|cell| format!("<td class=\"n\">{cell}</td>")).collect();
        let target = if is_target { " <small>target</small>" } else { "" };
        rows.push_str(&format!(
            "<tr><td>{}</td><th scope=\"row\"><a href=\"#c{at}\">{}</a>{target}</th>{cells}<td>{}</td></tr>\n",
            State::of(column.verdict).html(),
            text(name),
            column.note.as_deref().map(text).unwrap_or_default()
        ));
    }
    format!(
        "<section aria-labelledby=\"columns\">\n<h2 id=\"columns\">All columns</h2>\n\
         <p class=\"dim\">Bold: an effect of at least its limit, or a p-value below its own. PSI is for \
         comparison only and decides nothing.</p>\n\
         <div class=\"wide\" role=\"region\" aria-label=\"All columns\" tabindex=\"0\"><table class=\"all\">\n\
         <thead><tr><th scope=\"col\">verdict</th><th scope=\"col\">column</th>{heads}<th scope=\"col\">note</th></tr>\
         </thead>\n<tbody>\n{rows}</tbody>\n</table></div>\n</section>\n"
    )
}

/// The distributions of all columns; steady ones are folded away.
pub(super) fn drawings(report: &DriftReport) -> String {
    let columns = sorted(report);
    if columns.is_empty() {
        return "</main>\n".to_owned();
    }
    let (mut open, mut folded) = (String::new(), String::new());
    for (at, (name, column)) in columns.into_iter().enumerate() {
        let (state, label) = (State::of(column.verdict).html(), text(name));
        let body = format!("{}{}", facts(column, Some((at, &report.limits))), bars(column, name, &[]));
        if column.verdict == Verdict::Steady {
            folded.push_str(&format!("<details>\n<summary>{label} {state}</summary>\n{body}</details>\n"));
        } else {
            open.push_str(&format!("<section>\n<h3>{label} {state}</h3>\n{body}</section>\n"));
        }
    }
    let group = |class: &str, content: &str| match content {
        "" => String::new(),
        content => format!("<div class=\"{class}\">\n{content}</div>\n"),
    };
    format!(
        "<section aria-labelledby=\"drawn\">\n<h2 id=\"drawn\">Distributions</h2>\n\
         <p class=\"dim key\"><i></i>upper, hollow: reference. <b></b>lower, full: current. Shares are of the rows \
         with a value; within a column the longest bar is the largest share. A steady column unfolds.</p>\n\
         {}{}</section>\n</main>\n",
        group("columns", &open),
        group("columns steady", &folded)
    )
}

/// What was measured of a column, in a line. `place` is where it stands in the table, with the limits for what is
/// missing; the champion's verdicts have none.
pub(super) fn facts(column: &ColumnDrift, place: Option<(usize, &Limits)>) -> String {
    let (effect, name) = match column.test {
        Test::ChiSquare => ("JS", "chi-square"),
        Test::KolmogorovSmirnov => ("W", "Kolmogorov-Smirnov"),
    };
    let mut parts = vec![format!("{effect} {} (limit {})", maybe(column.effect()), text(&setting(column.limit)))];
    if effect == "W" && column.js.is_some() {
        parts.push(format!("JS {}", maybe(column.js)));
    }
    parts.push(format!("PSI {}", maybe(column.psi)));
    if column.statistic.is_some() || column.p_value.is_some() {
        parts.push(format!("{name} {}, p {}", maybe(column.statistic), p(column.p_value)));
    }
    if column.p_exact.is_some() {
        parts.push(format!("exact p {}", p(column.p_exact)));
    }
    if place.is_some() {
        parts.push(format!("p adj {}", p(column.p_adjusted)));
    }
    if column.detectable.is_some() {
        parts.push(format!("a difference from {} on could be told", maybe(column.detectable)));
    }
    let Missing { reference, current, js, p_adjusted, .. } = column.missing;
    if let Some((_, limits)) = place.filter(|_| reference > 0 || current > 0) {
        parts.push(format!(
            "missing {} → {}, JS {} (limit {}), p adj {}",
            count(reference),
            count(current),
            maybe(js),
            text(&setting(limits.js)),
            p(p_adjusted)
        ));
    }
    let id = place.map_or_else(String::new, |(at, _)| format!(" id=\"c{at}\""));
    let note = column.note.as_deref().map_or_else(String::new, |note| format!("<p>{}</p>\n", text(note)));
    format!("<p class=\"facts\"{id}>{}</p>\n{note}", parts.join("; "))
}

/// The bars of a column: a table with the numbers, and both sides drawn beside. `classes` colour the bars.
pub(super) fn bars(column: &ColumnDrift, name: &str, classes: &[&str]) -> String {
    if column.bars.is_empty() {
        return "<p class=\"facts\">There is nothing to draw.</p>\n".to_owned();
    }
    let totals = known(column);
    let shares = |bar: &Bar| [part(bar.reference, totals[0]), part(bar.current, totals[1])];
    let is_drawn = drawn(&column.bars, |bar| shares(bar).map(|share| share.unwrap_or(0.0)));
    let shown = column.bars.iter().zip(&is_drawn).filter(|(_, is_drawn)| **is_drawn).map(|(bar, _)| bar);
    let longest = shown.clone().flat_map(shares).flatten().fold(0.0, f64::max);
    let cell = |n: u64, of: Option<f64>| format!("<td class=\"n\">{} <small>{}</small></td>", share(of), count(n));
    let mut rows = String::new();
    for (at, bar) in shown.enumerate() {
        let [old, new] = shares(bar);
        let class = classes.get(at).map_or_else(String::new, |class| format!(" class=\"{class}\""));
        rows.push_str(&format!(
            "<tr{class}><th scope=\"row\">{}</th>{}{}<td>{}{}</td></tr>\n",
            short_text(&bar.label, LABEL),
            cell(bar.reference, old),
            cell(bar.current, new),
            stroke("i", old, longest),
            stroke("b", new, longest)
        ));
    }
    let rest = column.bars.iter().zip(&is_drawn).filter(|(_, is_drawn)| !**is_drawn).map(|(bar, _)| bar);
    let (more, [old, new]) = rest.fold((0, [0u64; 2]), |(more, [old, new]), bar| {
        (more + 1, [old.saturating_add(bar.reference), new.saturating_add(bar.current)])
    });
    if more > 0 {
        rows.push_str(&format!(
            "<tr><th scope=\"row\"><em>{} more</em></th>{}{}\
             <td><small>not drawn: their shares changed least</small></td></tr>\n",
            count(more),
            cell(old, part(old, totals[0])),
            cell(new, part(new, totals[1]))
        ));
    }
    format!(
        "<table class=\"bars\" aria-label=\"Distribution of {}\">\n<thead><tr><th scope=\"col\">value</th>\
         <th scope=\"col\" class=\"n\">reference</th><th scope=\"col\" class=\"n\">current</th><td></td></tr></thead>\n\
         <tbody>\n{rows}</tbody>\n</table>\n",
        text(name)
    )
}

/// Which bars are drawn: those whose share changed most, where there are too many.
fn drawn(bars: &[Bar], shares: impl Fn(&Bar) -> [f64; 2]) -> Vec<bool> {
    let mut order: Vec<usize> = (0..bars.len()).collect();
    let change: Vec<f64> = bars.iter().map(shares).map(|[old, new]| (new - old).abs()).collect();
    order.sort_by(|a, b| change[*b].total_cmp(&change[*a]));
    let mut is_drawn = vec![false; bars.len()];
    order.into_iter().take(MOST_BARS).for_each(|at| is_drawn[at] = true);
    is_drawn
}

/// A bar. One without rows keeps its place, so that upper stays upper.
fn stroke(tag: &str, share: Option<f64>, longest: f64) -> String {
    match share.filter(|share| *share > 0.0 && longest > 0.0) {
        Some(share) => format!("<{tag} style=\"width:{:.1}%\"></{tag}>", share / longest * 100.0),
        None => format!("<{tag} class=\"none\"></{tag}>"),
    }
}
