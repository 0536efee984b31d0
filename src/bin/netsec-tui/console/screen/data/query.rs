//! The bar in which a filter is typed: with history, completion, and its mistakes shown where they are made.

mod complete;

use super::opened::{Opened, fetch, plan, recount};
use crate::console::app::App;
use crate::console::clean::clean;
use crate::console::msg::Effect;
use crate::console::widget::input::Input;
use complete::{Known, Offers, common, offers};
use netsec::store::{Filter, META, parse_filter};

/// Filters remembered for a collection.
const KEPT: usize = 50;

/// A mistake in what is typed.
#[derive(Debug, Clone)]
pub struct Mistake {
    /// Characters before it.
    pub at: usize,
    pub message: String,
    pub hint: String,
}

/// A filter being typed.
#[derive(Debug, Clone)]
pub struct FilterBar {
    pub input: Input,
    pub mistake: Option<Mistake>,
    /// Which of the earlier filters is shown, the newest being 0, and what was typed before they were gone through.
    earlier: Option<(usize, String)>,
    /// What tab offers, and which of it stands in the text.
    pub offers: Vec<String>,
    pub chosen: Option<usize>,
}

impl FilterBar {
    fn new(text: &str) -> Self {
        Self { input: Input::line(text), mistake: None, earlier: None, offers: Vec::new(), chosen: None }
    }

    /// Takes note that the text was changed by hand.
    fn touched(&mut self) {
        self.offers.clear();
        self.chosen = None;
        self.earlier = None;
    }
}

/// Opens the bar over the documents that are shown.
pub fn open(app: &mut App) {
    let Some(open) = &app.data.open else { return };
    let bar = FilterBar::new(&clean(&open.filter_text));
    app.data.focus = super::Focus::Table;
    app.data.filter = Some(bar);
}

/// Parses what is typed, so that a mistake shows where it is made.
pub fn check(app: &mut App) -> Option<Filter> {
    let bar = app.data.filter.as_mut()?;
    match parse_filter(&bar.input.text()) {
        Ok(filter) => {
            bar.mistake = None;
            Some(filter)
        }
        Err(error) => {
            bar.mistake = Some(Mistake { at: error.at, message: clean(&error.message), hint: clean(&error.hint) });
            None
        }
    }
}

/// Takes note that the text was changed by hand.
pub fn changed(app: &mut App) {
    if let Some(bar) = &mut app.data.filter {
        bar.touched();
    }
    check(app);
}

/// What is remembered for the collection that is shown, oldest first.
fn remembered(app: &App) -> &[String] {
    let key = app.data.open.as_ref().map(|open| open.namespace.to_string());
    key.and_then(|key| app.memory.data.queries.get(&key)).map_or(&[], Vec::as_slice)
}

/// Goes through earlier filters.
pub fn recall(app: &mut App, back: bool) {
    let all = remembered(app).to_vec();
    let Some(bar) = &mut app.data.filter else { return };
    let (at, draft) = match bar.earlier.take() {
        Some((at, draft)) => (Some(at), draft),
        None => (None, bar.input.text()),
    };
    let next = match (at, back) {
        (None, true) => 0,
        (Some(at), true) => at + 1,
        (Some(at), false) if at > 0 => at - 1,
        (_, false) => {
            bar.input = Input::line(&draft);
            check(app);
            return;
        }
    };
    let next = next.min(all.len().saturating_sub(1));
    if let Some(text) = all.len().checked_sub(next + 1).and_then(|i| all.get(i)) {
        bar.input = Input::line(text);
        bar.earlier = Some((next, draft));
    }
    bar.offers.clear();
    check(app);
}

/// Completes the word before the cursor: as far as all that fit agree, then one after the other.
pub fn complete(app: &mut App) {
    let known = known(app);
    let Some(bar) = &mut app.data.filter else { return };
    if !bar.offers.is_empty() {
        let next = bar.chosen.map_or(0, |i| (i + 1) % bar.offers.len());
        let there = bar.chosen.map_or_else(|| common(&bar.offers), |i| bar.offers[i].clone());
        bar.input.replace(there.chars().count(), &bar.offers[next]);
        bar.chosen = Some(next);
        check(app);
        return;
    }
    let text: String = bar.input.text().chars().take(bar.input.cursor()).collect();
    let Offers { typed, options } = offers(&text, &known);
    let agreed = common(&options);
    // Where one only contains what was typed, nothing is agreed on yet.
    if options.len() == 1 || agreed.chars().count() >= typed {
        bar.input.replace(typed, &agreed);
    }
    bar.touched();
    if options.len() > 1 && agreed.chars().count() >= typed {
        bar.offers = options;
    }
    check(app);
}

/// The fields that a filter may name, and the levels of those that have some.
fn known(app: &App) -> Vec<Known> {
    let Some(open) = &app.data.open else { return Vec::new() };
    let schema = open.page.ready().map(|page| &page.schema);
    let mut known: Vec<Known> = schema
        .into_iter()
        .flat_map(|schema| schema.columns())
        .map(|column| (column.name.clone(), column.levels().iter().map(ToString::to_string).collect()))
        .collect();
    let others = open.documents().iter().flat_map(|document| document.keys()).filter(|name| *name != META).cloned();
    let ours = ["source", "pushed_at"].map(|name| format!("{META}.{name}"));
    for name in others.chain(ours) {
        let name = clean(&name);
        if !known.iter().any(|(known, _)| *known == name) {
            known.push((name, Vec::new()));
        }
    }
    known
}

/// Applies the filter, and remembers it.
pub fn submit(app: &mut App) -> Vec<Effect> {
    let Some(filter) = check(app) else { return Vec::new() };
    let text = app.data.filter.take().map(|bar| bar.input.text().trim().to_owned()).unwrap_or_default();
    let Some(open) = &mut app.data.open else { return Vec::new() };
    let mut effects = open.let_go();
    *open = Opened { filter, filter_text: text.clone(), ..open.again() };
    let key = open.namespace.to_string();
    effects.extend(fetch(app));
    effects.extend(recount(app));
    effects.extend(plan(app));
    if !text.is_empty() {
        let kept = app.memory.data.queries.entry(key).or_default();
        kept.retain(|earlier| *earlier != text);
        kept.push(text);
        let over = kept.len().saturating_sub(KEPT);
        kept.drain(..over);
        effects.push(app.remember());
    }
    effects
}
