//! What was measured, as Markdown and as JSON.

use serde_json::{Value, json};
use std::fmt;
use std::time::Duration;

/// A measured value.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Quantity {
    /// A number of something.
    Count(u64),
    /// Bytes in a second.
    Rate(f64),
    /// A time.
    Time(Duration),
    /// What the system does not tell.
    Unknown,
}

impl From<Option<u64>> for Quantity {
    fn from(count: Option<u64>) -> Self {
        count.map_or(Self::Unknown, Self::Count)
    }
}

impl From<Option<Duration>> for Quantity {
    fn from(time: Option<Duration>) -> Self {
        time.map_or(Self::Unknown, Self::Time)
    }
}

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Count(n) => write!(f, "{}", netsec::form::count(*n)),
            Self::Rate(bytes) => write!(f, "{:.2} kB/s", bytes / 1e3),
            Self::Time(time) if time.is_zero() => write!(f, "0 ms"),
            Self::Time(time) => write!(f, "{:.1} ms", time.as_secs_f64() * 1e3),
            Self::Unknown => write!(f, "-"),
        }
    }
}

impl Quantity {
    /// The bare number: milliseconds of a time.
    fn to_json(self) -> Value {
        match self {
            Self::Count(n) => json!(n),
            Self::Rate(bytes) => json!(bytes),
            Self::Time(time) => json!(time.as_secs_f64() * 1e3),
            Self::Unknown => Value::Null,
        }
    }
}

/// What one program did.
struct Row {
    program: String,
    values: Vec<(&'static str, Quantity)>,
}

/// One part: its name in JSON, its title, its rows.
struct Part {
    name: &'static str,
    title: String,
    rows: Vec<Row>,
}

/// Everything that was measured.
pub struct Figures {
    load: Option<f64>,
    missing: Vec<&'static str>,
    parts: Vec<Part>,
}

impl Figures {
    /// Nothing yet; the load of a machine that was busy, and the programs that are not installed.
    pub fn new(load: Option<f64>, missing: Vec<&'static str>) -> Self {
        Self { load, missing, parts: Vec::new() }
    }

    /// Begins a part.
    pub fn part(&mut self, name: &'static str, title: impl Into<String>) {
        eprintln!("measuring: {name}");
        self.parts.push(Part { name, title: title.into(), rows: Vec::new() });
    }

    /// Adds what a program did to the last part.
    pub fn row(&mut self, program: impl Into<String>, values: Vec<(&'static str, Quantity)>) {
        if let Some(part) = self.parts.last_mut() {
            part.rows.push(Row { program: program.into(), values });
        }
    }

    /// Tables.
    pub fn to_markdown(&self) -> String {
        let mut text = format!("# netsec {} in a pseudo-terminal\n", env!("CARGO_PKG_VERSION"));
        if let Some(load) = self.load {
            text += &format!("\n**The machine was busy (load {load:.1}) when this started: the times mislead.**\n");
        }
        if !self.missing.is_empty() {
            text += &format!("\nNot installed, so not measured: {}.\n", self.missing.join(", "));
        }
        for part in &self.parts {
            text += &format!("\n{}\n", part.title);
            let Some(first) = part.rows.first() else { continue };
            let head: Vec<&str> = first.values.iter().map(|(name, _)| *name).collect();
            text += &format!("\n| Program | {} |\n|---{}|\n", head.join(" | "), "|--:".repeat(head.len()));
            for row in &part.rows {
                let cells: Vec<String> = row.values.iter().map(|(_, value)| value.to_string()).collect();
                text += &format!("| {} | {} |\n", row.program, cells.join(" | "));
            }
        }
        text
    }

    /// One document: times in milliseconds, rates in bytes a second.
    pub fn to_json(&self) -> Value {
        let mut parts = serde_json::Map::new();
        for part in &self.parts {
            let row = |row: &Row| {
                let mut all = serde_json::Map::from_iter([("program".to_owned(), json!(row.program))]);
                all.extend(row.values.iter().map(|(name, value)| ((*name).to_owned(), value.to_json())));
                Value::Object(all)
            };
            parts.insert(part.name.to_owned(), part.rows.iter().map(row).collect());
        }
        json!({"version": env!("CARGO_PKG_VERSION"), "busy": self.load, "missing": self.missing, "parts": parts})
    }
}
