//! What the Data screen asks for, and what it is told.

use crate::console::format::count;
use crate::console::load::Notice;
use bson::Document;
use netsec::export::View;
use netsec::monitor::{Counted, Drawn};
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
    /// What stands in the fields of a collection. Whether every row is to be read and judged, also where the server
    /// could count.
    Fields(Namespace, bool),
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
            Ask::Catalog | Ask::Fetch(..) | Ask::Count(..) | Ask::Plan(..) | Ask::Fields(..) | Ask::Export(..) => None,
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
    /// All rows.
    pub rows: u64,
    /// Those that the schema refuses.
    pub refused: u64,
    /// None where the server has counted: who has not read the rows cannot judge them.
    pub validation: Option<Validation>,
    /// The features in the schema's order, then the target.
    pub fields: Vec<Field>,
    /// The rows that the bins of numbers are made of, where these are not all.
    pub sampled: Option<Sampled>,
}

/// Some of the rows.
#[derive(Debug, Clone, Copy)]
pub struct Sampled {
    pub rows: u64,
    /// Whether they were drawn at random; they are the first ones otherwise.
    pub is_random: bool,
}

impl Sampled {
    pub fn words(&self) -> String {
        let which = if self.is_random { "a random sample of" } else { "the first" };
        format!("{which} {}", count(self.rows))
    }
}

impl Fields {
    /// Of rows that were read and judged.
    pub fn new(schema: Schema, profile: &Profile, validation: Validation) -> Self {
        let sampled = Sampled { rows: profile.labels.len() as u64, is_random: true };
        Self {
            rows: validation.rows,
            refused: validation.refused,
            fields: told(&schema, &profile.summary.columns, |at| profile.numbers(at)),
            sampled: profile.is_sampled().then_some(sampled),
            validation: Some(validation),
            schema: Arc::new(schema),
        }
    }

    /// Of rows that the server has counted; the bins of numbers are those of some of them.
    pub fn counted(schema: Schema, counted: &Counted, drawn: Option<&Drawn>) -> Self {
        Self {
            rows: counted.rows,
            refused: counted.refused,
            fields: told(&schema, &counted.columns, |at| drawn.map_or_else(Vec::new, |drawn| drawn.numbers(at))),
            sampled: drawn.map(|drawn| Sampled { rows: drawn.rows, is_random: drawn.is_random }),
            validation: None,
            schema: Arc::new(schema),
        }
    }

    /// Rows that the schema takes.
    pub fn accepted(&self) -> u64 {
        self.rows - self.refused
    }
}

/// The fields by their profiles; `numbers` are the sorted values of a numeric one.
fn told(schema: &Schema, profiles: &[ColumnProfile], numbers: impl Fn(usize) -> Vec<f64>) -> Vec<Field> {
    let field = |(at, (column, profile)): (usize, (&Column, &ColumnProfile))| {
        let (bars, distinct) = match &profile.values {
            Values::Levels(counts) => {
                let labels = column.levels().iter().map(ToString::to_string);
                let seen = counts.iter().filter(|n| **n > 0).count();
                (labels.zip(counts.iter().copied()).collect(), seen)
            }
            Values::Numbers(_) => {
                let mut numbers = numbers(at);
                // Cut as for a comparison, here with itself.
                let cut = bins(&numbers, &numbers).unwrap_or_default();
                numbers.dedup();
                (cut.labels().into_iter().zip(cut.reference).collect(), numbers.len())
            }
        };
        Field { profile: profile.clone(), bars, distinct: distinct as u64 }
    };
    schema.columns().zip(profiles).enumerate().map(field).collect()
}
