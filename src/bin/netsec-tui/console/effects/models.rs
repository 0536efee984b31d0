//! The registry.

use super::Effects;
use crate::console::load::Notice;
use crate::console::msg::JobId;
use crate::console::msg::models::{Answer, Ask};

pub fn run(effects: &mut Effects, job: JobId, ask: Ask) {
    let not = || Notice::bad("not connected");
    effects.spawn(job, async move {
        match ask {
            Ask::Read => Answer::Read(Err(not())),
            Ask::Consider(..) => Answer::Considered(Err(not())),
            Ask::Verify => Answer::Verified(Err(not())),
            _ => Answer::Changed(Err(not())),
        }
    });
}
