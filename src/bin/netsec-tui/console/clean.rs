//! Text from data is untrusted: everything that came from a document, a file, a path or a journal goes through
//! [`clean`] before it is drawn.

use unicode_width::UnicodeWidthChar;

/// What stands for a character that must not reach the terminal.
pub const STAND_IN: char = '·';

/// Most marks on one letter: heaps of them reach into the lines above and below.
const MARKS: usize = 2;

/// Replaces what could move the cursor, reorder text or hide in it: control characters, bidirectional controls,
/// and whatever takes no room of its own, but for a few accents on a letter.
pub fn clean(text: &str) -> String {
    cleaned(text.chars()).collect()
}

/// As [`clean`], cut off at `most` characters: a cell never holds a megabyte.
pub fn clean_short(text: &str, most: usize) -> String {
    let mut out: String = cleaned(text.chars().take(most)).collect();
    if text.chars().nth(most).is_some() {
        out.push('…');
    }
    out
}

fn cleaned(chars: impl Iterator<Item = char>) -> impl Iterator<Item = char> {
    // How many marks the present letter may still take.
    let mut room = 0;
    chars.map(move |c| {
        if is_mark(c) && room > 0 {
            room -= 1;
            return c;
        }
        room = if c.is_alphanumeric() { MARKS } else { 0 };
        if is_harmless(c) { c } else { STAND_IN }
    })
}

/// Whether a character is an accent or the like that stands on the letter before it.
pub fn is_mark(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{34e}' | '\u{350}'..='\u{36f}' | '\u{1ab0}'..='\u{1abd}' | '\u{1dc0}'..='\u{1dff}')
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
        let hostile = "a\u{1b}[2Jb\rc\nd\u{9b}e\u{7f}f\u{202e}g\u{200b}h\u{feff}i\u{2066}j\u{034f}k\u{2028}l";
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
    fn a_letter_keeps_a_few_marks() {
        assert_eq!(clean("e\u{301}le\u{300}ve"), "e\u{301}le\u{300}ve");
        assert_eq!(clean("a\u{301}\u{302}\u{303}\u{304}"), "a\u{301}\u{302}··");
        assert_eq!(clean("\u{301} \u{301}"), "· ·");
        assert_eq!(unicode_width::UnicodeWidthStr::width(clean("e\u{301}").as_str()), 1);
    }

    #[test]
    fn long_text_is_cut() {
        assert_eq!(clean_short("abcdef", 3), "abc…");
        assert_eq!(clean_short("abc", 3), "abc");
    }
}
