//! The runs: a list with a filter, and what is done with one of them.

use super::{Session, name};
use crate::plain::dialogue::Step;
use netsec::form::{plural, score};
use netsec::run::query::RunFilter;
use netsec::run::{self, RunDir, RunRow, RunStatus};

impl Session<'_> {
    pub(super) fn runs(&mut self) -> Step {
        let mut filter = RunFilter::default();
        loop {
            let all = run::list(&self.context.home)?;
            for (dir, error) in &all.unreadable {
                self.say(format!("Run {} cannot be read: {error}", name(&dir.id)))?;
            }
            let found: Vec<&RunRow> = all.rows.iter().filter(|row| filter.matches(row)).collect();
            let of = if filter.is_all() { String::new() } else { format!(" of {}", all.rows.len()) };
            self.say(format!("{}{of}, newest first.", plural(found.len() as u64, "run")))?;
            for (n, row) in found.iter().enumerate() {
                self.say(format!("{} {}", n + 1, brief(row)))?;
            }
            let prompt = "A number for a run, / and a filter such as f1>=.94 status=finished, c to compare two, 0 back";
            let key = self.dialogue.ask(prompt, "")?;
            match (key.strip_prefix('/'), key.parse::<usize>()) {
                (Some(text), _) => match RunFilter::parse(text) {
                    Ok(parsed) => filter = parsed,
                    Err(error) => self.say(format!("Character {}: {}.", error.at + 1, error.message))?,
                },
                (_, Ok(n)) if (1..=found.len()).contains(&n) => {
                    let dir = run::find(&self.context.home, &found[n - 1].id)?;
                    self.level(|session| session.one_run(&dir))?;
                }
                _ if key == "c" && found.len() > 1 => {
                    let ids: Vec<String> = found.iter().map(|row| row.id.clone()).collect();
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
fn brief(row: &RunRow) -> String {
    let day = row.started_at.get(..16).unwrap_or(&row.started_at).replace('T', " ");
    let best =
        row.best.map_or_else(String::new, |(family, f1, _)| format!(", best {} F1 {}", family.name(), score(f1)));
    let place = format!("{}/{}", row.database, row.collection);
    let tags = if row.tags.is_empty() { String::new() } else { format!(", tags {}", row.tags.join(" ")) };
    let (id, status, space, seed, user) = (name(&row.id), row.status, &row.space, row.seed, row.user());
    format!("{id}, {status}, {place}, space {space}, seed {seed}{best}, by {user}, {day}{tags}")
}
