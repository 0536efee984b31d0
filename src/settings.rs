//! Settings in layers: built-in < user directory < `./config` < `--config` < environment < flags.
//! Every value knows which layer it came from.

mod check;
mod home;
mod s3;

pub use home::Home;
pub use s3::S3Settings;

use crate::{Error, Result};
use check::check;
use serde::{Deserialize, Serialize};
use serde_yaml::Value;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The settings that are built into the program.
pub const BUILT_IN: &str = include_str!("../config/netsec.yaml");

/// All settings, with values from every layer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// Database used where none is named.
    pub database: String,
    /// Collection used where none is named.
    pub collection: String,
    /// A schema file; the built-in phishing schema without it.
    pub schema: Option<PathBuf>,
    /// A file with search spaces; the built-in ones without it.
    pub training: Option<PathBuf>,
    /// A file with the bounds of validation and drift; the built-in ones without it.
    pub validation: Option<PathBuf>,
    /// A file with what is asked of a challenger; the built-in one without it.
    pub promotion: Option<PathBuf>,
    /// Whether everything that would change stored rows, runs or models is refused.
    pub read_only: bool,
    /// The name of the connection that documents are read from and pushed to: `embedded`, one of `connections`, or a
    /// variable that holds a URI. Without it the first such variable that is set, else the embedded store.
    pub store: Option<String>,
    /// MongoDB deployments, by name.
    pub connections: BTreeMap<String, ConnectionSettings>,
    /// Where models are registered: `s3://BUCKET/PREFIX`, or a directory. Without it, a directory below the home.
    pub registry: Option<String>,
    /// How models are kept in S3.
    pub s3: S3Settings,
    /// The hold-out.
    pub split: Split,
    /// The console.
    pub console: Console,
}

/// A MongoDB deployment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub struct ConnectionSettings {
    /// `$VARIABLE` that holds the URI, or a URI without a password.
    pub uri: Option<String>,
    /// A file with the URI that only its owner can read.
    pub uri_file: Option<PathBuf>,
    /// Whether writes are refused.
    pub read_only: bool,
    /// Whether version 1 of MongoDB's stable API is declared to the server.
    pub stable_api: bool,
}

/// How the hold-out is chosen.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Split {
    /// Mixed into the hash of every feature vector. Another salt is another hold-out: models trained under
    /// different salts cannot be compared.
    pub salt: String,
    /// Share of the vectors that are held out, above 0 and below 1.
    pub holdout: f64,
}

impl Default for Split {
    fn default() -> Self {
        Self { salt: "netsec-1".to_owned(), holdout: 0.2 }
    }
}

/// How the console looks and behaves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Console {
    /// `auto`, `dark`, `light`, `high-contrast` or `mono`.
    pub theme: String,
    /// `auto`, `braille`, `block` or `ascii`.
    pub symbols: String,
    /// Most frames drawn in a second, 1 to 60.
    pub fps: u32,
    /// How long a query, a count or a scan of the console may take, in seconds; 0 is as long as it takes.
    pub query_seconds: u32,
    /// How text reaches the terminal's clipboard: `auto`, `plain`, `tmux`, `screen` or `off`.
    pub clipboard: String,
    /// Keys instead of the built-in ones: by the name of an action, or `view.action` for one view, the keys that do it.
    pub keys: BTreeMap<String, Vec<String>>,
    /// How the terminal tells that a run has ended: `off`, `bell`, or `osc9`, a notification of the desktop.
    pub notify: String,
}

impl Default for Console {
    fn default() -> Self {
        Self {
            theme: "auto".to_owned(),
            symbols: "auto".to_owned(),
            fps: 30,
            query_seconds: 10,
            clipboard: "auto".to_owned(),
            notify: "off".to_owned(),
            keys: BTreeMap::new(),
        }
    }
}

/// Looks up variables in the environment, then in the file `.env` of the current directory, where there is one.
///
/// # Errors
/// When that file cannot be understood.
pub fn environment() -> Result<impl Fn(&str) -> Option<String>> {
    let path = Path::new(".env");
    let mut own = BTreeMap::new();
    if path.is_file() {
        let wrong = |e: dotenvy::Error| {
            // The line may hold a password: it is not repeated.
            let what =
                if matches!(e, dotenvy::Error::Io(_)) { "cannot be read" } else { "has a line that is no NAME=VALUE" };
            Error::config(format!("{}: it {what}", path.display())).hint("correct the file, or remove it")
        };
        for pair in dotenvy::from_path_iter(path).map_err(wrong)? {
            let (name, value) = pair.map_err(wrong)?;
            own.insert(name, value);
        }
    }
    Ok(move |name: &str| std::env::var(name).ok().or_else(|| own.get(name).cloned()))
}

/// Settings together with where each value came from.
#[derive(Debug, Clone, PartialEq)]
pub struct Layered {
    /// The values.
    pub settings: Settings,
    /// By dotted key: the value as written, and where it came from: a file and the line, a variable, the command line.
    pub origins: BTreeMap<String, (String, String)>,
}

/// Flags that override settings: dotted key and value.
pub type Overrides = Vec<(&'static str, String)>;

impl Layered {
    /// Reads all layers. `explicit` is the file named by `--config`; `env` looks up an environment variable.
    ///
    /// # Errors
    /// A file that cannot be read or is not valid: the message names file, line and key.
    pub fn load(
        home: &Home,
        explicit: Option<&Path>,
        env: &dyn Fn(&str) -> Option<String>,
        flags: &Overrides,
    ) -> Result<Self> {
        let mut merged: BTreeMap<String, (Value, String)> = BTreeMap::new();
        let mut layer = |text: &str, origin: &str, base: Option<&Path>| -> Result<()> {
            for (key, mut value) in read_layer(text, origin)? {
                // A file's paths are relative to the file.
                if let (Some(base), Value::String(path)) = (base, &value)
                    && is_path(&key, path)
                {
                    value = Value::String(base.join(path).to_string_lossy().into_owned());
                }
                let place = match base {
                    Some(_) => format!("{origin}, line {}", line_of(text, &key)),
                    None => origin.to_owned(),
                };
                merged.insert(key, (value, place));
            }
            Ok(())
        };
        layer(BUILT_IN, "built-in", None)?;
        let local = PathBuf::from("config/netsec.yaml");
        for (path, required) in
            [(Some(home.settings_file()), false), (Some(local), false), (explicit.map(Path::to_owned), true)]
        {
            let Some(path) = path else { continue };
            match std::fs::read_to_string(&path) {
                // In a clone, ./config holds the built-in file itself: it must not hide what the user has set.
                Ok(text) if text == BUILT_IN => {}
                Ok(text) => layer(&text, &path.display().to_string(), path.parent())?,
                Err(e)
                    if !required
                        && matches!(e.kind(), std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory) => {}
                Err(e) => return Err(Error::io("reading settings", &path, e)),
            }
        }
        let known: Vec<String> = flatten(&serde_yaml::to_value(Settings::default()).unwrap_or(Value::Null))
            .into_iter()
            .map(|(key, _)| key)
            .collect();
        for key in &known {
            let name = format!("NETSEC_{}", key.replace('.', "_").to_uppercase());
            if let Some(text) = env(&name).filter(|text| !text.is_empty()) {
                merged.insert(key.clone(), (scalar(key, &text), format!("environment {name}")));
            }
        }
        for (key, text) in flags {
            merged.insert((*key).to_owned(), (scalar(key, text), "command line".to_owned()));
        }
        let settings = assemble(&merged)?;
        check(&settings, &merged)?;
        let origins = merged
            .into_iter()
            .map(|(key, (value, origin))| {
                let text = serde_yaml::to_string(&value).unwrap_or_default();
                // A URI with a password is refused where it is used; it must not be shown before.
                (key, (crate::connection::redact(text.trim_end()), origin))
            })
            .collect();
        Ok(Self { settings, origins })
    }
}

/// Whether a value is a path that may be relative.
fn is_path(key: &str, value: &str) -> bool {
    match key {
        "schema" | "training" | "validation" | "promotion" => true,
        "registry" => !value.trim().is_empty() && !value.contains(':') && !value.trim().starts_with('~'),
        _ => key.ends_with(".uri_file"),
    }
}

/// A value from the environment or a flag: a number only where the setting is one, so that a salt may be `2024`.
fn scalar(key: &str, text: &str) -> Value {
    if SWITCHES.contains(&key) {
        match text.to_lowercase().as_str() {
            "1" | "true" | "yes" | "on" => return Value::Bool(true),
            "0" | "false" | "no" | "off" => return Value::Bool(false),
            _ => {}
        }
    }
    match serde_yaml::from_str(text) {
        Ok(value @ Value::Number(_)) if NUMBERS.contains(&key) => value,
        _ => Value::String(text.to_owned()),
    }
}

/// The settings that are numbers.
const NUMBERS: [&str; 3] = ["split.holdout", "console.fps", "console.query_seconds"];

/// The settings that are on or off.
const SWITCHES: [&str; 1] = ["read_only"];

/// The parts of a dotted key. What is named in the third may hold dots of its own.
fn parts(key: &str) -> impl Iterator<Item = &str> {
    key.splitn(3, '.')
}

/// The line, from 1, on which a key stands in a file that has it.
fn line_of(text: &str, key: &str) -> usize {
    let names = |line: &str, part: &str| {
        line.match_indices(part).any(|(at, _)| {
            let before = line[..at].trim_end_matches(['"', '\'']).chars().next_back();
            let behind = line[at + part.len()..].trim_start_matches(['"', '\'']).trim_start();
            before.is_none_or(|c| matches!(c, ' ' | '{' | ',')) && behind.starts_with(':')
        })
    };
    let mut at = 0;
    for (depth, part) in parts(key).enumerate() {
        let stands = |line: &str| {
            let inner = line.starts_with([' ', '#']);
            names(line, part) && !line.trim_start().starts_with('#') && (depth > 0 || !inner)
        };
        at += text.lines().skip(at).position(stands).unwrap_or(0);
    }
    at + 1
}

fn read_layer(text: &str, origin: &str) -> Result<Vec<(String, Value)>> {
    let invalid = |e: serde_yaml::Error| yaml_error(origin, &e);
    // Typed first: this is what finds unknown keys and wrong types, with their line.
    let value: Value = serde_yaml::from_str(text).map_err(invalid)?;
    if value.is_null() {
        return Ok(Vec::new());
    }
    serde_yaml::from_str::<Settings>(text).map_err(invalid)?;
    Ok(flatten(&value))
}

/// A YAML failure as an [`Error`]: file, line, column, what was expected.
pub fn yaml_error(origin: &str, error: &serde_yaml::Error) -> Error {
    let place = match error.location() {
        Some(at) => format!("{origin}, line {}, column {}", at.line(), at.column()),
        None => origin.to_owned(),
    };
    let text = error.to_string();
    let text = text.split(" at line ").next().unwrap_or(&text);
    Error::config(format!("{place}: {text}")).hint("correct the file, or remove the key to take the built-in value")
}

fn flatten(value: &Value) -> Vec<(String, Value)> {
    let mut out = Vec::new();
    if let Value::Mapping(map) = value {
        for (key, value) in map {
            let Value::String(key) = key else { continue };
            match value {
                Value::Mapping(_) => out.extend(flatten(value).into_iter().map(|(k, v)| (format!("{key}.{k}"), v))),
                other => out.push((key.clone(), other.clone())),
            }
        }
    }
    out
}

/// Sets a value in nested sections.
fn put(section: &mut serde_yaml::Mapping, parts: &[&str], value: &Value) {
    match parts {
        [] => {}
        [name] => _ = section.insert((*name).into(), value.clone()),
        [name, rest @ ..] => {
            let entry = section.entry((*name).into()).or_insert_with(|| Value::Mapping(Default::default()));
            if let Value::Mapping(inner) = entry {
                put(inner, rest, value);
            }
        }
    }
}

fn assemble(merged: &BTreeMap<String, (Value, String)>) -> Result<Settings> {
    let mut root = serde_yaml::Mapping::new();
    for (key, (value, _)) in merged {
        put(&mut root, &parts(key).collect::<Vec<_>>(), value);
    }
    serde_yaml::from_value(Value::Mapping(root)).map_err(|e| {
        // Files are checked by then: it is a value from elsewhere. Alone it fails too, and so tells who it is.
        let culprit = merged.iter().find_map(|(key, (value, origin))| {
            let mut alone = serde_yaml::Mapping::new();
            put(&mut alone, &parts(key).collect::<Vec<_>>(), value);
            let error = serde_yaml::from_value::<Settings>(Value::Mapping(alone)).err()?;
            Some(format!("{origin}: {key}: {error}"))
        });
        Error::config(culprit.unwrap_or_else(|| format!("settings: {e}")))
            .hint("correct the value, or remove it to take the built-in one")
    })
}

#[cfg(test)]
mod tests;
