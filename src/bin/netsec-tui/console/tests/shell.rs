//! What surrounds the screens: header, footer, jobs, notices, settings, read-only, text fields, looks.

use super::super::app::{App, Decision, Overlay, Screen};
use super::super::gate::Dirty;
use super::super::keymap::{Context, Keymap, writes};
use super::super::load::{Load, Notice, Tone};
use super::super::msg::{Answer, Effect, JobId, Msg};
use super::super::theme::{Depth, Symbols, Theme};
use super::super::update::{start, update};
use super::fake::{self, World};
use super::screens::{full, press_all, snapshots, with};
use super::{app, key, press, screen};
use netsec::settings::{Home, Layered, Overrides};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::style::Modifier;

/// A console with jobs in every state.
fn busy(width: u16, height: u16) -> App {
    let mut app = with(&mut full(), width, height);
    let earlier = app.now;
    app.now = earlier - chrono::TimeDelta::seconds(95);
    let failed = app.begin("load /srv/feeds/2026-11-17.csv into NetworkData");
    let done = app.begin("export 8,323 documents to NetworkData.parquet");
    let stopped = app.begin("score 1,000,000 rows of NetworkData");
    app.now = earlier - chrono::TimeDelta::seconds(41);
    app.jobs.end(failed, super::super::jobs::State::Failed(fake::failure()), app.now);
    app.jobs.progress(done, 8_323, Some(8_323));
    app.jobs.end(done, super::super::jobs::State::Done, app.now);
    app.jobs.progress(stopped, 412_000, None);
    app.jobs.end(stopped, super::super::jobs::State::Stopped, app.now);
    let running = app.begin("export NetworkData to NetworkData.csv");
    app.now = earlier;
    update(&mut app, Msg::Progress(running, 3_000, Some(10_000)));
    app
}

#[test]
fn jobs_are_listed() {
    snapshots("jobs_none", |w, h| {
        let mut app = with(&mut full(), w, h);
        press(&mut app, "J");
        app
    });
    snapshots("jobs_all", |w, h| {
        let mut app = busy(w, h);
        press(&mut app, "J");
        app
    });
    snapshots("jobs_failed", |w, h| {
        let mut app = busy(w, h);
        for key in ["J", "end", "enter"] {
            press(&mut app, key);
        }
        app
    });
}

#[test]
fn a_job_is_stopped_after_a_question() {
    let mut app = with(&mut World::default(), 80, 24);
    let effects = press(&mut app, "s");
    let Some(Effect::Data(job, _)) = effects.first().cloned() else { panic!("{effects:?}") };
    assert!(app.data.push.pane.is_loading() && screen(&app).contains("1 job"));
    for key in ["J", "x"] {
        assert!(press(&mut app, key).is_empty());
    }
    assert!(matches!(app.overlay, Some(Overlay::Confirm { decision: Decision::StopJob(_), .. })));
    press(&mut app, "n");
    assert!(matches!(app.overlay, Some(Overlay::Jobs(_))), "one level back");
    press(&mut app, "x");
    let effects = press(&mut app, "y");
    assert!(matches!(&effects[..], [Effect::Stop(stopped), ..] if *stopped == job));
    // What was stored until then is looked at.
    assert!(effects.iter().any(|e| matches!(e, Effect::Data(_, super::super::msg::data::Ask::Catalog))), "{effects:?}");
    assert!(app.data.push.pane.failed().is_some(), "whoever waits is told");
    assert_eq!((app.jobs.running(), screen(&app).contains("stopped: load")), (0, true));
    // An answer that was on its way changes nothing.
    let late = Answer::Data(super::super::msg::data::Answer::Pushed(Ok(Box::new(fake::pushed()))));
    update(&mut app, Msg::Done(job, late));
    assert!(app.data.push.pane.failed().is_some());
    press(&mut app, "c");
    assert!(app.jobs.list.is_empty());
    press(&mut app, "esc");
    assert!(app.overlay.is_none());
}

#[test]
fn leaving_tells_of_jobs() {
    let mut app = busy(80, 24);
    press(&mut app, "q");
    assert!(screen(&app).contains("1 job will be stopped"), "{}", screen(&app));
}

#[test]
fn notices_are_kept_with_their_causes() {
    let told = |w, h| {
        let mut app = with(&mut full(), w, h);
        press(&mut app, "tab");
        press(&mut app, "c");
        app.now += chrono::TimeDelta::seconds(7);
        update(&mut app, Msg::Done(JobId(0), Answer::Forgotten(fake::failure())));
        app
    };
    snapshots("notices_none", |w, h| {
        let mut app = with(&mut full(), w, h);
        press(&mut app, "M");
        app
    });
    snapshots("notices_two", |w, h| {
        let mut app = told(w, h);
        press(&mut app, "M");
        app
    });
    let mut app = told(80, 24);
    for key in ["M", "enter"] {
        press(&mut app, key);
    }
    assert!(screen(&app).contains("Permission denied"), "{}", screen(&app));
    press(&mut app, "esc");
    assert!(matches!(app.overlay, Some(Overlay::Notices(_))));
    let effects = press(&mut app, "c");
    assert!(matches!(&effects[..], [Effect::Copy(text)] if text.contains("Permission denied")), "{effects:?}");
    press(&mut app, "esc");
    // The same again in a row is one; the list is bounded.
    let before = app.notices.list.len();
    for n in 0..500 {
        update(&mut app, Msg::Done(JobId(0), Answer::Forgotten(Notice::new(Tone::Warn, format!("{}", n / 2)))));
    }
    assert!(before < 5 && app.notices.list.len() == 200);
    assert_eq!(app.notices.list[1].1.headline, "248");
}

#[test]
fn settings_are_shown_and_found() {
    let open = |w, h, typed: &str| {
        let mut app = with(&mut full(), w, h);
        press(&mut app, ",");
        typed.chars().for_each(|c| _ = press(&mut app, &c.to_string()));
        app
    };
    snapshots("settings_all", |w, h| open(w, h, ""));
    snapshots("settings_found", |w, h| open(w, h, "fps"));
    snapshots("settings_nothing", |w, h| open(w, h, "zzzz"));
    let mut app = open(80, 24, "fps");
    assert!(matches!(&press(&mut app, "enter")[..], [Effect::Copy(text)] if text == "10"));
    assert!(matches!(&press(&mut app, "ctrl-o")[..], [Effect::Copy(text)] if text == "/srv/netsec/netsec.yaml"));
    press(&mut app, "ctrl-u");
    press(&mut app, "end");
    assert!(screen(&app).contains("collection"), "ctrl-u empties the field");
    press(&mut app, "esc");
    assert!(app.overlay.is_none());
}

#[test]
fn the_header_tells_where_who_and_what_runs() {
    let mut app = busy(80, 24);
    app.around.read_only = true;
    let first = |app: &App| screen(app).lines().next().unwrap().to_owned();
    assert_eq!(first(&app), " netsec   embedded   read-only · registry local      ◐ 1 job   user@ip-10-0-1-7");
    // Who it is goes before what runs does.
    app.size.0 = 50;
    assert!(first(&app).contains("1 job") && !first(&app).contains("user@"), "{}", first(&app));
    // Reached as before: nothing is drawn. Not any more: it is said, in word and glyph.
    app.size.0 = 80;
    app.take_dirty();
    let watch = app.watch;
    update(&mut app, Msg::Done(watch, Answer::Reached(Ok(()))));
    assert_eq!(app.take_dirty(), Dirty::No);
    update(&mut app, Msg::Done(watch, Answer::Reached(Err(fake::failure()))));
    assert_eq!(app.take_dirty(), Dirty::Data);
    assert!(first(&app).contains("✗ embedded: not reachable since 14:02:41"), "{}", first(&app));
    press(&mut app, "!");
    assert!(screen(&app).contains("Permission denied"), "{}", screen(&app));
    press(&mut app, "esc");
    app.take_dirty();
    update(&mut app, Msg::Done(watch, Answer::Reached(Err(fake::failure()))));
    assert_eq!(app.take_dirty(), Dirty::No);
}

/// Every key that writes, in every view where it holds, asks for nothing.
#[test]
fn a_read_only_console_changes_nothing() {
    for rows in [0, 10_000] {
        for name in ["1", "2", "3", "4", "6"] {
            let mut world = World { rows, started: rows > 0, ..World::default() };
            let mut app = with(&mut world, 120, 40);
            app.around.read_only = true;
            press_all(&mut app, &mut world, &[name]);
            for binding in app.keys.active(&app.contexts()).filter(|b| writes(b)).collect::<Vec<_>>() {
                let effects = press(&mut app, binding.keys[0]);
                assert!(
                    effects.iter().all(|e| e.refused(Notice::read_only).is_none()),
                    "{name} {binding:?}: {effects:?}"
                );
                assert!(app.overlay.is_none() && app.notice.as_ref().unwrap().headline.starts_with("read-only"));
                let footer = screen(&app).lines().last().unwrap().to_owned();
                assert!(binding.label.is_none_or(|label| !footer.contains(label)), "{footer}");
            }
        }
    }
}

/// What is asked for in a roundabout way is refused where effects are done, and the pane says so.
#[test]
fn a_refused_effect_fails_in_its_pane() {
    let mut app = with(&mut World::default(), 80, 24);
    app.around.read_only = true;
    let effects = press(&mut app, "enter");
    assert!(app.data.push.pane.is_loading());
    let answers: Vec<Msg> = effects.iter().filter_map(|effect| effect.refused(Notice::read_only)).collect();
    assert_eq!(answers.len(), 1);
    for answer in answers {
        update(&mut app, answer);
    }
    assert!(matches!(&app.data.push.pane.load, Load::Failed(notice) if notice.headline.starts_with("read-only")));
    // Reading is not refused.
    assert!(start(&mut app).iter().all(|effect| effect.refused(Notice::read_only).is_none()));
}

#[test]
fn chosen_keys_are_bound_and_shown() {
    let dir = tempfile::tempdir().unwrap();
    let home = Home::locate(Some(dir.path())).unwrap();
    std::fs::write(home.settings_file(), "console: {keys: {table.next-page: [ctrl-f], global.help: [K]}}\n").unwrap();
    let layered = Layered::load(&home, None, &|_| None, &Overrides::new()).unwrap();
    let mut world = full();
    let mut app = with(&mut world, 120, 40);
    app.keys = Keymap::chosen(&layered).unwrap();
    press_all(&mut app, &mut world, &["tab"]);
    assert_eq!(app.focus(), Context::Table);
    let footer = screen(&app).lines().last().unwrap().to_owned();
    assert!(footer.contains("ctrl-f next page") && footer.contains("K more"), "{footer}");
    press(&mut app, "?");
    assert!(app.overlay.is_none(), "the key of before does nothing");
    press(&mut app, "K");
    assert!(screen(&app).contains("ctrl-f"), "{}", screen(&app));
}

/// Each place where text is typed: what the hands know works there.
#[test]
fn every_text_field_is_edited_alike() {
    let ways: [(&str, &[&str], Context); 9] = [
        ("1", &["o"], Context::Path),
        ("1", &["tab", "/"], Context::Filter),
        ("2", &["/"], Context::Find),
        ("2", &["w"], Context::Sides),
        ("4", &["enter", "t"], Context::Threshold),
        ("4", &["=", "e"], Context::ComparisonFile),
        ("6", &[], Context::Paste),
        ("1", &[":"], Context::Picker),
        ("1", &[","], Context::Settings),
    ];
    for (at, keys, context) in ways {
        let mut world = full();
        let mut app = with(&mut world, 120, 40);
        press_all(&mut app, &mut world, &[at]);
        press_all(&mut app, &mut world, keys);
        if context == Context::Paste {
            press_all(&mut app, &mut world, &["e"]);
        }
        if app.focus() != context {
            panic!("{context:?} is not reached: {:?}", app.focus());
        }
        // Emptied first: some fields hold what was there before.
        for name in ["end", "ctrl-u"] {
            press(&mut app, name);
        }
        let lit = |app: &App| -> Option<(u16, String)> {
            let mut terminal = Terminal::new(TestBackend::new(120, 40)).unwrap();
            terminal.draw(|frame| super::super::screen::draw(app, frame)).unwrap();
            let buffer = terminal.backend().buffer();
            let cells = (0..40).flat_map(|y| (0..120).map(move |x| (x, y)));
            let cells: Vec<_> = cells.filter(|p| buffer[*p].modifier.contains(Modifier::REVERSED)).collect();
            let (x, y) = *cells.first()?;
            Some((x, (0..120).map(|x| buffer[(x, y)].symbol()).collect()))
        };
        let (left, _) = lit(&app).unwrap_or_else(|| panic!("{context:?} shows no cursor"));
        for (steps, want, cursor) in [
            (&["a", "b", "space", "c", "d"][..], "ab cd", 5),
            (&["home"], "ab cd", 0),
            (&["alt-f"], "ab cd", 3),
            (&["ctrl-k"], "ab", 3),
            (&["ctrl-y"], "ab cd", 5),
            (&["ctrl-left"], "ab cd", 3),
            (&["ctrl-a", "ctrl-e", "ctrl-w"], "ab", 3),
            (&["alt-u"], "ab cd", 5),
            (&["alt-r"], "ab", 3),
            (&["ctrl-u"], "", 0),
        ] {
            for name in steps {
                press(&mut app, name);
            }
            assert_eq!(app.focus(), context, "{steps:?}");
            let (x, line) = lit(&app).unwrap();
            assert!(line.contains(want), "{context:?} {steps:?}: {line}");
            assert!(want.contains("cd") || !line.contains("cd"), "{context:?} {steps:?}: {line}");
            assert_eq!(x - left, cursor, "{context:?} {steps:?}: {line}");
        }
        update(&mut app, Msg::Paste("日本\u{1b}[2J".to_owned()));
        assert_eq!(lit(&app).unwrap().0 - left, 4 + 4, "{context:?}");
    }
}

/// Every look of a screen has the same words: colour adds, it never replaces.
#[test]
fn every_look_says_the_same() {
    for name in ["1", "2", "3", "4", "6"] {
        let mut world = full();
        let mut app = with(&mut world, 120, 40);
        press_all(&mut app, &mut world, &[name]);
        let words = |app: &App| screen(app).replace(|c: char| !c.is_ascii_alphanumeric() && !c.is_whitespace(), " ");
        let first = words(&app);
        for depth in [Depth::Mono, Depth::Ansi, Depth::Indexed, Depth::True] {
            for (light, contrast) in [(false, false), (true, false), (false, true), (true, true)] {
                app.theme = Theme { depth, light, contrast, symbols: Symbols::Braille };
                assert_eq!(words(&app), first, "{name} {:?}", app.theme);
            }
        }
        app.theme.symbols = Symbols::Ascii;
        assert!(screen(&app).is_ascii(), "{}", screen(&app));
    }
}

/// Help shows each binding of the view, and running from it does what the key does.
#[test]
fn help_and_palette_cover_every_action() {
    for name in ["1", "2", "3", "4", "6"] {
        let mut world = full();
        let mut app = with(&mut world, 120, 40);
        press_all(&mut app, &mut world, &[name]);
        let contexts = app.contexts();
        let help = super::super::screen::shell::picker::help(&app);
        for binding in app.keys.active(&contexts) {
            assert!(help.all.iter().any(|b| b.action == binding.action), "{binding:?}");
        }
        let palette = super::super::screen::shell::picker::palette(&app);
        for binding in app.keys.all().filter(|b| b.context.screen().is_some() && !b.context.types()) {
            let missing = !palette.all.iter().any(|b| b.action == binding.action);
            let moves = app.keys.all().any(|b| b.context == Context::Motion && b.action == binding.action);
            use super::super::keymap::Action as A;
            let plain = matches!(binding.action, A::Back | A::Close | A::Pane);
            assert!(!missing || moves || plain, "{binding:?} is not in the palette of {name}");
        }
    }
    let mut app = with(&mut full(), 80, 24);
    for name in [":", "s", "e", "t", "t", "i", "n", "g", "s", "enter"] {
        press(&mut app, name);
    }
    assert!(matches!(app.overlay, Some(Overlay::Settings(_))));
    assert_eq!(app.screen, Screen::Data);
    update(&mut app, Msg::Key(key("esc")));
    assert!(app.overlay.is_none());
}

#[test]
fn copying_says_how_it_goes() {
    use super::super::clipboard::Way;
    let mut app = app(80, 24);
    for (way, part, sent) in [
        (Way::Plain, "to your terminal's clipboard", 1),
        (Way::Tmux, "through tmux", 1),
        (Way::Screen, "through screen", 1),
        (Way::Off, "not copied", 0),
    ] {
        app.around.clipboard = way;
        let effects = app.copy("the id", "7f3a21".to_owned());
        assert_eq!(effects.len(), sent);
        assert!(app.notice.as_ref().unwrap().headline.contains(part), "{:?}", app.notice);
    }
    app.around.clipboard = Way::Plain;
    assert!(app.copy("the document", "x".repeat(80_000)).is_empty());
    assert!(app.notice.as_ref().unwrap().headline.contains("80,000 bytes"));
}
