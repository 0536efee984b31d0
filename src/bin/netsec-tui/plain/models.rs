//! The registry: what is in production, the versions, the ledger, and what changes them.

use super::{Session, name};
use crate::plain::dialogue::{End, Step};
use netsec::run::{self, RunRow, RunStatus};

impl Session<'_> {
    pub(super) fn models(&mut self) -> Step {
        self.menu(
            "Models",
            &[
                ("1", "What is in production, and the versions"),
                ("2", "Ledger: what happened, newest first"),
                ("3", "What was in production on a date"),
                ("4", "Promote a run or a version"),
                ("5", "Roll back"),
                ("6", "Write a note on a version"),
                ("7", "Retire a version"),
                ("8", "Verify everything"),
            ],
            |session, key| match key {
                "1" => session.call(&["models"]),
                "2" => session.call(&["ledger"]),
                "3" => {
                    let at = session.dialogue.ask("A day or a time in UTC, such as 2026-11-18", "")?;
                    session.call(&["ledger", &format!("--at={at}")])
                }
                "4" => session.promote(),
                "5" => session.roll_back(),
                "6" => session.remark("annotate"),
                "7" => session.remark("retire"),
                _ => session.call(&["verify"]),
            },
        )
    }

    /// Why, as the ledger keeps it.
    fn reason(&mut self) -> Result<String, End> {
        loop {
            let text = self.dialogue.ask("Reason, kept in the ledger", "")?;
            if !text.trim().is_empty() {
                return Ok(text);
            }
            self.say("A reason is required; 0 goes back.")?;
        }
    }

    /// Holds a challenger against the champion first; what is refused is promoted only where that is overridden.
    fn promote(&mut self) -> Step {
        let all = run::list(&self.context.home)?.rows;
        let finished: Vec<&RunRow> = all.iter().filter(|row| row.status == RunStatus::Finished).collect();
        if let Some(newest) = finished.first() {
            self.say(format!("The newest finished run is {}.", name(&newest.id)))?;
        }
        let newest = finished.first().map_or("", |row| row.id.as_str());
        let what = self.dialogue.ask("A run, or a version such as v4", newest)?;
        let alias = self.dialogue.ask("Alias", netsec::promote::PRODUCTION)?;
        let alias = format!("--alias={alias}");
        self.call(&["promote", &what, &alias, "--dry-run"])?;
        let reason = format!("--reason={}", self.reason()?);
        let why = self.dialogue.ask("Where the gate refuses it: why that does not stand, - for no override", "-")?;
        let overriding = format!("--override={why}");
        self.confirm_by_name()?;
        let mut arguments = vec!["promote", &what, &alias, &reason, "--yes"];
        if why != "-" {
            arguments.push(&overriding);
        }
        self.call(&arguments)
    }

    fn roll_back(&mut self) -> Step {
        let alias = format!("--alias={}", self.dialogue.ask("Alias", netsec::promote::PRODUCTION)?);
        let to = self.dialogue.ask("To which version, - for the one before", "-")?;
        let reason = format!("--reason={}", self.reason()?);
        self.confirm_by_name()?;
        let version = format!("--to={to}");
        let mut arguments = vec!["rollback", &alias, &reason, "--yes"];
        if to != "-" {
            arguments.push(&version);
        }
        self.call(&arguments)
    }

    /// The command itself cannot ask: the lines that are typed come here.
    fn confirm_by_name(&mut self) -> Step {
        let name = self.context.registry_named(None)?.name().to_owned();
        if self.dialogue.ask(&format!("Type the model's name, {name}, to go on"), "")? == name {
            return Ok(());
        }
        self.say("That is not the model's name: nothing was done.")?;
        Err(End::Back)
    }

    fn remark(&mut self, command: &str) -> Step {
        let version = self.dialogue.ask("Version, such as v4", "")?;
        let reason = format!("--reason={}", self.reason()?);
        self.call(&[command, &version, &reason])
    }
}
