//! The command line that does what the form does.

use super::{Form, collection};
use crate::console::app::App;
use netsec::event::Family;
use netsec::resample::Resampling;
use netsec::store::{Namespace, Window};

/// What a command line says of a run.
struct Words<'a> {
    namespace: Namespace,
    window: Window,
    space: &'a str,
    families: Vec<Family>,
    /// Another number of folds than the training file's.
    folds: Option<u32>,
    resampling: Option<Resampling>,
    seed: u64,
}

/// The command for the form, or for the run that is watched.
pub fn line(app: &App) -> Option<String> {
    if let Some(manifest) = app.train.live.as_ref().and_then(|l| l.manifest.as_ref()) {
        let families: Vec<Family> = manifest.search.iter().map(|s| s.family).collect();
        // All that the space has need not be named; where the space is not known, naming them is right as well.
        let spaces = app.train.form.spaces.ready();
        let space = spaces.and_then(|s| s.spaces.iter().find(|(name, _)| *name == manifest.space));
        let is_all = space.is_some_and(|(_, own)| own.iter().map(|s| s.family).eq(families.iter().copied()));
        let words = Words {
            namespace: Namespace::new(&manifest.database, &manifest.collection).ok()?,
            window: manifest.window,
            space: &manifest.space,
            families: if is_all { Vec::new() } else { families },
            folds: Some(manifest.folds).filter(|folds| spaces.map(|s| s.folds) != Some(*folds)),
            resampling: manifest.resampling,
            seed: manifest.seed,
        };
        return Some(compose(app, &words));
    }
    let form: &Form = &app.train.form;
    let words = Words {
        namespace: collection(app)?,
        window: form.window().ok()?,
        space: form.space_name()?,
        families: form.named(),
        folds: form.folds,
        resampling: form.resampling,
        seed: form.seed()?,
    };
    Some(compose(app, &words))
}

fn compose(app: &App, words: &Words<'_>) -> String {
    let name = &words.namespace;
    let place = if name.database == app.around.store.namespace.database {
        name.collection.clone()
    } else {
        format!("{}/{}", name.database, name.collection)
    };
    let mut line = format!("netsec-tui train --collection {place}{} --space {}", words.window.suffix(), words.space);
    for family in &words.families {
        line.push_str(&format!(" --family {family}"));
    }
    if let Some(how) = words.resampling {
        line.push_str(&format!(" --resampling {}", how.name()));
    }
    if let Some(folds) = words.folds {
        line.push_str(&format!(" --folds {folds}"));
    }
    line.push_str(&format!(" --seed {}", words.seed));
    line
}
