//! What keys do on the Models screen.

use super::change::{again, override_refusal, submit};
use super::{Aside, Find, Focus, begin, check, date, detail, gate, ledger, versions};
use crate::console::app::{App, Screen};
use crate::console::keymap::{Action, Context};
use crate::console::load::Tone;
use crate::console::msg::Effect;
use crate::console::update::{go, motion};
use crate::console::widget::Cursor;
use crate::console::widget::input::Input;
use netsec::run::RunStatus;

pub fn perform(app: &mut App, action: Action) -> Vec<Effect> {
    match super::context(app) {
        Context::LedgerDate if action == Action::Submit => date::submit(app),
        Context::LedgerFind if action == Action::Submit => keep_found(app),
        Context::Aliases | Context::Change | Context::ChangeText => return in_change(app, action),
        Context::Verified => return in_check(app, action),
        _ => return in_lists(app, action),
    }
    Vec::new()
}

fn in_change(app: &mut App, action: Action) -> Vec<Effect> {
    match action {
        Action::Submit => return submit(app),
        Action::Override => override_refusal(app),
        Action::Promote => return again(app),
        Action::CopyRow => {
            let judged = app.models.change.as_ref().and_then(|change| change.judged.as_ref());
            match judged.map(|(_, judged)| gate::text(&judged.gate)) {
                Some(text) => return app.copy("what the gate says", text),
                None => app.say(Tone::Plain, "the gate has said nothing yet"),
            }
        }
        other => {
            if let Some(change) = &mut app.models.change
                && change.stage == super::Stage::Alias
                && let Some(by) = motion(other, &change.cursor, change.aliases.len())
            {
                change.cursor.step(by, change.aliases.len());
            }
        }
    }
    Vec::new()
}

fn in_check(app: &mut App, action: Action) -> Vec<Effect> {
    match action {
        Action::Verify => return check::begin(app),
        Action::Cancel => return check::stop(app),
        Action::CopyRow => match check::text(app) {
            Some(text) => return app.copy("what was found", text),
            None => app.say(Tone::Plain, "nothing was verified yet"),
        },
        other => scroll(app, other),
    }
    Vec::new()
}

fn in_lists(app: &mut App, action: Action) -> Vec<Effect> {
    match action {
        Action::Open => return open(app),
        Action::Pane => {
            app.models.open = None;
            app.models.focus = match app.models.focus {
                Focus::Versions => Focus::Ledger,
                Focus::Ledger => Focus::Versions,
            };
        }
        Action::Promote => return begin::promote(app),
        Action::Rollback => return begin::rollback(app),
        Action::Retire => return begin::retire(app),
        Action::Note => return begin::annotate(app),
        Action::Verify => return check::show(app),
        Action::Filter if app.models.overview.ready().is_some() => {
            let models = &mut app.models;
            (models.open, models.focus, models.told) = (None, Focus::Ledger, None);
            let input = models.find.take().map_or_else(|| Input::line(""), |find| find.input);
            models.find = Some(Find { input, typing: true });
        }
        Action::OnDate => date::ask(app),
        Action::CopyRow => match copied(app) {
            Some(text) => return app.copy("the row", text),
            None => app.say(Tone::Plain, "there is no row yet"),
        },
        Action::CopyId => match digest(app) {
            Some(text) => return app.copy("the digest", text),
            None => app.say(Tone::Plain, "there is no version yet"),
        },
        other => scroll(app, other),
    }
    Vec::new()
}

/// Leaves the search field; an empty one goes.
fn keep_found(app: &mut App) {
    let models = &mut app.models;
    if models.find.as_ref().is_some_and(|find| find.input.text().trim().is_empty()) {
        models.find = None;
    } else if let Some(find) = &mut models.find {
        find.typing = false;
    }
    models.follow_selected();
}

/// Shows the selected one in full; where there is none, goes where a first version comes from.
fn open(app: &mut App) -> Vec<Effect> {
    let is_empty = |app: &App| app.models.overview.ready().is_some_and(|overview| overview.versions.is_empty());
    if is_empty(app) && app.models.focus == Focus::Versions && app.models.meant().is_none() {
        let finished = |app: &App| {
            app.runs.rows.ready().is_some_and(|rows| rows.iter().any(|row| row.status == RunStatus::Finished))
        };
        return if finished(app) { go(app, Screen::Runs) } else { go(app, Screen::Train) };
    }
    if detail::is_there(app) {
        app.models.open = Some(Aside::Detail);
        app.models.reading = Cursor::default();
    }
    Vec::new()
}

fn scroll(app: &mut App, action: Action) {
    let models = &mut app.models;
    if matches!(models.open, Some(Aside::Detail | Aside::Verified)) {
        let len = models.lines.get();
        if let Some(by) = motion(action, &models.reading, len) {
            // A text has no selected line: it scrolls by its first one.
            let last = len.saturating_sub(models.reading.height.get());
            models.reading.at = models.reading.at.saturating_add_signed(by).min(last);
        }
        return;
    }
    match models.focus {
        Focus::Versions => {
            let rows = versions::rows(models);
            if let Some(by) = motion(action, &models.versions, rows.len()) {
                let len = rows.len();
                models.versions.step(by, len);
                models.version = versions::rows(models).get(models.versions.at).map(versions::Row::n);
            }
        }
        Focus::Ledger => {
            let len = ledger::listed(models).len();
            if let Some(by) = motion(action, &models.ledger, len) {
                models.ledger.step(by, len);
                models.entry = models.current_entry().map(|entry| entry.n).filter(|_| models.ledger.at > 0);
            }
        }
    }
}

/// The selected row as text with tabs between.
fn copied(app: &App) -> Option<String> {
    match app.models.focus {
        Focus::Versions => versions::text(app),
        Focus::Ledger => app.models.current_entry().map(ledger::text),
    }
}

fn digest(app: &App) -> Option<String> {
    let n = app.models.meant()?;
    let overview = app.models.overview.ready()?;
    let manifest = overview.version(n).and_then(|version| version.manifest.as_ref().ok());
    let digest = manifest.map(|manifest| &manifest.digest);
    let digest = digest.or_else(|| overview.ledger.registration(n).map(|entry| &entry.digest))?;
    Some(crate::console::clean::clean(digest))
}
