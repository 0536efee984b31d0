//! The runs: a list with a filter, and what is done with one of them.

use super::{Session, name};
use crate::plain::dialogue::Step;
use netsec::form::{plural, score};
use netsec::run::{self, RunDir, RunEntry, RunStatus};

impl Session<'_> {
    pub(super) fn runs(&mut self) -> Step {
        let mut filter = String::new();
        loop {
            let all = run::list(&self.context.home)?;
            for (dir, error) in &all.unreadable {
                self.say(format!("Run {} cannot be read: {error}", name(&dir.id)))?;
            }
            let words: Vec<String> = filter.split_whitespace().map(str::to_lowercase).collect();
            let told: Vec<(&RunEntry, String)> = all.entries.iter().map(|entry| (entry, brief(entry))).collect();
            let fits = |text: &str| words.iter().all(|word| text.to_lowercase().contains(word));
            let found: Vec<_> = told.iter().filter(|(_, text)| fits(text)).collect();
            let of = if words.is_empty() { String::new() } else { format!(" of {}", told.len()) };
            self.say(format!("{}{of}, newest first.", plural(found.len() as u64, "run")))?;
            for (n, (_, text)) in found.iter().enumerate() {
                self.say(format!("{} {text}", n + 1))?;
            }
            let prompt = "A number for a run, / and words for those that have them, c to compare two, 0 back";
            let key = self.dialogue.ask(prompt, "")?;
            match (key.strip_prefix('/'), key.parse::<usize>()) {
                (Some(words), _) => filter = words.to_owned(),
                (_, Ok(n)) if (1..=found.len()).contains(&n) => {
                    let dir = found[n - 1].0.dir.clone();
                    self.level(|session| session.one_run(&dir))?;
                }
                _ if key == "c" && found.len() > 1 => {
                    let ids: Vec<String> = found.iter().map(|(entry, _)| entry.dir.id.clone()).collect();
                    self.level(|session| session.compare(&ids))?;
                }
                _ if key.is_empty() => {}
                _ => self.say(format!("/, c, or a number from 1 to {} is expected.", found.len()))?,
            }
        }
    }

    fn compare(&mut self, ids: &[String]) -> Step {
        let base = self.choose("The run that is held against, number", ids.len())?;
        let new = self.choose("The other run, number", ids.len())?;
        self.call(&["compare", &ids[base], &ids[new]])
    }

    /// What is done with one run.
    pub(super) fn one_run(&mut self, dir: &RunDir) -> Step {
        let id = dir.id.as_str();
        self.say(format!("Run {}: {}.", name(id), dir.status()?))?;
        self.menu(
            &format!("Run {}", name(id)),
            &[
                ("1", "Follow it"),
                ("2", "Report"),
                ("3", "Log"),
                ("4", "Cancel"),
                ("5", "Go on with it"),
                ("6", "Threshold of its winner"),
                ("7", "Its rows against those of the champion"),
                ("8", "Predict with it"),
            ],
            |session, key| match key {
                "1" => session.follow(dir),
                "2" => session.call(&["show", id]),
                "3" => session.call(&["logs", id]),
                "4" => session.cancel(dir),
                "5" => {
                    session.call(&["train", "--detach", &format!("--run={id}")])?;
                    session.follow(dir)
                }
                "6" => session.threshold(id),
                "7" => session.call(&["drift", &format!("--current=run {id}")]),
                _ => session.predict_with(dir),
            },
        )
    }

    fn cancel(&mut self, dir: &RunDir) -> Step {
        if dir.status()? != RunStatus::Running {
            return self.say(format!("Run {} is not running.", name(&dir.id)));
        }
        if !self.dialogue.confirm(&format!("Cancel run {}?", name(&dir.id)))? {
            return self.say("It goes on.");
        }
        self.call(&["cancel", &dir.id])
    }

    fn threshold(&mut self, id: &str) -> Step {
        self.call(&["threshold", id])?;
        self.say("A new one: recall 0.95, precision 0.95, at 0.4, or default.")?;
        let wish = self.dialogue.ask("Threshold", "keep")?;
        match wish.split_once(' ') {
            _ if wish == "keep" => Ok(()),
            _ if wish == "default" => self.call(&["threshold", id, "--default"]),
            Some((what @ ("recall" | "precision" | "at"), value)) => {
                self.call(&["threshold", id, &format!("--{what}={}", value.trim())])
            }
            _ => self.say("Not understood; nothing was changed."),
        }
    }
}

/// A run in a line.
fn brief(entry: &RunEntry) -> String {
    let m = &entry.manifest;
    let day = m.started_at.get(..16).unwrap_or(&m.started_at).replace('T', " ");
    let best = entry.state.leader().map_or_else(String::new, |(family, trial)| {
        format!(", best {} F1 {}", family.family.name(), score(trial.mean))
    });
    let place = format!("{}/{}", m.database, m.collection);
    let id = name(&entry.dir.id);
    format!("{id}, {}, {place}, space {}, seed {}{best}, by {}, {day}", entry.status, m.space, m.seed, m.user)
}
