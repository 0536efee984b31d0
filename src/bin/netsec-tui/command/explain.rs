//! `explain`: what each feature of one row contributes to its score.

use super::{model, verdict};
use crate::cli;
use crate::context::Context;
use crate::output;
use netsec::explain::{Explanation, Method, Scale};
use netsec::predict::{Near, Origin, Predictor, Record, Verdict, from_url, parse_paste};
use netsec::{Error, Result};
use serde_json::json;
use std::io::Read;
use std::process::ExitCode;

/// Widest bar, to either side.
const BAR: usize = 12;
/// Most bytes that are read for one row: whoever pipes in a whole file is told before memory runs out.
const MOST: u64 = 16 << 20;

/// Explains one row.
pub fn explain(context: &Context, global: &cli::Global, args: &cli::Explain) -> Result<ExitCode> {
    let predictor = model::chosen(context, &args.model, || context.schema(&context.namespace(None)?))?;
    let record = match &args.url {
        Some(url) => from_url(&predictor.schema, url)?,
        None => record(&predictor, &args.row)?,
    };
    let scored = predictor.score(&record)?;
    let why = predictor.explain(&record)?;
    let near = verdict::near(&predictor, &record, args.nearest)?;
    if global.json {
        output::print_json(&to_json(&predictor, &record, &scored, &why, near.as_deref()))?;
    } else {
        let near = near.map_or_else(String::new, |near| verdict::neighbours(&predictor, &near));
        output::print(&output::clean(&(text(&predictor, &record, &scored, &why, args.top) + &near)))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// The only row of the argument or of standard input.
fn record(predictor: &Predictor, row: &str) -> Result<Record> {
    let text = if row == "-" { standard_input()? } else { row.to_owned() };
    let mut records = parse_paste(&predictor.schema, &text)?;
    match (records.pop(), records.len()) {
        (Some(record), 0) => Ok(record),
        (None, _) => Err(Error::data("there is no row").hint("give one row of values")),
        (Some(_), others) => Err(Error::user(format!("there are {} rows; one at a time is explained", others + 1))
            .hint("netsec-tui predict scores many")),
    }
}

fn standard_input() -> Result<String> {
    let mut bytes = Vec::new();
    std::io::stdin()
        .take(MOST + 1)
        .read_to_end(&mut bytes)
        .map_err(|e| Error::remote("standard input cannot be read").caused_by(e))?;
    if bytes.len() as u64 > MOST {
        return Err(Error::user("standard input is too long for one row").hint("netsec-tui predict scores many"));
    }
    String::from_utf8(bytes).map_err(|e| Error::data("standard input is no text").caused_by(e))
}

fn to_json(
    predictor: &Predictor,
    record: &Record,
    scored: &Verdict,
    why: &Explanation,
    near: Option<&[Near]>,
) -> serde_json::Value {
    let mut value = model::to_json(predictor, verdict::to_json(predictor, record, scored));
    value["method"] = json!(why.method);
    value["exact"] = json!(why.exact);
    value["scale"] = json!(why.scale);
    value["calibrated"] = json!(why.calibrated);
    value["background"] = json!(why.background);
    value["base"] = json!(why.base);
    value["output"] = json!(why.output);
    let features = scored.features.iter().zip(&why.contributions).map(|(feature, contribution)| {
        let mut feature = verdict::feature(feature);
        feature["contribution"] = json!(contribution);
        feature
    });
    value["features"] = features.collect();
    if let Some(near) = near {
        value["nearest"] = verdict::nearest(near);
    }
    value
}

/// The explanation for people: the verdict, the features that speak loudest, what the numbers mean.
pub fn text(predictor: &Predictor, record: &Record, scored: &Verdict, why: &Explanation, top: usize) -> String {
    let schema = &predictor.schema;
    let mut order: Vec<usize> = (0..why.contributions.len()).collect();
    let size = |f: &usize| why.contributions[*f].abs();
    // The sort is stable: of equal ones the first in the schema comes first.
    order.sort_by(|a, b| size(b).total_cmp(&size(a)));
    let (shown, rest) = order.split_at(top.min(order.len()));
    let largest = order.first().map_or(0.0, size);
    let sides = format!("{:>BAR$} | {}", schema.label(false), schema.label(true));
    let mut rows = vec![["feature", "value", "", &number("contribution"), &sides].map(str::to_owned).to_vec()];
    rows.extend(shown.iter().map(|f| {
        let (feature, contribution) = (&scored.features[*f], why.contributions[*f]);
        vec![
            feature.name.clone(),
            feature.value.clone(),
            feature.origin.name().replace('_', " "),
            signed(contribution),
            bar(contribution, largest),
        ]
    }));
    let left = || vec![format!("{} more", rest.len()), String::new(), String::new()];
    match rest.first() {
        // What does not add up is not summed either.
        Some(next) if !why.exact => {
            let most = number(&format!("±{:.4}", size(next)));
            rows.push([left(), vec![most, "at most, each".to_owned()]].concat());
        }
        Some(_) => {
            let sum = rest.iter().map(|f| why.contributions[*f]).sum();
            rows.push([left(), vec![signed(sum), bar(sum, largest)]].concat());
        }
        None => {}
    }
    for (name, value) in [("base", why.base), ("score", why.output)] {
        rows.push(vec![name.to_owned(), String::new(), String::new(), signed(value)]);
    }
    let mut text = verdict::head(predictor, record, scored) + "\n";
    text.push_str(&output::table(&rows));
    for feature in &scored.features {
        if let Origin::OutOfDomain(reason) = &feature.origin {
            text.push_str(&format!("· {}: {reason}: taken as missing\n", feature.name));
        }
    }
    if largest == 0.0 {
        text.push_str(match why.exact {
            true => "· no feature of this row makes a difference to the model\n",
            false => "· no single value decides: without any one of them the others say the same\n",
        });
    }
    text.push_str(&meaning(schema.label(true), why));
    if let Some(sample) = predictor.sample {
        text.push_str(&format!("The training vectors are from {sample}, which the version's bundle has.\n"));
    }
    text
}

/// Numbers stand right.
fn number(text: &str) -> String {
    format!("{text:>12}")
}

fn signed(value: f64) -> String {
    // Rounding must not leave a zero with a sign.
    let rounded = (value * 1e4).round() / 1e4;
    number(&if rounded == 0.0 { "0.0000".to_owned() } else { format!("{rounded:+.4}") })
}

/// A bar to the left for the negative class, to the right for the positive one.
fn bar(contribution: f64, largest: f64) -> String {
    let length = if largest > 0.0 { (contribution.abs() / largest * BAR as f64).round() as usize } else { 0 };
    // The sum of the rest may be larger than any single one.
    let length = length.min(BAR);
    let bar = "#".repeat(length);
    if contribution < 0.0 { format!("{bar:>BAR$} |") } else { format!("{:BAR$} | {bar}", "") }
}

/// How the numbers were found and what they mean.
fn meaning(positive: &str, why: &Explanation) -> String {
    let scale = match why.scale {
        Scale::LogOdds => "log-odds",
        Scale::Probability => "probability",
    };
    let n = why.background;
    let mut text = match why.method {
        Method::TreeShap | Method::Coefficients => {
            let how = if why.method == Method::TreeShap { "TreeSHAP" } else { "coefficients" };
            format!(
                "\nExact Shapley values ({how}) of the {scale} of {positive}, against {n} training vectors: the base is \
                 their mean,\nbase and contributions add up to the score.\n"
            )
        }
        Method::Occlusion => format!(
            "\nOcclusion: what the {scale} of {positive} changes by when one value is replaced by those of {n} training \
             vectors,\nin the mean. Not exact: contributions do not add up, and features that say the same hide each \
             other.\n"
        ),
    };
    if why.calibrated {
        text.push_str(
            "The model's scores are calibrated; this is the score before that, the probability above is after it.\n",
        );
    }
    text
}
