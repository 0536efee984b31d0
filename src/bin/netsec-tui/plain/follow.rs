//! Following a run: a line for what happened, and now and then one for how far it is.

use super::{LOOK, Session, name};
use crate::command::train::{line, progress};
use crate::plain::dialogue::Step;
use netsec::run::{Follower, RunDir, RunState};
use std::time::{Duration, Instant};

/// How long nothing may be said while a run goes on.
const SILENCE: Duration = Duration::from_secs(10);

impl Session<'_> {
    /// Tells what happens until the run ends, or until a line is entered.
    pub(super) fn follow(&mut self, dir: &RunDir) -> Step {
        let mut follower = Follower::new(dir.journal());
        let search = dir.manifest()?.search;
        let mut state = RunState::replay(&follower.poll()?);
        if state.stage.is_some() {
            self.say(format!("Run {}: {}.", name(&dir.id), progress(&state, &search)))?;
        }
        if self.dialogue.is_person {
            self.say("Following; enter stops that, the run goes on.")?;
        }
        let mut said = Instant::now();
        loop {
            // Asked before reading: what a worker wrote before it ended is then surely read.
            let alive = dir.is_alive();
            for stamped in follower.poll()? {
                state.apply(&stamped);
                if let Some(line) = line(&stamped, self.global.verbose) {
                    self.say(line)?;
                    said = Instant::now();
                }
            }
            if !alive {
                return self.say(format!("Run {} is {}.", name(&dir.id), dir.status()?));
            }
            if said.elapsed() >= SILENCE {
                self.say(progress(&state, &search))?;
                said = Instant::now();
            }
            // What a script says next is for after the run.
            if !self.dialogue.is_person {
                std::thread::sleep(LOOK);
            } else if self.dialogue.line_within(LOOK)?.is_some() {
                return self.say("Not following any more.");
            }
        }
    }
}
