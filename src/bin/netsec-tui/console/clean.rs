//! Text from data is untrusted: everything that came from a document, a file, a path or a journal goes through
//! [`clean`] before it is drawn.

use unicode_width::UnicodeWidthChar;

/// What stands for a character that must not reach the terminal.
pub const STAND_IN: char = '·';

/// Replaces what could move the cursor, reorder text or hide in it: control characters, bidirectional controls,
/// and whatever takes no room of its own.
pub fn clean(text: &str) -> String {
    text.chars().map(|c| if is_harmless(c) { c } else { STAND_IN }).collect()
}

/// As [`clean`], cut off at `most` characters: a cell never holds a megabyte.
pub fn clean_short(text: &str, most: usize) -> String {
    let mut out: String = text.chars().take(most).map(|c| if is_harmless(c) { c } else { STAND_IN }).collect();
    if text.chars().nth(most).is_some() {
        out.push('…');
    }
    out
}

/// Whether a character may reach the terminal.
pub fn is_harmless(c: char) -> bool {
    // Width 0 covers the zero-width and bidirectional controls; none is given for control characters. The separators
    // are listed because some terminals take them for line ends.
    c.width().is_some_and(|w| w > 0)
        && !matches!(c, '\u{2028}' | '\u{2029}' | '\u{061c}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}')
        && !matches!(c, '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{00ad}' | '\u{180e}' | '\u{fff9}'..='\u{fffb}')
        && !matches!(c, '\u{e0000}'..='\u{e0fff}' | '\u{115f}' | '\u{1160}' | '\u{3164}' | '\u{ffa0}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_acts_on_a_terminal_survives() {
        let hostile = "a\u{1b}[2Jb\rc\nd\u{9b}e\u{7f}f\u{202e}g\u{200b}h\u{feff}i\u{2066}j\u{0301}k\u{2028}l";
        let safe = clean(hostile);
        assert!(safe.chars().all(is_harmless), "{safe:?}");
        assert_eq!(safe, "a·[2Jb·c·d·e·f·g·h·i·j·k·l");
    }

    #[test]
    fn ordinary_text_of_any_script_is_untouched() {
        for text in ["URL_Length", "größer als 1", "日本語", "½ → ✓"] {
            assert_eq!(clean(text), text);
        }
    }

    #[test]
    fn long_text_is_cut() {
        assert_eq!(clean_short("abcdef", 3), "abc…");
        assert_eq!(clean_short("abc", 3), "abc");
    }
}
