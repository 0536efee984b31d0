use super::*;
use std::collections::HashMap;

fn contexts() -> Vec<Context> {
    let mut all: Vec<_> = built_in().map(|b| b.context).collect();
    all.dedup();
    all
}

#[test]
fn no_two_bindings_clash_where_they_hold_together() {
    for context in contexts() {
        let mut seen: HashMap<&str, Action> = HashMap::new();
        for binding in Keymap::default().active(&stack(context)) {
            for key in binding.keys {
                // A list under a field takes the keys that would move between the lines of a longer text.
                if seen.contains_key(key) && binding.context == C::Text {
                    continue;
                }
                // `esc` in a view of its own stands before the general one and does the same.
                if let Some(other) = seen.insert(key, binding.action)
                    && other != binding.action
                {
                    panic!("{key} in {context:?} is {other:?} and {:?}", binding.action);
                }
            }
        }
    }
}

#[test]
fn no_plain_character_is_bound_where_text_is_typed() {
    for context in contexts().into_iter().filter(|c| c.types()) {
        for binding in Keymap::default().active(&stack(context)) {
            for key in binding.keys {
                assert!(key.chars().count() > 1, "{key} in {context:?}");
            }
        }
    }
}

#[test]
fn nothing_destructive_is_a_single_key() {
    // Cancelling asks; leaving and suspending do not touch runs.
    for binding in built_in().filter(|b| b.action == Action::Yes) {
        assert_eq!(binding.context, C::Confirm);
    }
}

#[test]
fn every_key_in_the_table_can_be_typed() {
    use KeyCode as K;
    let plain = |code| KeyEvent::new(code, KeyModifiers::NONE);
    let mut typable: Vec<String> = [
        K::Enter,
        K::Esc,
        K::Tab,
        K::BackTab,
        K::Left,
        K::Right,
        K::Up,
        K::Down,
        K::Home,
        K::End,
        K::PageUp,
        K::PageDown,
        K::Backspace,
        K::Delete,
        K::F(1),
    ]
    .into_iter()
    .map(|code| name(&plain(code)))
    .collect();
    typable.extend((' '..='~').map(|c| name(&plain(K::Char(c)))));
    typable.extend(('a'..='z').map(|c| name(&KeyEvent::new(K::Char(c), KeyModifiers::CONTROL))));
    typable.extend(('a'..='z').map(|c| name(&KeyEvent::new(K::Char(c), KeyModifiers::ALT))));
    // Terminals send ctrl-_ and ctrl-/ as one byte, which is read as ctrl-7.
    typable.extend(['_', '7'].map(|c| name(&KeyEvent::new(K::Char(c), KeyModifiers::CONTROL))));
    for code in [K::Enter, K::Backspace, K::Delete, K::Left, K::Right] {
        typable.extend([KeyModifiers::ALT, KeyModifiers::CONTROL].map(|with| name(&KeyEvent::new(code, with))));
    }
    for key in built_in().flat_map(|b| b.keys) {
        assert!(typable.iter().any(|t| t == key), "{key}");
    }
}

/// Settings name actions and views: two must not share a name.
#[test]
fn names_tell_actions_and_views_apart() {
    let mut names: HashMap<String, String> = HashMap::new();
    for binding in built_in() {
        for (name, what) in [
            (format!("action {}", binding.action.name()), format!("{:?}", binding.action)),
            (format!("view {}", binding.context.name()), format!("{:?}", binding.context)),
        ] {
            assert!(!name.ends_with(' '), "{what}");
            let first = names.entry(name.clone()).or_insert_with(|| what.clone()).clone();
            assert_eq!(first, what, "{name}");
        }
    }
    assert_eq!(Action::Screen(Screen::Data).name(), "screen-data");
    assert_eq!(Action::Text(Edit::WordLeft).name(), "text-word-left");
}
