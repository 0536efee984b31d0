use super::*;
use std::collections::HashMap;

fn contexts() -> Vec<Context> {
    let mut all: Vec<_> = all().map(|b| b.context).collect();
    all.dedup();
    all
}

#[test]
fn no_two_bindings_clash_where_they_hold_together() {
    for context in contexts() {
        let mut seen: HashMap<&str, Action> = HashMap::new();
        for binding in active(&stack(context)) {
            for key in binding.keys {
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
        for binding in active(&stack(context)) {
            for key in binding.keys {
                assert!(key.chars().count() > 1, "{key} in {context:?}");
            }
        }
    }
}

#[test]
fn nothing_destructive_is_a_single_key() {
    // Cancelling asks; leaving and suspending do not touch runs.
    for binding in all().filter(|b| b.action == Action::Yes) {
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
        K::F(1),
    ]
    .into_iter()
    .map(|code| name(&plain(code)))
    .collect();
    typable.extend((' '..='~').map(|c| name(&plain(K::Char(c)))));
    typable.extend(('a'..='z').map(|c| name(&KeyEvent::new(K::Char(c), KeyModifiers::CONTROL))));
    typable.push(name(&KeyEvent::new(K::Enter, KeyModifiers::ALT)));
    for key in all().flat_map(|b| b.keys) {
        assert!(typable.iter().any(|t| t == key), "{key}");
    }
}
