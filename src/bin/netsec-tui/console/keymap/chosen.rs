//! Keys that the settings name instead of the built-in ones.

use super::{Binding, Context, Keymap, stack};
use netsec::settings::Layered;
use netsec::{Error, Result};

/// The keys that have a name; the others are one character each.
const NAMED: [&str; 16] = [
    "space",
    "enter",
    "esc",
    "tab",
    "shift-tab",
    "backspace",
    "delete",
    "left",
    "right",
    "up",
    "down",
    "home",
    "end",
    "pgup",
    "pgdn",
    "insert",
];

impl Keymap {
    /// The built-in table with the keys of `console.keys`. It is made once and lives as long as the program.
    ///
    /// # Errors
    /// A name that no action or view has, a key that cannot be typed, and a key that would do two things in one place.
    /// Each names the file and the line.
    pub fn chosen(layered: &Layered) -> Result<Self> {
        let mut map = Self::default();
        let mut chosen: Vec<(usize, String)> = Vec::new();
        let keys = &layered.settings.console.keys;
        // Those for one view come last: they stand above those for all.
        let mut named: Vec<_> = keys.iter().collect();
        named.sort_by_key(|(name, _)| name.contains('.'));
        for (name, keys) in named {
            let setting = format!("console.keys.{name}");
            let place = layered.origins.get(&setting).map_or("settings", |(_, origin)| origin.as_str());
            let bad = |why: String| {
                Error::config(format!("{place}: {setting}: {why}"))
                    .hint("netsec-tui keys lists views, actions and keys")
            };
            let (view, action) = name.split_once('.').map_or((None, name.as_str()), |(v, a)| (Some(v), a));
            let meant = |b: &Binding| b.action.name() == action && view.is_none_or(|v| b.context.name() == v);
            let found: Vec<usize> = (0..map.bindings.len()).filter(|i| meant(map.bindings[*i])).collect();
            if found.is_empty() {
                return Err(bad(match view {
                    Some(view) => format!("there is no action {action} in a view {view}"),
                    None => format!("there is no action {action}"),
                }));
            }
            for key in keys {
                check(key).map_err(&bad)?;
                if key.chars().count() == 1 && found.iter().any(|i| is_text(map.bindings[*i].context)) {
                    return Err(bad(format!("{key} is text where it would hold; take it with ctrl- or alt-")));
                }
            }
            if keys.is_empty() && action == "leave" {
                return Err(bad("the console could not be left".to_owned()));
            }
            let keys: Vec<&'static str> = keys.iter().map(|key| &*key.clone().leak()).collect();
            for i in found {
                let binding = map.bindings[i];
                map.bindings[i] = Box::leak(Box::new(Binding { keys: keys.clone().leak(), ..*binding }));
                chosen.retain(|(at, _)| *at != i);
                chosen.push((i, format!("{place}: {setting}")));
            }
        }
        for (i, place) in &chosen {
            if let Some((key, other)) = map.conflict(map.bindings[*i]) {
                let (view, action) = (other.context.name(), other.action.name());
                return Err(Error::config(format!("{place}: {key} is {action} in {view} already ({})", other.help))
                    .hint(format!("take another key here, or give {view}.{action} another one as well")));
            }
        }
        Ok(map)
    }

    /// A key of a binding that does something else where the binding holds.
    fn conflict(&self, binding: &'static Binding) -> Option<(&'static str, &'static Binding)> {
        let mut views: Vec<Context> = self.all().map(|b| b.context).collect();
        views.dedup();
        let stacks = views.into_iter().map(stack).filter(|stack| stack.contains(&binding.context));
        let clash = |stack: Vec<Context>| {
            let others: Vec<_> = self.active(&stack).filter(|b| b.action != binding.action).collect();
            binding.keys.iter().find_map(|key| Some((*key, others.iter().copied().find(|b| b.keys.contains(key))?)))
        };
        stacks.into_iter().find_map(clash)
    }
}

/// Whether a plain character is text where bindings of this context hold.
fn is_text(context: Context) -> bool {
    context.types() || matches!(context, Context::Always | Context::Text)
}

/// Whether a key can be typed: one character, or a name, with `ctrl-` and `alt-` before it.
fn check(key: &str) -> Result<(), String> {
    let base = key.strip_prefix("ctrl-").unwrap_or(key);
    let base = base.strip_prefix("alt-").unwrap_or(base);
    let function = || base.strip_prefix('f').and_then(|n| n.parse::<u8>().ok()).is_some_and(|n| (1..=24).contains(&n));
    let mut letters = base.chars();
    let single = matches!((letters.next(), letters.next()), (Some(c), None) if !c.is_control() && c != ' ');
    if single || NAMED.contains(&base) || function() {
        return Ok(());
    }
    Err(format!("{key:?} is not a key: write it as j, G, enter, space, f5, ctrl-d or alt-x"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::console::keymap::Action;
    use netsec::settings::{Home, Overrides};

    fn load(keys: &str) -> Result<Keymap> {
        let dir = tempfile::tempdir().unwrap();
        let home = Home::locate(Some(dir.path())).unwrap();
        std::fs::write(home.settings_file(), format!("console:\n  keys:\n{keys}")).unwrap();
        Keymap::chosen(&Layered::load(&home, None, &|_| None, &Overrides::new())?)
    }

    fn keys(map: &Keymap, context: Context, action: Action) -> Vec<&'static str> {
        map.all().find(|b| b.context == context && b.action == action).unwrap().keys.to_vec()
    }

    #[test]
    fn keys_are_chosen_for_all_views_or_for_one() {
        let map = load("    sort: [S, alt-s]\n    fields.sort: [T]\n").unwrap();
        assert_eq!(keys(&map, Context::Drift, Action::Sort), ["S", "alt-s"]);
        assert_eq!(keys(&map, Context::Runs, Action::Sort), ["S", "alt-s"]);
        assert_eq!(keys(&map, Context::Fields, Action::Sort), ["T"]);
        assert_eq!(keys(&map, Context::Global, Action::Help), ["?"]);
    }

    #[test]
    fn keys_may_change_places() {
        let map = load("    table.copy-cell: [C]\n    table.copy-row: [c]\n").unwrap();
        assert_eq!(keys(&map, Context::Table, Action::CopyCell), ["C"]);
    }

    #[test]
    fn what_cannot_hold_is_refused_with_its_place() {
        for (text, part) in [
            ("    srot: [S]\n", "line 3: console.keys.srot: there is no action srot"),
            ("    runs.next-page: [S]\n", "no action next-page in a view runs"),
            ("    sort: [hyper-s]\n", "is not a key"),
            ("    help: [h]\n", "h is text"),
            ("    leave: []\n", "could not be left"),
            ("    table.copy-cell: [o]\n", "o is open-file in table already"),
            ("    table.copy-cell: [j]\n", "j is down in motion already"),
            ("    top: [q]\n", "q is close in global already"),
        ] {
            let error = load(text).unwrap_err();
            assert!(error.to_string().contains(part), "{text}: {error}");
            assert!(error.to_string().contains("line 3") && error.hint_text().is_some(), "{error}");
        }
    }
}
