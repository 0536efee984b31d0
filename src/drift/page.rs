//! A drift report as one HTML page: nothing is loaded from elsewhere, and nothing on it runs.

mod columns;
mod format;

use super::{ColumnDrift, DriftReport, Estimate, ModelDrift, Scores, Side, Verdict};
use format::{count, plural, score, setting, text, threshold, time};

/// The look: light or dark as the reader has it, narrow and on paper as well.
const STYLE: &str = include_str!("page.css");
/// What a browser may do, should something have slipped through: use the style on the page, and nothing else.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

/// The report as one page that stands for itself: the answer first, then what was compared, then each column with its
/// distributions, drifted ones first. Everything that comes from data is escaped.
pub fn html(report: &DriftReport) -> String {
    let summary = text(&report.summary().to_string());
    let parts = [
        head(report, &summary),
        sides(report),
        meaning(report),
        champion(report),
        notes(&report.notes),
        columns::table(report),
        columns::drawings(report),
    ];
    let made = time(&report.at);
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"{POLICY}\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n<title>{summary} - netsec</title>\n\
         <style>\n{STYLE}</style>\n</head>\n<body>\n{}\
         <footer>netsec, drift report of {made}, format {}</footer>\n</body>\n</html>\n",
        parts.concat(),
        report.v
    )
}

/// A state: its glyph, its word, its colour.
struct State(&'static str, &'static str, &'static str);

impl State {
    fn of(verdict: Verdict) -> Self {
        match verdict {
            Verdict::Drifted => Self("▲", verdict.word(), "bad"),
            Verdict::Untested | Verdict::TooSmall => Self("?", verdict.word(), "warn"),
            Verdict::Steady => Self("=", verdict.word(), "dim"),
        }
    }

    fn html(&self) -> String {
        let Self(glyph, word, class) = self;
        format!("<span class=\"word {class}\"><span aria-hidden=\"true\">{glyph}</span> {word}</span>")
    }
}

fn head(report: &DriftReport, summary: &str) -> String {
    let (glyph, class) = match report.dataset_drift {
        Some(true) => ("▲", "bad"),
        Some(false) => ("●", "good"),
        None => ("?", "warn"),
    };
    let open = if report.dataset_drift.is_none() { " What could not be told might tip the scales." } else { "" };
    // Columns that look as they did are no comfort when the model no longer holds.
    let model = report.model.as_ref().map_or_else(String::new, |model| {
        let f1 = |scores: &Scores| score(scores.f1.value);
        let now = model.now.as_ref().map_or_else(|| format::NONE.to_owned(), f1);
        let (state, _) = fares_in_words(model);
        format!("<p>The champion: {}, F1 {} → {now}.</p>\n", state.html(), f1(&model.at_training))
    });
    format!(
        "<header>\n<p class=\"dim\">Drift report, made {}</p>\n\
         <h1 class=\"{class}\"><span aria-hidden=\"true\">{glyph}</span> {summary}</h1>\n\
         <p>{} of the columns; a data set has drifted from {} on.{open}</p>\n{model}</header>\n<main>\n",
        time(&report.at),
        format::share(Some(report.share)),
        percent(report.limits.share)
    )
}

fn percent(share: f64) -> String {
    format!("{:.0} %", share * 100.0)
}

fn sides(report: &DriftReport) -> String {
    let both = [&report.reference, &report.current];
    let row = |name: &str, cell: &dyn Fn(&Side) -> String| {
        let [old, new] = both.map(cell);
        format!("<tr><th scope=\"row\">{name}</th><td>{old}</td><td>{new}</td></tr>\n")
    };
    let sampled = if both.iter().any(|side| side.sampled.is_some()) {
        row("looked at", &|side| {
            let rows = |n| format!("random sample of {}, for numbers and verdicts", plural(n, "row"));
            side.sampled.map_or_else(|| "all rows".to_owned(), rows)
        })
    } else {
        String::new()
    };
    format!(
        "<section aria-labelledby=\"sides\">\n<h2 id=\"sides\">What was compared</h2>\n<table class=\"few\">\n\
         <thead><tr><td></td><th scope=\"col\">reference</th><th scope=\"col\">current</th></tr></thead>\n\
         <tbody>\n{}{}{}{}{}{sampled}{}</tbody>\n</table>\n</section>\n",
        row("name", &|side| text(&side.name)),
        row("rows", &|side| count(side.rows)),
        row("labelled", &|side| {
            format!("{} <small>{}</small>", count(side.labelled), format::share(format::part(side.labelled, side.rows)))
        }),
        row("refused, left out", &|side| count(side.refused)),
        row("when", &when),
        row("hash", &|side| format!("<code>{}</code>", text(&side.hash))),
    )
}

fn when(side: &Side) -> String {
    match (side.from.as_deref(), side.to.as_deref()) {
        (None, None) => "not known".to_owned(),
        (Some(from), None) => time(from),
        (None, Some(to)) => format!("until {}", time(to)),
        (Some(from), Some(to)) if time(from) == time(to) => time(from),
        (Some(from), Some(to)) => format!("{} to {}", time(from), time(to)),
    }
}

/// What the words mean, with the limits that were used.
fn meaning(report: &DriftReport) -> String {
    let limits = &report.limits;
    let [js, target_js, wasserstein, p] =
        [limits.js, limits.target_js, limits.wasserstein, limits.p].map(|limit| text(&setting(limit)));
    let mut out = format!(
        "<section aria-labelledby=\"meaning\">\n<h2 id=\"meaning\">What “drifted” means here</h2>\n\
         <p>A column has drifted when the difference is large enough to matter <em>and</em> is not chance: \
         its effect is at least the limit, and its p-value, corrected over all columns (Benjamini and \
         Hochberg), is below {p}. The effect of a column with levels is the Jensen-Shannon distance (JS), \
         limit {js}, and {target_js} for the target {} and the champion’s verdicts; that of a column of \
         numbers is the Wasserstein distance (W) in standard deviations of the reference, limit \
         {wasserstein}. A column has also drifted when its share of missing cells has, by a JS of {js} and \
         the same p. The champion’s verdicts are tested alone: their p-value is not corrected. The data set \
         has drifted when {} of the columns have.</p>\n",
        text(&report.target),
        percent(limits.share)
    );
    let has = |verdict: Verdict| report.columns.values().chain(&report.prediction).any(|c| c.verdict == verdict);
    if has(Verdict::TooSmall) {
        out.push_str(
            "<p>“too few”: no drift was found, but at these numbers of rows a difference that matters \
             might have passed for chance.</p>\n",
        );
    }
    if has(Verdict::Untested) {
        out.push_str("<p>“untested”: there was nothing to hold against each other.</p>\n");
    }
    out.push_str("</section>\n");
    out
}

fn champion(report: &DriftReport) -> String {
    if report.model.is_none() && report.prediction.is_none() {
        return String::new();
    }
    let mut out = "<section aria-labelledby=\"champion\">\n<h2 id=\"champion\">The champion</h2>\n".to_owned();
    if let Some(model) = &report.model {
        out.push_str(&fares(model));
    }
    if let Some(verdicts) = &report.prediction {
        out.push_str(&prediction(verdicts));
    }
    out.push_str("</section>\n");
    out
}

/// How the champion fares, and why this is said.
fn fares_in_words(model: &ModelDrift) -> (State, &'static str) {
    match (model.worse, &model.now) {
        (true, _) => (State("▲", "worse than at training", "bad"), "the 95 % intervals of F1 lie apart"),
        (false, Some(_)) => (
            // Not good news: with few rows any two intervals overlap.
            State("=", "no worse than can be told", "dim"),
            "the 95 % interval of F1 does not lie below that of training",
        ),
        (false, None) => (State("?", "cannot be told", "warn"), "there is no labelled row that it was not trained on"),
    }
}

fn fares(model: &ModelDrift) -> String {
    let (state, why) = fares_in_words(model);
    let left_out = match model.trained_on {
        0 => String::new(),
        n => format!("<p class=\"dim\">Left out: {} whose vector it was trained on.</p>\n", plural(n, "labelled row")),
    };
    format!(
        "<p>{}: {why}.</p>\n<p class=\"dim\">Model: {}, {}, threshold {}.</p>\n\
         <div class=\"wide\" role=\"region\" aria-label=\"Scores of the champion\" tabindex=\"0\"><table class=\"few\">\n\
         <thead><tr><td></td><th scope=\"col\" class=\"n\">F1</th><th scope=\"col\" class=\"n\">recall</th>\
         <th scope=\"col\" class=\"n\">precision</th><th scope=\"col\" class=\"n\">rows</th>\
         <th scope=\"col\" class=\"n\">vectors</th></tr></thead>\n<tbody>\n{}{}</tbody>\n</table></div>\n{left_out}",
        state.html(),
        text(&model.name()),
        model.family,
        threshold(model.threshold),
        scores("at training", Some(&model.at_training)),
        scores("now", model.now.as_ref()),
    )
}

fn scores(name: &str, scores: Option<&Scores>) -> String {
    let estimate =
        |e: Estimate| format!("{} <small>[{} {}]</small>", score(e.value), score(e.interval[0]), score(e.interval[1]));
    let cells = scores.map_or_else(
        || std::array::from_fn(|_| format::NONE.to_owned()),
        |s| [estimate(s.f1), estimate(s.recall), estimate(s.precision), count(s.rows), count(s.vectors)],
    );
    let cells = cells.map(|cell| format!("<td class=\"n\">{cell}</td>")).concat();
    format!("<tr><th scope=\"row\">{name}</th>{cells}</tr>\n")
}

fn prediction(verdicts: &ColumnDrift) -> String {
    // The negative class comes first; which is which is known here and nowhere else.
    let classes: &[&str] = if verdicts.bars.len() == 2 { &["good", "bad"] } else { &[] };
    format!(
        "<h3>Its verdicts: {}</h3>\n{}{}",
        State::of(verdicts.verdict).html(),
        columns::facts(verdicts, None),
        columns::bars(verdicts, "The champion’s verdicts", classes)
    )
}

fn notes(notes: &[String]) -> String {
    if notes.is_empty() {
        return String::new();
    }
    let items: String = notes.iter().map(|note| format!("<li>{}</li>\n", text(note))).collect();
    format!("<section aria-labelledby=\"notes\">\n<h2 id=\"notes\">To know</h2>\n<ul>\n{items}</ul>\n</section>\n")
}

#[cfg(test)]
mod tests;
