//! Colours and symbols. Nothing is said by hue alone: a state has a glyph and a word, a family a code and a marker.
//!
//! The terminal's own background is never painted, except below the selected row. Only four things may shout:
//! accent (focus), good, warn and bad.

use netsec::event::Family;
use netsec::run::RunStatus;
use ratatui::buffer::Buffer;
use ratatui::style::{Color, Modifier, Style};
use ratatui::symbols::Marker;

/// How many colours there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Depth {
    /// None: `NO_COLOR`, or `theme: mono`.
    Mono,
    /// The terminal's sixteen.
    Ansi,
    /// The 256 of xterm.
    Indexed,
    /// Any.
    True,
}

/// Which characters can be drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Symbols {
    Braille,
    Block,
    Ascii,
}

/// The look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Theme {
    pub depth: Depth,
    pub light: bool,
    pub symbols: Symbols,
}

/// One colour in every depth, on dark and on light ground.
struct Hue {
    ansi: Color,
    dark: (u8, (u8, u8, u8)),
    light: (u8, (u8, u8, u8)),
}

const ACCENT: Hue = Hue { ansi: Color::Cyan, dark: (80, (95, 205, 215)), light: (30, (0, 120, 135)) };
const GOOD: Hue = Hue { ansi: Color::Green, dark: (114, (120, 200, 120)), light: (28, (20, 120, 40)) };
const WARN: Hue = Hue { ansi: Color::Yellow, dark: (221, (245, 205, 90)), light: (130, (160, 95, 0)) };
const BAD: Hue = Hue { ansi: Color::Red, dark: (203, (255, 100, 90)), light: (124, (175, 25, 25)) };
const DIM: Hue = Hue { ansi: Color::Reset, dark: (245, (138, 138, 138)), light: (243, (112, 112, 112)) };

/// The Okabe-Ito set; darkened on light ground, where its yellow and sky blue would fade.
fn family_hue(family: Family) -> Hue {
    match family {
        Family::LogisticRegression => {
            Hue { ansi: Color::LightBlue, dark: (74, (86, 180, 233)), light: (31, (20, 120, 175)) }
        }
        Family::Knn => Hue { ansi: Color::Magenta, dark: (175, (204, 121, 167)), light: (132, (160, 75, 125)) },
        Family::DecisionTree => Hue { ansi: Color::Yellow, dark: (227, (240, 228, 66)), light: (100, (125, 115, 0)) },
        Family::RandomForest => Hue { ansi: Color::Green, dark: (36, (0, 178, 130)), light: (29, (0, 120, 88)) },
        Family::AdaBoost => Hue { ansi: Color::LightRed, dark: (166, (224, 104, 20)), light: (130, (175, 75, 0)) },
        Family::GradientBoosting => {
            Hue { ansi: Color::LightYellow, dark: (214, (230, 159, 0)), light: (136, (165, 110, 0)) }
        }
        Family::NeuralNetwork => Hue { ansi: Color::Blue, dark: (33, (60, 140, 220)), light: (25, (0, 90, 160)) },
        Family::NaiveBayes => {
            Hue { ansi: Color::LightMagenta, dark: (183, (214, 175, 255)), light: (97, (110, 70, 170)) }
        }
        Family::Svm => Hue { ansi: Color::LightGreen, dark: (150, (175, 215, 135)), light: (64, (85, 125, 0)) },
        Family::Blend => Hue { ansi: Color::White, dark: (252, (208, 208, 208)), light: (238, (68, 68, 68)) },
    }
}

impl Theme {
    fn hue(&self, hue: &Hue) -> Style {
        let (index, (r, g, b)) = if self.light { hue.light } else { hue.dark };
        match self.depth {
            Depth::Mono => Style::new(),
            Depth::Ansi => Style::new().fg(hue.ansi),
            Depth::Indexed => Style::new().fg(Color::Indexed(index)),
            Depth::True => Style::new().fg(Color::Rgb(r, g, b)),
        }
    }

    /// What has the focus, and what to press.
    pub fn accent(&self) -> Style {
        self.hue(&ACCENT).add_modifier(Modifier::BOLD)
    }

    /// A key in the footer or in help.
    pub fn key(&self) -> Style {
        if self.depth == Depth::Mono { Style::new().add_modifier(Modifier::BOLD) } else { self.hue(&ACCENT) }
    }

    pub fn good(&self) -> Style {
        self.hue(&GOOD)
    }

    pub fn warn(&self) -> Style {
        self.hue(&WARN)
    }

    pub fn bad(&self) -> Style {
        let style = self.hue(&BAD);
        if self.depth == Depth::Mono { style.add_modifier(Modifier::BOLD) } else { style }
    }

    /// Labels, units, and what carries no news.
    pub fn dim(&self) -> Style {
        match self.depth {
            Depth::Mono | Depth::Ansi => Style::new().add_modifier(Modifier::DIM),
            _ => self.hue(&DIM),
        }
    }

    pub fn plain(&self) -> Style {
        Style::new()
    }

    pub fn bold(&self) -> Style {
        Style::new().add_modifier(Modifier::BOLD)
    }

    /// The title of a pane.
    pub fn title(&self, focused: bool) -> Style {
        if focused { self.accent() } else { self.dim() }
    }

    /// The selected row. Without the focus it only keeps its mark.
    pub fn selected(&self, focused: bool) -> Style {
        match (self.depth, focused) {
            (_, false) => Style::new(),
            (Depth::Mono | Depth::Ansi, true) => Style::new().add_modifier(Modifier::REVERSED),
            (Depth::Indexed, true) => Style::new().bg(Color::Indexed(if self.light { 253 } else { 237 })),
            (Depth::True, true) => {
                Style::new().bg(if self.light { Color::Rgb(222, 226, 230) } else { Color::Rgb(52, 56, 62) })
            }
        }
    }

    pub fn family(&self, family: Family) -> Style {
        self.hue(&family_hue(family))
    }

    /// The family's marker, beside its code and colour.
    pub fn marker(&self, family: Family) -> &'static str {
        match family {
            Family::LogisticRegression => "●",
            Family::Knn => "■",
            Family::DecisionTree => "▲",
            Family::RandomForest => "◆",
            Family::AdaBoost => "▼",
            Family::GradientBoosting => "★",
            Family::NeuralNetwork => "✚",
            Family::NaiveBayes => "►",
            Family::Svm => "◄",
            Family::Blend => "◉",
        }
    }

    /// The glyph and style of a run's state; its word stands beside it.
    pub fn status(&self, status: RunStatus, spin: u8) -> (&'static str, Style) {
        match status {
            RunStatus::Running => (self.spinner(spin), self.accent()),
            RunStatus::Finished => ("●", self.good()),
            RunStatus::Failed => ("✗", self.bad()),
            RunStatus::Cancelled => ("⊘", self.dim()),
            RunStatus::Interrupted => ("↯", self.warn()),
        }
    }

    /// One cell, four positions.
    pub fn spinner(&self, spin: u8) -> &'static str {
        ["◐", "◓", "◑", "◒"][usize::from(spin % 4)]
    }

    /// The style of a verdict: phishing is the bad colour, legitimate the good one.
    pub fn verdict(&self, positive: bool) -> Style {
        if positive { self.bad() } else { self.good() }
    }

    /// The marker of charts.
    pub fn chart_marker(&self) -> Marker {
        match self.symbols {
            Symbols::Braille => Marker::Braille,
            Symbols::Block => Marker::Quadrant,
            Symbols::Ascii => Marker::Dot,
        }
    }

    /// The last pass over a frame. A reversed row is of one colour: reversed, the colours of its cells would be
    /// patches of ground. Where nothing else can be shown, symbols become ASCII: every one is one cell wide and has a
    /// stand-in of one cell, so nothing moves.
    pub fn finish(&self, buffer: &mut Buffer) {
        for cell in &mut buffer.content {
            if cell.modifier.contains(Modifier::REVERSED) {
                cell.fg = Color::Reset;
                cell.modifier.remove(Modifier::DIM);
            }
        }
        if self.symbols != Symbols::Ascii {
            return;
        }
        for cell in &mut buffer.content {
            if let Some(ascii) = ascii(cell.symbol()) {
                cell.set_symbol(ascii);
            }
        }
    }
}

fn ascii(symbol: &str) -> Option<&'static str> {
    Some(match symbol {
        "─" => "-",
        "│" | "┤" | "├" => "|",
        "└" | "┬" | "┴" | "┌" | "┐" | "┘" | "┼" => "+",
        "▌" => ">",
        "·" | "○" | "□" | "░" => ".",
        "●" | "•" => "*",
        "★" => "@",
        "◐" | "◓" | "◑" | "◒" => ">",
        "✗" => "x",
        "⊘" => "-",
        "↯" => "!",
        "✓" => "+",
        "■" | "█" => "#",
        "▲" | "↑" => "^",
        "▼" | "↓" => "v",
        "◆" => "o",
        "◉" => "0",
        "±" => "~",
        "…" => "~",
        "→" => ">",
        "←" => "<",
        "▁" => "_",
        "▂" => ".",
        "▃" => ",",
        "▄" => "-",
        "▅" => "=",
        "▆" => "+",
        "▇" => "*",
        "▸" | "►" => ">",
        "◄" => "<",
        "✚" => "+",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn without_colour_there_is_none() {
        let theme = Theme { depth: Depth::Mono, light: false, symbols: Symbols::Braille };
        for style in [theme.accent(), theme.good(), theme.bad(), theme.dim(), theme.selected(true)] {
            assert_eq!((style.fg, style.bg), (None, None));
        }
        assert!(theme.selected(true).add_modifier.contains(Modifier::REVERSED));
    }

    #[test]
    fn families_differ_in_every_depth() {
        for depth in [Depth::Ansi, Depth::Indexed, Depth::True] {
            for light in [false, true] {
                let theme = Theme { depth, light, symbols: Symbols::Ascii };
                let mut seen: Vec<_> = Family::ALL.iter().map(|f| theme.family(*f).fg).collect();
                seen.dedup();
                seen.sort_by_key(|c| format!("{c:?}"));
                seen.dedup();
                assert_eq!(seen.len(), Family::ALL.len(), "{depth:?} light {light}");
            }
        }
        let theme = Theme { depth: Depth::Mono, light: false, symbols: Symbols::Braille };
        let markers: BTreeSet<_> = Family::ALL.iter().map(|f| theme.marker(*f)).collect();
        assert_eq!(markers.len(), Family::ALL.len());
        let plain: BTreeSet<_> = markers.into_iter().map(|m| ascii(m).unwrap()).collect();
        assert_eq!(plain.len(), Family::ALL.len(), "{plain:?}");
    }
}
