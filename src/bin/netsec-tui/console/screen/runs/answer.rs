//! What happens when runs and reports arrive.

use super::compare;
use super::threshold::told;
use crate::console::app::App;
use crate::console::gate::Dirty;
use crate::console::load::{Load, Tone};
use crate::console::msg::predict::Source;
use crate::console::msg::runs::{Answer, Ask};
use crate::console::msg::{Effect, JobId};
use crate::console::screen::train;

/// Takes an answer; none when it is to a question that is no longer asked.
pub fn answer(app: &mut App, job: JobId, answer: Answer) -> Option<Vec<Effect>> {
    let mut effects = Vec::new();
    match answer {
        Answer::List(result) => {
            let before = app.runs.rows.ready().cloned();
            app.runs.rows.accept(job, result).then_some(())?;
            app.runs.forget_gone();
            app.runs.follow_selected();
            effects.extend(train::runs_changed(app, before.as_deref().unwrap_or_default()));
            // Nothing new is no reason to draw.
            if before.is_some() && before.as_ref() == app.runs.rows.ready() {
                return Some(effects);
            }
        }
        Answer::Detail(result) => {
            let report = app.runs.report.as_mut()?;
            report.detail.accept(job, result).then_some(())?;
            if let Some(detail) = report.detail.ready() {
                let models = detail.report.as_ref().map_or(0, |r| r.models.len());
                report.cursor.step(0, models);
                app.looked |= models > 0;
                let families =
                    detail.report.as_ref().map_or_else(Vec::new, |r| r.models.iter().map(|m| m.family).collect());
                let (job, now) = (app.job(), app.now);
                if let Some(report) = app.runs.report.as_mut().filter(|_| !families.is_empty()) {
                    report.thresholds.refresh(job, now);
                    effects.push(Effect::Runs(job, Ask::Thresholds(report.id.clone(), families)));
                }
            }
        }
        Answer::Thresholds(result) => {
            app.runs.report.as_mut()?.thresholds.accept(job, result).then_some(())?;
        }
        Answer::Threshold(result) => {
            let report = app.runs.report.as_mut()?;
            report.setting.accept(job, result).then_some(())?;
            if let Some(notice) = report.setting.failed() {
                app.notice = Some(notice.clone());
            } else if let Some(chosen) = report.setting.ready().map(|c| (**c).clone()) {
                let positive = report.detail.ready().and_then(|d| d.report.as_ref()).map(|r| r.positive.clone());
                app.notice = Some(told(&chosen, &positive.unwrap_or_default()));
                let (run, family) = (report.id.clone(), chosen.family);
                if let Load::Ready(all) = &mut report.thresholds.load {
                    all.retain(|c| c.family != family);
                    all.push(chosen);
                }
                // A verdict of this model may be another one now.
                if app
                    .predict
                    .model
                    .ready()
                    .is_some_and(|m| m.source() == Source::Run(run.clone()) && m.family == family)
                {
                    effects = crate::console::screen::predict::again(app);
                }
            }
        }
        Answer::Compared(result) => return compare::answer(app, job, result),
        Answer::ComparisonWritten(result) => return compare::written(app, job, result),
        Answer::Edited(result) => {
            app.runs.look.edited.accept(job, result).then_some(())?;
            if let Some(edited) = app.runs.look.edited.ready().cloned() {
                let look = &mut app.runs.look;
                look.deleted.retain(|id| !edited.restored.contains(id));
                if !edited.deleted.is_empty() {
                    look.deleted = edited.deleted;
                }
                app.say(Tone::Good, edited.text);
            } else if let Some(notice) = app.runs.look.edited.failed() {
                app.notice = Some(notice.clone());
            }
            effects = super::bin::refresh(app);
            effects.extend(super::reread(app));
        }
        Answer::Bin(result) => {
            let bin = app.runs.look.bin.as_mut()?;
            bin.list.accept(job, result).then_some(())?;
            let len = bin.list.ready().map_or(0, Vec::len);
            bin.cursor.step(0, len);
        }
        Answer::Asked(result) => {
            app.runs.asked.accept(job, result).then_some(())?;
            if let Some(text) = app.runs.asked.ready().cloned() {
                app.say(Tone::Good, text);
            } else if let Some(notice) = app.runs.asked.failed() {
                app.notice = Some(notice.clone());
            }
            effects = super::refresh(app);
            // The watcher ended with the worker; a resumed run has one again.
            let ended = app.train.live.as_ref().filter(|live| live.heard && !live.alive).map(|live| live.id.clone());
            if let Some(id) = ended.filter(|_| app.runs.asked.ready().is_some()) {
                effects.extend(train::follow(app, &id));
            }
        }
    }
    app.mark(Dirty::Data);
    Some(effects)
}
