//! Moving an alias: forward through the gate, and back.

use super::{Considered, Judgement, Promoted, Step};
use crate::registry::{Action, Entry, Ledger, New, Registry, Wanted};
use crate::{Error, Result};

/// Longest text of a reason, in characters.
const LONGEST: usize = 500;

/// A reason as it is recorded.
fn checked(reason: &str, what: &str) -> Result<String> {
    let text = reason.split_whitespace().collect::<Vec<_>>().join(" ");
    let long = text.chars().count();
    if text.is_empty() {
        return Err(Error::user(format!("{what} is missing")).hint("say in a few words why: the ledger keeps it"));
    }
    if long > LONGEST {
        return Err(Error::user(format!("{what} has {long} characters"))
            .hint(format!("{LONGEST} at most; the rest belongs into the run's note")));
    }
    Ok(text)
}

/// What is said to whoever comes second.
fn too_late(alias: &str, champion: Option<u32>, now: Option<&Entry>) -> Error {
    let was = champion.map_or("nothing".to_owned(), |n| format!("v{n}"));
    match now {
        Some(entry) => Error::user(format!(
            "{}@{} was faster: {alias} is on v{} since {}, and no longer on {was} (entry {}: {})",
            entry.user, entry.host, entry.version, entry.at, entry.n, entry.reason
        )),
        None => Error::user(format!("{alias} is no longer on {was}")),
    }
    .hint("nothing was promoted: look at what is there now, and promote again to be held against it")
}

/// Moves the alias to the challenger that was considered: registers it where that is due, verifies it, and records it.
/// Whoever was considered against another champion than the present one is refused.
///
/// # Errors
/// When the gate refuses and nothing overrides it, the reason is missing, the alias was moved in the meantime, what is
/// read back is not what was uploaded, or the store cannot be read or written.
pub async fn promote(
    registry: &Registry,
    considered: &Considered,
    reason: &str,
    overridden: Option<&str>,
    tell: &(dyn Fn(Step) + Send + Sync),
) -> Result<Promoted> {
    let Judgement { alias, champion, gate, .. } = &considered.judgement;
    let reason = checked(reason, "the reason")?;
    let overridden = overridden.map(|text| checked(text, "the reason of the override")).transpose()?;
    // What is there already needs no gate: an interrupted promotion is completed.
    if !gate.passes() && overridden.is_none() && !considered.is_there() {
        return Err(refusal(&considered.judgement));
    }
    // An override that was not needed is not recorded as one.
    let overridden = overridden.filter(|_| !gate.passes());
    let registration = considered.registered(registry, &reason, tell).await?;
    tell(Step::Record);
    let decide = |ledger: &Ledger| {
        let holder = ledger.holder(alias);
        if let Some(entry) = holder.filter(|entry| entry.version == registration.version) {
            return Ok(Wanted::There(Box::new(entry.clone())));
        }
        if holder.map(|entry| entry.version) != *champion {
            return Err(too_late(alias, *champion, holder));
        }
        refuse_retired(ledger, registration.version)?;
        Ok(Wanted::Write(Box::new(New {
            action: Action::Promote,
            alias: Some(alias.clone()),
            previous: *champion,
            reason: reason.clone(),
            gate: Some(gate.clone()),
            overridden: overridden.clone(),
            ..of(&registration)
        })))
    };
    moved(registry, &decide).await
}

/// The gate's refusal as an error.
pub fn refusal(judgement: &Judgement) -> Error {
    let Judgement { alias, subject, champion, .. } = judgement;
    let what = subject.version.map_or_else(|| format!("run {}", subject.run), |n| format!("v{n}"));
    let stays = champion.map_or_else(|| format!("{alias} stays empty"), |n| format!("{alias} stays on v{n}"));
    Error::user(format!("the gate refuses {what}: {stays}"))
        .hint("--override TEXT promotes it all the same, and the ledger keeps the text")
}

fn refuse_retired(ledger: &Ledger, version: u32) -> Result<()> {
    match ledger.retirement(version) {
        None => Ok(()),
        Some(entry) => Err(Error::user(format!(
            "v{version} was retired by {}@{} on {}: {}",
            entry.user, entry.host, entry.at, entry.reason
        ))
        .hint("promote another version")),
    }
}

/// What an entry says of its version.
fn of(entry: &Entry) -> New {
    New {
        action: entry.action,
        version: entry.version,
        alias: None,
        previous: None,
        reason: String::new(),
        run: entry.run.clone(),
        digest: entry.digest.clone(),
        manifest: entry.manifest.clone(),
        gate: None,
        overridden: None,
    }
}

async fn moved(registry: &Registry, decide: &(dyn Fn(&Ledger) -> Result<Wanted> + Send + Sync)) -> Result<Promoted> {
    let (entry, is_new) = registry.record(decide).await?;
    let mut notes = Vec::new();
    // The ledger has it: what is in use is decided.
    match registry.point().await {
        Ok(moved) if !is_new && !moved.is_empty() => {
            notes.push(format!("the pointer of {} was put right", moved.join(" and ")));
        }
        Ok(_) => {}
        Err(e) => notes.push(format!(
            "the ledger has it, but the pointer for other consumers could not be rewritten: {e}; netsec-tui verify \
             --repair does it"
        )),
    }
    Ok(Promoted { version: entry.version, entry, already: !is_new, notes })
}

/// Moves the alias back: to a version that it was on, or to the one before the present one. Its files are verified
/// first.
///
/// # Errors
/// When the alias was never on the version or there is none to go back to, the version is damaged or retired, the reason
/// is missing, the alias was moved in the meantime, or the store cannot be read or written.
pub async fn rollback(
    registry: &Registry,
    alias: &str,
    to: Option<u32>,
    reason: &str,
    tell: &(dyn Fn(Step) + Send + Sync),
) -> Result<Promoted> {
    let reason = checked(reason, "the reason")?;
    let ledger = registry.ledger().await?;
    let Some(now) = ledger.holder(alias).map(|entry| entry.version) else {
        return Err(Error::user(format!("{alias} is on no version")).hint("netsec-tui ledger tells what happened"));
    };
    let Some(to) = to.or_else(|| ledger.before(alias)) else {
        return Err(Error::user(format!("{alias} was on no version before v{now}"))
            .hint("netsec-tui promote RUN puts another one there"));
    };
    if !ledger.has_held(alias, to) {
        return Err(Error::user(format!("{alias} was never on v{to}: that is no way back"))
            .hint(format!("netsec-tui promote v{to} --alias {alias} holds it against v{now} first")));
    }
    let Some(registration) = ledger.registration(to).cloned() else {
        return Err(Error::data(format!("the ledger has no registration of v{to}")).hint("netsec-tui verify"));
    };
    tell(Step::Verify);
    registry.verified(to).await?.predictor()?;
    tell(Step::Record);
    let decide = |ledger: &Ledger| {
        let holder = ledger.holder(alias);
        if let Some(entry) = holder.filter(|entry| entry.version == to) {
            return Ok(Wanted::There(Box::new(entry.clone())));
        }
        if holder.map(|entry| entry.version) != Some(now) {
            return Err(too_late(alias, Some(now), holder));
        }
        refuse_retired(ledger, to)?;
        Ok(Wanted::Write(Box::new(New {
            action: Action::Rollback,
            alias: Some(alias.to_owned()),
            previous: Some(now),
            reason: reason.clone(),
            ..of(&registration)
        })))
    };
    moved(registry, &decide).await
}

/// Says that a version is not to be promoted any more.
///
/// # Errors
/// When there is no such version, an alias is on it, the reason is missing, or the store cannot be read or written.
pub async fn retire(registry: &Registry, version: u32, reason: &str) -> Result<Entry> {
    note(registry, Action::Retire, version, reason).await
}

/// Adds something to what the ledger says of a version.
///
/// # Errors
/// When there is no such version, the text is missing, or the store cannot be read or written.
pub async fn annotate(registry: &Registry, version: u32, text: &str) -> Result<Entry> {
    note(registry, Action::Annotate, version, text).await
}

async fn note(registry: &Registry, action: Action, version: u32, text: &str) -> Result<Entry> {
    let reason = checked(text, "the text")?;
    let decide = |ledger: &Ledger| {
        let Some(registration) = ledger.registration(version) else {
            return Err(Error::user(format!("{} has no version {version}", registry.name()))
                .hint("netsec-tui models lists the versions"));
        };
        if action == Action::Retire {
            if let Some(entry) = ledger.retirement(version) {
                return Ok(Wanted::There(Box::new(entry.clone())));
            }
            if let Some(alias) = ledger.aliases_of(version).first() {
                return Err(Error::user(format!("v{version} is in {alias}"))
                    .hint(format!("move {alias} to another version first")));
            }
        }
        Ok(Wanted::Write(Box::new(New { action, reason: reason.clone(), ..of(registration) })))
    };
    registry.record(&decide).await.map(|(entry, _)| entry)
}
