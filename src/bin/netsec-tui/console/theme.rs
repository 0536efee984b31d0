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
    /// Whether nothing is dim and every colour stands out: at least 7 to 1 against the ground, where that is ours to
    /// choose.
    pub contrast: bool,
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
            Hue { ansi: Color::LightBlue, dark: (74, (86, 180, 233)), light: (24, (20, 120, 175)) }
        }
        Family::Knn => Hue { ansi: Color::Magenta, dark: (175, (204, 121, 167)), light: (132, (160, 75, 125)) },
        Family::DecisionTree => Hue { ansi: Color::Yellow, dark: (227, (240, 228, 66)), light: (58, (125, 115, 0)) },
        Family::RandomForest => Hue { ansi: Color::Green, dark: (36, (0, 178, 130)), light: (29, (0, 120, 88)) },
        Family::AdaBoost => Hue { ansi: Color::LightRed, dark: (202, (224, 104, 20)), light: (130, (175, 75, 0)) },
        Family::GradientBoosting => {
            Hue { ansi: Color::LightYellow, dark: (214, (230, 159, 0)), light: (94, (165, 110, 0)) }
        }
        Family::NeuralNetwork => Hue { ansi: Color::Blue, dark: (33, (70, 130, 255)), light: (25, (0, 90, 160)) },
        Family::NaiveBayes => {
            Hue { ansi: Color::LightMagenta, dark: (183, (214, 175, 255)), light: (97, (110, 70, 170)) }
        }
        Family::Svm => Hue { ansi: Color::LightGreen, dark: (150, (175, 215, 135)), light: (64, (85, 125, 0)) },
        Family::Blend => Hue { ansi: Color::White, dark: (252, (208, 208, 208)), light: (238, (68, 68, 68)) },
    }
}

/// How much lighter one colour is than another, 1 to 21, as the Web Content Accessibility Guidelines measure it.
fn contrast(a: (u8, u8, u8), b: (u8, u8, u8)) -> f64 {
    let linear = |c: u8| {
        let c = f64::from(c) / 255.0;
        if c <= 0.04045 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) }
    };
    let light = |(r, g, b)| 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b) + 0.05;
    let (a, b) = (light(a), light(b));
    if a > b { a / b } else { b / a }
}

/// The steps of the colour cube in the 256 colours.
const CUBE: [u8; 6] = [0, 95, 135, 175, 215, 255];

/// The colour, and the nearest of the 256, moved away from the ground until they stand out.
fn strong((r, g, b): (u8, u8, u8), light: bool) -> (u8, (u8, u8, u8)) {
    let (ground, pull) = if light { ((255, 255, 255), 0) } else { ((0, 0, 0), 255) };
    let toward = |c: u8, step: u16| ((u16::from(c) * (16 - step) + pull * step) / 16) as u8;
    let moved = || (0..=16).map(|step| [toward(r, step), toward(g, step), toward(b, step)]);
    let stands_out = |[r, g, b]: &[u8; 3]| contrast((*r, *g, *b), ground) >= 7.0;
    let nearest = |c: u8| (0..6).min_by_key(|at: &usize| CUBE[*at].abs_diff(c)).unwrap_or(0);
    let [r, g, b] = moved().find(stands_out).unwrap_or([r, g, b]);
    let steps = moved().map(|rgb| rgb.map(nearest)).find(|at| stands_out(&at.map(|at| CUBE[at])));
    let index = steps.map_or(0, |[r, g, b]| 16 + 36 * r + 6 * g + b) as u8;
    (index, (r, g, b))
}

impl Theme {
    fn hue(&self, hue: &Hue) -> Style {
        let (index, rgb) = if self.light { hue.light } else { hue.dark };
        let (index, (r, g, b)) = if self.contrast { strong(rgb, self.light) } else { (index, rgb) };
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
        let style = self.hue(&ACCENT);
        if self.depth == Depth::Mono || self.contrast { style.add_modifier(Modifier::BOLD) } else { style }
    }

    pub fn good(&self) -> Style {
        self.hue(&GOOD)
    }

    pub fn warn(&self) -> Style {
        self.hue(&WARN)
    }

    pub fn bad(&self) -> Style {
        let style = self.hue(&BAD);
        if self.depth == Depth::Mono || self.contrast { style.add_modifier(Modifier::BOLD) } else { style }
    }

    /// Labels, units, and what carries no news.
    pub fn dim(&self) -> Style {
        match self.depth {
            _ if self.contrast => Style::new(),
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
            _ if self.contrast => Style::new().add_modifier(Modifier::REVERSED),
            (Depth::Mono | Depth::Ansi, true) => Style::new().add_modifier(Modifier::REVERSED),
            (Depth::Indexed, true) => Style::new().bg(Color::Indexed(if self.light { 253 } else { 237 })),
            (Depth::True, true) => {
                Style::new().bg(if self.light { Color::Rgb(222, 226, 230) } else { Color::Rgb(52, 56, 62) })
            }
        }
    }

    pub fn family(&self, family: Family) -> Style {
        // So many dark colours that can be told apart the cube of the 256 does not have: code and marker must do.
        if self.contrast && self.light && self.depth == Depth::Indexed {
            return self.bold();
        }
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
mod tests;
