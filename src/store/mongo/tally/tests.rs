use crate::connection::{Connection, Uri};
use crate::monitor::{Counted, What, counted, drawn, profile};
use crate::random::Stream;
use crate::schema::Schema;
use crate::store::mongo::MongoStore;
use crate::store::mongo::fake::{refusal, server, store};
use crate::store::{DocumentStore, Namespace, Window};
use bson::{Bson, Document, doc, oid::ObjectId};

const SCHEMA: &str = "name: t\ntarget: y\npositive: -1\nlabels: {-1: bad, 1: good}\nmissing: [na, '', '?']\ncolumns:\n\
    - {name: l, type: int64, values: [-1, 0, 1]}\n- {name: n, type: int64, range: [0, 10]}\n\
    - {name: f, type: float64}\n- {name: s, type: string, values: [x, '1']}\n- {name: gone, type: int64, values: [0, 1]}\n\
    - {name: y, type: int64, values: [-1, 1]}\n";

/// Values as they come from programs that do not agree with each other; the first ones are good.
fn values() -> Vec<Bson> {
    let decimal = |text: &str| Bson::Decimal128(text.parse().unwrap());
    vec![
        1.into(),
        1_i64.into(),
        1.0.into(),
        "1".into(),
        (-1).into(),
        decimal("1.0"),
        Bson::Null,
        "na".into(),
        " 1 ".into(),
        (-0.0).into(),
        true.into(),
        2.5.into(),
        7.into(),
        decimal("0.1"),
        (1_i64 << 60).into(),
        1e300.into(),
        "nonsense".into(),
        "x".into(),
        "X".into(),
        doc! { "a": 1 }.into(),
        vec![Bson::from(1)].into(),
        Bson::Array(Vec::new()),
        bson::DateTime::MIN.into(),
        ObjectId::new().into(),
    ]
}

/// Random documents; `kinds` is how many of the values are among them.
fn documents(seed: u64, kinds: usize) -> Vec<Document> {
    let mut stream = Stream::new(seed, &["tally"]);
    let values = values();
    let mut make = |id: i32| {
        let mut document = doc! { "_id": id };
        for name in ["l", "n", "f", "y"] {
            // One in ten is missing; what is odd is rare, as it is in life.
            let kinds = if stream.below(8) == 0 { kinds } else { kinds.min(9) };
            if stream.below(10) > 0 {
                document.insert(name, values[stream.below(kinds)].clone());
            }
        }
        document.insert("s", ["x", "1", "na", "?"][stream.below(4)]);
        document
    };
    (0..400).map(&mut make).collect()
}

fn schema() -> Schema {
    Schema::parse(SCHEMA, "t.yaml").unwrap()
}

/// The server of the tests.
fn tested() -> MongoStore {
    let uri = std::env::var("NETSEC_TEST_MONGODB_URI").expect("a server for the tests");
    let uri = Uri::parse(&uri, "NETSEC_TEST_MONGODB_URI").unwrap();
    MongoStore::new(Connection { name: "test".to_owned(), uri, read_only: false, stable_api: false })
}

/// What reading all rows says.
async fn read(store: &dyn DocumentStore, rows: &Namespace) -> Counted {
    let what = What::Collection(rows.clone(), Window::default());
    let summary = profile(store, &schema(), &what).await.unwrap().summary;
    Counted { columns: summary.columns, rows: summary.rows, refused: summary.refused }
}

#[tokio::test]
#[ignore = "needs MongoDB"]
async fn counts_are_those_of_reading_every_row() {
    let store = tested();
    let database = format!("netsec_tally_{}", std::process::id());
    let mut told = Vec::new();
    for (seed, kinds) in [(1, 4), (2, 9), (3, 16), (4, 24), (5, 24), (6, 24)] {
        let rows = Namespace::new(&database, &format!("rows{seed}")).unwrap();
        store.insert(&rows, documents(seed, kinds)).await.unwrap();
        let by_server = counted(&store, &schema(), &rows, Window::default()).await.unwrap();
        let by_reading = read(&store, &rows).await;
        told.push((by_server, by_reading));
    }
    let gone = Namespace::new(&database, "gone").unwrap();
    let gone = counted(&store, &schema(), &gone, Window::default()).await;
    store.client().await.unwrap().database(&database).drop().await.unwrap();
    assert!(gone.unwrap_err().to_string().starts_with("there is no collection"));
    for (at, (by_server, by_reading)) in told.into_iter().enumerate() {
        let by_server = by_server.unwrap_or_else(|| panic!("collection {at} was not counted"));
        assert_eq!(by_server, by_reading, "collection {at}");
        assert_eq!(at >= 1, by_reading.refused > 0, "collection {at}");
    }
}

#[tokio::test]
#[ignore = "needs MongoDB"]
async fn numbers_are_drawn_from_the_accepted_rows() {
    let file = |name: &str| std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name);
    let schema = Schema::read(&file("flows.yaml")).unwrap();
    let store = tested();
    let database = format!("netsec_drawn_{}", std::process::id());
    let rows = Namespace::new(&database, "rows").unwrap();
    let flows = crate::source::Rows::open(&file("flows.csv"), None).unwrap();
    let pushed = crate::push::push(&store, &rows, &schema, flows, &|_| {}).await.unwrap();
    // One that no schema takes is drawn as well, and left out.
    store.insert(&rows, vec![doc! { "_id": "odd", "duration": 1e9, "label": "neither" }]).await.unwrap();
    let by_server = counted(&store, &schema, &rows, Window::default()).await.unwrap();
    let by_reading = profile(&store, &schema, &What::Collection(rows.clone(), Window::default())).await.unwrap();
    let all = drawn(&store, &schema, &rows, 100_000).await.unwrap().unwrap();
    let some = drawn(&store, &schema, &rows, 200).await.unwrap().unwrap();
    let gone = drawn(&store, &schema, &Namespace::new(&database, "gone").unwrap(), 200).await;
    store.client().await.unwrap().database(&database).drop().await.unwrap();

    assert!(gone.unwrap_err().to_string().starts_with("there is no collection"));
    let (by_server, summary) = (by_server.unwrap(), &by_reading.summary);
    assert_eq!((by_server.rows, by_server.refused), (pushed.inserted + 1, 1));
    assert_eq!(by_server, Counted { columns: summary.columns.clone(), rows: summary.rows, refused: summary.refused });
    assert_eq!((all.rows, some.rows), (pushed.inserted + 1, 200));
    for (at, column) in schema.features.iter().enumerate() {
        assert_eq!(all.numbers(at), by_reading.numbers(at), "{}", column.name);
        let (some, all) = (some.numbers(at), all.numbers(at));
        assert_eq!(some.is_empty(), column.is_categorical());
        assert!(some.len() <= 200 && some.iter().all(|v| all.contains(v)), "{}", column.name);
        assert_eq!(crate::statistics::bins(&some, &some).is_some(), !column.is_categorical());
    }
}

#[tokio::test]
async fn the_first_rows_do_where_a_server_draws_none() {
    let rows = Namespace::new("phishing", "rows").unwrap();
    let answer = |refused: Document| {
        let refused = move |command: &str, _: &Document| (command == "aggregate").then(|| refused.clone());
        server(move |command, asked| {
            refused(command, asked).or_else(|| {
                (command == "find").then(|| {
                    assert_eq!(asked.get_i64("limit").unwrap(), 7);
                    let cursor = doc! { "id": 0_i64, "ns": "phishing.rows", "firstBatch": [{ "_id": 1, "f": 2.5 }] };
                    doc! { "ok": 1, "cursor": cursor }
                })
            })
        })
    };
    let unknown = answer(refusal(40324, "Location40324", "Unrecognized pipeline stage name: '$sample'"));
    let drawn_of = async |address: &str| drawn(&store("", address, ""), &schema(), &rows, 7).await;
    let first = drawn_of(&unknown).await.unwrap().unwrap();
    assert_eq!((first.rows, first.is_random, first.numbers(2)), (1, false, vec![2.5]));
    let error = drawn_of(&answer(refusal(13, "Unauthorized", "no"))).await.unwrap_err();
    assert!(error.to_string().ends_with("the user has no right to do that"), "{error}");
}

#[tokio::test]
async fn what_a_server_cannot_count_is_left_to_reading() {
    let rows = Namespace::new("phishing", "rows").unwrap();
    let unknown = server(|command, _| {
        (command == "aggregate").then(|| refusal(40324, "Location40324", "Unrecognized pipeline stage name: '$facet'"))
    });
    assert_eq!(counted(&store("", &unknown, ""), &schema(), &rows, Window::default()).await.unwrap(), None);
    // One number for the server, and two for a column of texts.
    let mixed = |value: Bson| {
        let facets = doc! { "values3": [{ "_id": value, "n": 2 }] };
        let cursor = doc! { "id": 0_i64, "ns": "phishing.rows", "firstBatch": [facets] };
        server(move |command, _| (command == "aggregate").then(|| doc! { "ok": 1, "cursor": cursor.clone() }))
    };
    let one = store("", &mixed(Bson::Int32(1)), "");
    let text = store("", &mixed("x".into()), "");
    assert!(counted(&text, &schema(), &rows, Window::default()).await.unwrap().is_some_and(|c| c.rows == 2));
    assert_eq!(counted(&one, &schema(), &rows, Window::default()).await.unwrap(), None);
    // Rights are another matter.
    let closed = server(|command, _| (command == "aggregate").then(|| refusal(13, "Unauthorized", "no")));
    let error = counted(&store("", &closed, ""), &schema(), &rows, Window::default()).await.unwrap_err();
    assert!(error.to_string().ends_with("the user has no right to do that"), "{error}");
}
