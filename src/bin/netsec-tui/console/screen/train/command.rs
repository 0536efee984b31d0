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
        let all = families.len() == Family::ALL.len();
        let families = if all { Vec::new() } else { families };
        return Some(compose(app, &namespace, &manifest.space, &families, manifest.seed));
    }
    let form: &Form = &app.train.form;
    let families = if form.is_all() { Vec::new() } else { form.chosen() };
    Some(compose(app, &collection(app)?, form.space_name()?, &families, form.seed()?))
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
