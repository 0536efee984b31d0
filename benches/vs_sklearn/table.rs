//! Numbers as they are printed, and tables in Markdown.

/// Prints a table.
pub fn print(header: &[&str], rows: &[Vec<String>]) {
    println!("\n| {} |", header.join(" | "));
    println!("|---{}|", "|--:".repeat(header.len() - 1));
    for row in rows {
        println!("| {} |", row.join(" | "));
    }
}

/// The middle one; the mean of the middle two of an even number.
pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let half = values.len() / 2;
    match values.len() {
        0 => f64::NAN,
        n if n % 2 == 1 => values[half],
        _ => (values[half - 1] + values[half]) / 2.0,
    }
}

/// A time, in three digits.
pub fn time(seconds: f64) -> String {
    let (value, unit) = match seconds {
        s if s < 1e-3 => (s * 1e6, "µs"),
        s if s < 1.0 => (s * 1e3, "ms"),
        s => (s, "s"),
    };
    match value {
        v if v < 10.0 => format!("{v:.2} {unit}"),
        v if v < 100.0 => format!("{v:.1} {unit}"),
        v => format!("{v:.0} {unit}"),
    }
}

/// How many times as long the other side takes.
pub fn ratio(ours: f64, theirs: f64) -> String {
    let ratio = theirs / ours;
    if ratio < 10.0 { format!("{ratio:.2}x") } else { format!("{ratio:.0}x") }
}

/// A score.
pub fn f1(score: f64) -> String {
    format!("{score:.4}").trim_start_matches('0').to_owned()
}

/// A difference of scores.
pub fn difference(score: f64) -> String {
    format!("{score:+.4}").replacen("0.", ".", 1)
}

/// A number with its thousands set apart.
pub fn count(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Memory; a dash where the system does not tell.
pub fn memory(mib: Option<f64>) -> String {
    mib.map_or_else(|| "-".to_owned(), |mib| format!("{mib:.0} MiB"))
}
