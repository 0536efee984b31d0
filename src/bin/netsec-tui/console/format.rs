//! How numbers, times and ids are written: the same everywhere, so that they line up.

use chrono::{DateTime, Utc};
pub use netsec::form::{count, pace, plural, progress, score, share, signed, time};

/// A threshold: two digits where they say it all, `.50`, and as many as it takes not to look like 0 or 1.
pub fn threshold(value: f64) -> String {
    let inside = value > 0.0 && value < 1.0;
    let digits = (3..8).find(|d| {
        let text = format!("{value:.d$}");
        !inside || text.chars().any(|c| c != '0' && c != '.') && !text.starts_with('1')
    });
    let text = format!("{value:.*}", digits.unwrap_or(8));
    let text = text.strip_prefix('0').unwrap_or(&text);
    if digits == Some(3) { text.strip_suffix('0').unwrap_or(text).to_owned() } else { text.to_owned() }
}

/// A score with its standard deviation: `.943 ±.006`.
pub fn score_sd(value: f64, sd: f64) -> String {
    format!("{} ±{}", score(value), score(sd))
}

/// An interval: `[.931 .955]`.
pub fn interval(ci: [f64; 2]) -> String {
    format!("[{} {}]", score(ci[0]), score(ci[1]))
}

/// A duration that is still growing: never in milliseconds, so that it does not jump.
pub fn clock(ms: u64) -> String {
    if ms < 1000 { "0m 00s".to_owned() } else { time(ms) }
}

/// The first six characters of an id.
pub fn short_id(id: &str) -> String {
    super::clean::clean(&id.chars().take(6).collect::<String>())
}

/// A size in bytes: `1.4 MB`.
pub fn bytes(value: u64) -> String {
    match value {
        0..1_000 => format!("{value} B"),
        1_000..1_000_000 => format!("{:.1} kB", value as f64 / 1e3),
        1_000_000..1_000_000_000 => format!("{:.1} MB", value as f64 / 1e6),
        _ => format!("{:.1} GB", value as f64 / 1e9),
    }
}

/// When, seen from `now`: the time today, else the date and the time, in UTC.
pub fn when(at: &str, now: DateTime<Utc>) -> String {
    match DateTime::parse_from_rfc3339(at) {
        Ok(at) if at.to_utc().date_naive() == now.date_naive() => at.to_utc().format("today %H:%M").to_string(),
        Ok(at) => at.to_utc().format("%m-%d %H:%M").to_string(),
        Err(_) => super::clean::clean_short(at, 16),
    }
}

/// The time of day of a log line.
pub fn time_of_day(at: &str) -> String {
    at.get(11..19).map_or_else(|| "        ".to_owned(), super::clean::clean)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scores_line_up() {
        assert_eq!(score(0.9434), ".943");
        assert_eq!(score(1.0), "1.000");
        assert_eq!(score(-0.0311), "-.031");
        assert_eq!(score(-0.0003), ".000");
        assert_eq!(score(f64::NAN), "-");
        assert_eq!(score_sd(0.9434, 0.006), ".943 ±.006");
        assert_eq!(interval([0.931, 0.955]), "[.931 .955]");
    }

    #[test]
    fn thresholds_and_differences() {
        assert_eq!([0.5, 0.371, 0.0, 1.0].map(threshold), [".50", ".371", ".00", "1.00"]);
        assert_eq!([0.0004, 0.99996].map(threshold), [".0004", ".99996"]);
        assert_eq!([0.0121, -0.031, 0.0].map(signed), ["+.012", "-.031", "+.000"]);
    }

    #[test]
    fn counts_and_sizes() {
        assert_eq!(count(0), "0");
        assert_eq!(count(8323), "8,323");
        assert_eq!(count(1234567), "1,234,567");
        assert_eq!(plural(1, "run"), "1 run");
        assert_eq!(plural(1200, "row"), "1,200 rows");
        assert_eq!(bytes(1_400_000), "1.4 MB");
    }

    #[test]
    fn times() {
        assert_eq!(time(820), "820 ms");
        assert_eq!(time(41_000), "0m 41s");
        assert_eq!(time(72_000), "1m 12s");
        assert_eq!(time(3_720_000), "1h 02m");
        assert_eq!(clock(300), "0m 00s");
    }

    #[test]
    fn shares_and_ids() {
        assert_eq!(share(0.124), "12.4 %");
        assert_eq!(share(0.0), "0 %");
        assert_eq!(short_id("7f3a21bc90ef"), "7f3a21");
        assert_eq!(time_of_day("2026-11-18T14:02:11.120Z"), "14:02:11");
    }
}
