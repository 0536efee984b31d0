//! Which models a comparison is of.

use super::{Compare, load};
use crate::console::app::App;
use crate::console::format::{plural, short_id};
use crate::console::load::{Notice, Tone};
use crate::console::msg::Effect;
use crate::console::msg::runs::Entrant;
use crate::console::screen::runs::report;
use netsec::compare::MOST;
use netsec::run::RunStatus;

/// Compares the marked runs with the baseline; in a report, the selected model.
pub fn open(app: &mut App) -> Vec<Effect> {
    match entrants(app) {
        Ok(entrants) => {
            app.runs.compare = Some(Compare::of(entrants));
            load(app)
        }
        Err(notice) => {
            app.notice = Some(*notice);
            Vec::new()
        }
    }
}

fn winner(run: &str) -> Entrant {
    (run.to_owned(), None)
}

/// The models, the base first; why there are none to compare.
fn entrants(app: &mut App) -> Result<Vec<Entrant>, Box<Notice>> {
    let warn = |text: String, hint: &str| Box::new(Notice::new(Tone::Warn, text).hint(hint));
    let rows = app.runs.rows.ready().map_or(&[][..], Vec::as_slice);
    let mut finished: Vec<(&str, &str)> = rows
        .iter()
        .filter(|r| r.status == RunStatus::Finished)
        .map(|r| (r.started_at.as_str(), r.id.as_str()))
        .collect();
    finished.sort_by(|a, b| b.cmp(a));
    let is_finished = |id: &str| finished.iter().any(|(_, other)| *other == id);
    let newest = |but: &str| finished.iter().map(|(_, id)| *id).find(|id| *id != but);
    let baseline = app.runs.baseline.as_deref().filter(|id| is_finished(id));
    let lonely = || warn("there is no other finished run to compare with".to_owned(), "3 starts one");
    if let Some(open) = &app.runs.report {
        let family = report::selected(app);
        if !is_finished(&open.id) {
            return Err(warn(format!("run {} is not finished", short_id(&open.id)), "a finished run has models"));
        }
        // Of the baseline itself, another family against its winner.
        let own = open.detail.ready().and_then(|d| d.report.as_ref()).map(|r| r.winner);
        let base = match baseline {
            Some(id) if id == open.id && family != own => id,
            Some(id) if id != open.id => id,
            _ => newest(&open.id).ok_or_else(lonely)?,
        };
        return Ok(vec![winner(base), (open.id.clone(), family)]);
    }
    let marked: Vec<&str> = app.runs.marked.iter().map(String::as_str).filter(|id| is_finished(id)).collect();
    let under = app.runs.current().map(|r| r.id.as_str()).filter(|id| is_finished(id));
    let base = baseline.or(marked.first().copied());
    let mut others: Vec<&str> = marked.iter().copied().filter(|id| Some(*id) != base).collect();
    // With nothing else marked, the run under the cursor; with nothing at all, the newest is the base.
    if others.is_empty() {
        others.extend(under.filter(|id| Some(*id) != base));
    }
    let (base, others) = match (base, others.is_empty()) {
        (Some(base), false) => (base, others),
        (Some(only), true) => (newest(only).ok_or_else(lonely)?, vec![only]),
        (None, false) => (newest(others[0]).ok_or_else(lonely)?, others),
        (None, true) => {
            return Err(warn("only finished runs can be compared".to_owned(), "space marks a run, = compares them"));
        }
    };
    if others.len() >= MOST {
        let text = format!("{} are too many to compare", plural(others.len() as u64 + 1, "run"));
        return Err(warn(text, "a base and 6 others at most; space takes a mark away"));
    }
    let entrants = std::iter::once(base).chain(others).map(winner).collect();
    let left_out = app.runs.marked.len() - marked.len();
    if left_out > 0 {
        app.say(Tone::Warn, format!("left out: {} that is not finished", plural(left_out as u64, "marked run")));
    }
    Ok(entrants)
}

/// Makes the other of the shown pair the base.
pub fn swap(app: &mut App) -> Vec<Effect> {
    let Some(compare) = &mut app.runs.compare else { return Vec::new() };
    let other = compare.pair + 1;
    if other >= compare.entrants.len() {
        return Vec::new();
    }
    let new = compare.entrants.remove(other);
    compare.entrants.insert(0, new);
    // The old base comes first among the others.
    compare.pair = 0;
    compare.differs = Default::default();
    compare.found.load = Default::default();
    load(app)
}
