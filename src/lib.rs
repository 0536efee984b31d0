//! netsec: the pipeline of a phishing-detection team.
//!
//! Rows go into a [`store`] ([`push`]), held to a [`schema`]; [`typed`] by column, they have a [`profile`], which
//! [`validation`] judges and [`drift`] holds against another one ([`monitor`] does both for whatever holds rows). A [`run`] is a process of its own that takes them
//! through the stages of the [`pipeline`]: ingest, validate, transform, train, evaluate. What happens in it is a
//! list of [`event`]s, its journal, and everything that shows a run (live, replayed, compared, headless) applies
//! that list through one reducer, [`run::RunState`]. A [`search`] tries the trials of a [`training`] file on the folds,
//! [`resample`]d where they ask for it. The [`model`]s are plain data; [`predict`] scores rows with them, and
//! [`explain`] says why a row got its score. What their scores are worth is for [`metrics`], [`calibrate`] and
//! [`importance`] to say, [`compare`] whether two models differ, and [`statistics`] whether two samples do. What it costs
//! the [`host`] is measured beside it.
//!
//! [`promote`] holds a model against the one in use and puts it in its place; the [`registry`] keeps what is promoted, and
//! what happened when, by whom and why, as an [`object`] store has it: a directory, or S3.
//!
//! Arrows point one way: `promote` knows the registry, the registry runs and objects, `run` knows the pipeline, the
//! pipeline knows models and stores, and those know [`schema`], [`dataset`], [`event`] and [`error`] only. Nothing here
//! knows of terminals.
//!
//! The positive class of every score is the schema's positive label: phishing.
#![warn(missing_docs)]
#![deny(unsafe_code)]
#![cfg_attr(not(test), warn(clippy::unwrap_used))]

pub mod calibrate;
pub mod compare;
pub mod connection;
mod content;
pub mod copy;
pub mod dataset;
pub mod drift;
pub mod error;
pub mod event;
pub mod explain;
pub mod export;
pub mod files;
pub mod form;
pub mod host;
pub mod importance;
pub mod metrics;
pub mod model;
pub mod monitor;
pub mod object;
pub mod pipeline;
pub mod predict;
pub mod preprocess;
pub mod profile;
pub mod promote;
pub mod push;
pub mod random;
pub mod registry;
pub mod resample;
pub mod run;
pub mod sample;
pub mod schema;
pub mod search;
pub mod settings;
pub mod source;
pub mod statistics;
pub mod stop;
pub mod store;
pub mod training;
pub mod typed;
pub mod validation;
pub mod who;

pub use error::{Error, Kind, Result};

/// The time now, RFC 3339 in UTC with milliseconds.
pub fn now() -> String {
    chrono::Utc::now().format("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()
}
