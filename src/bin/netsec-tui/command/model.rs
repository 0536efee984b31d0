//! Which model is asked: that of a run, a version of the registry, or the champion.

use crate::cli;
use crate::context::Context;
use crate::output;
use netsec::event::Family;
use netsec::monitor::{self, Champion};
use netsec::predict::Predictor;
use netsec::registry::Selector;
use netsec::schema::Schema;
use netsec::{Error, Result, run};
use serde_json::{Value, json};

/// Loads the model that is asked for; without one the champion of the rows' schema. Unless a run was named, standard
/// error says which one it is, and how old what is known of it is where the registry cannot be reached.
pub fn chosen(context: &Context, args: &cli::Model, schema: impl FnOnce() -> Result<Schema>) -> Result<Predictor> {
    if let Some(prefix) = &args.run {
        return Predictor::load(&run::find(&context.home, prefix)?, args.family);
    }
    let runtime = super::runtime()?;
    let registry = context.registry_of(&schema()?)?;
    if let Some(text) = &args.model {
        let selector: Selector = text.parse().map_err(|e: Error| {
            e.hint("--model takes an alias (production), a version (v3), or either as NAME@v3; --run takes a run")
        })?;
        let held = runtime.block_on(registry.named(&selector))?;
        told(held.notice());
        let predictor = held.predictor()?;
        told(Some(format!("model: {}, {}", predictor.name(), predictor.family)));
        return Ok(predictor);
    }
    let champion = runtime.block_on(Champion::find(&context.home, &registry))?.ok_or_else(monitor::no_champion)?;
    told(champion.notice());
    let predictor = of(&champion, args.family)?;
    let role = match champion {
        Champion::Version(_) => "in production",
        Champion::Run(_) => "the newest finished run",
    };
    told(Some(format!("model: {}, {}, {role}", predictor.name(), predictor.family)));
    Ok(predictor)
}

/// The champion's model, of a family where one is asked for.
fn of(champion: &Champion, family: Option<Family>) -> Result<Predictor> {
    if let Champion::Run(dir) = champion {
        return Predictor::load(dir, family);
    }
    let predictor = champion.predictor()?;
    match family.filter(|family| *family != predictor.family) {
        Some(family) => {
            Err(Error::user(format!("{} has no {family} model: it is {}", predictor.name(), predictor.family))
                .hint("name a run of this host that has one: --run RUN"))
        }
        None => Ok(predictor),
    }
}

fn told(text: Option<String>) {
    if let Some(text) = text {
        eprintln!("{}", output::clean(&text));
    }
}

/// What documents say of the model beside its run: the version that it is, and how much of its training vectors is at
/// hand.
pub fn to_json(predictor: &Predictor, mut document: Value) -> Value {
    document["run"] = json!(predictor.run);
    document["family"] = json!(predictor.family);
    document["threshold"] = json!(predictor.threshold());
    document["model"] = json!(predictor.release);
    document
}
