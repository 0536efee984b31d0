//! Changing the row: a value by a step or by typing, back to what was pasted, the values of a neighbour.

use super::{Focus, Prompt, score};
use crate::console::app::App;
use crate::console::clean::clean;
use crate::console::load::Tone;
use crate::console::msg::Effect;
use crate::console::msg::predict::ScoreInput;
use crate::console::widget::input::Input;
use netsec::explain::Explanation;
use netsec::predict::{FeatureUse, Record};
use netsec::schema::Column;

/// The selected feature as it was scored, and its column.
fn selected(app: &App) -> Option<(&FeatureUse, &Column)> {
    let feature = app.predict.scored.ready()?.verdict.features.get(app.predict.feature(app.predict.cursor.at))?;
    Some((feature, app.predict.model.ready()?.schema.column(&feature.name)?))
}

/// The value of a feature as it is wished now: it may be ahead of the verdict.
fn wished(app: &App, feature: &FeatureUse) -> String {
    let given = app.predict.wanted.as_ref().and_then(|row| row.get(&feature.name)).unwrap_or_default();
    // What is unknown or refused is shown, and stepped from, as it was filled in.
    let known = app
        .predict
        .model
        .ready()
        .and_then(|m| m.schema.column(&feature.name))
        .is_some_and(|column| column.levels().iter().any(|level| level.to_string() == given.trim()));
    if known { given.trim().to_owned() } else { feature.value.clone() }
}

/// Scores the row as it is wished. While a verdict is on its way nothing more is asked: its answer sees the difference.
fn follow(app: &mut App, row: Record) -> Vec<Effect> {
    app.predict.wanted = Some(row.clone());
    if app.predict.scored.job.is_some() { Vec::new() } else { score(app, ScoreInput::Changed(row)) }
}

/// Gives the selected feature its next level.
pub fn step(app: &mut App, forward: bool) -> Vec<Effect> {
    if app.predict.focus != Focus::Features {
        return Vec::new();
    }
    let Some((feature, column)) = selected(app) else { return Vec::new() };
    let levels = column.levels();
    if levels.is_empty() {
        app.say(Tone::Plain, "a number has no levels: enter types it");
        return Vec::new();
    }
    let now = wished(app, feature);
    let next = match levels.iter().position(|l| l.to_string() == now) {
        Some(at) if forward => (at + 1) % levels.len(),
        Some(at) => (at + levels.len() - 1) % levels.len(),
        None => 0,
    };
    let (name, value) = (feature.name.clone(), levels[next].to_string());
    change(app, &name, &value)
}

fn change(app: &mut App, name: &str, value: &str) -> Vec<Effect> {
    let Some(mut row) = app.predict.wanted.clone() else { return Vec::new() };
    row.set(name, value);
    follow(app, row)
}

/// Asks for the value of the selected feature.
pub fn edit(app: &mut App) {
    if let Some((feature, _)) = selected(app) {
        let input = Input::line(&clean(&feature.value));
        app.predict.prompt = Some(Prompt::Value(input));
    }
}

/// Takes a typed value. One that the schema refuses stays under the cursor, with the reason.
pub fn set(app: &mut App, text: &str) -> Vec<Effect> {
    let Some((feature, column)) = selected(app) else { return Vec::new() };
    let schema = app.predict.model.ready().map(|m| m.schema.clone());
    match schema.map(|schema| schema.parse_cell(column, text)) {
        Some(Err(reason)) => {
            let reason = format!("{}: {reason}", feature.name);
            app.predict.prompt = Some(Prompt::Value(Input::line(text)));
            app.say(Tone::Bad, reason);
            Vec::new()
        }
        _ => {
            let name = feature.name.clone();
            change(app, &name, text)
        }
    }
}

/// Back to the row as it was pasted.
pub fn reset(app: &mut App) -> Vec<Effect> {
    app.predict.pasted.clone().map_or_else(Vec::new, |row| follow(app, row))
}

/// The next of the pasted rows, or the one before. It is scored as if it had been pasted alone.
pub fn row(app: &mut App, forward: bool) -> Vec<Effect> {
    let predict = &mut app.predict;
    let at = predict.at.saturating_add_signed(if forward { 1 } else { -1 });
    match predict.rows.get(at).cloned() {
        Some(row) if at != predict.at => {
            predict.at = at;
            score(app, ScoreInput::Row(row))
        }
        _ => {
            let text = match (predict.rows.len(), forward) {
                (0 | 1, _) => "there is one row",
                (_, true) => "this is the last row",
                (_, false) => "this is the first row",
            };
            app.say(Tone::Plain, text);
            Vec::new()
        }
    }
}

/// Gives the row the values of the selected training row.
pub fn take_values(app: &mut App) -> Vec<Effect> {
    let near = app.predict.near.pane.ready().and_then(|all| all.get(app.predict.near_cursor.at)).cloned();
    let (Some(near), Some(mut row)) = (near, app.predict.wanted.clone()) else { return Vec::new() };
    if near.differs.is_empty() {
        app.say(Tone::Plain, "the row has these values already");
        return Vec::new();
    }
    for difference in &near.differs {
        row.set(&difference.feature, difference.there.clone());
    }
    follow(app, row)
}

/// The features, loudest first. The sort is stable: of equal ones the first in the schema comes first.
pub fn by_contribution(why: &Explanation) -> Vec<usize> {
    let mut order: Vec<usize> = (0..why.contributions.len()).collect();
    order.sort_by(|a, b| why.contributions[*b].abs().total_cmp(&why.contributions[*a].abs()));
    order
}

/// Sorts by what the features contribute now, or as in the schema. The selection stays on its feature.
pub fn sort(app: &mut App) {
    let predict = &mut app.predict;
    let Some(why) = predict.why.pane.ready() else { return };
    let feature = predict.feature(predict.cursor.at);
    let order = by_contribution(why);
    if predict.by_schema || predict.order != order {
        (predict.by_schema, predict.order) = (false, order);
    } else {
        predict.by_schema = true;
    }
    predict.cursor.at = (0..predict.order.len()).find(|line| predict.feature(*line) == feature).unwrap_or(0);
    let text = if predict.by_schema { "as in the schema" } else { "by what they contribute" };
    app.say(Tone::Plain, format!("sorted {text}"));
}
