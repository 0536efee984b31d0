//! A row, its verdict, and why; then the same with another value.

use super::Session;
use crate::command::{explain, verdict};
use crate::plain::dialogue::{End, Step};
use netsec::form::plural;
use netsec::monitor::{self, Champion};
use netsec::predict::{LogEntry, Predictor, Record, append_log, parse_paste};
use netsec::promote::PRODUCTION;
use netsec::run::{self, RunDir};
use std::time::Instant;

/// Features that are told one by one.
const TOP: usize = 5;
/// Training vectors that are told.
const NEAREST: usize = 10;

impl Session<'_> {
    pub(super) fn predict(&mut self) -> Step {
        let context = self.context;
        let schema = context.schema(&context.namespace(None)?)?;
        let champion = match self.runtime.block_on(context.champion(&schema)) {
            Ok(champion) => champion.ok_or_else(monitor::no_champion)?,
            // Whoever answers sees which model it is.
            Err(e) => {
                self.say(format!("Whether a version is in production is not known: {}.", e.chain().join(": ")))?;
                Champion::newest(&context.home).ok_or(e)?
            }
        };
        if let Some(notice) = champion.notice() {
            self.say(format!("{notice}."))?;
        }
        let default = match &champion {
            Champion::Version(_) => PRODUCTION,
            Champion::Run(dir) => dir.id.as_str(),
        };
        let asked = self.dialogue.ask("Model that is asked: a run, or a version (production, v3)", default)?;
        if let Ok(dir) = run::find(&context.home, &asked) {
            return self.predict_with(&dir);
        }
        let held = self.runtime.block_on(context.registry_of(&schema)?.named(&asked.parse()?))?;
        self.ask(held.predictor()?)
    }

    /// Asks a run's winner.
    pub(super) fn predict_with(&mut self, dir: &RunDir) -> Step {
        self.ask(Predictor::load(dir, None)?)
    }

    fn ask(&mut self, predictor: Predictor) -> Step {
        self.say(format!(
            "{} of {}, {}.",
            predictor.family,
            predictor.name(),
            plural(predictor.schema.features.len() as u64, "feature")
        ))?;
        let mut record = self.paste(&predictor)?;
        self.menu(
            "Verdict",
            &[
                ("1", "Change a value and score again"),
                ("2", "What every feature contributes"),
                ("3", "Every feature: its value, meaning and origin"),
                ("4", "The nearest training rows"),
                ("5", "Another row"),
            ],
            |session, key| match key {
                "1" => {
                    let text = session.dialogue.ask("NAME=VALUE, no value for unknown", "")?;
                    let changed = parse_paste(&predictor.schema, &text)?.into_iter().flat_map(|r| r.values);
                    changed.for_each(|(name, value)| record.set(&name, value));
                    session.verdict(&predictor, &record, TOP)
                }
                "2" => session.verdict(&predictor, &record, usize::MAX),
                "3" => session.features(&predictor, &record),
                "4" => {
                    let near = predictor.nearest(&record, NEAREST)?;
                    session.say(verdict::neighbours(&predictor, &near).trim())
                }
                _ => {
                    record = session.paste(&predictor)?;
                    Ok(())
                }
            },
        )
    }

    /// Reads a row and tells its verdict.
    fn paste(&mut self, predictor: &Predictor) -> Result<Record, End> {
        loop {
            self.say("Paste a URL or a row: values with commas, a header and values, name=value, or JSON; then an empty line.")?;
            let mut text = String::new();
            loop {
                let line = match self.dialogue.line() {
                    // A row that was pasted is scored, whether or not more comes.
                    Err(End::Input) if !text.is_empty() => break,
                    line => line?,
                };
                match line.trim() {
                    "" if !text.is_empty() => break,
                    "0" | "b" | "q" if text.is_empty() => return Err(End::Back),
                    _ => text = text + &line + "\n",
                }
            }
            let told = self.level(|session| {
                let mut records = parse_paste(&predictor.schema, &text)?;
                if records.is_empty() {
                    return Err(netsec::Error::data("there is no row in what was pasted").into());
                }
                let record = records.remove(0);
                if !records.is_empty() {
                    session.say(format!("Only the first of {} rows is scored.", records.len() + 1))?;
                }
                let begun = Instant::now();
                let verdict = predictor.score(&record)?;
                let entry = LogEntry::new(predictor, &record, verdict.probability, begun.elapsed());
                session.verdict(predictor, &record, TOP)?;
                // What was asked is logged; playing with values is not.
                if session.context.settings().read_only {
                    session.say("Read only: this is not logged.")?;
                } else {
                    append_log(&session.context.home, &[entry])?;
                }
                Ok(record)
            })?;
            if let Some(record) = told {
                return Ok(record);
            }
        }
    }

    fn verdict(&self, predictor: &Predictor, record: &Record, top: usize) -> Step {
        let (scored, why) = (predictor.score(record)?, predictor.explain(record)?);
        let n = scored.origins();
        let (given, computed, imputed, out) = (n.given, n.computed, n.imputed, n.out_of_domain);
        self.say(format!("{given} given, {computed} computed, {imputed} imputed, {out} out of domain."))?;
        self.say(explain::text(predictor, record, &scored, &why, top).trim_end())
    }

    fn features(&self, predictor: &Predictor, record: &Record) -> Step {
        let verdict = predictor.score(record)?;
        self.say(format!("{}.", plural(verdict.features.len() as u64, "feature")))?;
        for feature in &verdict.features {
            let origin = feature.origin.name().replace('_', " ");
            let reason = feature.origin.reason().map_or_else(String::new, |reason| format!(": {reason}"));
            self.say(format!("{}: {}, {}, {origin}{reason}", feature.name, feature.value, feature.meaning))?;
        }
        Ok(())
    }
}
