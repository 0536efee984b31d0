use super::*;
use crate::console::load::{Notice, Tone};
use std::collections::BTreeSet;

const DEPTHS: [Depth; 4] = [Depth::Mono, Depth::Ansi, Depth::Indexed, Depth::True];

/// Every look there is.
fn themes() -> Vec<Theme> {
    let mut all = Vec::new();
    for depth in DEPTHS {
        for (light, contrast) in [(false, false), (false, true), (true, false), (true, true)] {
            for symbols in [Symbols::Braille, Symbols::Block, Symbols::Ascii] {
                all.push(Theme { depth, light, contrast, symbols });
            }
        }
    }
    all
}

/// A symbol as it reaches the terminal.
fn shown(theme: &Theme, symbol: &str) -> String {
    let mut buffer = Buffer::with_lines([symbol]);
    theme.finish(&mut buffer);
    buffer.content.iter().map(|cell| cell.symbol()).collect()
}

fn rgb(color: Color) -> Option<(u8, u8, u8)> {
    match color {
        Color::Rgb(r, g, b) => Some((r, g, b)),
        Color::Indexed(n @ 16..=231) => {
            let n = usize::from(n - 16);
            Some((CUBE[n / 36], CUBE[n / 6 % 6], CUBE[n % 6]))
        }
        Color::Indexed(n @ 232..) => Some((8 + 10 * (n - 232), 8 + 10 * (n - 232), 8 + 10 * (n - 232))),
        // The terminal's own: nobody knows.
        _ => None,
    }
}

#[test]
fn without_colour_there_is_none() {
    for theme in themes().into_iter().filter(|t| t.depth == Depth::Mono) {
        for style in [theme.accent(), theme.good(), theme.bad(), theme.dim(), theme.selected(true)] {
            assert_eq!((style.fg, style.bg), (None, None));
        }
        assert!(theme.selected(true).add_modifier.contains(Modifier::REVERSED));
    }
}

#[test]
fn colours_stand_out_from_the_ground() {
    for theme in themes() {
        let ground = if theme.light { (255, 255, 255) } else { (0, 0, 0) };
        let least = if theme.contrast { 7.0 } else { 4.0 };
        let mut styles = vec![theme.accent(), theme.key(), theme.good(), theme.warn(), theme.bad(), theme.dim()];
        styles.extend(Family::ALL.map(|f| theme.family(f)));
        for style in styles {
            let Some(color) = style.fg.and_then(rgb) else { continue };
            let found = contrast(color, ground);
            assert!(found >= least, "{theme:?}: {style:?} has {found:.1}");
            // On the ground of the selected row they are read as well.
            if let Some(ground) = theme.selected(true).bg.and_then(rgb) {
                assert!(contrast(color, ground) >= 2.9, "{theme:?}: {style:?} on the selected row");
            }
        }
        assert!(!theme.contrast || !theme.dim().add_modifier.contains(Modifier::DIM), "{theme:?}");
    }
}

/// What is told apart by colour is told apart without it, in every look.
#[test]
fn nothing_is_said_by_hue_alone() {
    let states =
        [RunStatus::Running, RunStatus::Finished, RunStatus::Failed, RunStatus::Cancelled, RunStatus::Interrupted];
    let tones = [Tone::Good, Tone::Plain, Tone::Warn, Tone::Bad];
    for theme in themes() {
        let glyphs: BTreeSet<_> = states.iter().map(|s| shown(&theme, theme.status(*s, 0).0)).collect();
        assert_eq!(glyphs.len(), states.len(), "{theme:?}: {glyphs:?}");
        let glyphs: BTreeSet<_> = tones.iter().map(|t| shown(&theme, Notice::new(*t, "").glyph())).collect();
        assert_eq!(glyphs.len(), tones.len(), "{theme:?}: {glyphs:?}");
        let markers: BTreeSet<_> = Family::ALL.iter().map(|f| shown(&theme, theme.marker(*f))).collect();
        assert_eq!(markers.len(), Family::ALL.len(), "{theme:?}: {markers:?}");
        // The focus: bold or not, and the mark of the selected row.
        assert_ne!(theme.title(true).add_modifier, theme.title(false).add_modifier, "{theme:?}");
        let (here, elsewhere) = (theme.selected(true), theme.selected(false));
        assert!(here != elsewhere && (here.bg.is_some() || here.add_modifier.contains(Modifier::REVERSED)));
        assert_ne!(shown(&theme, "▌"), " ");
    }
}

#[test]
fn families_differ_in_every_depth() {
    let few = |t: &Theme| t.contrast && t.light && t.depth == Depth::Indexed;
    for theme in themes().into_iter().filter(|t| t.depth != Depth::Mono && !few(t)) {
        let seen: BTreeSet<_> = Family::ALL.iter().map(|f| format!("{:?}", theme.family(*f).fg)).collect();
        assert_eq!(seen.len(), Family::ALL.len(), "{theme:?}: {seen:?}");
    }
}
