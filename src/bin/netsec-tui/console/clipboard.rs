//! Copying to the analyst's own clipboard, through the terminal (OSC 52): the host's clipboard is nobody's.

use netsec::files::base64;

/// Most bytes of text that terminals are known to take.
pub const MOST: usize = 74_994;

/// Most bytes that GNU screen passes on at once.
const CHUNK: usize = 512;

/// What stands between the console and the terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    Plain,
    /// tmux takes the sequence itself where `set-clipboard` is on, and passes it on wrapped where `allow-passthrough`
    /// is: it gets both.
    Tmux,
    /// GNU screen knows no OSC 52, and passes on what is wrapped, in small pieces.
    Screen,
    /// Nothing is sent.
    Off,
}

impl Way {
    /// The way that a setting names, or that the surroundings show: `auto`.
    pub fn find(setting: &str, env: &dyn Fn(&str) -> Option<String>) -> Self {
        let has = |name: &str| env(name).is_some_and(|value| !value.is_empty());
        match setting {
            "plain" => Self::Plain,
            "tmux" => Self::Tmux,
            "screen" => Self::Screen,
            "off" => Self::Off,
            // Both may be there, one in the other: the inner one is told by the kind of terminal it shows.
            _ if has("TMUX") && has("STY") && !env("TERM").is_some_and(|term| term.starts_with("tmux")) => {
                if env("TERM_PROGRAM").as_deref() == Some("tmux") { Self::Tmux } else { Self::Screen }
            }
            _ if has("TMUX") => Self::Tmux,
            _ if has("STY") => Self::Screen,
            // Behind ssh the variables are gone, the kind of terminal is not. `screen` may be either: plain text
            // does no harm in both.
            _ if env("TERM").is_some_and(|term| term.starts_with("tmux")) => Self::Tmux,
            _ => Self::Plain,
        }
    }

    /// What is said of it, and what must be so that it arrives.
    pub fn told(self) -> (&'static str, Option<&'static str>) {
        match self {
            Self::Plain => ("to your terminal's clipboard (OSC 52)", None),
            Self::Tmux => (
                "to your clipboard through tmux (OSC 52)",
                Some("it arrives where tmux, and one around it, has set-clipboard on or allow-passthrough on"),
            ),
            Self::Screen => ("to your clipboard through screen (OSC 52)", None),
            Self::Off => ("nowhere", None),
        }
    }
}

/// The bytes that hand text to the terminal's clipboard.
pub fn osc52(text: &str, way: Way) -> String {
    let sequence = format!("\x1b]52;c;{}\x07", base64(text.as_bytes()));
    match way {
        Way::Tmux => format!("{sequence}{}", passed_on(&sequence, way)),
        Way::Plain | Way::Screen => passed_on(&sequence, way),
        Way::Off => String::new(),
    }
}

/// A sequence that is meant for the terminal, wrapped where something stands between that would keep it. GNU screen
/// gets it in pieces, so what is longer than one must be ASCII.
pub fn passed_on(sequence: &str, way: Way) -> String {
    let wrapped = |start: &str, inside: &str| format!("\x1bP{start}{inside}\x1b\\");
    match way {
        Way::Tmux => wrapped("tmux;", &sequence.replace('\x1b', "\x1b\x1b")),
        Way::Screen => {
            let pieces = (0..sequence.len()).step_by(CHUNK);
            pieces.map(|at| wrapped("", &sequence[at..(at + CHUNK).min(sequence.len())])).collect()
        }
        Way::Plain | Way::Off => sequence.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_way_has_its_wrapping() {
        assert_eq!(osc52("f", Way::Plain), "\x1b]52;c;Zg==\x07");
        assert_eq!(
            osc52("f", Way::Tmux),
            "\x1b]52;c;Zg==\x07\x1bPtmux;\x1b\x1b]52;c;Zg==\x07\x1b\\",
            "as it is, and passed through with doubled escapes"
        );
        assert_eq!(osc52("f", Way::Off), "");
        // Screen drops what is longer than its buffer: many pieces, none of them long, nothing lost.
        let text = "x".repeat(3_000);
        let sent = osc52(&text, Way::Screen);
        let pieces: Vec<&str> = sent.split("\x1b\\").filter(|p| !p.is_empty()).collect();
        assert!(pieces.len() > 7 && pieces.iter().all(|p| p.starts_with("\x1bP") && p.len() <= CHUNK + 2));
        let joined: String = pieces.iter().map(|p| &p[2..]).collect();
        assert_eq!(joined, osc52(&text, Way::Plain));
    }

    #[test]
    fn the_way_is_seen_in_the_surroundings() {
        let find = |setting: &str, pairs: &[(&str, &str)]| {
            Way::find(setting, &|name| pairs.iter().find(|(n, _)| *n == name).map(|(_, v)| (*v).to_owned()))
        };
        assert_eq!(find("auto", &[("TERM", "xterm-256color")]), Way::Plain);
        assert_eq!(find("auto", &[("TMUX", "default,1,0"), ("TERM", "screen")]), Way::Tmux);
        assert_eq!(find("auto", &[("STY", "1.pts"), ("TERM", "screen.xterm")]), Way::Screen);
        assert_eq!(find("auto", &[("STY", "1.pts"), ("TMUX", "x"), ("TERM", "screen")]), Way::Screen, "screen in tmux");
        assert_eq!(find("auto", &[("STY", "1.pts"), ("TMUX", "x"), ("TERM", "tmux-256color")]), Way::Tmux);
        assert_eq!(find("auto", &[("TERM", "tmux-256color")]), Way::Tmux, "behind ssh");
        assert_eq!(find("auto", &[("TERM", "screen-256color")]), Way::Plain, "either of them");
        assert_eq!(find("off", &[("TMUX", "x")]), Way::Off);
    }
}
