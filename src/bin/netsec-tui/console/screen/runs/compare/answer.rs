//! What happens when a comparison arrives, or its file is written.

use crate::console::app::App;
use crate::console::gate::Dirty;
use crate::console::jobs::State;
use crate::console::load::{Notice, Tone};
use crate::console::msg::{Effect, JobId};
use netsec::compare::Several;
use std::path::PathBuf;
use std::sync::Arc;

/// Takes a comparison; none when it is no longer asked for.
pub fn answer(app: &mut App, job: JobId, result: Result<Arc<Several>, Notice>) -> Option<Vec<Effect>> {
    let compare = app.runs.compare.as_mut()?;
    compare.found.accept(job, result).then_some(())?;
    let pairs = compare.found.ready().map_or(0, |all| all.pairs.len());
    compare.pair = compare.pair.min(pairs.saturating_sub(1));
    app.mark(Dirty::Data);
    Some(Vec::new())
}

/// Takes the name of a written file. It is told wherever the analyst is by now.
pub fn written(app: &mut App, job: JobId, result: Result<PathBuf, Notice>) -> Option<Vec<Effect>> {
    app.notice = Some(match &result {
        Ok(path) => Notice::new(Tone::Good, format!("wrote {}", path.display())),
        Err(notice) => notice.clone(),
    });
    let state = match &result {
        Ok(_) => State::Done,
        Err(notice) => State::Failed(notice.clone()),
    };
    app.jobs.end(job, state, app.now);
    if let Some(compare) = &mut app.runs.compare {
        compare.writing.accept(job, result);
    }
    app.mark(Dirty::Data);
    Some(Vec::new())
}
