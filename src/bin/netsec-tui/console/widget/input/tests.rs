use super::*;

fn keys(input: &mut Input, edits: &[Edit]) {
    edits.iter().for_each(|edit| input.key(edit.key()));
}

fn type_in(input: &mut Input, text: &str) {
    text.chars().for_each(|c| input.key(KeyEvent::from(KeyCode::Char(c))));
}

/// The drawn text, and the cells that are reversed.
fn drawn(input: &Input, wide: u16, high: u16) -> (Vec<String>, Vec<(u16, u16)>) {
    use crate::console::theme::{Depth, Symbols};
    let theme = Theme { depth: Depth::Mono, light: false, contrast: false, symbols: Symbols::Braille };
    let mut buffer = Buffer::empty(Rect::new(0, 0, wide, high));
    input.draw(&mut buffer, Rect::new(0, 0, wide, high), true, "", &theme);
    let rows = (0..high).map(|y| (0..wide).map(|x| buffer[(x, y)].symbol()).collect::<String>());
    let lit = |(x, y): &(u16, u16)| buffer[(*x, *y)].modifier.contains(Modifier::REVERSED);
    let cells = (0..high).flat_map(|y| (0..wide).map(move |x| (x, y)));
    (rows.collect(), cells.filter(lit).collect())
}

#[test]
fn every_edit_has_a_key_of_its_own() {
    for (edit, ..) in KEYS {
        assert_eq!(Edit::of(&edit.key()), Some(edit));
    }
}

#[test]
fn text_is_edited_as_in_a_shell() {
    use Edit as E;
    let mut input = Input::line("one two three");
    keys(&mut input, &[E::WordLeft, E::CutLeft]);
    assert_eq!(input.text(), "three");
    keys(&mut input, &[E::PutBack]);
    assert_eq!(input.text(), "one two three");
    keys(&mut input, &[E::Home, E::WordRight, E::CutRight]);
    assert_eq!(input.text(), "one ");
    keys(&mut input, &[E::Undo]);
    assert_eq!(input.text(), "one two three");
    keys(&mut input, &[E::Redo, E::CutWord]);
    assert_eq!(input.text(), "");
    type_in(&mut input, "ab");
    keys(&mut input, &[E::Left, E::Left, E::Delete, E::End, E::Backspace]);
    assert_eq!(input.text(), "");
}

#[test]
fn a_letter_and_its_marks_are_one() {
    use Edit as E;
    let mut input = Input::line("");
    type_in(&mut input, "xe\u{301}y");
    assert_eq!(input.text(), "xe\u{301}y");
    assert_eq!(drawn(&input, 5, 1), (vec!["xe\u{301}y  ".to_owned()], vec![(3, 0)]));
    keys(&mut input, &[E::Left, E::Left]);
    assert_eq!(drawn(&input, 5, 1).1, [(1, 0)]);
    keys(&mut input, &[E::Delete]);
    assert_eq!(input.text(), "xy");
    keys(&mut input, &[E::Undo, E::Undo, E::End, E::Left, E::Backspace]);
    assert_eq!(input.text(), "xy");
    // Alone, or in heaps, marks are not taken.
    let mut input = Input::line("");
    type_in(&mut input, "\u{301}a\u{301}\u{302}\u{303}\u{304}");
    assert_eq!(input.text(), "a\u{301}\u{302}");
}

#[test]
fn wide_characters_take_their_cells() {
    use Edit as E;
    let mut input = Input::line("日本語");
    assert_eq!(drawn(&input, 8, 1).1, [(6, 0)]);
    keys(&mut input, &[E::Left]);
    assert_eq!(drawn(&input, 8, 1).1, [(4, 0)]);
    // Where the whole does not fit, what is under the cursor does.
    let (rows, lit) = drawn(&input, 3, 1);
    assert_eq!((rows[0].contains('語'), lit), (true, vec![(1, 0)]));
    // A family of three, joined: the joiners are shown, so nothing is hidden and every width is sure.
    let mut input = Input::line("👨\u{200d}👩\u{200d}👧!");
    assert_eq!(input.text(), "👨·👩·👧!");
    assert_eq!(drawn(&input, 12, 1).1, [(9, 0)]);
    keys(&mut input, &[E::Left, E::Left, E::Left]);
    assert_eq!(drawn(&input, 12, 1).1, [(5, 0)]);
    // A hand with its colour is one.
    let mut input = Input::line("a👍🏽b");
    keys(&mut input, &[E::Left]);
    assert_eq!(drawn(&input, 8, 1).1, [(3, 0)]);
    keys(&mut input, &[E::Backspace]);
    assert_eq!(input.text(), "ab");
}

#[test]
fn long_text_wraps_and_follows_the_cursor() {
    let mut input = Input::area();
    input.paste("abcdef\n日本語日\nx");
    let (rows, lit) = drawn(&input, 4, 2);
    assert_eq!((rows, lit), (vec!["語 日 ".to_owned(), "x   ".to_owned()], vec![(1, 1)]));
    keys(&mut input, &[Edit::Up, Edit::Up, Edit::End]);
    assert_eq!(drawn(&input, 4, 2).0, ["abcd", "ef  "]);
    keys(&mut input, &[Edit::Right]);
    assert_eq!(drawn(&input, 4, 3).1, [(0, 2)], "over the end of a line");
    keys(&mut input, &[Edit::Left]);
    assert_eq!(drawn(&input, 4, 3).1, [(2, 1)]);
}

#[test]
fn pasted_text_is_cleaned() {
    let mut input = Input::area();
    input.paste("a\u{1b}[31m\r\nb\tc\u{202e}");
    assert_eq!(input.text(), "a·[31m\nb\tc·");
    let mut input = Input::line("");
    input.paste("rows/a\nb");
    assert_eq!(input.text(), "rows/a b");
}
