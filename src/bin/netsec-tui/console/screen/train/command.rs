//! The command line that does what the form does.

use super::{Form, collection};
use crate::console::app::App;
use netsec::event::Family;
use netsec::store::Namespace;

/// The command for the form, or for the run that is watched.
pub fn line(app: &App) -> Option<String> {
    if let Some(manifest) = app.train.live.as_ref().and_then(|l| l.manifest.as_ref()) {
        let namespace = Namespace::new(&manifest.database, &manifest.collection).ok()?;
        let families: Vec<Family> = manifest.search.iter().map(|s| s.family).collect();
        // All that the space has need not be named; where the space is not known, naming them is right as well.
        let spaces = app.train.form.spaces.ready();
        let space = spaces.and_then(|s| s.spaces.iter().find(|(name, _)| *name == manifest.space));
        let is_all = space.is_some_and(|(_, plans)| plans.iter().map(|p| p.family).eq(families.iter().copied()));
        let families = if is_all { Vec::new() } else { families };
        return Some(compose(app, &namespace, &manifest.space, &families, manifest.seed));
    }
    let form: &Form = &app.train.form;
    Some(compose(app, &collection(app)?, form.space_name()?, &form.named(), form.seed()?))
}

fn compose(app: &App, namespace: &Namespace, space: &str, families: &[Family], seed: u64) -> String {
    let name = if namespace.database == app.around.namespace.database {
        namespace.collection.clone()
    } else {
        format!("{}/{}", namespace.database, namespace.collection)
    };
    let mut line = format!("netsec-tui train --collection {name} --space {space}");
    for family in families {
        line.push_str(&format!(" --family {family}"));
    }
    line.push_str(&format!(" --seed {seed}"));
    line
}
