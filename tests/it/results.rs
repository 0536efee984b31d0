//! Many rows scored into a collection, and the vectors of a run written into one: on both stores.

mod command;

use crate::store::{Place, on_both};
use crate::support::Home;
use async_trait::async_trait;
use bson::{Bson, Document, doc};
use netsec::pipeline::{Published, publish};
use netsec::predict::{Batch, Predictor, Results, Source, to_collection};
use netsec::run::{self, RunDir};
use netsec::source::Rows;
use netsec::store::{
    Batch as Scanned, Bounds, CollectionInfo, DocumentStore, Filter, Inserted, META, Namespace, Pace, Page, Plan,
    Probe, Query, Sample, Sort, Tally, Wanted, Window, parse_filter,
};
use netsec::{Error, Result};
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::sync::mpsc;

on_both! {
    the_same_batch_adds_nothing_and_a_grown_collection_what_is_new
    a_batch_that_is_cut_off_is_completed_by_repeating_it
    a_collection_is_scored_as_its_file_is
    values_of_every_kind_are_scored_or_say_why_not
    a_window_takes_its_rows_only
    another_threshold_gives_other_results
    what_is_no_target_is_refused
    the_vectors_of_a_run_are_written_as_its_models_saw_them
}

/// A finished run in a home of its own.
struct Model {
    home: Home,
    dir: RunDir,
    predictor: Arc<Predictor>,
}

impl Model {
    fn new() -> Self {
        let home = Home::new().with_sample(400);
        home.ok(&["train", "--family", "decision_tree"]);
        let dir = run::newest_finished(&netsec::settings::Home::locate(Some(&home.root())).unwrap()).unwrap();
        let predictor = Arc::new(Predictor::load(&dir, None).unwrap());
        Self { home, dir, predictor }
    }

    /// Rows as a file.
    fn rows(&self, rows: u32, seed: u32) -> std::path::PathBuf {
        let path = self.home.dir.path().join(format!("rows-{seed}.csv"));
        let (rows, seed) = (rows.to_string(), seed.to_string());
        self.home.ok(&["sample", "--rows", &rows, "--seed", &seed, "--out", path.to_str().unwrap()]);
        path
    }

    async fn push(&self, place: &Place, rows: u32, seed: u32) -> std::path::PathBuf {
        let path = self.rows(rows, seed);
        let rows = Rows::open(&path, None).unwrap();
        netsec::push::push(place.store.as_ref(), &place.namespace, &self.predictor.schema, rows, &|_| {})
            .await
            .unwrap();
        path
    }

    async fn score(&self, store: &dyn DocumentStore, from: &Namespace, to: &Namespace) -> Result<Results> {
        let from = Source::Collection(from.clone(), Window::default());
        to_collection(&self.predictor, store, from, to, &|_| {}).await
    }
}

fn counts(done: &Results) -> (u64, u64, u64) {
    (done.summary.rows, done.inserted, done.unchanged)
}

async fn found(place: &Place, namespace: &Namespace, filter: &str) -> Vec<Document> {
    let query = Query { filter: parse_filter(filter).unwrap(), limit: 100_000, ..Query::default() };
    place.store.find(namespace, &query).await.unwrap().documents
}

async fn the_same_batch_adds_nothing_and_a_grown_collection_what_is_new(place: Place) {
    let (model, to) = (Model::new(), place.beside("scored"));
    model.push(&place, 5_000, 1).await;
    let first = model.score(place.store.as_ref(), &place.namespace, &to).await.unwrap();
    assert_eq!((counts(&first), first.total), ((5_000, 5_000, 0), Some(5_000)));
    assert_eq!(counts(&model.score(place.other.as_ref(), &place.namespace, &to).await.unwrap()), (5_000, 0, 5_000));
    model.push(&place, 30, 2).await;
    assert_eq!(counts(&model.score(place.store.as_ref(), &place.namespace, &to).await.unwrap()), (5_030, 30, 5_000));

    // Every row has its result, and says whose it is.
    let results = found(&place, &to, "").await;
    let mut rows: Vec<&str> = results.iter().map(|d| d.get_str("row").unwrap()).collect();
    rows.sort_unstable();
    let ids = found(&place, &place.namespace, "").await;
    let mut ids: Vec<&str> = ids.iter().map(|d| d.get_str("_id").unwrap()).collect();
    ids.sort_unstable();
    assert_eq!(rows, ids);
    let model_file = std::fs::read(model.dir.model(model.predictor.family)).unwrap();
    for result in &results {
        assert_eq!(result.get_str("source").unwrap(), place.namespace.to_string());
        assert_eq!(result.get_str("run").unwrap(), model.dir.id);
        assert_eq!(result.get_str("model").unwrap(), netsec::files::sha256_hex(&model_file));
        let positive = result.get_f64("probability").unwrap() >= result.get_f64("threshold").unwrap();
        assert_eq!(result.get_i64("prediction").unwrap(), if positive { -1 } else { 1 });
        let at = result.get_document(META).unwrap().get_datetime("pushed_at").unwrap();
        assert_eq!(at.try_to_rfc3339_string().unwrap()[..19], result.get_str("at").unwrap()[..19]);
    }
    let positive = results.iter().filter(|d| d.get_str("verdict").unwrap() == "phishing").count() as u64;
    assert!(positive > first.summary.positive && positive < 5_030);
    place.end().await;
}

/// A store that goes away after so many documents.
struct Cut {
    inner: Arc<dyn DocumentStore>,
    left: AtomicU64,
}

#[async_trait]
impl DocumentStore for Cut {
    fn describe(&self) -> String {
        self.inner.describe()
    }
    fn pace(&self) -> Pace {
        Pace { documents: 100, ..self.inner.pace() }
    }
    fn is_remote(&self) -> bool {
        true
    }
    async fn ping(&self) -> Result<()> {
        self.inner.ping().await
    }
    async fn diagnose(&self, namespace: &Namespace, out: &mpsc::Sender<Probe>) {
        self.inner.diagnose(namespace, out).await;
    }
    fn bounded(&self, bounds: Bounds) -> Arc<dyn DocumentStore> {
        self.inner.bounded(bounds)
    }
    async fn databases(&self) -> Result<Vec<String>> {
        self.inner.databases().await
    }
    async fn collections(&self, database: &str) -> Result<Vec<CollectionInfo>> {
        self.inner.collections(database).await
    }
    async fn count(&self, namespace: &Namespace, filter: &Filter) -> Result<u64> {
        self.inner.count(namespace, filter).await
    }
    async fn find(&self, namespace: &Namespace, query: &Query) -> Result<Page> {
        self.inner.find(namespace, query).await
    }
    async fn plan(&self, namespace: &Namespace, query: &Query) -> Result<Option<Plan>> {
        self.inner.plan(namespace, query).await
    }
    async fn tally(&self, namespace: &Namespace, wanted: &[Wanted], window: Window) -> Result<Option<Vec<Tally>>> {
        self.inner.tally(namespace, wanted, window).await
    }
    async fn sample(&self, namespace: &Namespace, fields: &[String], most: u32) -> Result<Option<Sample>> {
        self.inner.sample(namespace, fields, most).await
    }
    async fn documents(
        &self,
        namespace: &Namespace,
        filter: &Filter,
        sort: &[Sort],
    ) -> Result<mpsc::Receiver<Result<Vec<Document>>>> {
        self.inner.documents(namespace, filter, sort).await
    }
    async fn prepare(&self, namespace: &Namespace) -> Result<Vec<String>> {
        self.inner.prepare(namespace).await
    }
    async fn insert(&self, namespace: &Namespace, documents: Vec<Document>) -> Result<Inserted> {
        assert!(documents.len() <= 100, "the pace is kept");
        let taken = documents.len() as u64;
        self.left
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(taken))
            .map_err(|_| Error::remote("the connection is cut"))?;
        self.inner.insert(namespace, documents).await
    }
    async fn scan(
        &self,
        namespace: &Namespace,
        fields: &[String],
        window: Window,
    ) -> Result<mpsc::Receiver<Result<Scanned>>> {
        self.inner.scan(namespace, fields, window).await
    }
}

async fn a_batch_that_is_cut_off_is_completed_by_repeating_it(place: Place) {
    let (model, to) = (Model::new(), place.beside("scored"));
    model.push(&place, 950, 1).await;
    let mut stored = 0;
    for left in [250, 600] {
        let cut = Cut { inner: place.store.clone(), left: AtomicU64::new(left) };
        let error = model.score(&cut, &place.namespace, &to).await.unwrap_err();
        assert_eq!(error.to_string(), "the connection is cut");
        // Calls that were under way when it was cut may have come through, or not.
        let now = place.store.count(&to, &Filter::default()).await.unwrap();
        assert!(stored <= now && now <= left, "{now}");
        stored = now;
    }
    let (rows, inserted, unchanged) = counts(&model.score(place.store.as_ref(), &place.namespace, &to).await.unwrap());
    assert_eq!((rows, inserted + unchanged), (950, 950));
    assert!(unchanged >= stored, "what was stored stays: {unchanged} of {stored}");
    assert_eq!(place.store.count(&to, &Filter::default()).await.unwrap(), 950);
    place.end().await;
}

async fn a_collection_is_scored_as_its_file_is(place: Place) {
    let model = Model::new();
    let path = model.push(&place, 600, 1).await;
    let text = |batch: &mut Batch| {
        let mut probabilities = HashMap::new();
        while let Some(rows) = batch.next_rows().unwrap() {
            for row in rows {
                let features = model.predictor.schema.features.iter();
                // A missing value is written `na` in the file, and null in the document.
                let text = |name: &str| row.record.get(name).filter(|t| *t != "na").unwrap_or_default().to_owned();
                let features: Vec<String> = features.map(|c| text(&c.name)).collect();
                *probabilities.entry((features, row.score.outcome.unwrap().to_bits())).or_insert(0) += 1;
            }
        }
        probabilities
    };
    let mut of_file = Batch::open(&model.predictor, Rows::open(&path, None).unwrap(), false, None).unwrap();
    let mut of_collection =
        Batch::of_collection(&model.predictor, place.store.as_ref(), &place.namespace, Window::default(), None)
            .await
            .unwrap();
    assert_eq!(of_collection.header().next(), Some("_id"));
    let (of_file, of_collection) = tokio::task::block_in_place(|| (text(&mut of_file), text(&mut of_collection)));
    assert_eq!(of_file.values().sum::<u32>(), 600);
    assert!(of_file == of_collection, "the same rows have the same probabilities");

    // The results of both are the same numbers as well.
    let (a, b) = (place.beside("a"), place.beside("b"));
    model.score(place.store.as_ref(), &place.namespace, &a).await.unwrap();
    for unchanged in [0, 600] {
        let rows = Source::Rows(Rows::open(&path, None).unwrap());
        let done = to_collection(&model.predictor, place.store.as_ref(), rows, &b, &|_| {}).await.unwrap();
        assert_eq!(counts(&done), (600, 600 - unchanged, unchanged));
    }
    let numbers = |results: Vec<Document>| {
        let mut all: Vec<u64> = results.iter().map(|d| d.get_f64("probability").unwrap().to_bits()).collect();
        all.sort_unstable();
        all
    };
    assert_eq!(numbers(found(&place, &a, "").await), numbers(found(&place, &b, "").await));
    let mut lines: Vec<i64> = found(&place, &b, "").await.iter().map(|d| d.get_i64("row").unwrap()).collect();
    lines.sort_unstable();
    assert_eq!(lines, (2..=601).collect::<Vec<_>>());
    place.end().await;
}

/// A row with the first level of every feature.
fn row(model: &Model) -> Document {
    model.predictor.schema.features.iter().map(|c| (c.name.clone(), c.levels()[0].to_bson())).collect()
}

async fn values_of_every_kind_are_scored_or_say_why_not(place: Place) {
    let (model, to) = (Model::new(), place.beside("scored"));
    let with = |id: Bson, changes: Document| {
        let mut document = doc! { "_id": id };
        document.extend(row(&model));
        document.extend(changes);
        document
    };
    let oid = bson::oid::ObjectId::new();
    let (as_text, as_decimal): (Document, Document) = row(&model)
        .into_iter()
        .map(|(name, value)| {
            let text = value.to_string();
            let decimal = Bson::Decimal128(text.parse().unwrap());
            ((name.clone(), Bson::String(text)), (name, decimal))
        })
        .unzip();
    place
        .insert(vec![
            with("plain".into(), doc! {}),
            with(oid.into(), as_text),
            with(7_i32.into(), as_decimal),
            with("double".into(), doc! { "URL_Length": -1.0, "port": 1_i32, "extra": { "a": [1] } }),
            with("odd".into(), doc! { "URL_Length": "long", "port": { "a": 1 }, "SFH": [1], "Result": "unknown" }),
            with("na".into(), doc! { "URL_Length": "na", "port": null }),
            doc! { "_id": "other", "name": "no feature here" },
            doc! { "_id": "none", "URL_Length": null },
        ])
        .await;
    let done = model.score(place.store.as_ref(), &place.namespace, &to).await.unwrap();
    assert_eq!((counts(&done), done.summary.not_scored, done.summary.out_of_domain), ((8, 8, 0), 2, 3));
    let results: HashMap<String, Document> =
        found(&place, &to, "").await.into_iter().map(|d| (d.get("row").unwrap().to_string(), d)).collect();
    let of = |id: Bson| &results[&id.to_string()];
    let plain = of("plain".into()).get_f64("probability").unwrap();
    for id in [Bson::from(oid), 7_i32.into()] {
        assert_eq!(of(id.clone()).get("row"), Some(&id), "an _id keeps its type");
        assert_eq!(of(id).get_f64("probability").unwrap(), plain, "the same values in another type");
    }
    assert_eq!(of("double".into()).get("taken_as_missing"), Some(&Bson::Null));
    let reasons = of("odd".into()).get_array("taken_as_missing").unwrap();
    let reasons: Vec<&str> = reasons.iter().map(|r| r.as_str().unwrap()).collect();
    assert_eq!(reasons.len(), 3, "what stands in the target is not asked: {reasons:?}");
    assert!(
        reasons[0].starts_with("URL_Length: \"long\" is not") && reasons[2].starts_with("SFH: a list"),
        "{reasons:?}"
    );
    let filled = of("na".into());
    assert!(filled.get_f64("probability").is_ok() && filled.get("taken_as_missing") == Some(&Bson::Null));
    for id in ["other", "none"] {
        let result = of(id.into());
        assert!(result.get_str("error").unwrap().contains("no feature"), "{result}");
        assert_eq!((result.get("probability"), result.get_str("verdict").unwrap()), (Some(&Bson::Null), "error"));
    }
    assert_eq!(counts(&model.score(place.store.as_ref(), &place.namespace, &to).await.unwrap()), (8, 0, 8));
    place.end().await;
}

async fn a_window_takes_its_rows_only(place: Place) {
    let (model, to) = (Model::new(), place.beside("scored"));
    let at = |day: &str| bson::DateTime::parse_rfc3339_str(format!("2026-11-{day}T12:00:00Z")).unwrap();
    let rows = ["01", "02", "03"].map(|day| {
        let mut document = doc! { "_id": day };
        document.extend(row(&model));
        document.insert(META, doc! { "source": "t", "pushed_at": at(day) });
        document
    });
    place.insert(rows.to_vec()).await;
    let batch = |window: &str| Source::Collection(place.namespace.clone(), window.parse().unwrap());
    let score = |window| to_collection(&model.predictor, place.store.as_ref(), batch(window), &to, &|_| {});
    let error = score("2027-01-01..").await.unwrap_err();
    assert!(error.to_string().contains("holds no row") && error.hint_text().is_some(), "{error}");
    assert!(!place.store.collections(&to.database).await.unwrap().iter().any(|c| c.name == to.collection));
    assert_eq!(counts(&score("2026-11-02..2026-11-03").await.unwrap()), (1, 1, 0));
    assert_eq!(found(&place, &to, "").await[0].get_str("row").unwrap(), "02");
    // The row is the same whatever window it is found in.
    assert_eq!(counts(&score("2026-11-02..").await.unwrap()), (2, 1, 1));
    place.end().await;
}

async fn another_threshold_gives_other_results(place: Place) {
    let (mut model, to) = (Model::new(), place.beside("scored"));
    model.push(&place, 100, 1).await;
    model.score(place.store.as_ref(), &place.namespace, &to).await.unwrap();
    model.home.ok(&["threshold", &model.dir.id, "--at", "0.9"]);
    model.predictor = Arc::new(Predictor::load(&model.dir, None).unwrap());
    assert_eq!(counts(&model.score(place.store.as_ref(), &place.namespace, &to).await.unwrap()), (100, 100, 0));
    assert_eq!(found(&place, &to, "threshold=0.9").await.len(), 100);
    // Back at the old one, its results are found.
    model.home.ok(&["threshold", &model.dir.id, "--at", "0.5"]);
    model.predictor = Arc::new(Predictor::load(&model.dir, None).unwrap());
    assert_eq!(counts(&model.score(place.store.as_ref(), &place.namespace, &to).await.unwrap()), (100, 0, 100));
    place.end().await;
}

async fn what_is_no_target_is_refused(place: Place) {
    let model = Model::new();
    model.push(&place, 20, 1).await;
    let refused = |error: Error, what: &str| {
        assert!(error.to_string().contains(what) && error.hint_text().unwrap().contains("--to"), "{error:?}");
    };
    let store = place.store.as_ref();
    refused(model.score(store, &place.namespace, &place.namespace).await.unwrap_err(), "itself");
    let other = place.beside("other");
    store.insert(&other, vec![doc! { "_id": 1, "a": 1 }]).await.unwrap();
    refused(model.score(store, &place.namespace, &other).await.unwrap_err(), "no field source");
    refused(publish(&model.dir, store, &other, &|_| {}).await.unwrap_err(), "no field _run");
    let error = model.score(store, &other, &place.beside("new")).await.unwrap_err();
    assert!(error.to_string().contains("no column is a feature"), "{error}");
    let error = model.score(store, &place.beside("absent"), &place.beside("new")).await.unwrap_err();
    assert!(error.to_string().contains("there is no collection"), "{error}");
    let there = store.collections(&place.namespace.database).await.unwrap();
    assert!(!there.iter().any(|c| c.name == "new"), "nothing is made for nothing");
    assert_eq!((place.count().await, store.count(&other, &Filter::default()).await.unwrap()), (20, 1));
    place.end().await;
}

async fn the_vectors_of_a_run_are_written_as_its_models_saw_them(place: Place) {
    let (model, to) = (Model::new(), place.beside("transformed"));
    let data = run::entry(&model.dir).unwrap().state.data.unwrap();
    let counts = |done: &Published| (done.vectors, done.inserted, done.unchanged);
    let cut = Cut { inner: place.store.clone(), left: AtomicU64::new(150) };
    publish(&model.dir, &cut, &to, &|_| {}).await.unwrap_err();
    let stored = place.store.count(&to, &Filter::default()).await.unwrap();
    let done = publish(&model.dir, place.store.as_ref(), &to, &|_| {}).await.unwrap();
    assert_eq!((done.vectors, done.inserted + done.unchanged), (data.vectors, data.vectors));
    assert!(0 < done.inserted && stored <= done.unchanged, "{done:?}, {stored}");
    assert_eq!(done.total, Some(data.vectors));
    let done = publish(&model.dir, place.other.as_ref(), &to, &|_| {}).await.unwrap();
    assert_eq!(counts(&done), (data.vectors, 0, data.vectors));

    let documents = found(&place, &to, "").await;
    let rows = |d: &Document| d.get_i64("_negative").unwrap() + d.get_i64("_positive").unwrap();
    assert_eq!(documents.iter().map(rows).sum::<i64>() as u64, data.rows);
    let holdout: Vec<&Document> = documents.iter().filter(|d| d.get_str("_split").unwrap() == "holdout").collect();
    assert_eq!(holdout.len() as u64, data.holdout_vectors);
    assert!(holdout.iter().all(|d| d.get("_fold") == Some(&Bson::Null)));
    assert!(documents.iter().filter(|d| d.get_str("_split").unwrap() == "train").all(|d| d.get_i64("_fold").is_ok()));
    let mut imputed = 0;
    for document in &documents {
        let features = &model.predictor.schema.features;
        assert!(features.iter().all(|c| document.get_i64(&c.name).is_ok()), "{document}");
        imputed += document.get_array("_imputed").map_or(0, Vec::len);
    }
    // As many as are missing in what was split.
    let missing = ["train.parquet", "test.parquet"].map(|file| {
        let vectors = netsec::pipeline::read_split(&model.dir.file(file), &model.predictor.schema).unwrap().vectors;
        let of = |c: &netsec::dataset::Cells| (0..vectors.len()).filter(|row| c.is_missing(*row)).count();
        vectors.columns.iter().map(of).sum::<usize>()
    });
    assert_eq!(imputed, missing.iter().sum::<usize>());
    place.end().await;
}
