//! What is done to a command, and when.

use super::Proxy;
use bson::Document;
use std::sync::Arc;
use std::time::Duration;

pub type Answering = Arc<dyn Fn(&Document) -> Option<Document> + Send + Sync>;

#[derive(Clone)]
pub enum Action {
    Reply(Document),
    ReplyAfter(Document),
    Delay(Duration),
    CutBefore,
    CutAfter,
    CutWithin(usize),
    HalfClose,
    Silence,
    Run(Answering),
}

pub struct Rule {
    command: String,
    handshakes_too: bool,
    skip: usize,
    times: usize,
    action: Action,
}

impl Rule {
    /// What to do with a command of that name; counts it.
    pub fn apply(&mut self, command: &str) -> Option<Action> {
        let meant = match self.command.as_str() {
            "*" => self.handshakes_too || !is_handshake(command),
            name => name.eq_ignore_ascii_case(command),
        };
        if !meant {
            return None;
        }
        if self.skip > 0 {
            self.skip -= 1;
            return None;
        }
        self.times = self.times.checked_sub(1)?;
        Some(self.action.clone())
    }
}

/// Whether a driver sends it by itself to make a connection or to watch a server.
pub fn is_handshake(command: &str) -> bool {
    ["hello", "isMaster", "saslStart", "saslContinue"].iter().any(|name| name.eq_ignore_ascii_case(command))
}

/// A rule in the making: how often, then what. It holds from the moment that it says what.
///
/// Rules are asked in the order in which they were made, and the first that has something to say is followed: two
/// rules for one command, each once, are the answers to its first and second occurrence.
#[must_use = "a rule holds once it says what to do"]
pub struct RuleBuilder<'a> {
    proxy: &'a Proxy,
    command: String,
    handshakes_too: bool,
    skip: usize,
    times: usize,
}

impl<'a> RuleBuilder<'a> {
    pub(super) fn new(proxy: &'a Proxy, command: &str) -> Self {
        Self { proxy, command: command.to_owned(), handshakes_too: false, skip: 0, times: 1 }
    }

    /// Lets the first of them pass.
    pub fn skip(self, skip: usize) -> Self {
        Self { skip, ..self }
    }

    /// Holds for that many, instead of one.
    pub fn times(self, times: usize) -> Self {
        Self { times, ..self }
    }

    /// Holds for all of them from then on.
    pub fn always(self) -> Self {
        self.times(usize::MAX)
    }

    /// `*` means handshakes as well.
    pub fn handshakes_too(self) -> Self {
        Self { handshakes_too: true, ..self }
    }

    /// Answers with this document; the server is not asked.
    pub fn reply(self, answer: Document) {
        self.act(Action::Reply(answer));
    }

    /// Lets the server do it, and answers with this document instead: an error after the fact.
    pub fn reply_after(self, answer: Document) {
        self.act(Action::ReplyAfter(answer));
    }

    /// Holds the answer back for so long.
    pub fn delay(self, delay: Duration) {
        self.act(Action::Delay(delay));
    }

    /// Closes the connection; the server is not asked.
    pub fn cut_before(self) {
        self.act(Action::CutBefore);
    }

    /// Lets the server do it, and closes the connection instead of answering.
    pub fn cut_after(self) {
        self.act(Action::CutAfter);
    }

    /// Delivers so many bytes of the answer, and closes the connection.
    pub fn cut_within(self, bytes: usize) {
        self.act(Action::CutWithin(bytes));
    }

    /// Lets the server do it, and says on the open connection that nothing more will come.
    pub fn half_close(self) {
        self.act(Action::HalfClose);
    }

    /// Lets the server do it, and never says anything again on the open connection.
    pub fn silence(self) {
        self.act(Action::Silence);
    }

    /// Answers with what this makes of the command (the documents of an insert included); on nothing the server is asked.
    pub fn run(self, answering: impl Fn(&Document) -> Option<Document> + Send + Sync + 'static) {
        self.act(Action::Run(Arc::new(answering)));
    }

    fn act(self, action: Action) {
        let Self { proxy, command, handshakes_too, skip, times } = self;
        proxy.shared.lock().rules.push(Rule { command, handshakes_too, skip, times, action });
    }
}
