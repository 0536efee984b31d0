//! The columns as a list: what is in it, and in which order.

use super::DriftScreen;
use netsec::drift::{Bar, ColumnDrift, Verdict};

/// What a row of the list is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Pick {
    /// The champion's verdicts on both sides.
    Verdicts,
    /// A column.
    Column(String),
}

/// A row of the list.
pub struct Row<'a> {
    pub pick: Pick,
    pub drift: &'a ColumnDrift,
}

/// What the champion's verdicts are called.
pub const VERDICTS: &str = "(champion's verdicts)";

impl Row<'_> {
    pub fn name(&self) -> &str {
        match &self.pick {
            Pick::Verdicts => VERDICTS,
            Pick::Column(name) => name,
        }
    }
}

/// The order of the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Order {
    #[default]
    Drifted,
    Js,
    Wasserstein,
    P,
    Psi,
    Missing,
    Name,
    Schema,
}

impl Order {
    const ALL: [Order; 8] = [
        Order::Drifted,
        Order::Js,
        Order::Wasserstein,
        Order::P,
        Order::Psi,
        Order::Missing,
        Order::Name,
        Order::Schema,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Order::Drifted => "drifted first",
            Order::Js => "largest JS first",
            Order::Wasserstein => "largest W first",
            Order::P => "smallest p first",
            Order::Psi => "largest PSI first",
            Order::Missing => "missing changed most first",
            Order::Name => "by name",
            Order::Schema => "in the schema's order",
        }
    }

    /// The order after this one; Wasserstein's distance only where there are numbers.
    pub fn next(self, numbers: bool) -> Self {
        let all: Vec<Order> = Self::ALL.into_iter().filter(|o| numbers || *o != Order::Wasserstein).collect();
        let at = all.iter().position(|o| *o == self).unwrap_or(0);
        all[(at + 1) % all.len()]
    }
}

impl DriftScreen {
    /// The columns in the list's order, those that are searched for; the champion's verdicts before them.
    pub fn rows(&self) -> Vec<Row<'_>> {
        let Some(drifted) = self.pane().ready() else { return Vec::new() };
        let report = &drifted.report;
        let wanted = self.wanted();
        let mut rows: Vec<Row<'_>> =
            report.columns.iter().map(|(name, drift)| Row { pick: Pick::Column(name.clone()), drift }).collect();
        let most = |value: Option<f64>| value.unwrap_or(f64::NEG_INFINITY);
        let by = |rows: &mut Vec<Row<'_>>, key: fn(&ColumnDrift) -> Option<f64>| {
            rows.sort_by(|a, b| most(key(b.drift)).total_cmp(&most(key(a.drift))));
        };
        match self.order {
            Order::Drifted => {
                by(&mut rows, ColumnDrift::effect);
                rows.sort_by_key(|row| row.drift.verdict);
            }
            Order::Js => by(&mut rows, |c| c.js),
            Order::Wasserstein => by(&mut rows, |c| c.wasserstein),
            Order::P => by(&mut rows, |c| c.p_adjusted.map(|p| -p)),
            Order::Psi => by(&mut rows, |c| c.psi),
            Order::Missing => by(&mut rows, |c| {
                let [old, new] = c.missing_shares();
                Some((new - old).abs())
            }),
            Order::Name => rows.sort_by_key(|row| row.name().to_lowercase()),
            Order::Schema => {}
        }
        let verdicts = report.prediction.as_ref().map(|drift| Row { pick: Pick::Verdicts, drift });
        verdicts.into_iter().chain(rows).filter(|row| row.name().to_lowercase().contains(&wanted)).collect()
    }
}

/// The shares of a level among the rows with a value: of the reference, and now.
pub fn shares(column: &ColumnDrift, bar: &Bar) -> [f64; 2] {
    let [old, new] = column.known();
    [bar.reference as f64 / old.max(1) as f64, bar.current as f64 / new.max(1) as f64]
}

/// The level whose share changed most, where both sides have values.
pub fn most_changed(column: &ColumnDrift) -> Option<&Bar> {
    let change = |bar: &Bar| {
        let [old, new] = shares(column, bar);
        (new - old).abs()
    };
    let both = column.known().iter().all(|known| *known > 0);
    // The first of equals: a column of two levels always has two.
    let better = |best: Option<&'_ Bar>, bar: &Bar| best.is_none_or(|best| change(bar) > change(best) + 1e-9);
    column.bars.iter().filter(|_| both).fold(None, |best, bar| if better(best, bar) { Some(bar) } else { best })
}

/// The glyph and word of a verdict.
pub fn verdict(verdict: Verdict) -> String {
    let glyph = match verdict {
        Verdict::Drifted => "▲",
        Verdict::Steady => "·",
        Verdict::Untested | Verdict::TooSmall => "?",
    };
    format!("{glyph} {}", verdict.word())
}

/// A p-value: `<.001`, `.412`.
pub fn p_value(p: f64) -> String {
    if p < 0.001 { "<.001".to_owned() } else { crate::console::format::score(p) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use netsec::drift::{Limits, compare_counts};

    #[test]
    fn an_order_of_numbers_is_left_out_where_there_are_none() {
        assert_eq!(Order::Js.next(true), Order::Wasserstein);
        assert_eq!(Order::Js.next(false), Order::P);
        let mut order = Order::default();
        for _ in 0..7 {
            order = order.next(false);
        }
        assert_eq!(order, Order::default());
    }

    #[test]
    fn the_level_that_changed_most_is_none_where_a_side_is_empty() {
        let labels = ["-1", "0", "1"].map(str::to_owned);
        let found = |new: &[u64]| compare_counts(&labels, &[50, 25, 25], new, 0.1, &Limits::default());
        assert_eq!(
            most_changed(&found(&[20, 25, 55])).map(|bar| bar.label.as_str()),
            Some("-1"),
            "the first of equals"
        );
        assert_eq!(most_changed(&found(&[40, 10, 50])).map(|bar| bar.label.as_str()), Some("1"));
        assert_eq!(most_changed(&found(&[0, 0, 0])), None);
    }

    #[test]
    fn p_values_line_up() {
        assert_eq!([0.0, 0.00099, 0.001, 0.412, 1.0].map(p_value), ["<.001", "<.001", ".001", ".412", "1.000"]);
    }
}
