//! What the Data screen asks for, and what it is told.

use crate::console::load::Notice;
use bson::Document;
use netsec::export::View;
use netsec::profile::{ColumnProfile, Profile, Values};
use netsec::push::{Progress, Pushed};
use netsec::schema::{Column, Schema};
use netsec::statistics::bins;
use netsec::store::{CollectionInfo, Cursor, Filter, Namespace, Plan, Query};
use netsec::validation::Validation;
use std::sync::Arc;

/// What is to be done.
#[derive(Debug, Clone)]
pub enum Ask {
    Catalog,
    Fetch(Namespace, Query),
    Count(Namespace, Filter),
    /// How the documents of a query are found.
    Plan(Namespace, Query),
    /// Reads and judges the rows of a collection.
    Fields(Namespace),
    Push(Namespace, Source),
    /// Writes documents to the file of this path.
    Export(Box<View>, String),
}

impl Ask {
    /// The answer where nothing may be changed, if this would change something.
    pub fn refused(&self, why: impl FnOnce() -> Notice) -> Option<Answer> {
        match self {
            Ask::Push(..) => Some(Answer::Pushed(Err(why()))),
            // A file of the analyst's own is nothing that others share.
            Ask::Catalog | Ask::Fetch(..) | Ask::Count(..) | Ask::Plan(..) | Ask::Fields(_) | Ask::Export(..) => None,
        }
    }
}

/// What was found.
#[derive(Debug)]
pub enum Answer {
    Catalog(Result<Vec<Database>, Notice>),
    Page(Result<Box<Fetched>, Notice>),
    Count(Result<u64, Notice>),
    /// None where the store does not tell.
    Plan(Result<Option<Plan>, Notice>),
    Fields(Result<Box<Fields>, Notice>),
    /// More rows are in; the last word is still to come.
    PushProgress(Progress),
    Pushed(Result<Box<Pushed>, Notice>),
    /// What was written, in words.
    Exported(Result<Notice, Notice>),
}

/// What is to be pushed.
#[derive(Debug, Clone, PartialEq)]
pub enum Source {
    /// Synthetic rows.
    Sample { rows: u64, seed: u64 },
    /// A file.
    File(String),
}

/// A database as browsed.
#[derive(Debug, Clone, PartialEq)]
pub struct Database {
    pub name: String,
    pub collections: Vec<CollectionInfo>,
}

/// A page of documents with what is needed to show it.
#[derive(Debug, Clone)]
pub struct Fetched {
    pub documents: Vec<Document>,
    pub next: Option<Cursor>,
    pub schema: Arc<Schema>,
}

/// What stands in a field.
#[derive(Debug, Clone)]
pub struct Field {
    pub profile: ColumnProfile,
    /// The levels in the schema's order, or bins of the numbers, each with its rows.
    pub bars: Vec<(String, u64)>,
    /// Different values that were seen.
    pub distinct: u64,
}

/// What the rows of a collection look like, field by field.
#[derive(Debug, Clone)]
pub struct Fields {
    pub schema: Arc<Schema>,
    pub validation: Validation,
    /// The features in the schema's order, then the target.
    pub fields: Vec<Field>,
    /// How many rows the bins of numbers are made of, where these are a random sample.
    pub sampled: Option<u64>,
}

impl Fields {
    pub fn new(schema: Schema, profile: &Profile, validation: Validation) -> Self {
        let field = |(at, (column, profile_of)): (usize, (&Column, &ColumnProfile))| {
            let (bars, distinct) = match &profile_of.values {
                Values::Levels(counts) => {
                    let labels = column.levels().iter().map(ToString::to_string);
                    let seen = counts.iter().filter(|n| **n > 0).count();
                    (labels.zip(counts.iter().copied()).collect(), seen)
                }
                Values::Numbers(_) => {
                    let mut numbers = profile.numbers(at);
                    // Cut as for a comparison, here with itself.
                    let cut = bins(&numbers, &numbers).unwrap_or_default();
                    numbers.dedup();
                    (cut.labels().into_iter().zip(cut.reference).collect(), numbers.len())
                }
            };
            Field { profile: profile_of.clone(), bars, distinct: distinct as u64 }
        };
        let fields = schema.columns().zip(&profile.summary.columns).enumerate().map(field).collect();
        let sampled = profile.is_sampled().then_some(profile.labels.len() as u64);
        Self { schema: Arc::new(schema), validation, fields, sampled }
    }
}
