//! Everything the console knows. Changed by `update` alone, read by `draw`.

use super::clipboard::{self, Way};
use super::gate::Dirty;
use super::jobs::Jobs;
use super::keymap::{self, Binding, Context, Keymap, stack};
use super::link::Link;
use super::load::{Notice, Tone};
use super::memory::Memory;
use super::msg::store::{Choice, Store};
use super::msg::{Effect, JobId};
use super::screen::data::DataScreen;
use super::screen::drift::DriftScreen;
use super::screen::models::{self, ModelsScreen};
use super::screen::predict::PredictScreen;
use super::screen::runs::RunsScreen;
use super::screen::shell::notices::Notices;
use super::screen::shell::settings::{Setting, SettingsView};
use super::screen::train::TrainScreen;
use super::theme::Theme;
use super::widget::Cursor;
use super::widget::input::Input;
use chrono::{DateTime, Utc};
use netsec::run::RunStatus;
use std::time::Duration;

/// The screens. Their digits are fixed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Screen {
    Data,
    Drift,
    Train,
    Runs,
    Models,
    Predict,
}

impl Screen {
    pub const ALL: [Screen; 6] =
        [Screen::Data, Screen::Drift, Screen::Train, Screen::Runs, Screen::Models, Screen::Predict];

    pub fn digit(self) -> char {
        match self {
            Screen::Data => '1',
            Screen::Drift => '2',
            Screen::Train => '3',
            Screen::Runs => '4',
            Screen::Models => '5',
            Screen::Predict => '6',
        }
    }

    pub fn name(self) -> &'static str {
        match self {
            Screen::Data => "Data",
            Screen::Drift => "Drift",
            Screen::Train => "Train",
            Screen::Runs => "Runs",
            Screen::Models => "Models",
            Screen::Predict => "Predict",
        }
    }
}

/// What a `y` does.
#[derive(Debug, Clone, PartialEq)]
pub enum Decision {
    Leave,
    CancelRun(String),
    /// Go on with a run whose validation has failed.
    AcceptRun(String),
    StopJob(JobId),
    /// Move runs to the trash.
    TrashRuns(Vec<String>),
}

/// A list of actions with a search field over it.
#[derive(Debug, Clone)]
pub struct Picker {
    pub input: Input,
    pub cursor: Cursor,
    /// What can be found.
    pub all: Vec<&'static Binding>,
    /// What is found.
    pub found: Vec<&'static Binding>,
}

/// What stands over the screen.
#[derive(Debug, Clone)]
pub enum Overlay {
    Help(Picker),
    Palette(Picker),
    Confirm { question: String, detail: String, decision: Decision },
    Reason(Notice),
    Jobs(Cursor),
    Notices(Cursor),
    Settings(SettingsView),
    Connections(Cursor),
}

/// What is fixed while the console runs, or while one store is worked on.
#[derive(Debug, Clone)]
pub struct Surroundings {
    /// Where the documents are.
    pub store: Store,
    /// Where they could be.
    pub choices: Vec<Choice>,
    /// Where the registry is.
    pub registry: &'static str,
    pub user: String,
    pub host: String,
    pub version: &'static str,
    /// Whether nothing that is shared may be changed.
    pub read_only: bool,
    /// How copied text reaches the terminal.
    pub clipboard: Way,
    /// The settings and the paths, to be looked at.
    pub settings: Vec<Setting>,
}

/// The console.
#[derive(Debug)]
pub struct App {
    pub around: Surroundings,
    pub theme: Theme,
    pub now: DateTime<Utc>,
    pub size: (u16, u16),
    pub screen: Screen,
    pub overlay: Option<Overlay>,
    /// What comes back when the question or the causes over it are closed.
    pub behind: Option<Overlay>,
    /// The last thing to tell, in place of the footer until the next key.
    pub notice: Option<Notice>,
    /// What was told so far.
    pub notices: Notices,
    /// Whether the store can be reached, and who looks after that.
    pub link: Link,
    pub watch: JobId,
    /// The connection that is being opened.
    pub connecting: Option<JobId>,
    pub keys: Keymap,
    pub data: DataScreen,
    pub drift: DriftScreen,
    pub train: TrainScreen,
    pub runs: RunsScreen,
    pub models: ModelsScreen,
    pub predict: PredictScreen,
    /// What was done since the start, for the first steps.
    pub looked: bool,
    pub predicted: bool,
    pub spin: u8,
    pub dirty: Dirty,
    /// Work that outlives a view.
    pub jobs: Jobs,
    /// What is remembered between starts.
    pub memory: Memory,
    /// Questions asked so far.
    asked: u64,
}

impl App {
    pub fn new(around: Surroundings, theme: Theme, now: DateTime<Utc>, size: (u16, u16)) -> Self {
        Self {
            link: Link::of(&around.store),
            around,
            theme,
            now,
            size,
            screen: Screen::Data,
            overlay: None,
            behind: None,
            notice: None,
            notices: Notices::default(),
            watch: JobId(0),
            connecting: None,
            keys: Keymap::default(),
            data: DataScreen::default(),
            drift: DriftScreen::default(),
            train: TrainScreen::default(),
            runs: RunsScreen::default(),
            models: ModelsScreen::default(),
            predict: PredictScreen::default(),
            looked: false,
            predicted: false,
            spin: 0,
            dirty: Dirty::No,
            jobs: Jobs::default(),
            memory: Memory::default(),
            asked: 0,
        }
    }

    /// A number for a new question.
    pub fn job(&mut self) -> JobId {
        self.asked += 1;
        JobId(self.asked)
    }

    /// A number for work that outlives the view it is asked from; it is listed among the jobs.
    pub fn begin(&mut self, what: impl AsRef<str>) -> JobId {
        let job = self.job();
        self.jobs.begin(job, super::clean::clean(what.as_ref()), self.now);
        job
    }

    /// Writes down what is remembered.
    pub fn remember(&mut self) -> Effect {
        Effect::Remember(self.job(), Box::new(self.memory.clone()))
    }

    pub fn mark(&mut self, dirty: Dirty) {
        self.dirty = self.dirty.max(dirty);
    }

    /// What to draw since the last call.
    pub fn take_dirty(&mut self) -> Dirty {
        std::mem::take(&mut self.dirty)
    }

    pub fn say(&mut self, tone: Tone, text: impl AsRef<str>) {
        self.notice = Some(Notice::new(tone, text));
    }

    /// Why a binding does nothing, where something is read-only that it would change.
    pub fn refusal(&self, binding: &Binding) -> Option<Notice> {
        if self.around.read_only && keymap::writes(binding) {
            Some(Notice::read_only())
        } else if self.around.store.read_only && keymap::pushes(binding) {
            Some(self.around.store.refusal())
        } else {
            None
        }
    }

    /// Hands text to the terminal's clipboard and says so, or says why not.
    pub fn copy(&mut self, what: &str, text: String) -> Vec<Effect> {
        let bytes = super::format::count(text.len() as u64);
        let not = |why: &str| Notice::new(Tone::Warn, format!("not copied: {why}"));
        if self.around.clipboard == Way::Off {
            self.notice = Some(not("console.clipboard is off"));
            return Vec::new();
        }
        if text.len() > clipboard::MOST {
            let most = super::format::count(clipboard::MOST as u64);
            let hint = format!("terminals take {most} at most");
            self.notice = Some(not(&format!("{what} has {bytes} bytes")).hint(hint));
            return Vec::new();
        }
        let (to, hint) = self.around.clipboard.told();
        let notice = Notice::new(Tone::Plain, format!("sent {what} ({bytes} bytes) {to}"));
        self.notice = Some(hint.iter().fold(notice, |notice, hint| notice.hint(hint)));
        vec![Effect::Copy(text)]
    }

    /// Whether there is room for detail beside the list.
    pub fn is_wide(&self) -> bool {
        self.size.0 >= 120
    }

    /// Where the focus is.
    pub fn focus(&self) -> Context {
        match &self.overlay {
            Some(Overlay::Help(_) | Overlay::Palette(_)) => Context::Picker,
            Some(Overlay::Confirm { .. }) => Context::Confirm,
            Some(Overlay::Reason(_)) => Context::Reason,
            Some(Overlay::Jobs(_)) => Context::Jobs,
            Some(Overlay::Notices(_)) => Context::Notices,
            Some(Overlay::Settings(_)) => Context::Settings,
            Some(Overlay::Connections(_)) => Context::Connections,
            None => self.view(),
        }
    }

    /// Where the focus is below whatever stands over the screen.
    pub fn view(&self) -> Context {
        match self.screen {
            Screen::Data => super::screen::data::context(self),
            Screen::Drift => super::screen::drift::context(self),
            Screen::Train => super::screen::train::context(self),
            Screen::Runs => super::screen::runs::context(self),
            Screen::Models => models::context(self),
            Screen::Predict => super::screen::predict::context(self),
        }
    }

    /// The contexts that hold, innermost first.
    pub fn contexts(&self) -> Vec<Context> {
        stack(self.focus())
    }

    pub fn running(&self) -> usize {
        self.runs.rows.ready().map_or(0, |rows| rows.iter().filter(|r| r.status == RunStatus::Running).count())
    }

    /// Whether something on the screen moves on its own.
    fn is_lively(&self) -> bool {
        if matches!(self.overlay, Some(Overlay::Jobs(_))) && self.jobs.running() > 0 {
            return true;
        }
        match self.screen {
            Screen::Data => self.data.is_lively(),
            Screen::Drift => self.drift.is_lively(),
            Screen::Train => self.train.is_lively(),
            Screen::Runs => self.runs.is_lively() || self.running() > 0,
            Screen::Models => self.models.is_lively(),
            Screen::Predict => self.predict.is_lively(),
        }
    }

    /// How long until the next tick; none when nothing runs, so that an idle console sleeps.
    pub fn pulse(&self) -> Option<Duration> {
        if self.is_lively() {
            Some(Duration::from_millis(250))
        } else if self.running() > 0 {
            Some(Duration::from_secs(2))
        } else if self.screen == Screen::Models {
            Some(models::IDLE)
        } else {
            None
        }
    }
}
