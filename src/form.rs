//! How numbers are written for people: short, and so that they line up. The same in reports, on pages and in the console.

use serde_json::Value;
use std::time::Duration;

/// Without the zero before the point: `.5`.
pub(crate) fn bare(text: &str) -> String {
    match (text.strip_prefix("0."), text.strip_prefix("-0.")) {
        (Some(rest), _) => format!(".{rest}"),
        (_, Some(rest)) => format!("-.{rest}"),
        _ => text.to_owned(),
    }
}

/// A score: `.943`, `1.000`; `-` where it is no number.
pub fn score(value: f64) -> String {
    if !value.is_finite() {
        return "-".to_owned();
    }
    // A little less than nothing is nothing: it has no sign.
    match format!("{value:.3}").as_str() {
        "-0.000" => ".000".to_owned(),
        text => bare(text),
    }
}

/// A difference of scores: `+.004`, `-.031`.
pub fn signed(value: f64) -> String {
    let text = score(value);
    if value.is_finite() && !text.starts_with('-') { format!("+{text}") } else { text }
}

/// A number with six digits at most: `.05`, `3`.
fn number(value: f64) -> String {
    // There and back: 0.1 + 0.2 is .3 to a reader.
    let rounded: f64 = format!("{value:.5e}").parse().unwrap_or(value);
    if rounded != 0.0 && !(1e-4..1e9).contains(&rounded.abs()) {
        return format!("{rounded:e}");
    }
    bare(&rounded.to_string())
}

/// A value of a setting or a parameter.
pub fn value(value: &Value) -> String {
    match value {
        Value::Null => "-".to_owned(),
        Value::Bool(yes) => (if *yes { "yes" } else { "no" }).to_owned(),
        Value::String(text) => text.clone(),
        // Whole numbers have all their digits: a seed may have more than a float holds.
        Value::Number(n) if n.is_f64() => n.as_f64().map_or_else(|| n.to_string(), number),
        other => other.to_string(),
    }
}

/// What changed from one number to another: `+3`, `-.05`.
pub(crate) fn change(base: f64, new: f64) -> String {
    let text = number(new - base);
    if text.starts_with('-') { text } else { format!("+{text}") }
}

/// A count: `1,139`.
pub fn count(value: u64) -> String {
    let digits = value.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (nth, digit) in digits.chars().enumerate() {
        if nth > 0 && (digits.len() - nth).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A count and its noun: `1 vector`, `1,139 vectors`.
pub fn plural(value: u64, noun: &str) -> String {
    format!("{} {noun}{}", count(value), if value == 1 { "" } else { "s" })
}

/// A duration in milliseconds: `1m 03s`, `1h 02m`, below a second `820 ms`.
pub fn time(ms: u64) -> String {
    let s = ms / 1000;
    match s {
        0 => format!("{ms} ms"),
        1..3600 => format!("{}m {:02}s", s / 60, s % 60),
        _ => format!("{}h {:02}m", s / 3600, s / 60 % 60),
    }
}

/// A time less than a minute ago.
pub(crate) const NOW: &str = "just now";

/// How long ago a time was, RFC 3339: `2 h ago`; the text itself where it is no time.
pub fn ago(at: &str) -> String {
    let Ok(then) = chrono::DateTime::parse_from_rfc3339(at) else { return at.to_owned() };
    let minutes = (chrono::Utc::now() - then.to_utc()).num_minutes();
    match minutes {
        ..1 => NOW.to_owned(),
        1..120 => format!("{minutes} min ago"),
        120..2880 => format!("{} h ago", minutes / 60),
        _ => format!("{} days ago", minutes / 1440),
    }
}

/// How fast some work is, and how long it takes yet: `41,000 rows/s  3 s left`; nothing before that can be told.
/// `part` is the share of 1 that is done, where that is known.
pub fn pace(done: u64, noun: &str, part: Option<f64>, elapsed: Duration) -> String {
    let seconds = elapsed.as_secs_f64();
    if done == 0 || seconds < 0.5 {
        return String::new();
    }
    let rate = done as f64 / seconds;
    // Two digits and zeros: more of them would only flicker.
    let unit = 10_f64.powi((rate.log10().floor() as i32 - 1).max(0));
    let rate = count(((rate / unit).round() * unit) as u64);
    let rate = if noun.is_empty() { format!("{rate}/s") } else { format!("{rate} {noun}/s") };
    let left = part.filter(|part| *part > 0.0 && *part < 1.0).map(|part| seconds * (1.0 - part) / part);
    match left.map(f64::ceil) {
        None => rate,
        Some(left) if left < 60.0 => format!("{rate}  {left:.0} s left"),
        Some(left) => format!("{rate}  {} left", time((left * 1e3) as u64)),
    }
}

/// How far some work is: `12,000 rows  38 %  41,000 rows/s  3 s left`, as far as it can be told. `part` is the share of
/// 1 that is done.
pub fn progress(done: u64, noun: &str, part: Option<f64>, elapsed: Duration) -> String {
    let share = part.map_or_else(String::new, |part| format!("{:.0} %", part * 100.0));
    let parts = [plural(done, noun), share, pace(done, &format!("{noun}s"), part, elapsed)];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("  ")
}

/// A share of 1: `12.4 %`; none at all is `0 %`.
pub fn share(value: f64) -> String {
    if value == 0.0 { "0 %".to_owned() } else { format!("{:.1} %", value * 100.0) }
}

/// How many times as long: `x 15.8`; none where there was nothing to multiply.
pub(crate) fn times(base: u64, new: u64) -> Option<String> {
    let ratio = new as f64 / base as f64;
    let digits = if ratio < 1.0 { 2 } else { 1 };
    (base > 0).then(|| format!("x {}", bare(&format!("{ratio:.digits$}"))))
}

/// The first characters of an id or a hash, as many as tell it from others.
pub fn short(id: &str, characters: usize) -> String {
    id.chars().take(characters).collect()
}

/// A cell that a spreadsheet does not take for a formula. Numbers with a sign stay numbers.
pub(crate) fn inert(cell: &str) -> String {
    let starts = cell.starts_with(['=', '@', '\t', '\r']) || cell.starts_with(['+', '-']) && !is_number(cell);
    if starts { format!("'{cell}") } else { cell.to_owned() }
}

fn is_number(cell: &str) -> bool {
    cell == "-" || cell.replace(',', "").parse::<f64>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn numbers_are_short() {
        assert_eq!([0.9434, 1.0, -0.0311, -0.0001].map(score), [".943", "1.000", "-.031", ".000"]);
        assert_eq!([0.0042, -0.0311, 0.0, -0.0001].map(signed), ["+.004", "-.031", "+.000", "+.000"]);
        let values = [json!(0.05), json!(3), json!(1e-5), json!(2.0), json!(null), json!("a"), json!([8, 4])];
        assert_eq!(values.map(|v| value(&v)), [".05", "3", "1e-5", "2", "-", "a", "[8,4]"]);
        assert_eq!(value(&json!(18_446_744_073_709_551_615_u64)), "18446744073709551615");
        assert_eq!([change(0.1, 0.05), change(3.0, 6.0), change(0.1, 0.3)], ["-.05", "+3", "+.2"]);
        assert_eq!([count(0), count(1_139), count(1_234_567)], ["0", "1,139", "1,234,567"]);
        assert_eq!([score(f64::NAN), signed(f64::INFINITY)], ["-", "-"]);
        assert_eq!([share(0.124), share(0.0)], ["12.4 %", "0 %"]);
        assert_eq!([plural(1, "vector"), plural(1_139, "vector")], ["1 vector", "1,139 vectors"]);
    }

    #[test]
    fn work_is_told_with_its_pace() {
        let s = Duration::from_secs_f64;
        assert_eq!(pace(123_456, "rows", Some(0.5), s(3.0)), "41,000 rows/s  3 s left");
        assert_eq!(pace(123_456, "", None, s(60.0)), "2,100/s");
        assert_eq!(pace(100, "rows", Some(0.1), s(30.0)), "3 rows/s  4m 30s left");
        assert_eq!(pace(100, "rows", Some(1.0), s(2.0)), "50 rows/s");
        assert_eq!(progress(123_456, "row", Some(0.5), s(3.0)), "123,456 rows  50 %  41,000 rows/s  3 s left");
        assert_eq!(progress(1, "row", None, s(0.0)), "1 row");
        assert_eq!([pace(0, "rows", None, s(9.0)), pace(9, "rows", Some(0.1), s(0.1))], ["", ""]);
    }

    #[test]
    fn times_have_a_ratio() {
        assert_eq!([time(97), time(63_000), time(3_720_000)], ["97 ms", "1m 03s", "1h 02m"]);
        assert_eq!(times(4_000, 63_000).as_deref(), Some("x 15.8"));
        assert_eq!(times(4_000, 1_000).as_deref(), Some("x .25"));
        assert_eq!(times(0, 5), None);
    }
}
