//! What happens when a model, a verdict and what speaks for it arrive.

use super::{Focus, again, batch, look_around, past, score};
use crate::console::app::App;
use crate::console::format::plural;
use crate::console::gate::Dirty;
use crate::console::load::{Notice, Tone};
use crate::console::msg::predict::{Answer, ScoreInput};
use crate::console::msg::{Effect, JobId};

/// Takes an answer; none when it is to a question that is no longer asked.
pub fn answer(app: &mut App, job: JobId, answer: Answer) -> Option<Vec<Effect>> {
    let mut effects = Vec::new();
    match answer {
        Answer::Model(result) => {
            let known = |app: &App| app.predict.model.ready().map(|m| (m.source(), m.family, m.hash.clone()));
            let before = known(app);
            app.predict.model.accept(job, result).then_some(())?;
            if !app.predict.chosen {
                app.predict.production = app.predict.model.ready().is_some_and(|m| m.release.is_some());
            }
            // The same one again has the same verdict.
            if known(app) != before {
                effects = again(app);
            }
        }
        Answer::Scored(result) => {
            app.predict.scored.accept(job, result).then_some(())?;
            effects = scored(app);
        }
        Answer::Why(result) => {
            let row = app.predict.scored.ready().map(|s| &s.record);
            app.predict.why.accept(job, result, row).then_some(())?;
            order(app);
            effects = look_around(app);
        }
        Answer::Near(result) => {
            let row = app.predict.scored.ready().map(|s| &s.record);
            app.predict.near.accept(job, result, row).then_some(())?;
            let len = app.predict.near.pane.ready().map_or(0, Vec::len);
            app.predict.near_cursor.step(0, len);
            effects = look_around(app);
        }
        Answer::Past(result) => past::accept(app, job, result).then_some(())?,
        Answer::Batched(result) => batch::ended(app, job, result).then_some(())?,
    }
    app.mark(Dirty::Data);
    Some(effects)
}

/// A verdict, or why there is none.
fn scored(app: &mut App) -> Vec<Effect> {
    let predict = &mut app.predict;
    let Some(scored) = predict.scored.ready() else {
        // The text stays under the cursor, to be mended.
        return Vec::new();
    };
    app.predicted = true;
    let pasted = scored.pasted;
    if pasted {
        predict.focus = Focus::Features;
        predict.stale = true;
        predict.pasted = Some(scored.record.clone());
        predict.wanted = Some(scored.record.clone());
        if !scored.rows.is_empty() {
            (predict.rows, predict.at) = (scored.rows.clone(), 0);
        }
        predict.why.forget();
        predict.near.forget();
        predict.order.clear();
        predict.cursor.at = 0;
        predict.near_cursor.at = 0;
    }
    if let Some(notice) = &scored.unlogged {
        app.notice = Some(Notice {
            tone: Tone::Warn,
            headline: format!("scored, but not logged: {}", notice.headline),
            ..notice.clone()
        });
    } else if scored.rows.len() > 1 {
        let text = format!("scored the first of {}", plural(scored.rows.len() as u64, "row"));
        app.notice = Some(Notice::new(Tone::Plain, text).hint("n scores the next; b scores a file"));
    }
    // Changed further while this was on its way: only the row as it is now is asked about.
    let behind = predict.wanted.clone().filter(|wanted| *wanted != scored.record);
    predict.cursor.step(0, scored.verdict.features.len());
    match behind {
        Some(wanted) if !pasted => score(app, ScoreInput::Changed(wanted)),
        _ => look_around(app),
    }
}

/// Sorts the features by what they contribute, once for each row that is pasted.
fn order(app: &mut App) {
    let predict = &mut app.predict;
    let Some(why) = predict.why.pane.ready().filter(|_| predict.order.is_empty()) else { return };
    predict.order = super::change::by_contribution(why);
}
