//! `register`, `promote`, `rollback`, `retire` and `annotate`: what changes the registry.

use super::confirm;
use super::meter::Meter;
use crate::cli::{Global, Promote, Register, Remark, Rollback};
use crate::context::Context;
use crate::output;
use netsec::form::{self, score, signed};
use netsec::promote::{self, Bounded, Candidate, Gate, Judgement, Outcome, Promoted, Step};
use netsec::registry::{Draft, Entry, version_number};
use netsec::stop::Stop;
use netsec::{Result, run};
use serde_json::json;
use std::process::ExitCode;
use std::sync::Mutex;

/// The gate refused.
const REFUSED: u8 = 3;

/// Tells on standard error how far it is.
struct Steps {
    meter: Meter,
    said: Mutex<Option<Step>>,
}

impl Steps {
    fn new() -> Self {
        Self { meter: Meter::new("uploading", "byte"), said: Mutex::default() }
    }

    fn tell(&self, step: Step) {
        if let Step::Upload(done, all) = step {
            self.meter.show(done, Some((done, all)));
            return;
        }
        let mut said = self.said.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if *said == Some(step) {
            return;
        }
        *said = Some(step);
        self.meter.end();
        match step {
            Step::Verify => eprintln!("reading it back, and asking it for the same predictions"),
            Step::Record => eprintln!("writing the ledger"),
            Step::Gate | Step::Upload(..) => {}
        }
    }
}

/// Registers a run's model.
pub async fn register(context: &Context, global: &Global, args: &Register) -> Result<ExitCode> {
    let registry = context.registry_named(args.of.name.as_deref())?;
    let dir = run::find(&context.home, &args.run)?;
    let draft = Draft::pack(&dir, args.family, registry.cache())?;
    let steps = Steps::new();
    let done = registry.register(&draft, &args.reason, &|step| steps.tell(step)).await;
    steps.meter.end();
    let done = done?;
    let manifest = &done.bundle.manifest;
    if global.json {
        output::print_json(&json!({"entry": done.entry, "new": done.is_new, "manifest": manifest}))?;
    } else {
        let (name, n) = (&manifest.name, manifest.version);
        let how = if done.is_new { "is" } else { "was already" };
        let size = form::count(manifest.files.values().map(|file| file.size).sum::<u64>() / 1024);
        output::print(&output::clean(&format!(
            "{name} v{n} {how} {} of run {}, {size} KiB, in {}\n",
            manifest.family,
            manifest.run,
            registry.place()
        )))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Holds a challenger against the champion, and promotes it.
pub async fn promote(context: &Context, global: &Global, args: &Promote) -> Result<ExitCode> {
    let registry = context.registry_named(args.of.name.as_deref())?;
    let candidate = match version_number(&args.what) {
        Some(n) => Candidate::Version(n),
        None => Candidate::Run(run::find(&context.home, &args.what)?, args.family),
    };
    let policy = context.policy()?;
    let considered = promote::consider(&registry, &candidate, &args.alias, &policy, &Stop::new()).await?;
    let judgement = &considered.judgement;
    let is_refused = !judgement.gate.passes() && !considered.is_there();
    let is_dry = args.dry_run || (is_refused && args.overridden.is_none());
    if !global.json {
        output::print(&output::clean(&gate_text(judgement)))?;
    }
    if is_dry {
        if global.json {
            output::print_json(&json!({"promoted": null, "judgement": judgement}))?;
        } else if is_refused {
            output::eprint_error(&promote::refusal(judgement), global.verbose);
        }
        return Ok(if is_refused { ExitCode::from(REFUSED) } else { ExitCode::SUCCESS });
    }
    let reason = args.reason.as_deref().unwrap_or_default();
    if !considered.is_there() {
        confirm::typed(global, args.yes, &about_to(judgement), registry.name())?;
    }
    let steps = Steps::new();
    let done = promote::promote(&registry, &considered, reason, args.overridden.as_deref(), &|s| steps.tell(s)).await;
    steps.meter.end();
    let done = done?;
    if global.json {
        output::print_json(&json!({"promoted": done, "judgement": judgement}))?;
    } else {
        output::print(&output::clean(&moved_text(&done)))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn about_to(judgement: &Judgement) -> String {
    let Judgement { alias, subject, champion, .. } = judgement;
    let what = subject.version.map_or_else(|| format!("run {}", subject.run), |n| format!("v{n}"));
    match champion {
        Some(n) => format!("{alias} moves from v{n} to {what}"),
        None => format!("{alias} begins with {what}"),
    }
}

fn moved_text(done: &Promoted) -> String {
    let entry = &done.entry;
    let alias = entry.alias.as_deref().unwrap_or_default();
    let mut text = if done.already {
        format!(
            "v{} is in {alias} already, since {} by {}@{} (entry {:06})\n",
            done.version, entry.at, entry.user, entry.host, entry.n
        )
    } else {
        let before = entry.previous.map_or(String::new(), |n| format!(", after v{n}"));
        format!("v{} is in {alias}{before}: ledger entry {:06}\n", done.version, entry.n)
    };
    done.notes.iter().for_each(|note| text += &format!("{note}\n"));
    text
}

/// What the gate says, in lines.
pub fn gate_text(judgement: &Judgement) -> String {
    let Judgement { subject, gate, .. } = judgement;
    let test = &subject.scores.test;
    let mut text = format!(
        "{} {}: F1 {} [{} {}], recall {}, precision {}\n",
        subject.family.code(),
        form::short(&subject.run, 6),
        score(test.f1),
        score(test.f1_ci[0]),
        score(test.f1_ci[1]),
        score(test.recall),
        score(test.precision)
    );
    text += &differences(gate);
    for check in &gate.checks {
        text += &format!("  {} {}: {}\n", if check.passed { "ok" } else { "NO" }, check.name, check.detail);
    }
    text + &gate.sentence + "\n"
}

fn differences(gate: &Gate) -> String {
    let line = |name: &str, of: &Bounded| {
        format!("  {name} {} ({} to {})\n", signed(of.value), signed(of.lower), signed(of.upper))
    };
    let mut text = gate.recall.as_ref().map_or(String::new(), |of| line("recall", of));
    text += &gate.f1.as_ref().map_or(String::new(), |of| line("F1    ", of));
    if !text.is_empty() {
        text.insert_str(
            0,
            &format!(
                "against v{}, on {} that neither was trained on ({} with positive rows; {} left out):\n",
                gate.champion.unwrap_or_default(),
                form::plural(gate.vectors, "vector"),
                form::count(gate.positive_vectors),
                form::count(gate.left_out)
            ),
        );
    }
    text
}

/// A word for an outcome.
pub fn outcome(of: Outcome) -> &'static str {
    match of {
        Outcome::First => "first",
        Outcome::Better => "better",
        Outcome::NotDistinguishable => "not distinguishable",
        Outcome::Worse => "worse",
        Outcome::TooLittleData => "too little data",
        Outcome::Unfit => "unfit",
    }
}

/// Moves an alias back.
pub async fn rollback(context: &Context, global: &Global, args: &Rollback) -> Result<ExitCode> {
    let registry = context.registry_named(args.of.name.as_deref())?;
    let to = args.to.as_deref().map(netsec::registry::parse_version).transpose()?;
    let ledger = registry.ledger().await?;
    let now = ledger.holder(&args.alias).map(|entry| entry.version);
    if let (Some(now), Some(back)) = (now, to.or_else(|| ledger.before(&args.alias))) {
        let doing = format!("{} moves back from v{now} to v{back}", args.alias);
        confirm::typed(global, args.yes, &doing, registry.name())?;
    }
    let steps = Steps::new();
    let done = promote::rollback(&registry, &args.alias, to, &args.reason, &|step| steps.tell(step)).await?;
    if global.json {
        output::print_json(&json!({"promoted": done}))?;
    } else {
        output::print(&output::clean(&moved_text(&done)))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Says that a version is not to be promoted any more.
pub async fn retire(context: &Context, global: &Global, args: &Remark) -> Result<ExitCode> {
    let registry = context.registry_named(args.of.name.as_deref())?;
    let version = netsec::registry::parse_version(&args.version)?;
    said(global, promote::retire(&registry, version, &args.reason).await?)
}

/// Adds something to what the ledger says of a version.
pub async fn annotate(context: &Context, global: &Global, args: &Remark) -> Result<ExitCode> {
    let registry = context.registry_named(args.of.name.as_deref())?;
    let version = netsec::registry::parse_version(&args.version)?;
    said(global, promote::annotate(&registry, version, &args.reason).await?)
}

fn said(global: &Global, entry: Entry) -> Result<ExitCode> {
    if global.json {
        output::print_json(&json!({"entry": entry}))?;
    } else {
        let text = format!("v{}: {} (entry {:06}): {}\n", entry.version, entry.action.name(), entry.n, entry.reason);
        output::print(&output::clean(&text))?;
    }
    Ok(ExitCode::SUCCESS)
}
