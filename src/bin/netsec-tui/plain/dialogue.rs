//! Questions and answers, a line each.

use crate::output;
use netsec::Error;
use std::io::{BufRead, IsTerminal, Read};
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::time::Duration;

/// Most bytes of a line: a whole file in one is refused before memory runs out.
const LONGEST: u64 = 1 << 20;

/// Why something is not gone on with.
#[derive(Debug)]
pub enum End {
    /// Whoever asked goes one level back.
    Back,
    /// Nothing more can be read.
    Input,
    /// It failed.
    Failed(Error),
}

impl From<Error> for End {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

/// What comes of a step.
pub type Step = Result<(), End>;

/// The other side: a person or a script.
pub struct Dialogue {
    lines: Receiver<String>,
    /// Whether lines come from a person, who can answer while something goes on.
    pub is_person: bool,
}

impl Dialogue {
    /// Reads standard input, on a thread of its own: a run is followed while a line is awaited.
    pub fn new() -> Self {
        // One line at a time: the rest stays for whoever reads next.
        let (out, lines) = sync_channel(0);
        std::thread::spawn(move || {
            let mut input = std::io::stdin().lock();
            loop {
                let mut line = Vec::new();
                match input.by_ref().take(LONGEST).read_until(b'\n', &mut line) {
                    Ok(0) | Err(_) => return,
                    Ok(_) => {}
                }
                // The rest of a line that is too long must not be taken for the next answer.
                if line.len() as u64 == LONGEST && line.last() != Some(&b'\n') && input.skip_until(b'\n').is_err() {
                    return;
                }
                if out.send(String::from_utf8_lossy(&line).trim_end_matches(['\n', '\r']).to_owned()).is_err() {
                    return;
                }
            }
        });
        Self { lines, is_person: std::io::stdin().is_terminal() }
    }

    /// Prints a line.
    pub fn say(&self, text: &str) -> Step {
        // Nobody is there any more when it cannot be written.
        output::print(&format!("{}\n", output::clean(text))).map_err(|_| End::Input)
    }

    /// The next line as it is.
    pub fn line(&self) -> Result<String, End> {
        self.lines.recv().map_err(|_| End::Input)
    }

    /// A line, if one comes in time.
    pub fn line_within(&self, patience: Duration) -> Result<Option<String>, End> {
        match self.lines.recv_timeout(patience) {
            Ok(line) => Ok(Some(line)),
            Err(RecvTimeoutError::Timeout) => Ok(None),
            Err(RecvTimeoutError::Disconnected) => Err(End::Input),
        }
    }

    /// Asks for a value; an empty line takes the default.
    pub fn ask(&self, prompt: &str, default: &str) -> Result<String, End> {
        let shown = if default.is_empty() { String::new() } else { format!(" [{}]", output::clean(default)) };
        output::print(&format!("{}{shown}: ", output::clean(prompt))).map_err(|_| End::Input)?;
        let line = self.line()?;
        if !self.is_person {
            // A terminal shows what is typed; a log of a script must too.
            self.say(&line)?;
        }
        match line.trim() {
            "0" | "b" | "q" => Err(End::Back),
            "" => Ok(default.to_owned()),
            text => Ok(text.to_owned()),
        }
    }

    /// Asks whether to do something that is not undone by going back.
    pub fn confirm(&self, question: &str) -> Result<bool, End> {
        let answer = self.ask(&format!("{question} y or n"), "n")?;
        Ok(matches!(answer.as_str(), "y" | "yes"))
    }
}
