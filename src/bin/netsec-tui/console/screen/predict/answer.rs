//! What happens when a model and a verdict arrive.

use super::again;
use crate::console::app::App;
use crate::console::format::plural;
use crate::console::gate::Dirty;
use crate::console::load::{Notice, Tone};
use crate::console::msg::predict::Answer;
use crate::console::msg::{Effect, JobId};

/// Takes an answer; none when it is to a question that is no longer asked.
pub fn answer(app: &mut App, job: JobId, answer: Answer) -> Option<Vec<Effect>> {
    let mut effects = Vec::new();
    match answer {
        Answer::Model(result) => {
            app.predict.model.accept(job, result).then_some(())?;
            effects = again(app);
        }
        Answer::Scored(result) => {
            app.predict.scored.accept(job, result).then_some(())?;
            let Some(scored) = app.predict.scored.ready() else {
                // The text stays under the cursor, to be mended.
                app.mark(Dirty::Data);
                return Some(effects);
            };
            app.predicted = true;
            if scored.pasted {
                app.predict.typing = false;
                app.predict.stale = true;
                app.predict.pasted = Some(scored.record.clone());
            }
            if let Some(notice) = &scored.unlogged {
                app.notice = Some(Notice {
                    tone: Tone::Warn,
                    headline: format!("scored, but not logged: {}", notice.headline),
                    ..notice.clone()
                });
            } else if scored.ignored > 0 {
                let text = format!("scored the first row; {} ignored", plural(scored.ignored as u64, "more row"));
                app.notice = Some(Notice::new(Tone::Warn, text).hint("netsec-tui predict FILE scores many"));
            }
            let len = scored.verdict.features.len();
            app.predict.cursor.step(0, len);
        }
    }
    app.mark(Dirty::Data);
    Some(effects)
}
