//! Starting a run.

use super::Session;
use crate::plain::dialogue::Step;
use netsec::run;

impl Session<'_> {
    pub(super) fn train(&mut self) -> Step {
        let collection = self.collection_name()?;
        let training = self.context.training()?;
        self.say(format!("Search spaces: {}.", training.spaces().join(", ")))?;
        let space = self.dialogue.ask("Search space", &training.default_space)?;
        let families: Vec<&str> = training.search(&space, &[], 1)?.iter().map(|s| s.family.name()).collect();
        self.say(format!("{} families: {}.", families.len(), families.join(", ")))?;
        let chosen = self.dialogue.ask("Families, with commas between them", "all")?;
        let seed = self.dialogue.ask("Seed", "1")?;
        let mut arguments = vec!["train".to_owned(), "--detach".to_owned()];
        arguments.extend([format!("--collection={collection}"), format!("--space={space}"), format!("--seed={seed}")]);
        if chosen != "all" {
            let named = chosen.split([',', ' ']).filter(|name| !name.is_empty());
            arguments.extend(named.map(|name| format!("--family={name}")));
        }
        if !self.dialogue.confirm("Start this run?")? {
            return self.say("Nothing was started.");
        }
        self.call(&arguments.iter().map(String::as_str).collect::<Vec<_>>())?;
        // Others may start runs as well, but not within this moment under this name.
        let me = netsec::who::user();
        match run::list(&self.context.home)?.rows.into_iter().find(|row| row.user() == me) {
            Some(row) => self.one_run(&run::find(&self.context.home, &row.id)?),
            None => Ok(()),
        }
    }
}
