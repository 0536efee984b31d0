//! What a run is to be: the form's state and what keys do to it.

use crate::console::app::App;
use crate::console::keymap::Action;
use crate::console::load::{Notice, Pane, Tone};
use crate::console::msg::Effect;
use crate::console::msg::train::{Ask, Plan, Spaces};
use crate::console::update::motion;
use crate::console::widget::Cursor;
use crate::console::widget::input::Input;
use crossterm::event::{KeyCode, KeyEvent};
use netsec::event::Family;
use netsec::run::Request;
use netsec::store::Namespace;
use std::collections::BTreeSet;

/// What a run is to be.
#[derive(Debug)]
pub struct Form {
    pub spaces: Pane<Spaces>,
    pub collection: Option<Namespace>,
    pub space: usize,
    /// The families that are switched off.
    pub off: BTreeSet<Family>,
    pub seed: Input,
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
            seed: Input::line("1"),
            cursor: Cursor::default(),
            starting: Pane::default(),
        }
    }
}

impl Form {
    pub fn space_name(&self) -> Option<&str> {
        self.spaces.ready().and_then(|s| s.spaces.get(self.space)).map(|(name, _)| name.as_str())
    }

    /// What the chosen space tries: the families that the form lists.
    pub fn plans(&self) -> &[Plan] {
        self.spaces.ready().and_then(|s| s.spaces.get(self.space)).map_or(&[], |(_, plans)| plans)
    }

    /// The form's rows: collection, space, the families, seed.
    pub fn rows(&self) -> usize {
        2 + self.plans().len() + 1
    }

    /// Whether a family is on. It stays so in other spaces.
    pub fn is_on(&self, family: Family) -> bool {
        !self.off.contains(&family)
    }

    /// What is tried: the families of the space that are on.
    pub fn chosen(&self) -> impl Iterator<Item = &Plan> {
        self.plans().iter().filter(|p| self.is_on(p.family))
    }

    /// The families to name: none when all that the space has are on.
    pub fn named(&self) -> Vec<Family> {
        let chosen: Vec<Family> = self.chosen().map(|p| p.family).collect();
        if chosen.len() == self.plans().len() { Vec::new() } else { chosen }
    }

    /// Switches the family in the row with the cursor, if there is one.
    fn switch(&mut self) {
        let Some(plan) = self.cursor.at.checked_sub(2).and_then(|i| self.plans().get(i)) else { return };
        let family = plan.family;
        if !self.off.remove(&family) {
            self.off.insert(family);
        }
    }

    pub fn seed(&self) -> Option<u64> {
        self.seed.text().trim().parse().ok()
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
    let wanted =
        [app.train.form.collection.as_ref(), app.data.open.as_ref().map(|o| &o.namespace), Some(&app.around.namespace)];
    wanted.into_iter().flatten().find(|n| all.contains(n)).or(all.first()).cloned()
}

pub fn typed(app: &mut App, key: KeyEvent) {
    if let KeyCode::Char(c) = key.code
        && !c.is_ascii_digit()
    {
        return;
    }
    app.train.form.seed.key(key);
}

/// What keys do in the form.
pub fn perform(app: &mut App, action: Action) -> Vec<Effect> {
    match action {
        Action::Submit => return submit(app),
        Action::Left | Action::Right => choose(app, action == Action::Right),
        Action::Toggle => choose(app, true),
        Action::Back => {
            let rows = app.train.form.rows();
            app.train.form.cursor.step(-1, rows);
        }
        action => {
            let rows = app.train.form.rows();
            let cursor = &mut app.train.form.cursor;
            if let Some(by) = motion(action, cursor, rows) {
                cursor.step(by, rows);
            }
        }
    }
    Vec::new()
}

/// The choice before or after in the row with the cursor.
fn choose(app: &mut App, forward: bool) {
    let turn = |at: usize, len: usize| if forward { (at + 1) % len } else { (at + len - 1) % len };
    match app.train.form.cursor.at {
        0 => {
            let all = collections(app);
            if let Some(at) = collection(app).and_then(|now| all.iter().position(|n| *n == now)) {
                app.train.form.collection = Some(all[turn(at, all.len())].clone());
            }
        }
        1 => {
            let spaces = app.train.form.spaces.ready().map_or(0, |s| s.spaces.len());
            if spaces > 0 {
                app.train.form.space = turn(app.train.form.space, spaces);
            }
        }
        _ => app.train.form.switch(),
    }
}

fn submit(app: &mut App) -> Vec<Effect> {
    let form = &app.train.form;
    let complaint = if form.starting.is_loading() {
        Some("the run is being started")
    } else if form.spaces.ready().is_none() {
        Some("the search spaces are not read yet")
    } else if form.chosen().next().is_none() {
        Some("switch on at least one family (space)")
    } else if form.seed().is_none() {
        Some("the seed is a whole number")
    } else {
        None
    };
    if let Some(complaint) = complaint {
        app.say(Tone::Warn, complaint);
        return Vec::new();
    }
    let Some(namespace) = collection(app) else {
        app.notice = Some(Notice::new(Tone::Warn, "there are no rows to train on").hint("1 then s loads a sample"));
        return Vec::new();
    };
    let request = Request {
        namespace,
        window: Default::default(),
        families: form.named(),
        space: form.space_name().map(str::to_owned),
        folds: None,
        resampling: None,
        seed: form.seed().unwrap_or(1),
        accept: false,
    };
    let job = app.job();
    app.train.form.starting.restart(job, app.now);
    vec![Effect::Train(job, Ask::Start(request))]
}
