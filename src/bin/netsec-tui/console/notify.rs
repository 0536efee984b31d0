//! Telling whoever looks elsewhere that a run has ended, if they asked for it.

use super::clean::clean_short;
use super::clipboard::{Way, passed_on};

/// How the terminal tells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Notify {
    #[default]
    Off,
    /// The terminal's bell.
    Bell,
    /// A notification of the desktop (OSC 9), where the terminal shows such.
    Osc9,
}

/// Most characters of a notification: with four bytes each it is still one piece.
const LONGEST: usize = 100;

impl Notify {
    const ALL: [Notify; 3] = [Notify::Off, Notify::Bell, Notify::Osc9];

    /// By its name in the settings, which are checked.
    pub fn named(name: &str) -> Self {
        Self::ALL.into_iter().find(|way| way.name() == name).unwrap_or_default()
    }

    pub fn name(self) -> &'static str {
        match self {
            Notify::Off => "off",
            Notify::Bell => "bell",
            Notify::Osc9 => "osc9",
        }
    }

    /// The way after this one.
    pub fn next(self) -> Self {
        let at = Self::ALL.iter().position(|way| *way == self).unwrap_or(0);
        Self::ALL[(at + 1) % Self::ALL.len()]
    }

    /// What is sent to the terminal; none when nothing was asked for. tmux takes a bell for its own, and hands on a
    /// notification only when it is wrapped.
    pub fn sequence(self, text: &str, way: Way) -> Option<String> {
        match self {
            Notify::Off => None,
            Notify::Bell => Some("\x07".to_owned()),
            // The name in front: a text that began with a number would be read as another command.
            Notify::Osc9 => Some(passed_on(&format!("\x1b]9;netsec: {}\x07", clean_short(text, LONGEST)), way)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_the_text_ends_the_sequence_early() {
        let text = "run a\x07\x1b]52;c;AAAA\x07 done";
        assert_eq!(Notify::Off.sequence(text, Way::Plain), None);
        assert_eq!(Notify::Bell.sequence(text, Way::Tmux).as_deref(), Some("\x07"));
        let sent = Notify::Osc9.sequence(text, Way::Plain).unwrap();
        assert_eq!(sent, "\x1b]9;netsec: run a··]52;c;AAAA· done\x07");
        let wrapped = Notify::Osc9.sequence("4;1", Way::Tmux).unwrap();
        assert_eq!(wrapped, "\x1bPtmux;\x1b\x1b]9;netsec: 4;1\x07\x1b\\");
    }

    #[test]
    fn every_way_has_a_name_and_they_take_turns() {
        for way in Notify::ALL {
            assert_eq!(Notify::named(way.name()), way);
        }
        assert_eq!(Notify::Off.next().next().next(), Notify::Off);
    }
}
