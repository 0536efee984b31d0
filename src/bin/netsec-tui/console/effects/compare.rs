//! Comparisons of runs: made, and written out.

use super::Effects;
use crate::console::msg::JobId;
use crate::console::msg::runs::{Answer, Entrant};
use netsec::compare::{self, Form, Several};
use netsec::settings::Home;
use netsec::{Error, Result, files, run};
use std::path::{Path, PathBuf};
use std::sync::Arc;

pub fn compare(effects: &mut Effects, job: JobId, entrants: Vec<Entrant>) {
    let home = effects.context.home.clone();
    let stop = effects.stop(job);
    let work = move || {
        let entrants = entrants
            .into_iter()
            .map(|(id, family)| Ok(compare::Entrant { dir: run::find(&home, &id)?, family }))
            .collect::<Result<Vec<_>>>()?;
        compare::several(&entrants, &stop).map(Arc::new)
    };
    effects.blocking(job, work, Answer::Compared);
}

pub fn write(effects: &mut Effects, job: JobId, all: Arc<Several>, path: PathBuf) {
    let home = effects.context.home.clone();
    effects.blocking(job, move || written(&home, &all, &path), Answer::ComparisonWritten);
}

/// Writes a comparison as the name's ending has it; a bare name is one below the home's reports.
fn written(home: &Home, all: &Several, path: &Path) -> Result<PathBuf> {
    let text = all.to_text(Form::of(path)?)?;
    let path = if path.components().count() == 1 {
        let dir = home.reports();
        std::fs::create_dir_all(&dir).map_err(|e| Error::io("creating", &dir, e))?;
        dir.join(path)
    } else {
        path.to_owned()
    };
    files::write_new(&path, text.as_bytes())?;
    Ok(path)
}
