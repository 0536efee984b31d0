//! Every state of the Train screen as text at three sizes, and the live view in colour.

use super::super::super::app::{App, Screen};
use super::super::super::msg::Msg;
use super::super::super::msg::train::Answer;
use super::super::super::update::{go, update};
use super::super::fake::{self, World};
use super::super::press;
use super::super::screens::{full, live, press_all, snapshots, with};
use super::{SIZES, attached, ended, follow, form, hear, hosted, wide};
use netsec::event::Event;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::style::Modifier;

#[test]
fn the_form_in_every_state() {
    snapshots("train_empty", |w, h| {
        let mut world = World::default();
        let mut app = with(&mut world, w, h);
        press_all(&mut app, &mut world, &["3"]);
        app
    });
    snapshots("train_spaces_loading", |w, h| {
        let mut app = with(&mut form(), w, h);
        go(&mut app, Screen::Train);
        app.now += chrono::TimeDelta::seconds(2);
        app
    });
    snapshots("train_spaces_failed", |w, h| {
        let mut world = form();
        let mut app = with(&mut world, w, h);
        world.broken = true;
        press_all(&mut app, &mut world, &["3"]);
        app
    });
    snapshots("train_form", |w, h| {
        let mut world = form();
        let mut app = with(&mut world, w, h);
        press_all(&mut app, &mut world, &["3", "j", "j", "j", "space"]);
        app
    });
    snapshots("train_form_wide", |w, h| {
        let mut world = full();
        let mut app = with(&mut world, w, h);
        press_all(&mut app, &mut world, &["3", "j", "l", "j", "j", "j", "j", "j", "j"]);
        app
    });
    snapshots("train_form_wrong", |w, h| {
        let mut world = form();
        let mut app = with(&mut world, w, h);
        press_all(&mut app, &mut world, &["3", "G", "backspace", "up"]);
        update(&mut app, Msg::Paste("2026-11-08..2026-11-01".to_owned()));
        press_all(&mut app, &mut world, &["enter"]);
        app
    });
    snapshots("train_loading", |w, h| {
        let mut world = form();
        let mut app = with(&mut world, w, h);
        press_all(&mut app, &mut world, &["3"]);
        press(&mut app, "enter");
        app
    });
    snapshots("train_failed", |w, h| {
        let mut world = form();
        let mut app = with(&mut world, w, h);
        press_all(&mut app, &mut world, &["3"]);
        world.broken = true;
        press_all(&mut app, &mut world, &["enter"]);
        app.notice = None;
        app
    });
}

#[test]
fn the_live_view_in_every_state() {
    snapshots("train_live_loading", |w, h| {
        let mut app = with(&mut full(), w, h);
        follow(&mut app);
        app
    });
    snapshots("train_live_failed", |w, h| {
        let mut app = with(&mut full(), w, h);
        let job = follow(&mut app);
        update(&mut app, Msg::Done(job, Answer::Heard(Err(fake::failure())).into()));
        app
    });
    snapshots("train_live_begun", |w, h| {
        let mut app = with(&mut full(), w, h);
        let job = follow(&mut app);
        hear(&mut app, job, fake::journal(false).into_iter().take(4).collect(), true);
        app
    });
    snapshots("train_live", |w, h| hosted(w, h, false));
    snapshots("train_live_wide", wide);
    snapshots("train_finished", |w, h| live(w, h, true));
    snapshots("train_interrupted", |w, h| ended(w, h, None));
    snapshots("train_cancelled", |w, h| ended(w, h, Some(Event::RunCancelled)));
    snapshots("train_run_failed", |w, h| {
        let (reason, hint) = ("writing train.parquet: No space left on device", "free some space, then R goes on");
        ended(w, h, Some(Event::RunFailed { reason: reason.to_owned(), hint: Some(hint.to_owned()) }))
    });
    snapshots("train_log", |w, h| {
        let mut app = live(w, h, true);
        press(&mut app, "l");
        app
    });
    snapshots("train_family_failed", |w, h| {
        let mut app = hosted(w, h, false);
        let live = app.train.live.as_mut().unwrap();
        (live.cursor.at, live.chosen) = (4, true);
        press(&mut app, "enter");
        app
    });
}

#[test]
fn the_zoom_in_every_state() {
    snapshots("train_zoom", |w, h| {
        let mut app = live(w, h, false);
        press(&mut app, "z");
        app
    });
    snapshots("train_zoom_point", |w, h| {
        let mut app = live(w, h, false);
        for name in ["z", "j", "left", "left"] {
            press(&mut app, name);
        }
        app
    });
    for (name, family, keys) in [
        ("halving", 3, &["z", "G"][..]),
        ("stages", 3, &["z", "j", "s", "right"]),
        ("half_way", 5, &["z"]),
        ("first_fold", 6, &["z"]),
    ] {
        snapshots(&format!("train_zoom_{name}"), |w, h| {
            let mut app = wide(w, h);
            app.train.live.as_mut().unwrap().cursor.at = family;
            for name in keys {
                press(&mut app, name);
            }
            app
        });
    }
}

#[test]
fn the_list_of_runs_in_every_state() {
    snapshots("train_attach", |w, h| attached(w, h, &[]));
    snapshots("train_attach_cancel", |w, h| attached(w, h, &["x"]));
    snapshots("train_attach_empty", |w, h| {
        let mut app = with(&mut form(), w, h);
        press_all(&mut app, &mut form(), &["3", "a"]);
        app
    });
    snapshots("train_attach_failed", |w, h| {
        let mut world = full();
        let mut app = with(&mut world, w, h);
        world.broken = true;
        press_all(&mut app, &mut world, &["3", "a"]);
        app.notice = None;
        app
    });
}

/// The cells of a screen with their colours: one run of equal style after the other, `colour+bold|text`.
fn coloured(app: &App) -> String {
    let mut terminal = Terminal::new(TestBackend::new(app.size.0, app.size.1)).unwrap();
    terminal.draw(|frame| super::super::super::screen::draw(app, frame)).unwrap();
    let buffer = terminal.backend().buffer();
    let mut out = String::new();
    for y in 0..buffer.area.height {
        let mut before = None;
        for x in 0..buffer.area.width {
            let cell = &buffer[(x, y)];
            let style = (cell.fg, cell.bg, cell.modifier);
            if before != Some(style) {
                before = Some(style);
                let (fg, bg, modifier) = style;
                let mut name = format!("{fg}");
                if format!("{bg}") != "Reset" {
                    name.push_str(&format!(" on {bg}"));
                }
                for (flag, word) in [(Modifier::BOLD, "+bold"), (Modifier::DIM, "+dim"), (Modifier::REVERSED, "+rev")] {
                    if modifier.contains(flag) {
                        name.push_str(word);
                    }
                }
                out.push_str(&format!("⟦{}⟧", name.replace("Reset", "-")));
            }
            out.push_str(cell.symbol());
        }
        out = out.trim_end().to_owned();
        out.push('\n');
    }
    out
}

#[test]
fn the_live_view_in_colour() {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("../../snapshots");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| {
        for (width, height) in SIZES {
            insta::assert_snapshot!(
                format!("train_live_colour_{width}x{height}"),
                coloured(&hosted(width, height, false))
            );
        }
    });
}
