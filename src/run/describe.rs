//! Events in words, for logs.

use crate::event::Event;
use crate::metrics::mean_sd;

/// The log line of an event; none for those that come too often.
pub fn describe(event: &Event) -> Option<String> {
    Some(match event {
        Event::RunStarted { families, folds } => format!("run started: {} families, {folds} folds", families.len()),
        Event::RunResumed { user, host } => format!("resumed by {user}@{host}"),
        Event::StageStarted { stage } => format!("{stage} started"),
        Event::StageFinished { stage, ms, summary } => format!("{stage} done in {ms} ms: {summary}"),
        Event::DataSplit { data } => format!(
            "{} rows, {} vectors, {} conflicting, leak {:.1} %",
            data.rows,
            data.vectors,
            data.conflicting,
            data.leak * 100.0
        ),
        Event::SearchStarted { family, trials } => format!("{} search started: {trials} trials", family.code()),
        Event::TrialFinished { family, trial, scores, .. } => {
            let (mean, sd) = mean_sd(scores);
            format!("{} trial {} F1 {mean:.4} sd {sd:.4}", family.code(), trial + 1)
        }
        Event::TrialFailed { family, trial, reason } => {
            format!("{} trial {} failed: {reason}", family.code(), trial + 1)
        }
        Event::FamilyFinished { family, params, fit_ms, .. } => {
            format!("{} fitted in {fit_ms} ms: {params}", family.code())
        }
        Event::FamilyFailed { family, reason } => format!("{} failed: {reason}", family.code()),
        Event::ModelTested { family, test } => {
            format!("{} hold-out F1 {:.4} [{:.4} {:.4}]", family.code(), test.f1, test.f1_ci[0], test.f1_ci[1])
        }
        Event::DriftMeasured { drift } => format!("{drift}, against {}", drift.reference),
        Event::Noted { text } => text.clone(),
        Event::RunFinished { winner } => format!("finished, winner {winner}"),
        Event::RunStopped { after } => format!("stopped after {after}, as asked"),
        Event::RunFailed { reason, .. } => format!("failed: {reason}"),
        Event::RunCancelled => "cancelled".to_owned(),
        Event::TrialStarted { .. }
        | Event::FoldScored { .. }
        | Event::Progressed { .. }
        | Event::TrialDropped { .. } => return None,
    })
}
