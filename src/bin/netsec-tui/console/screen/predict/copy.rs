//! What is handed to the clipboard: the verdict with its reasons, or the row.

use super::view::why::{method, unit};
use crate::console::app::App;
use crate::console::clean::clean;
use crate::console::format::{signed, threshold};
use crate::console::load::Tone;
use crate::console::msg::Effect;
use netsec::predict::groups;

/// Features and neighbours that are told.
const TOLD: usize = 10;

/// The verdict with its reasons, as lines of text.
pub fn verdict(app: &mut App) -> Vec<Effect> {
    match text(app) {
        Some(text) => app.copy("the verdict", text),
        None => {
            app.say(Tone::Plain, "there is no verdict to copy yet");
            Vec::new()
        }
    }
}

fn text(app: &App) -> Option<String> {
    let (model, scored) = (app.predict.model.ready()?, app.predict.scored.ready()?);
    let verdict = &scored.verdict;
    let n = verdict.origins();
    let (no, yes) = (model.schema.label(false), model.schema.label(true));
    let mut text = format!(
        "{} probability {:.4} threshold {} model {} of {} ({} given, {} computed, {} imputed, {} out of domain)",
        model.schema.label(verdict.positive),
        verdict.probability,
        threshold(verdict.threshold),
        model.family,
        model.release.as_ref().map_or_else(|| format!("run {}", model.run), |r| format!("{r} (run {})", model.run)),
        n.given,
        n.computed,
        n.imputed,
        n.out_of_domain
    );
    if let Some(from) = &scored.record.url {
        text = format!("{}\n{text}", from.url);
    }
    let training = model.sample.map_or_else(|| "training".to_owned(), |sample| sample.to_string());
    text.push_str(&format!("\nseen in {training}: {yes} {}, {no} {}\n", verdict.seen[1], verdict.seen[0]));
    if let Some(why) = app.predict.why.pane.ready() {
        text.push_str(&format!("why, in {}, {}:\n", unit(why), method(why)));
        for f in super::change::by_contribution(why).into_iter().take(TOLD) {
            let feature = &verdict.features[f];
            let reason = feature.origin.reason().unwrap_or(&feature.meaning);
            let origin = feature.origin.name().replace('_', " ");
            text.push_str(&format!(
                "  {} {}={} {origin}: {reason}\n",
                signed(why.contributions[f]),
                feature.name,
                feature.value
            ));
        }
    }
    if let Some(near) = app.predict.near.pane.ready() {
        text.push_str(&format!("nearest in {training}:\n"));
        for group in groups(near).iter().take(TOLD) {
            let [negative, positive] = group.counts;
            text.push_str(&format!(
                "  {} differ ({}): {yes} {positive}, {no} {negative}\n",
                group.features.len(),
                group.features.join(", ")
            ));
        }
    }
    Some(text.lines().map(clean).collect::<Vec<_>>().join("\n"))
}

/// The row as one JSON object.
pub fn row(app: &mut App) -> Vec<Effect> {
    let Some(scored) = app.predict.scored.ready() else {
        app.say(Tone::Plain, "there is no row to copy yet");
        return Vec::new();
    };
    let fields = scored.record.values.iter().map(|(name, text)| (name.clone(), text.as_str().into()));
    let text = serde_json::Value::Object(fields.collect()).to_string();
    app.copy("the row", text)
}
