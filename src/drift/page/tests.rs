use super::columns::MOST_BARS;
use super::*;
use crate::drift::{Bar, Limits, Missing, Test, VERSION};
use crate::event::Family;
use proptest::num::f64::ANY;
use proptest::prelude::*;

const HOSTILE: &str = "</style><script>alert(1)</script>\" onload='x' & \u{0}\u{1b}[2J\u{202e}\u{2028}\n";

fn column(verdict: Verdict, js: f64, bars: &[(&str, u64, u64)]) -> ColumnDrift {
    ColumnDrift {
        drift_status: None,
        verdict,
        test: Test::ChiSquare,
        statistic: Some(12.5),
        p_value: Some(0.0004),
        p_exact: None,
        p_adjusted: Some(0.012),
        js: Some(js),
        psi: Some(0.3),
        wasserstein: None,
        limit: 0.1,
        detectable: Some(0.02),
        missing: Missing::default(),
        bars: bars
            .iter()
            .map(|(label, reference, current)| Bar {
                label: (*label).to_owned(),
                reference: *reference,
                current: *current,
            })
            .collect(),
        note: None,
    }
}

fn empty() -> DriftReport {
    DriftReport {
        v: VERSION,
        at: String::new(),
        dataset_drift: None,
        share: 0.0,
        drifted: 0,
        undecided: 0,
        total: 0,
        limits: Limits::default(),
        reference: Side::default(),
        current: Side::default(),
        columns: indexmap::IndexMap::new(),
        target: String::new(),
        prediction: None,
        model: None,
        notes: Vec::new(),
    }
}

fn model(now: bool, worse: bool) -> ModelDrift {
    let estimate = |value: f64| Estimate { value, interval: [value - 0.02, value + 0.02] };
    let scores =
        |f1: f64| Scores { rows: 1671, vectors: 870, precision: estimate(f1), recall: estimate(f1), f1: estimate(f1) };
    ModelDrift {
        run: "7f3a21".to_owned(),
        version: None,
        family: Family::GradientBoosting,
        threshold: 0.371,
        at_training: scores(0.946),
        now: now.then(|| scores(0.828)),
        trained_on: 3249,
        worse,
    }
}

/// A report as one looks: 31 columns.
fn usual() -> DriftReport {
    let mut report = empty();
    report.at = "2026-11-21T07:24:47.120Z".to_owned();
    (report.dataset_drift, report.share, report.drifted, report.undecided, report.total) =
        (Some(false), 2.0 / 31.0, 2, 2, 31);
    report.reference = Side { name: "run 7f3a21".to_owned(), rows: 8323, labelled: 8323, ..Side::default() };
    report.target = "Result".to_owned();
    let levels = [("-1", 2663, 5843), ("0", 1200, 900), ("1", 4460, 1580)];
    for at in 0..26 {
        report.columns.insert(format!("steady_{at}"), column(Verdict::Steady, 0.001 * f64::from(at), &levels));
    }
    report.columns.insert("few".to_owned(), column(Verdict::TooSmall, 0.05, &levels));
    report.columns.insert("small".to_owned(), column(Verdict::Drifted, 0.12, &levels));
    report.columns.insert("large".to_owned(), column(Verdict::Drifted, 0.29, &levels));
    report.columns.insert("blank".to_owned(), column(Verdict::Untested, 0.0, &[]));
    report.columns.insert("Result".to_owned(), column(Verdict::Steady, 0.0, &levels));
    report.prediction = Some(column(Verdict::Drifted, 0.08, &[("legitimate", 4460, 3000), ("phishing", 3863, 5323)]));
    report.model = Some(model(true, true));
    report
}

/// Every element is closed where it should be, every attribute value is quoted, and no name is unknown.
fn is_well_formed(page: &str) -> Result<(), String> {
    const VOID: [&str; 1] = ["meta"];
    let body = page.strip_prefix("<!DOCTYPE html>").ok_or("no doctype")?.replace(STYLE, "");
    let mut open: Vec<&str> = Vec::new();
    for piece in body.split('<').skip(1) {
        let (tag, rest) = piece.split_once('>').ok_or_else(|| format!("never ends: {piece}"))?;
        if rest.contains('>') {
            return Err(format!("a bare > in {rest:?}"));
        }
        let name = tag.split([' ', '/']).find(|name| !name.is_empty()).unwrap_or_default();
        if tag.matches('"').count() % 2 != 0 {
            return Err(format!("quotes in {tag}"));
        }
        if name == "script" {
            return Err("a script".to_owned());
        }
        match tag.strip_prefix('/') {
            Some(name) if open.pop() == Some(name) => {}
            Some(name) => return Err(format!("{name} closed out of turn")),
            None if VOID.contains(&name) => {}
            None => open.push(name),
        }
    }
    if open.is_empty() { Ok(()) } else { Err(format!("never closed: {open:?}")) }
}

#[test]
fn the_answer_stands_first_and_the_numbers_are_the_consoles() {
    let page = html(&usual());
    assert_eq!(is_well_formed(&page), Ok(()));
    for text in [
        "<title>no data set drift: 2 of 31 columns drifted, 2 could not be told - netsec</title>",
        "made 2026-11-21 07:24 UTC",
        "6.5 % of the columns; a data set has drifted from 50 % on",
        "8,323 <small>100.0 %</small>",
        ".946 <small>[.926 .966]</small>",
        "worse than at training</span>: the 95 % intervals of F1 lie apart",
        "worse than at training</span>, F1 .946 → .828.",
        "3,249 labelled rows whose vector it was trained on",
        "p &lt;.001",
        "70.2 % <small>5,843</small>",
        "its p-value, corrected over all columns (Benjamini and Hochberg), is below .05",
        "<tr class=\"bad\"><th scope=\"row\">phishing</th>",
    ] {
        assert!(page.contains(text), "{text}");
    }
    assert!(page.len() < 200_000, "{} bytes", page.len());
}

#[test]
fn drifted_columns_stand_before_undecided_and_steady_ones() {
    let page = html(&usual());
    let rows: Vec<&str> = page.split("<a href=\"#c").skip(1).filter_map(|s| s.split(['>', '<']).nth(1)).collect();
    assert_eq!(rows[..6], ["large", "small", "blank", "few", "steady_25", "steady_24"]);
    assert_eq!(rows.len(), 31);
    let drawn: Vec<usize> = rows.iter().filter_map(|name| page.find(&format!("Distribution of {name}\""))).collect();
    assert!(drawn.is_sorted() && drawn.len() == 30, "{drawn:?}");
    // Each row of the table leads to its drawing.
    assert!((0..31).all(|at| page.matches(&format!(" id=\"c{at}\"")).count() == 1));
    assert_eq!(page.matches("<details>").count(), 27);
}

#[test]
fn numeric_columns_and_exact_p_values_have_a_place_where_there_are_any() {
    let mut report = usual();
    let page = html(&report);
    assert!(!page.contains(">W</th>") && !page.contains(">p exact</th>"));
    let numeric = ColumnDrift {
        test: Test::KolmogorovSmirnov,
        wasserstein: Some(0.41),
        p_exact: Some(0.034),
        missing: Missing { reference: 10, current: 300, js: Some(0.2), p_adjusted: Some(0.0), drifted: true },
        ..column(Verdict::Drifted, 0.2, &[("0 to 1.5", 990, 450), ("1.5 to 3", 0, 250)])
    };
    report.columns.insert("age".to_owned(), numeric);
    let page = html(&report);
    assert_eq!(is_well_formed(&page), Ok(()));
    for text in [
        ">W</th>",
        ">p exact</th>",
        "<strong>.410</strong>",
        "<td class=\"n\">.034</td>",
        "<td class=\"n\">1.0 %</td><td class=\"n\"><strong>30.0 %</strong></td>",
        "W .410 (limit .1); JS .200; PSI .300; Kolmogorov-Smirnov 12.500, p &lt;.001; exact p .034; p adj .012",
        "missing 10 → 300, JS .200 (limit .1), p adj &lt;.001",
        "<i class=\"none\"></i>",
    ] {
        assert!(page.contains(text), "{text}");
    }
}

#[test]
fn nothing_is_loaded_and_nothing_runs() {
    let page = html(&usual());
    for foreign in [
        "http:",
        "https:",
        "src=",
        "url(",
        "@import",
        "<link",
        "<script",
        "<img",
        "javascript:",
        " onload=",
        " onclick=",
    ] {
        assert!(!page.contains(foreign), "{foreign}");
    }
}

#[test]
fn text_from_data_stays_text() {
    let mut report = usual();
    report.reference.name = HOSTILE.to_owned();
    report.current =
        Side { name: HOSTILE.to_owned(), hash: HOSTILE.to_owned(), from: Some(HOSTILE.to_owned()), ..Side::default() };
    (report.at, report.target) = (HOSTILE.to_owned(), HOSTILE.to_owned());
    report.notes = vec![HOSTILE.to_owned()];
    if let Some(model) = &mut report.model {
        model.run = HOSTILE.to_owned();
    }
    let mut own = column(Verdict::Drifted, 0.5, &[(HOSTILE, 1, 2)]);
    own.note = Some(HOSTILE.to_owned());
    report.prediction = Some(own.clone());
    report.columns.insert(HOSTILE.to_owned(), own.clone());
    own.verdict = Verdict::Steady;
    report.columns.insert(format!("{HOSTILE} again"), own);
    let page = html(&report);
    assert_eq!(is_well_formed(&page), Ok(()));
    assert!(!page.contains("<script") && !page.contains("onload='"), "markup from data");
    assert!(page.contains("&lt;script&gt;alert(1)&lt;/script&gt;&quot; onload=&#39;x&#39; &amp; \u{fffd}\u{fffd}[2J"));
    assert!(!page.chars().any(|c| c.is_control() && c != '\n' || c == '\u{202e}' || c == '\u{2028}'));
}

#[test]
fn reports_without_anything_are_pages_too() {
    let page = html(&empty());
    assert_eq!(is_well_formed(&page), Ok(()));
    assert!(page.contains("data set drift cannot be told: 0 of 0 columns drifted"));
    assert!(page.contains("There is no column.") && !page.contains("NaN"));

    let mut report = usual();
    report.model = Some(model(false, false));
    for (_, own) in &mut report.columns {
        *own = ColumnDrift {
            bars: vec![Bar { label: String::new(), reference: 0, current: 0 }],
            missing: Missing { reference: 3, ..Missing::default() },
            ..column(Verdict::Untested, f64::NAN, &[])
        };
        (own.statistic, own.p_value, own.p_adjusted, own.psi, own.detectable) = (None, None, None, None, None);
    }
    let page = html(&report);
    assert_eq!(is_well_formed(&page), Ok(()));
    assert!(page.contains("cannot be told</span>: there is no labelled row that it was not trained on"));
    assert!(page.contains("– <small>0</small>") && !page.contains("NaN"));
}

#[test]
fn of_thousands_of_bars_those_that_changed_are_drawn() {
    let labels: Vec<String> = (0..3000).map(|at| format!("level {at}")).collect();
    let bars: Vec<(&str, u64, u64)> =
        labels.iter().enumerate().map(|(at, label)| (label.as_str(), 10, if at == 2500 { 500 } else { 10 })).collect();
    let mut report = empty();
    report.columns.insert("many".to_owned(), column(Verdict::Drifted, 0.3, &bars));
    let page = html(&report);
    assert_eq!(page.matches("<tr><th scope=\"row\">level ").count(), MOST_BARS);
    assert!(page.contains("level 2500<"));
    assert!(page.contains("<em>2,940 more</em></th><td class=\"n\">98.0 % <small>29,400</small>"));
    assert!(page.contains("width:100.0%"));
}

#[test]
fn numbers_are_short() {
    assert_eq!(
        [0.9434, 1.0, -0.031, -0.0003, f64::NAN, f64::INFINITY].map(score),
        [".943", "1.000", "-.031", ".000", "–", "–"]
    );
    assert_eq!([0.1, 0.05, 2.0].map(setting), [".1", ".05", "2"]);
    assert_eq!([0.371, 0.99996, 0.0, 1.0].map(threshold), [".371", ".99996", ".000", "1.000"]);
    assert_eq!([Some(0.0), Some(0.0412), Some(f64::NAN), None].map(format::p), ["&lt;.001", ".041", "–", "–"]);
    assert_eq!([0, 999, 8323, 1_234_567].map(count), ["0", "999", "8,323", "1,234,567"]);
    assert_eq!([Some(0.0), Some(0.124), None].map(format::share), ["0 %", "12.4 %", "–"]);
    assert_eq!(format::short_text("a<b>c", 3), "a&lt;b…");
}

fn any_column() -> impl Strategy<Value = ColumnDrift> {
    let verdict =
        prop_oneof![Just(Verdict::Drifted), Just(Verdict::Untested), Just(Verdict::TooSmall), Just(Verdict::Steady)];
    let number = || proptest::option::of(ANY);
    let bars = proptest::collection::vec((any::<String>(), any::<u64>(), any::<u64>()), 0..80);
    let numbers = (number(), number(), number(), number(), number(), ANY);
    (verdict, any::<bool>(), numbers, bars, proptest::option::of(any::<String>()), any::<[u64; 2]>()).prop_map(
        |(verdict, is_numeric, (a, b, c, d, e, limit), bars, note, missing)| ColumnDrift {
            drift_status: None,
            verdict,
            test: if is_numeric { Test::KolmogorovSmirnov } else { Test::ChiSquare },
            statistic: a,
            p_value: b,
            p_exact: c,
            p_adjusted: d,
            js: e,
            psi: a,
            wasserstein: b,
            limit,
            detectable: c,
            missing: Missing { reference: missing[0], current: missing[1], js: d, p_adjusted: e, drifted: is_numeric },
            bars: bars.into_iter().map(|(label, reference, current)| Bar { label, reference, current }).collect(),
            note,
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_report_is_a_page(
        columns in proptest::collection::vec((any::<String>(), any_column()), 0..6),
        share in ANY,
        limits in proptest::array::uniform5(ANY),
        at in any::<String>(),
    ) {
        let [js, target_js, wasserstein, p, of] = limits;
        let mut report = empty();
        report.prediction = columns.first().map(|(_, column)| column.clone());
        report.columns = columns.into_iter().collect();
        report.limits = Limits { js, target_js, wasserstein, p, share: of };
        (report.share, report.at) = (share, at);
        let mut numberless = model(true, false);
        numberless.threshold = share;
        numberless.at_training.f1 = Estimate { value: share, interval: [js, p] };
        report.model = Some(numberless);
        prop_assert_eq!(is_well_formed(&html(&report)), Ok(()));
    }
}
