//! A family's trials as curves, and what of them is under way.

use super::Live;
use super::trial::{self, Stages};
use crate::console::app::App;
use crate::console::format::plural;
use crate::console::widget::chart::{Chart, bounds, ceiling, whole};
use crate::console::widget::{put, rule, split_left};
use netsec::event::Family;
use netsec::run::{FamilyState, FamilyStatus, RunningTrial};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;
use std::collections::BTreeMap;

/// The mean score of each trial by its number, over the folds that it was scored on: of those with all folds, and of
/// those without, which were dropped or are not over.
pub fn means(family: &FamilyState) -> (BTreeMap<u32, f64>, BTreeMap<u32, f64>) {
    let whole = family.done.iter().map(|t| (t.trial, t.mean)).collect();
    let mut sums: BTreeMap<u32, (f64, f64)> = BTreeMap::new();
    let dropped = family.dropped.iter().flat_map(|(trial, scores)| scores.iter().map(|f1| (*trial, *f1)));
    for (trial, f1) in family.scored.iter().map(|((trial, _), f1)| (*trial, *f1)).chain(dropped) {
        let sum = sums.entry(trial).or_default();
        *sum = (sum.0 + f1, sum.1 + 1.0);
    }
    (whole, sums.into_iter().map(|(trial, (sum, n))| (trial, sum / n)).collect())
}

/// The best score up to each trial, by number. Of trials with all folds once there are some: means over fewer folds
/// are luckier.
pub fn best_so_far(family: &FamilyState) -> Vec<f64> {
    best_by_trial(family).into_iter().map(|(_, best)| best).collect()
}

fn best_by_trial(family: &FamilyState) -> Vec<(u32, f64)> {
    let (whole, partly) = means(family);
    let means = if whole.is_empty() { partly } else { whole };
    let best = means.into_iter().scan(f64::NEG_INFINITY, |best, (trial, mean)| {
        *best = best.max(mean);
        Some((trial, *best))
    });
    best.collect()
}

/// The range of every family's best scores, in steps: sparks of families can be compared.
pub fn range(live: &Live) -> (f64, f64) {
    bounds(live.state.families.iter().flat_map(best_so_far)).unwrap_or((0.0, 1.0))
}

/// The trial that is being fitted: one that reports progress, else the first of those with the fewest folds scored.
/// The others that have begun wait for their next fold.
pub fn fitting(family: &FamilyState) -> Option<&RunningTrial> {
    let scored = |t: &RunningTrial| t.folds.iter().flatten().count();
    let moving = family.running.iter().filter(|t| t.step.is_some()).max_by_key(|t| t.trial);
    moving.or_else(|| family.running.iter().min_by_key(|t| scored(t)))
}

/// The fold that is being scored, from 0, the trials that have a score on it, and those that will. All trials are
/// scored on one fold before the next one begins.
pub fn fold_progress(family: &FamilyState, folds: u32) -> (u32, usize, usize) {
    let wanted = |fold: u32| {
        let gone = family.dropped.iter().filter(|(_, scores)| scores.len() <= fold as usize).count();
        (family.trials as usize).saturating_sub(gone + family.failed.len())
    };
    let fold = (0..folds).find(|f| family.scored_on(*f) < wanted(*f)).unwrap_or(folds.saturating_sub(1));
    (fold, family.scored_on(fold), wanted(fold))
}

/// The folds as ticks: those that every trial is scored on, and the rest.
pub fn ticks(family: &FamilyState, folds: u32) -> String {
    let (fold, scored, wanted) = fold_progress(family, folds);
    let over = if scored >= wanted && wanted > 0 { fold + 1 } else { fold };
    (0..folds).map(|nth| if nth < over { '■' } else { '□' }).collect()
}

/// Whether a search that halves has scored a fold and waits: all families halve together before the next one.
pub fn is_waiting(live: &Live, family: &FamilyState) -> bool {
    let own = live.manifest.as_ref().and_then(|m| m.search.iter().find(|s| s.family == family.family));
    let (fold, scored, _) = fold_progress(family, live.state.folds);
    let halved = family.dropped.iter().any(|(_, scores)| scores.len() == fold as usize);
    let is_fitting = family.running.iter().any(|t| t.step.is_some());
    own.is_some_and(|s| s.halving) && fold > 0 && scored == 0 && !halved && !is_fitting
}

/// How many trials were left behind; nothing where none was.
pub fn dropped(family: &FamilyState) -> String {
    match family.dropped.len() {
        0 => String::new(),
        n => format!("{n} dropped"),
    }
}

/// What is drawn beside the scores by trial.
pub enum Second<'a> {
    /// The training loss by step of the fit under way, or of the last whole one.
    Loss(&'a [(u32, f64)]),
    /// The scores along the stages of one fit: trees or epochs.
    Stages(Stages),
    Nothing,
}

/// The loss where the family has one, else the stages of the fit that a trial belongs to; the stages first where they
/// are asked for.
pub fn second<'a>(live: &'a Live, family: &FamilyState, trial: Option<u32>) -> Second<'a> {
    let stages = trial.map_or_else(Stages::default, |trial| trial::stages(live, family, trial));
    let curve = live.curve(family.family);
    match (curve.len() >= 3, stages.points.len() >= 2) {
        (_, true) if live.by_stage => Second::Stages(stages),
        (true, _) => Second::Loss(curve),
        (false, true) => Second::Stages(stages),
        (false, false) => Second::Nothing,
    }
}

/// A family's scores by trial, and beside them its loss or the stages of a fit. The picked trial stands out.
pub fn draw_charts(app: &App, live: &Live, family: &FamilyState, picked: Option<u32>, buffer: &mut Buffer, area: Rect) {
    let theme = &app.theme;
    let best = family.best_trial().map(|t| t.trial);
    let second = second(live, family, picked.or(best));
    let title = format!("{}: F1 by trial", family.family.code());
    let focused = picked.is_some() && !live.by_stage;
    let Some(name) = second_title(family, &second) else {
        let body = rule(buffer, area, &title, &dropped(family), focused, theme);
        return score_chart(app, family, picked, buffer, body);
    };
    let left = area.width / 2;
    let (one, two) = split_left(buffer, area, left, theme);
    let body = rule(buffer, one, &title, &dropped(family), focused, theme);
    score_chart(app, family, picked, buffer, body);
    let body = rule(buffer, two, &name, "", picked.is_some() && live.by_stage, theme);
    second_chart(app, family, &second, picked, buffer, body);
}

/// What the second chart shows; none where there is nothing to draw.
pub fn second_title(family: &FamilyState, second: &Second<'_>) -> Option<String> {
    match second {
        Second::Loss(_) => Some("loss by step".to_owned()),
        Second::Stages(stages) => {
            let word = stage_word(family.family);
            Some(format!("F1 by {word} of one fit, {}", plural(stages.folds as u64, "fold")))
        }
        Second::Nothing => None,
    }
}

fn stage_word(family: Family) -> &'static str {
    if family.staged_by() == Some("epochs") { "epochs" } else { "trees" }
}

pub fn second_chart(
    app: &App,
    family: &FamilyState,
    second: &Second<'_>,
    picked: Option<u32>,
    buffer: &mut Buffer,
    area: Rect,
) {
    match second {
        Second::Loss(curve) => loss_chart(app, family.family, curve, buffer, area),
        Second::Stages(stages) => {
            let points: Vec<(f64, f64)> =
                stages.points.iter().map(|(stage, _, mean)| (f64::from(*stage), *mean)).collect();
            let mark = stages.points.iter().position(|(_, trial, _)| Some(*trial) == picked).map(|at| points[at]);
            let ends = (points.first().map_or(0.0, |p| p.0), points.last().map_or(1.0, |p| p.0));
            Chart {
                line: &points,
                dots: &points,
                faint: &[],
                mark,
                x: ends,
                y: None,
                label: whole,
                unit: stage_word(family.family),
                style: app.theme.family(family.family),
            }
            .draw(buffer, area, &app.theme);
        }
        Second::Nothing => {}
    }
}

/// Every trial as a dot, those without all folds faint, and the best so far as a line.
pub fn score_chart(app: &App, family: &FamilyState, picked: Option<u32>, buffer: &mut Buffer, area: Rect) {
    let place = |(trial, mean): (u32, f64)| (f64::from(trial) + 1.0, mean);
    let (whole_means, partly) = means(family);
    let faint: Vec<(f64, f64)> = partly.into_iter().map(place).collect();
    let dots: Vec<(f64, f64)> = whole_means.into_iter().map(place).collect();
    if dots.is_empty() && faint.is_empty() {
        let text = match family.status {
            FamilyStatus::Queued => " waits its turn",
            FamilyStatus::Running => " no trial is scored yet",
            _ => " no trial was scored",
        };
        put(buffer, area, 0, &Line::styled(text, app.theme.dim()));
        return;
    }
    let line: Vec<(f64, f64)> = best_by_trial(family).into_iter().map(place).collect();
    let last = dots.iter().chain(&faint).fold(2.0, |last: f64, p| last.max(p.0));
    let mark = picked.and_then(|trial| Some(place((trial, trial::mean(family, trial)?))));
    Chart {
        line: &line,
        dots: &dots,
        faint: &faint,
        mark,
        x: (1.0, f64::from(family.trials).max(last)),
        y: None,
        label: whole,
        unit: "trials",
        style: app.theme.family(family.family),
    }
    .draw(buffer, area, &app.theme);
}

fn loss_chart(app: &App, family: Family, curve: &[(u32, f64)], buffer: &mut Buffer, area: Rect) {
    let line: Vec<(f64, f64)> = curve.iter().map(|(x, y)| (f64::from(*x), *y)).collect();
    let last = line.last().map_or(1.0, |p| p.0);
    Chart {
        line: &line,
        dots: &[],
        faint: &[],
        mark: None,
        x: (0.0, ceiling(last)),
        y: None,
        label: whole,
        unit: "steps",
        style: app.theme.family(family),
    }
    .draw(buffer, area, &app.theme);
}

#[cfg(test)]
mod tests {
    use super::*;
    use netsec::event::{Event, JOURNAL_VERSION, Params, Stamped};
    use netsec::run::RunState;

    fn state(events: Vec<Event>) -> RunState {
        let stamp = |(i, event)| Stamped { v: JOURNAL_VERSION, seq: i as u64, at: String::new(), event };
        let events: Vec<Stamped> = events.into_iter().enumerate().map(stamp).collect();
        RunState::replay(&events)
    }

    fn scored(trial: u32, fold: u32, f1: f64) -> Event {
        Event::FoldScored { family: Family::Knn, trial, fold, f1, ms: 1 }
    }

    #[test]
    fn folds_are_counted_for_the_trials_that_are_left() {
        let family = Family::Knn;
        let mut events =
            vec![Event::RunStarted { families: vec![family], folds: 3 }, Event::SearchStarted { family, trials: 4 }];
        assert_eq!(fold_progress(&state(events.clone()).families[0], 3), (0, 0, 4));
        events.push(Event::TrialStarted { family, trial: 0, params: Params::default() });
        events.push(Event::TrialStarted { family, trial: 1, params: Params::default() });
        events.extend([scored(0, 0, 0.9), scored(1, 0, 0.8), scored(2, 0, 0.7)]);
        assert_eq!(fold_progress(&state(events.clone()).families[0], 3), (0, 3, 4));
        assert_eq!(best_so_far(&state(events.clone()).families[0]), [0.9, 0.9, 0.9]);
        events.push(scored(3, 0, 0.95));
        for (trial, f1) in [(1, 0.8), (2, 0.7)] {
            events.push(Event::TrialDropped { family, trial, scores: vec![f1] });
        }
        events.push(scored(0, 1, 0.8));
        let state = state(events);
        assert_eq!(fold_progress(&state.families[0], 3), (1, 1, 2));
        let (whole, partly) = means(&state.families[0]);
        assert!(whole.is_empty());
        assert_eq!(partly[&1], 0.8);
        assert!((partly[&0] - 0.85).abs() < 1e-12);
        assert_eq!(fitting(&state.families[0]).unwrap().trial, 0);
    }
}
