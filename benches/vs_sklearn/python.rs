//! The Python side: its virtual environment, and a process that answers requests.

use crate::venv;
use netsec::error::IoContext;
use netsec::{Error, Result};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

/// The packages, with the versions that are measured.
const REQUIREMENTS: &str = include_str!("requirements.txt");
const SERVER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/vs_sklearn/server.py");

/// A virtual environment with everything in it.
pub struct Python {
    program: PathBuf,
}

impl Python {
    /// Makes the environment in the target directory, unless it is there with the same packages.
    ///
    /// # Errors
    /// When there is no usable Python, or a package cannot be installed.
    pub fn install() -> Result<Self> {
        Ok(Self { program: venv::install("vs_sklearn", REQUIREMENTS)? })
    }

    /// Starts a process.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn start(&self) -> Result<Server> {
        let mut child = Command::new(&self.program)
            .arg(SERVER)
            .env("OMP_NUM_THREADS", crate::THREADS.to_string())
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .at("starting", &self.program)?;
        match (child.stdin.take(), child.stdout.take()) {
            (Some(requests), Some(answers)) => {
                Ok(Server { child, requests: Some(requests), answers: BufReader::new(answers) })
            }
            _ => Err(Error::internal("the Python process has no pipes")),
        }
    }
}

/// A Python process that answers requests.
pub struct Server {
    child: Child,
    requests: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Answer {
    Ok(Value),
    Error(String),
}

impl Server {
    /// Asks for a command of `server.py`, with its arguments.
    ///
    /// # Errors
    /// When it fails there, or the process is gone.
    pub fn ask<T: DeserializeOwned>(&mut self, command: &str, arguments: Value) -> Result<T> {
        let mut request = arguments;
        request["do"] = json!(command);
        let gone = |e: std::io::Error| Error::remote("the Python process is gone").caused_by(e);
        let requests = self.requests.as_mut().ok_or_else(|| Error::internal("the Python process was ended"))?;
        writeln!(requests, "{request}").and_then(|()| requests.flush()).map_err(gone)?;
        let mut line = String::new();
        self.answers.read_line(&mut line).map_err(gone)?;
        let odd = |e: serde_json::Error| {
            Error::remote(format!("Python answers {command} with {:?}", line.trim())).caused_by(e)
        };
        match serde_json::from_str(&line).map_err(odd)? {
            Answer::Ok(value) => serde_json::from_value(value).map_err(odd),
            Answer::Error(trace) => Err(Error::remote(format!("{command} failed in Python:\n{}", trace.trim()))),
        }
    }

    /// What it runs on, in words.
    ///
    /// # Errors
    /// When it does not answer.
    pub fn versions(&mut self) -> Result<String> {
        let versions: serde_json::Map<String, Value> = self.ask("versions", json!({}))?;
        let words: Vec<String> =
            versions.iter().map(|(name, v)| format!("{name} {}", v.as_str().unwrap_or("?"))).collect();
        Ok(words.join(", "))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // The end of its input is the end of the process.
        self.requests = None;
        let _ = self.child.wait();
    }
}

/// A model of the other side: a Python class and its arguments.
pub fn model(class: &str, parameters: &Value) -> Value {
    json!({"class": class, "params": parameters})
}
