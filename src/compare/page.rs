//! A comparison as a file: JSON for programs, Markdown for people, CSV for tables.

use super::{Comparison, Several};
use crate::form::{count, plural, score, signed};
use crate::metrics::PairedDifference;
use crate::{Error, Result};
use std::path::Path;

/// What a comparison is written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// Everything, with the points of the curves.
    Json,
    /// The verdicts, the scores and what differs, as tables.
    Markdown,
    /// What differs, a line each.
    Csv,
}

impl Form {
    /// By the ending of a file's name: `json`, `md`, `csv`.
    ///
    /// # Errors
    /// When it is another one.
    pub fn of(path: &Path) -> Result<Self> {
        let ending = path.extension().and_then(|e| e.to_str()).unwrap_or_default().to_ascii_lowercase();
        match ending.as_str() {
            "json" => Ok(Form::Json),
            "md" | "markdown" => Ok(Form::Markdown),
            "csv" => Ok(Form::Csv),
            _ => Err(Error::user(format!("{} says not what to write", path.display()))
                .hint("end the name in .json, .md or .csv")),
        }
    }
}

impl Several {
    /// The comparison in this form.
    ///
    /// # Errors
    /// When a value cannot be written.
    pub fn to_text(&self, form: Form) -> Result<String> {
        match form {
            Form::Json => serde_json::to_string_pretty(self)
                .map(|text| text + "\n")
                .map_err(|e| Error::internal("a comparison cannot be written as JSON").caused_by(e)),
            Form::Markdown => Ok(self.markdown()),
            Form::Csv => self.csv(),
        }
    }

    fn markdown(&self) -> String {
        let names = self.names();
        let mut text = format!("# {} against {}\n\n", names[1..].join(", "), names[0]);
        if let Some(summary) = self.summary() {
            text += &format!("{}.\n\n", escaped(&summary));
        }
        text += &format!(
            "Scores of {}, on {} that no model was trained on.\n\n",
            escaped(&self.positive),
            plural(self.holdout.vectors, "vector")
        );
        text += &row(&["model", "family", "F1", "95 % interval", "recall", "precision", "ROC AUC", "ECE"]);
        text += &row(&["---", "---", "---:", "---", "---:", "---:", "---:", "---:"]);
        for (name, model) in names.iter().zip(&self.models) {
            let t = &model.test;
            let interval = format!("{} to {}", score(t.f1_ci[0]), score(t.f1_ci[1]));
            let area = t.roc_auc.map_or_else(|| "-".to_owned(), score);
            let family = model.family.to_string();
            let [f1, recall, precision, ece] = [t.f1, t.recall, t.precision, t.ece].map(score);
            text += &row(&[name, &family, &f1, &interval, &recall, &precision, &area, &ece]);
        }
        for (pair, name) in self.pairs.iter().zip(&names[1..]) {
            text += &format!("\n## {name} against {}\n\n", names[0]);
            text += &pair_text(pair);
        }
        text + &notes(&self.notes)
    }

    fn csv(&self) -> Result<String> {
        let bad = |e: csv::Error| Error::internal("a comparison cannot be written as CSV").caused_by(e);
        let mut out = csv::Writer::from_writer(Vec::new());
        out.write_record(["base", "new", "what", "old", "new_value", "change"]).map_err(bad)?;
        for pair in &self.pairs {
            let [base, new] = pair.names();
            for d in &pair.differences {
                let change = d.change.as_deref().unwrap_or_default();
                out.write_record([&base, &new, &d.what, &d.base, &d.new, change].map(crate::form::inert))
                    .map_err(bad)?;
            }
        }
        let bytes = out.into_inner().map_err(|e| Error::internal("CSV").caused_by(e.into_error()))?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }
}

fn pair_text(pair: &Comparison) -> String {
    let [base, new] = pair.names();
    let mut text = format!("**{}**\n\n{}\n", escaped(&pair.headline), escaped(&pair.sentence));
    text += &format!("\nOn {}.\n\n", pair.basis());
    if pair.holdout.vectors > 0 {
        let line = |what: &str, of: &PairedDifference| {
            let interval = format!("{} to {}", signed(of.interval[0]), signed(of.interval[1]));
            row(&[what, &signed(of.value), &interval])
        };
        text += &row(&["difference", "value", "95 % interval"]);
        text += &row(&["---", "---:", "---"]);
        text += &(line("F1", &pair.f1) + &line("recall", &pair.recall));
        let e = &pair.errors;
        text += &format!(
            "\nVectors: both right {}, only {base} right {}, only {new} right {}, both wrong {}; McNemar's exact test \
             p = {}.\n\n",
            count(e.both_right),
            count(e.only_base),
            count(e.only_new),
            count(e.both_wrong),
            score(e.p_value)
        );
    }
    if pair.differences.is_empty() {
        return text + "Nothing differs.\n" + &notes(&pair.notes);
    }
    text += &row(&["what differs", &format!("{base} (base)"), &new, "change"]);
    text += &row(&["---", "---", "---", "---"]);
    for d in &pair.differences {
        text += &row(&[&d.what, &d.base, &d.new, d.change.as_deref().unwrap_or_default()]);
    }
    text + &notes(&pair.notes)
}

fn notes(notes: &[String]) -> String {
    if notes.is_empty() {
        return String::new();
    }
    let lines: String = notes.iter().map(|note| format!("- {}\n", escaped(note))).collect();
    format!("\n{lines}")
}

/// A row of a table.
fn row(cells: &[&str]) -> String {
    let cells: Vec<String> = cells.iter().map(|cell| escaped(cell)).collect();
    format!("| {} |\n", cells.join(" | "))
}

/// Text that is nothing but text in Markdown: names come from data and settings.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '|' | '*' | '_' | '`' | '[' | ']' | '\\' => out.extend(['\\', c]),
            '<' => out.push_str("&lt;"),
            '&' => out.push_str("&amp;"),
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_go_by_the_ending() {
        let of = |name: &str| Form::of(Path::new(name));
        assert_eq!(
            [of("a.json").unwrap(), of("b/c.MD").unwrap(), of("x.csv").unwrap()],
            [Form::Json, Form::Markdown, Form::Csv]
        );
        for wrong in ["a", "a.xlsx", ".json"] {
            assert!(of(wrong).unwrap_err().hint_text().unwrap().contains(".md"), "{wrong}");
        }
    }

    #[test]
    fn cells_are_nothing_but_text() {
        assert_eq!(escaped("a|b <i>_x_\n"), "a\\|b &lt;i>\\_x\\_ ");
        assert_eq!(row(&["---", "---:"]), "| --- | ---: |\n");
        let cells = ["=1+1", "-.05", "+1,600", "-", "@x", "+cmd", "x 15.8"].map(crate::form::inert);
        assert_eq!(cells, ["'=1+1", "-.05", "+1,600", "-", "'@x", "'+cmd", "x 15.8"]);
    }
}
