//! What the connections of a proxy share.

use super::rule::{Action, Rule, is_handshake};
use bson::Document;
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::sync::{Condvar, Mutex, MutexGuard};
use std::thread::JoinHandle;
use std::time::Duration;

pub struct Shared {
    pub address: SocketAddr,
    pub target: String,
    state: Mutex<State>,
    /// Whether it is frozen, or has ended.
    pub changed: Condvar,
    pub threads: Mutex<Vec<JoinHandle<()>>>,
}

#[derive(Default)]
pub struct State {
    pub rules: Vec<Rule>,
    pub commands: Vec<(String, Document)>,
    pub messages: usize,
    pub cut_at: Option<usize>,
    pub replica_set: bool,
    server_is_member: bool,
    pub frozen: bool,
    pub down: bool,
    pub ended: bool,
    /// Both sides of each connection, to close them from outside.
    connections: Vec<TcpStream>,
}

impl Shared {
    pub fn new(address: SocketAddr, target: String) -> Self {
        let (state, changed, threads) = Default::default();
        Self { address, target, state, changed, threads }
    }

    pub fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    /// Keeps the sides of a new connection, unless there shall be none.
    pub fn keep(&self, sides: [&TcpStream; 2]) -> bool {
        let mut state = self.lock();
        if !state.down {
            // The old ones are over; without this, their descriptors would stay open as long as the proxy.
            state.connections.retain(|side| side.peer_addr().is_ok());
            state.connections.extend(sides.map(|side| side.try_clone().unwrap()));
        }
        !state.down
    }

    /// Closes what there is, and what is about to be.
    pub fn close_connections(&self) {
        let mut state = self.lock();
        state.down = true;
        for side in state.connections.drain(..) {
            // It may be closed already.
            let _ = side.shutdown(Shutdown::Both);
        }
        // Those that wait for a thaw are over, too.
        self.changed.notify_all();
    }

    /// Notes a command, and says what a rule wants to be done with it.
    pub fn arrived(&self, command: &str, body: Document) -> Option<Action> {
        let mut state = self.lock();
        state.commands.push((command.to_owned(), body));
        state.rules.iter_mut().find_map(|rule| rule.apply(command))
    }

    /// Counts a message that belongs to a command, and says whether it is the one to be cut.
    pub fn cuts(&self, command: &str) -> bool {
        if is_handshake(command) || ["ping", "killCursors", "endSessions"].contains(&command) {
            return false;
        }
        let mut state = self.lock();
        state.messages += 1;
        state.cut_at == Some(state.messages)
    }

    /// Waits while nothing may pass.
    pub fn while_frozen(&self) {
        let state = self.lock();
        drop(self.changed.wait_while(state, |state| state.frozen && !state.down && !state.ended).unwrap());
    }

    /// Waits, but not longer than the proxy is there.
    pub fn pause(&self, duration: Duration) {
        let state = self.lock();
        drop(self.changed.wait_timeout_while(state, duration, |state| !state.down && !state.ended).unwrap());
    }

    /// Notes what the server said it is, and says whether it shall look like a member of a set.
    pub fn greeted(&self, is_member: bool) -> bool {
        let mut state = self.lock();
        state.server_is_member = is_member;
        state.replica_set
    }

    /// Whether the server looks like a member of a set, and is none.
    pub fn only_looks_like_member(&self) -> bool {
        let state = self.lock();
        state.replica_set && !state.server_is_member
    }
}
