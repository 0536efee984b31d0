use super::*;
use crate::store::embedded::EmbeddedStore;
use crate::store::{Filter, Query, parse_filter};

const SCHEMA: &str = "name: t\ntarget: y\npositive: 1\ncolumns:\n- {name: a, type: int64, values: [-1, 0, 1]}\n\
    - {name: n, type: float64, range: [0, 10]}\n- {name: y, type: int64, values: [0, 1]}\n";

struct Place {
    dir: tempfile::TempDir,
    store: EmbeddedStore,
    namespace: Namespace,
    schema: Schema,
}

impl Place {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let store = EmbeddedStore::new(dir.path().join("store"));
        Self {
            store,
            dir,
            namespace: Namespace::new("db", "Rows").unwrap(),
            schema: Schema::parse(SCHEMA, "test").unwrap(),
        }
    }

    async fn push(&self, name: &str, content: &str) -> Result<Pushed> {
        let path = self.dir.path().join(name);
        std::fs::write(&path, content).unwrap();
        push(&self.store, &self.namespace, &self.schema, Rows::open(&path, None)?, &|_| {}).await
    }

    async fn count(&self, collection: &str) -> u64 {
        let namespace = Namespace::new("db", collection).unwrap();
        self.store.count(&namespace, &Filter::default()).await.unwrap()
    }
}

fn counts(pushed: &Pushed) -> (u64, u64, u64, u64) {
    (pushed.read, pushed.inserted, pushed.unchanged, pushed.rejected)
}

#[tokio::test]
async fn the_same_file_adds_nothing_and_a_grown_one_what_is_new() {
    let place = Place::new();
    let text = "a,n,y\n1,2,0\n1,2,0\n-1,0.5,1\n";
    assert_eq!(counts(&place.push("f.csv", text).await.unwrap()), (3, 3, 0, 0));
    assert_eq!(counts(&place.push("f.csv", text).await.unwrap()), (3, 0, 3, 0));
    // A third equal row is a third observation.
    assert_eq!(counts(&place.push("f.csv", &format!("{text}1,2,0\n0,na,1\n")).await.unwrap()), (5, 2, 3, 0));
    assert_eq!(place.count("Rows").await, 5);
    // Equal rows of another source are observations of their own.
    assert_eq!(counts(&place.push("g.csv", text).await.unwrap()), (3, 3, 0, 0));
    assert_eq!(place.count("Rows").await, 8);
}

#[tokio::test]
async fn every_format_stores_the_same_documents() {
    let place = Place::new();
    let read = |rows: Rows| push(&place.store, &place.namespace, &place.schema, rows, &|_| {});
    let forms = [
        ("f.csv", "a,n,y\n1,2.5,0\nna,3,1\n"),
        (
            "f.arff",
            "@relation r\n@attribute a {-1,0,1}\n@attribute n numeric\n@attribute y {0,1}\n@data\n1,2.5,0\n?,3,1\n",
        ),
        ("f.jsonl", "{\"y\": 0, \"a\": 1, \"n\": 2.5}\n{\"a\": null, \"n\": 3, \"y\": 1}\n"),
    ];
    let mut inserted = 0;
    for (name, text) in forms {
        let path = place.dir.path().join(name);
        std::fs::write(&path, text).unwrap();
        let pushed = read(Rows::open(&path, Some("one source")).unwrap()).await.unwrap();
        inserted += pushed.inserted;
        assert_eq!((pushed.read, pushed.rejected), (2, 0), "{name}");
    }
    assert_eq!(inserted, 2, "the same content under the same source is the same document");
}

#[tokio::test]
async fn rejected_rows_are_kept_apart_with_file_line_and_reason() {
    let place = Place::new();
    let pushed = place.push("bad.csv", "a,n,y\n1,2,0\n7,2,0\n1,text,1\n1,99,1\n1,2\n1,2,\n").await.unwrap();
    assert_eq!(counts(&pushed), (6, 2, 0, 4));
    assert_eq!(pushed.first_rejections[0].line, 3);
    assert!(
        pushed.first_rejections[0].reason.contains("a: \"7\" is not one of -1, 0, 1"),
        "{:?}",
        pushed.first_rejections
    );
    let rejected = Namespace::new("db", "Rows.rejected").unwrap();
    let query = Query { filter: parse_filter("line=4").unwrap(), limit: 5, ..Query::default() };
    let page = place.store.find(&rejected, &query).await.unwrap();
    assert_eq!(page.documents.len(), 1);
    assert_eq!(page.documents[0].get_str("file").unwrap(), "bad.csv");
    assert!(page.documents[0].get_str("reason").unwrap().contains("not a finite number"));
    // Pushed again, they are not kept twice.
    place.push("bad.csv", "a,n,y\n1,2,0\n7,2,0\n1,text,1\n1,99,1\n1,2\n1,2,\n").await.unwrap();
    assert_eq!(place.count("Rows.rejected").await, 4);
}

#[tokio::test]
async fn unknown_columns_are_kept_and_missing_ones_refused() {
    let place = Place::new();
    let error = place.push("f.csv", "a,y\n1,0\n").await.unwrap_err();
    assert!(error.to_string().contains("\"n\"") && error.hint_text().unwrap().contains("--schema"), "{error}");
    place.push("g.csv", "url,a,n,y\nhttp://x,1,2,0\n").await.unwrap();
    let page = place.store.find(&place.namespace, &Query { limit: 1, ..Query::default() }).await.unwrap();
    assert_eq!(page.documents[0].get_str("url").unwrap(), "http://x");
    assert_eq!(page.documents[0].get_document(META).unwrap().get_str("source").unwrap(), "g.csv");
}

#[tokio::test]
async fn a_header_without_rows_is_an_error() {
    let place = Place::new();
    let error = place.push("f.csv", "a,n,y\n").await.unwrap_err();
    assert!(error.to_string().contains("no rows"), "{error}");
}

#[tokio::test]
async fn two_pushes_at_once_lose_nothing_and_double_nothing() {
    let place = Place::new();
    let rows: String = (0..500).map(|i| format!("{},{},{}\n", i % 3 - 1, f64::from(i % 90) / 9.0, i % 2)).collect();
    let text = format!("a,n,y\n{rows}");
    let (a, b) = tokio::join!(place.push("f.csv", &text), async {
        // A second process has its own idea of what is stored.
        let other = EmbeddedStore::new(place.dir.path().join("store"));
        let path = place.dir.path().join("f2.csv");
        std::fs::write(&path, &text).unwrap();
        push(&other, &place.namespace, &place.schema, Rows::open(&path, Some("f.csv"))?, &|_| {}).await
    });
    let (a, b) = (a.unwrap(), b.unwrap());
    assert_eq!(a.inserted + b.inserted, 500);
    assert_eq!(place.count("Rows").await, 500);
}
