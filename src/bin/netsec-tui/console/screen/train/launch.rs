//! What a run is to be: the form's state and what keys do to it.

use crate::console::app::App;
use crate::console::keymap::Action;
use crate::console::load::{Notice, Pane, Tone};
use crate::console::msg::{Effect, Spaces};
use crate::console::update::motion;
use crate::console::widget::Cursor;
use crate::console::widget::input::Input;
use crossterm::event::{KeyCode, KeyEvent};
use netsec::event::Family;
use netsec::run::Request;
use netsec::store::Namespace;

/// The form's rows: collection, space, the families, seed.
pub const ROWS: usize = 2 + Family::ALL.len() + 1;

/// What a run is to be.
#[derive(Debug)]
pub struct Form {
    pub spaces: Pane<Spaces>,
    pub collection: Option<Namespace>,
    pub space: usize,
    pub families: [bool; Family::ALL.len()],
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
            families: [true; Family::ALL.len()],
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

    /// The number of trials of a family in the chosen space; none when it has no grid for it.
    pub fn trials(&self, family: Family) -> Option<usize> {
        let (_, grids) = self.spaces.ready()?.spaces.get(self.space)?;
        grids.iter().find(|(f, _)| *f == family).map(|(_, n)| *n)
    }

    /// The families that are on and have a grid.
    pub fn chosen(&self) -> Vec<Family> {
        Family::ALL
            .into_iter()
            .zip(self.families)
            .filter(|(f, on)| *on && self.trials(*f).is_some())
            .map(|(f, _)| f)
            .collect()
    }

    /// Whether every family that the space has is on: then none need be named.
    pub fn is_all(&self) -> bool {
        Family::ALL.into_iter().zip(self.families).all(|(f, on)| on || self.trials(f).is_none())
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
        Action::Toggle => match app.train.form.cursor.at {
            at if (2..ROWS - 1).contains(&at) => app.train.form.families[at - 2] ^= true,
            _ => choose(app, true),
        },
        Action::Back => app.train.form.cursor.step(-1, ROWS),
        action => {
            let cursor = &mut app.train.form.cursor;
            if let Some(by) = motion(action, cursor, ROWS) {
                cursor.step(by, ROWS);
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
        at if at < ROWS - 1 => app.train.form.families[at - 2] ^= true,
        _ => {}
    }
}

fn submit(app: &mut App) -> Vec<Effect> {
    let form = &app.train.form;
    let complaint = if form.starting.is_loading() {
        Some("the run is being started")
    } else if form.spaces.ready().is_none() {
        Some("the search spaces are not read yet")
    } else if form.chosen().is_empty() {
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
        families: if form.is_all() { Vec::new() } else { form.chosen() },
        space: form.space_name().map(str::to_owned),
        seed: form.seed().unwrap_or(1),
    };
    let job = app.job();
    app.train.form.starting.restart(job, app.now);
    vec![Effect::Start(job, request)]
}
