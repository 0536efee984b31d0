//! Collections, documents, fields.

use super::{Session, VALUE};
use crate::plain::dialogue::{End, Step};
use bson::Document;
use netsec::export::text;
use netsec::form::{count, plural, share};
use netsec::monitor::{self, What};
use netsec::profile::{ColumnProfile, Values};
use netsec::schema::{Column, Schema};
use netsec::store::{Cursor, Filter, META, Namespace, Query, Window, parse_filter};

/// Documents in a page.
const PAGE: usize = 10;
/// Fields of a document in a line of a page.
const FIELDS: usize = 5;

impl Session<'_> {
    pub(super) fn data(&mut self) -> Step {
        self.catalog()?;
        self.menu(
            "Data",
            &[
                ("1", "Choose a collection"),
                ("2", "Load a file: CSV, ARFF, Parquet, JSON lines"),
                ("3", "Load 10,000 sample rows"),
                ("4", "Show rejected rows"),
            ],
            |session, key| match key {
                "1" => {
                    let all = session.catalog()?;
                    let at = session.choose("Collection", all.len())?;
                    session.collection(&all[at])
                }
                "2" => session.push(),
                "3" => session.sample(),
                _ => {
                    let name = session.collection_name()?;
                    session.call(&["rejected", &format!("--collection={name}")])
                }
            },
        )
    }

    /// Tells which collections there are.
    fn catalog(&self) -> Result<Vec<Namespace>, End> {
        let store = &self.context.store;
        let mut all = Vec::new();
        for database in self.runtime.block_on(store.databases())? {
            for info in self.runtime.block_on(store.collections(&database))? {
                all.push((Namespace::new(&database, &info.name)?, info.documents));
            }
        }
        self.say(format!("{}.", plural(all.len() as u64, "collection")))?;
        for (n, (namespace, documents)) in all.iter().enumerate() {
            let documents = documents.map_or_else(String::new, |n| format!(", {}", plural(n, "document")));
            self.say(format!("{} {namespace}{documents}", n + 1))?;
        }
        Ok(all.into_iter().map(|(namespace, _)| namespace).collect())
    }

    /// Asks for a collection by name.
    pub(super) fn collection_name(&self) -> Result<String, End> {
        self.dialogue.ask("Collection", &self.context.settings().collection)
    }

    fn push(&self) -> Step {
        let file = self.dialogue.ask("File", "")?;
        let name = self.collection_name()?;
        self.call(&["push", &format!("--collection={name}"), "--", &file])
    }

    fn sample(&self) -> Step {
        let name = self.collection_name()?;
        let dir = tempfile::tempdir().map_err(|e| netsec::Error::remote("no file can be made").caused_by(e))?;
        // The source of the rows is the file's name: the same again adds nothing.
        let file = dir.path().join("sample.csv").display().to_string();
        self.call(&["sample", &format!("--out={file}")])?;
        self.call(&["push", &format!("--collection={name}"), "--", &file])
    }

    fn collection(&mut self, namespace: &Namespace) -> Step {
        let name = format!("{}/{}", namespace.database, namespace.collection);
        self.menu(
            &format!("Collection {namespace}"),
            &[
                ("1", "Documents, page by page"),
                ("2", "Documents that match a filter"),
                ("3", "Fields: what stands in them"),
                ("4", "Quality: missing, refused, repeated rows"),
                ("5", "Write documents to a file"),
            ],
            |session, key| match key {
                "1" => session.documents(namespace, Filter::default()),
                "2" => {
                    session.say("For example Result=-1 URL_Length>=0, or MongoDB's form.")?;
                    let text = session.dialogue.ask("Filter", "")?;
                    let filter = parse_filter(&text).map_err(netsec::Error::from)?;
                    session.documents(namespace, filter)
                }
                "3" => session.fields(namespace),
                "4" => session.call(&["validate", &format!("--collection={name}")]),
                _ => {
                    let filter = session.dialogue.ask("Filter, empty for all", "")?;
                    let file = session.dialogue.ask("File, ending in .csv, .jsonl or .parquet", "")?;
                    session.call(&["export", &name, &format!("--filter={filter}"), &format!("--out={file}")])
                }
            },
        )
    }

    fn documents(&mut self, namespace: &Namespace, filter: Filter) -> Step {
        let schema = self.context.schema(namespace)?;
        let total = self.runtime.block_on(self.context.store.count(namespace, &filter))?;
        self.say(format!("{} {}.", plural(total, "document"), if total == 1 { "matches" } else { "match" }))?;
        // Where the pages so far began.
        let mut starts: Vec<Option<Cursor>> = vec![None];
        let mut shown = false;
        let mut page = netsec::store::Page::default();
        loop {
            if !shown {
                let after = starts.last().cloned().flatten();
                let query = Query { filter: filter.clone(), after, limit: PAGE, ..Query::default() };
                page = self.runtime.block_on(self.context.store.find(namespace, &query))?;
                let last = if page.next.is_none() { ", the last one" } else { "" };
                let number = starts.len();
                self.say(format!("Page {number}{last}, {}.", plural(page.documents.len() as u64, "document")))?;
                for (n, document) in page.documents.iter().enumerate() {
                    self.say(format!("{} {}", n + 1, brief(document)))?;
                }
                shown = true;
            }
            let key = self.dialogue.ask("A number for the whole document, n next page, p previous page, 0 back", "")?;
            match (key.as_str(), key.parse::<usize>()) {
                ("n", _) if page.next.is_some() => {
                    starts.push(page.next.clone());
                    shown = false;
                }
                ("n", _) => self.say("This is the last page.")?,
                ("p", _) if starts.len() > 1 => {
                    starts.pop();
                    shown = false;
                }
                ("p", _) => self.say("This is the first page.")?,
                (_, Ok(n)) if (1..=page.documents.len()).contains(&n) => {
                    self.document(&page.documents[n - 1], &schema)?
                }
                _ => self.say(format!("n, p, or a number from 1 to {} is expected.", page.documents.len()))?,
            }
        }
    }

    fn document(&self, document: &Document, schema: &Schema) -> Step {
        self.say(format!("{}.", plural(document.len() as u64, "field")))?;
        for (name, value) in document {
            let value = text(value);
            let meaning = schema.column(name).and_then(|column| column.level_meaning(&value));
            let meaning = meaning.map_or_else(String::new, |meaning| format!(", {meaning}"));
            self.say(format!("{name}: {}{meaning}", crate::output::cut(&value, 20 * VALUE)))?;
        }
        Ok(())
    }

    fn fields(&self, namespace: &Namespace) -> Step {
        let schema = self.context.schema(namespace)?;
        let quality = self.context.quality()?;
        let what = What::Collection(namespace.clone(), Window::default());
        let judged = monitor::validate(self.context.store.as_ref(), &schema, &what, &quality);
        let (profile, _) = self.runtime.block_on(judged)?;
        self.say(format!("{}.", plural(schema.columns().count() as u64, "field")))?;
        for (at, (column, of)) in schema.columns().zip(&profile.summary.columns).enumerate() {
            self.say(field(column, of, &profile.numbers(at)))?;
        }
        Ok(())
    }
}

/// The first fields of a document, and its label.
fn brief(document: &Document) -> String {
    let fields = document.iter().filter(|(name, _)| *name != "_id" && *name != META);
    let told = |(name, value): (&String, &bson::Bson)| format!("{name} {}", crate::output::cut(&text(value), VALUE));
    let mut all: Vec<String> = fields.map(told).collect();
    let more = all.len().saturating_sub(FIELDS + 1);
    if more > 0 {
        // The label stands last.
        let last = all.split_off(all.len() - 1);
        all.truncate(FIELDS);
        all.push(format!("{} more", count(more as u64)));
        all.extend(last);
    }
    all.join(", ")
}

/// What stands in a field, in a line.
fn field(column: &Column, of: &ColumnProfile, sorted: &[f64]) -> String {
    let known = of.known();
    let rows = known + of.missing;
    let missing = match (of.missing, rows) {
        (0, _) => "none missing".to_owned(),
        (n, rows) => format!("{} missing, {}", count(n), share(n as f64 / rows as f64)),
    };
    let values = match &of.values {
        Values::Levels(counts) => {
            let part = |n: u64| share(n as f64 / known.max(1) as f64);
            let levels = column.levels().iter().zip(counts);
            levels.map(|(level, n)| format!("{level} {}", part(*n))).collect::<Vec<_>>().join(", ")
        }
        Values::Numbers(_) => match sorted {
            [] => "no value".to_owned(),
            [low, .., high] => format!("{low} to {high}, half of them below {}", sorted[sorted.len() / 2]),
            [only] => format!("only {only}"),
        },
    };
    format!("{}: {values}; {missing}", column.name)
}
