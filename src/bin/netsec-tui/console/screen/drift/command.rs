//! The command line that makes the report that is shown.

use crate::console::app::App;
use crate::console::clean::clean;

pub fn line(app: &App) -> Option<String> {
    let report = &app.drift.pane().ready()?.report;
    // A run's own report names what it was made of; the present one is asked for as the analyst did.
    let (reference, current) = match &app.drift.past {
        Some(_) => (report.reference.name.as_str(), report.current.name.as_str()),
        None => (
            app.drift.sides.reference.as_deref().unwrap_or("champion"),
            app.drift.sides.current.as_deref().unwrap_or(&report.current.name),
        ),
    };
    Some(format!("netsec-tui drift --reference {} --current {}", quoted(reference), quoted(current)))
}

/// A word as a shell takes it. What acts on a terminal must not be pasted into one.
pub fn quoted(text: &str) -> String {
    let text = clean(text);
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "_-./@:+,=".contains(c);
    if !text.is_empty() && text.chars().all(is_plain) {
        return text;
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_quoted_where_a_shell_would_split_them() {
        assert_eq!(quoted("netsec/NetworkData@2026-11-01.."), "netsec/NetworkData@2026-11-01..");
        assert_eq!(quoted("run 7f3a21"), "'run 7f3a21'");
        assert_eq!(quoted("it's; rm\n"), r"'it'\''s; rm·'");
        assert_eq!(quoted(""), "''");
    }
}
