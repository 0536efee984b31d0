//! Handing a worker the registry of whoever starts it, in its environment: it reads neither settings nor a `.env` file.

use crate::connection::Env;
use crate::object::{Location, ObjectStore};
use crate::settings::{Home, S3Settings, Settings};
use crate::{Error, Result};
use std::fmt;
use std::sync::Arc;

const PLACE: &str = "NETSEC_WORKER_REGISTRY";
const PATH_STYLE: &str = "NETSEC_WORKER_S3_PATH_STYLE";
/// What a `.env` file may hold of AWS.
const AWS: [&str; 9] = [
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_REGION",
    "AWS_DEFAULT_REGION",
    "AWS_PROFILE",
    "AWS_ENDPOINT_URL_S3",
    "AWS_ENDPOINT_URL",
    "AWS_CA_BUNDLE",
];

/// Variables that lead to a registry, and into it.
#[derive(Clone, Default)]
pub struct Handover(Vec<(&'static str, String)>);

impl fmt::Debug for Handover {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Keys are among the values.
        f.debug_set().entries(self.0.iter().map(|(name, _)| name)).finish()
    }
}

impl Handover {
    /// Of the registry that the settings name. One that cannot be is handed over as well: a run notes it and goes on.
    pub fn new(settings: &Settings, home: &Home, env: Env<'_>) -> Self {
        let place = match Location::chosen(settings, home) {
            Ok(location) => location.to_string(),
            Err(_) => settings.registry.clone().unwrap_or_default(),
        };
        let inherited = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        // A token in a file does not belong to a key of the environment.
        let foreign = |name: &str| name == "AWS_SESSION_TOKEN" && inherited("AWS_ACCESS_KEY_ID");
        let aws = AWS.into_iter().filter(|name| !inherited(name) && !foreign(name));
        let mut variables = vec![(PLACE, place), (PATH_STYLE, settings.s3.path_style.clone())];
        variables.extend(aws.filter_map(|name| Some((name, env(name).filter(|text| !text.is_empty())?))));
        for (name, value) in &mut variables {
            // A worker is not where it was started.
            if *name == "AWS_CA_BUNDLE"
                && let Ok(path) = std::path::absolute(&value)
            {
                *value = path.to_string_lossy().into_owned();
            }
        }
        Self(variables)
    }

    /// What a worker's environment gets.
    pub(crate) fn variables(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.0.iter().map(|(name, value)| (*name, value.as_str()))
    }

    /// Opens the registry that this process was handed over, or the one below the home.
    ///
    /// # Errors
    /// A place that cannot be.
    pub(crate) fn open(home: &Home, env: Env<'_>) -> Result<Arc<dyn ObjectStore>> {
        let s3 = S3Settings { path_style: env(PATH_STYLE).unwrap_or_default(), ..S3Settings::default() };
        let settings = Settings { registry: env(PLACE), s3, ..Settings::default() };
        let location =
            Location::chosen(&settings, home).map_err(|e| Error::config("the registry is not known").caused_by(e))?;
        Ok(location.open(&settings, env))
    }
}
