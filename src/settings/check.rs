//! Values that the settings may not have.

use super::Settings;
use crate::{Error, Result};
use serde_yaml::Value;
use std::collections::BTreeMap;

/// Holds the values against what they may be; `merged` says where they came from.
///
/// # Errors
/// The first that is something else.
pub(super) fn check(settings: &Settings, merged: &BTreeMap<String, (Value, String)>) -> Result<()> {
    let bad = |key: &str, want: &str| {
        let (value, origin) = merged.get(key).map_or((String::new(), String::new()), |(v, o)| {
            (serde_yaml::to_string(v).unwrap_or_default().trim().to_owned(), o.clone())
        });
        Err(Error::config(format!("{origin}: {key} is {value}, which is not {want}"))
            .hint("correct the value, or remove it to take the built-in one"))
    };
    if !(settings.split.holdout > 0.0 && settings.split.holdout < 1.0) {
        return bad("split.holdout", "above 0 and below 1");
    }
    let console = &settings.console;
    let choices: [(&str, &str, &[&str]); 6] = [
        ("console.theme", &console.theme, &["auto", "dark", "light", "high-contrast", "mono"]),
        ("console.symbols", &console.symbols, &["auto", "braille", "block", "ascii"]),
        ("console.clipboard", &console.clipboard, &["auto", "plain", "tmux", "screen", "off"]),
        ("console.notify", &console.notify, &["off", "bell", "osc9"]),
        ("s3.encryption", &settings.s3.encryption, &["none", "sse-s3", "kms"]),
        ("s3.path_style", &settings.s3.path_style, &["auto", "true", "false"]),
    ];
    for (key, value, choices) in choices {
        if !choices.contains(&value) {
            return bad(key, &format!("one of {}", choices.join(", ")));
        }
    }
    if !(1..=60).contains(&console.fps) {
        return bad("console.fps", "between 1 and 60");
    }
    if console.query_seconds > 86_400 {
        return bad("console.query_seconds", "between 0 and 86400");
    }
    if settings.s3.kms_key.is_some() && settings.s3.encryption != "kms" {
        return bad("s3.kms_key", "used: s3.encryption must be kms with it");
    }
    if let Some(place) = &settings.registry {
        let origin = merged.get("registry").map_or("", |(_, origin)| origin.as_str());
        crate::object::Location::parse(place).map_err(|e| {
            let hint = e.hint_text().unwrap_or_default().to_owned();
            Error::config(format!("{origin}: {e}")).hint(hint)
        })?;
    }
    Ok(())
}
