//! How changes begin: what of, and whether that can be done.

use super::change::{Change, What, aliases, put_away};
use super::{Aside, Focus};
use crate::console::app::{App, Screen};
use crate::console::clean::clean;
use crate::console::load::Tone;
use crate::console::msg::Effect;
use crate::console::msg::models::Challenger;
use crate::console::update::go;
use netsec::promote::PRODUCTION;

/// Shows the change, in place of another one that is not under way.
fn show(app: &mut App, change: Change) -> Vec<Effect> {
    if app.models.change.as_ref().is_some_and(Change::is_going) {
        app.models.open = Some(Aside::Change);
        app.say(Tone::Plain, "one change at a time: this one is on its way");
        return Vec::new();
    }
    let effects = put_away(app);
    app.models.change = Some(change);
    app.models.open = Some(Aside::Change);
    effects
}

/// Begins a promotion, from wherever the challenger is shown.
pub fn challenge(app: &mut App, challenger: Challenger) -> Vec<Effect> {
    let mut effects = if app.screen == Screen::Models { Vec::new() } else { go(app, Screen::Models) };
    let change = Change { aliases: aliases(&app.models), ..Change::new(What::Promote(challenger), "", app.now) };
    effects.extend(show(app, change));
    effects
}

/// Promotes the selected version. A change that was left while it was under way is shown instead.
pub fn promote(app: &mut App) -> Vec<Effect> {
    if app.models.change.is_some() {
        app.models.open = Some(Aside::Change);
        return Vec::new();
    }
    let Some((n, retired)) = complete(app) else { return Vec::new() };
    if retired {
        app.say(Tone::Warn, format!("v{n} is retired: it is not promoted any more"));
        return Vec::new();
    }
    challenge(app, Challenger::Version(n))
}

/// The version that is meant, and whether it is retired; none is said so.
fn complete(app: &mut App) -> Option<(u32, bool)> {
    let n = app.models.meant();
    let found = n.and_then(|n| app.models.overview.ready()?.version(n).map(|version| (n, version.retired.is_some())));
    match (n, found) {
        (_, Some(found)) => return Some(found),
        (Some(n), None) => app.say(Tone::Warn, format!("v{n} is not complete: there is nothing to work with")),
        (None, None) => app.say(Tone::Plain, "there is no version yet; P on a finished run brings the first one"),
    }
    None
}

/// The alias that would be rolled back, from which version to which; or why none is.
pub fn rollback_of(app: &App) -> Result<(String, u32, u32), String> {
    let models = &app.models;
    let overview = models.overview.ready().ok_or("the registry was not read yet")?;
    let ledger = &overview.ledger;
    let of_entry = models.current_entry().filter(|_| models.focus == Focus::Ledger).and_then(|e| e.alias.clone());
    let in_use = || ledger.aliases().into_iter().find(|alias| ledger.holder(alias).is_some()).map(str::to_owned);
    let production = ledger.holder(PRODUCTION).map(|_| PRODUCTION.to_owned());
    let alias = of_entry.or(production).or_else(in_use).ok_or("no alias is on a version yet")?;
    let from = ledger.holder(&alias).map(|entry| entry.version).ok_or("the alias is on no version")?;
    let chosen = models.meant().filter(|n| *n != from && ledger.has_held(&alias, *n));
    match chosen.or_else(|| ledger.before(&alias)) {
        Some(to) => Ok((alias, from, to)),
        None => Err(format!("{} was on no other version than v{from}", clean(&alias))),
    }
}

pub fn rollback(app: &mut App) -> Vec<Effect> {
    match rollback_of(app) {
        Ok((alias, from, to)) => {
            let name = app.models.overview.ready().map(|overview| overview.name.clone()).unwrap_or_default();
            let change = Change { alias, ..Change::new(What::Rollback { from, to }, &name, app.now) };
            show(app, change)
        }
        Err(why) => {
            app.say(Tone::Plain, why);
            Vec::new()
        }
    }
}

pub fn retire(app: &mut App) -> Vec<Effect> {
    let Some((n, retired)) = complete(app) else { return Vec::new() };
    let ledger = app.models.overview.ready().map(|overview| &overview.ledger);
    let holds = ledger.and_then(|ledger| ledger.aliases_of(n).first().map(|alias| clean(alias)));
    if let Some(alias) = holds {
        app.say(Tone::Warn, format!("v{n} is in {alias}: promote another one, or roll back, before it is retired"));
        return Vec::new();
    }
    if retired {
        app.say(Tone::Plain, format!("v{n} is retired already"));
        return Vec::new();
    }
    show(app, Change::new(What::Retire(n), &format!("v{n}"), app.now))
}

pub fn annotate(app: &mut App) -> Vec<Effect> {
    let Some((n, _)) = complete(app) else { return Vec::new() };
    show(app, Change::new(What::Annotate(n), "", app.now))
}
