//! What a run is to be: the form's state and what keys do to it.

use super::plan::Plan;
use crate::console::app::App;
use crate::console::clean::clean;
use crate::console::keymap::Action;
use crate::console::load::{Notice, Pane, Tone};
use crate::console::msg::Effect;
use crate::console::msg::train::{Ask, Spaces};
use crate::console::update::motion;
use crate::console::widget::Cursor;
use crate::console::widget::input::Input;
use crossterm::event::{KeyCode, KeyEvent};
use netsec::event::Family;
use netsec::resample::Resampling;
use netsec::run::Request;
use netsec::store::{Namespace, Window};
use netsec::training::{self, FamilySearch};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// A row of the form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Field {
    Collection,
    Space,
    /// A family, by its place in the space.
    Family(usize),
    Resampling,
    Folds,
    /// The time in which the rows were stored.
    Window,
    Seed,
}

impl Field {
    /// Whether it takes text.
    pub fn types(self) -> bool {
        matches!(self, Field::Window | Field::Seed)
    }
}

/// The last form that started a run, as it is remembered between starts. What is no longer there is passed over.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Launch {
    pub collection: Option<String>,
    pub space: Option<String>,
    pub off: Vec<Family>,
    pub resampling: Option<Resampling>,
    pub folds: Option<u32>,
    pub window: String,
    pub seed: Option<u64>,
}

/// What a run is to be.
#[derive(Debug)]
pub struct Form {
    pub spaces: Pane<Spaces>,
    pub collection: Option<Namespace>,
    pub space: usize,
    /// The families that are switched off.
    pub off: BTreeSet<Family>,
    /// How every trial balances the classes; as the space says without it.
    pub resampling: Option<Resampling>,
    /// Another number of folds than the training file's.
    pub folds: Option<u32>,
    pub window: Input,
    pub seed: Input,
    /// What the chosen space tries, balanced as chosen: the families that the form lists.
    pub search: Vec<FamilySearch>,
    pub cursor: Cursor,
    /// A run that is being started.
    pub starting: Pane<String>,
}

impl Default for Form {
    fn default() -> Self {
        Self {
            spaces: Pane::default(),
            collection: None,
            space: 0,
            off: BTreeSet::new(),
            resampling: None,
            folds: None,
            window: Input::line(""),
            seed: Input::line("1"),
            search: Vec::new(),
            cursor: Cursor::default(),
            starting: Pane::default(),
        }
    }
}

impl Form {
    pub fn space_name(&self) -> Option<&str> {
        self.spaces.ready().and_then(|s| s.spaces.get(self.space)).map(|(name, _)| name.as_str())
    }

    /// Reads what the chosen space tries; after every change of space or balancing.
    pub fn lay_out(&mut self) {
        let space = self.spaces.ready().and_then(|s| s.spaces.get(self.space));
        let mut search = space.map_or_else(Vec::new, |(_, search)| search.clone());
        if let Some(how) = self.resampling {
            training::resample(&mut search, how);
        }
        self.search = search;
        let rows = self.fields().len();
        self.cursor.step(0, rows);
    }

    pub fn fields(&self) -> Vec<Field> {
        let families = (0..self.search.len()).map(Field::Family);
        let rest = [Field::Resampling, Field::Folds, Field::Window, Field::Seed];
        [Field::Collection, Field::Space].into_iter().chain(families).chain(rest).collect()
    }

    /// The field with the cursor.
    pub fn field(&self) -> Field {
        self.fields().get(self.cursor.at).copied().unwrap_or(Field::Collection)
    }

    /// Whether a family is on. It stays so in other spaces.
    pub fn is_on(&self, family: Family) -> bool {
        !self.off.contains(&family)
    }

    /// What is tried: the families of the space that are on.
    pub fn chosen(&self) -> impl Iterator<Item = &FamilySearch> {
        self.search.iter().filter(|s| self.is_on(s.family))
    }

    /// What that costs.
    pub fn cost(&self) -> Plan {
        Plan::of(self.chosen(), self.folds())
    }

    /// The folds of the run: those chosen, or the training file's.
    pub fn folds(&self) -> u32 {
        self.folds.or(self.spaces.ready().map(|s| s.folds)).unwrap_or(0)
    }

    /// The families to name: none when all that the space has are on.
    pub fn named(&self) -> Vec<Family> {
        let chosen: Vec<Family> = self.chosen().map(|s| s.family).collect();
        if chosen.len() == self.search.len() { Vec::new() } else { chosen }
    }

    pub fn seed(&self) -> Option<u64> {
        self.seed.text().trim().parse().ok()
    }

    /// The time window, or what is wrong with it.
    pub fn window(&self) -> netsec::Result<Window> {
        let text = self.window.text();
        let text = text.trim();
        if text.is_empty() { Ok(Window::default()) } else { text.parse() }
    }

    /// Takes up what was remembered.
    pub fn recall(&mut self, launch: &Launch) {
        let named = launch.collection.as_deref().and_then(|name| name.split_once('/'));
        self.collection = named.and_then(|(database, name)| Namespace::new(database, name).ok());
        self.off = launch.off.iter().copied().collect();
        self.resampling = launch.resampling;
        self.folds = launch.folds.filter(|folds| training::FOLDS.contains(folds));
        self.window = Input::line(&launch.window);
        self.seed = Input::line(&launch.seed.unwrap_or(1).to_string());
        if let Some(spaces) = self.spaces.ready() {
            let at = |wanted: &str| spaces.spaces.iter().position(|(name, _)| name == wanted);
            self.space = launch.space.as_deref().and_then(at).or(at(&spaces.default)).unwrap_or(0);
        }
        self.lay_out();
    }

    fn input(&mut self) -> Option<&mut Input> {
        match self.field() {
            Field::Window => Some(&mut self.window),
            Field::Seed => Some(&mut self.seed),
            _ => None,
        }
    }
}

/// The collections that can be trained on: rejected rows cannot.
pub fn collections(app: &App) -> Vec<Namespace> {
    app.data
        .collections()
        .into_iter()
        .filter(|(_, c)| !c.name.ends_with(netsec::push::REJECTED))
        .filter_map(|(d, c)| Namespace::new(d, &c.name).ok())
        .collect()
}

/// The collection of the form: the one chosen, the one that is browsed, the default one, the first.
pub fn collection(app: &App) -> Option<Namespace> {
    let all = collections(app);
    let wanted = [
        app.train.form.collection.as_ref(),
        app.data.open.as_ref().map(|o| &o.namespace),
        Some(&app.around.store.namespace),
    ];
    wanted.into_iter().flatten().find(|n| all.contains(n)).or(all.first()).cloned()
}

/// What stands in the way of a run, by the field where it is to be mended.
pub fn complaints(app: &App) -> Vec<(Field, String)> {
    let form = &app.train.form;
    let mut found = Vec::new();
    if collection(app).is_none() && !app.data.catalog.is_loading() {
        found.push((Field::Collection, "no rows yet: 1 then s loads a sample".to_owned()));
    }
    if !form.search.is_empty() && form.chosen().next().is_none() {
        found.push((Field::Family(0), "switch on at least one".to_owned()));
    }
    if let Err(wrong) = form.window() {
        found.push((Field::Window, clean(&wrong.to_string())));
    }
    if form.seed().is_none() {
        found.push((Field::Seed, "a whole number".to_owned()));
    }
    found
}

pub fn typed(app: &mut App, key: KeyEvent) {
    let form = &mut app.train.form;
    let digits = form.field() == Field::Seed;
    if let (KeyCode::Char(c), true) = (key.code, digits)
        && !c.is_ascii_digit()
        && key.modifiers.is_empty()
    {
        return;
    }
    if let Some(input) = form.input() {
        input.key(key);
    }
}

pub fn pasted(app: &mut App, text: &str) {
    if let Some(input) = app.train.form.input() {
        input.paste(text.trim());
    }
}

/// What keys do in the form.
pub fn perform(app: &mut App, action: Action) -> Vec<Effect> {
    let form = &mut app.train.form;
    let rows = form.fields().len();
    match action {
        Action::Submit => return submit(app),
        Action::Left | Action::Right => choose(app, action == Action::Right),
        Action::Toggle => choose(app, true),
        Action::Clear => {
            if let Some(input) = form.input() {
                input.clear();
            }
        }
        action => {
            if let Some(by) = motion(action, &form.cursor, rows) {
                form.cursor.step(by, rows);
            }
        }
    }
    Vec::new()
}

/// The place before or behind one in a ring.
fn turn(at: usize, len: usize, forward: bool) -> usize {
    if forward { (at + 1) % len } else { (at + len - 1) % len }
}

/// The choice before or after in the row with the cursor.
fn choose(app: &mut App, forward: bool) {
    let form = &mut app.train.form;
    match form.field() {
        Field::Collection => {
            let all = collections(app);
            if let Some(at) = collection(app).and_then(|now| all.iter().position(|n| *n == now)) {
                app.train.form.collection = Some(all[turn(at, all.len(), forward)].clone());
            }
        }
        Field::Space => {
            let spaces = form.spaces.ready().map_or(0, |s| s.spaces.len());
            if spaces > 0 {
                form.space = turn(form.space, spaces, forward);
                form.lay_out();
            }
        }
        Field::Family(at) => {
            if let Some(family) = form.search.get(at).map(|s| s.family)
                && !form.off.remove(&family)
            {
                form.off.insert(family);
            }
        }
        Field::Resampling => {
            let all: Vec<Option<Resampling>> =
                std::iter::once(None).chain(Resampling::ALL.into_iter().map(Some)).collect();
            let at = all.iter().position(|how| *how == form.resampling).unwrap_or(0);
            form.resampling = all[turn(at, all.len(), forward)];
            form.lay_out();
        }
        Field::Folds => {
            let all: Vec<u32> = training::FOLDS.collect();
            let at = all.iter().position(|folds| *folds == form.folds()).unwrap_or(0);
            let folds = all[turn(at, all.len(), forward)];
            form.folds = (form.spaces.ready().map(|s| s.folds) != Some(folds)).then_some(folds);
        }
        Field::Window | Field::Seed => {}
    }
}

fn submit(app: &mut App) -> Vec<Effect> {
    let form = &app.train.form;
    let wait = if form.starting.is_loading() {
        Some("the run is being started")
    } else if form.spaces.ready().is_none() {
        Some("the search spaces are not read yet")
    } else {
        None
    };
    if let Some(wait) = wait {
        app.say(Tone::Warn, wait);
        return Vec::new();
    }
    if let Some((field, what)) = complaints(app).into_iter().next() {
        let form = &mut app.train.form;
        form.cursor.at = form.fields().iter().position(|f| *f == field).unwrap_or(0);
        app.notice = Some(Notice::new(Tone::Warn, what));
        return Vec::new();
    }
    let (Some(namespace), form) = (collection(app), &app.train.form) else { return Vec::new() };
    let (Some(seed), Ok(window)) = (form.seed(), form.window()) else { return Vec::new() };
    let request = Request {
        namespace,
        window,
        families: form.named(),
        space: form.space_name().map(str::to_owned),
        folds: form.folds,
        resampling: form.resampling,
        seed,
        accept: false,
    };
    let launch = Launch {
        collection: Some(format!("{}/{}", request.namespace.database, request.namespace.collection)),
        space: request.space.clone(),
        off: form.off.iter().copied().collect(),
        resampling: form.resampling,
        folds: form.folds,
        window: form.window.text().trim().to_owned(),
        seed: Some(seed),
    };
    let job = app.job();
    app.train.form.starting.restart(job, app.now);
    let mut effects = vec![Effect::Train(job, Ask::Start(request))];
    if app.memory.train != launch {
        app.memory.train = launch;
        effects.push(app.remember());
    }
    effects
}
