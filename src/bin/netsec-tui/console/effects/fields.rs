//! The rows of a collection, told field by field: counted by the server where it can, else read and judged.

use crate::console::msg::data::Fields;
use crate::context::Context;
use netsec::monitor::{self, What};
use netsec::schema::Schema;
use netsec::store::{DocumentStore, Namespace, Window};
use netsec::{Error, Result};

/// Rows that are drawn for the histograms of numbers. A collection with no more of them is read as a whole.
const DRAWN: u32 = 100_000;

/// Tells the fields of a collection. A store on another host counts, unless every row is to be read.
pub async fn read(context: &Context, store: &dyn DocumentStore, namespace: Namespace, every: bool) -> Result<Fields> {
    let schema = context.schema(&namespace)?;
    if !every
        && store.is_remote()
        && let Some(fields) = counted(store, &schema, &namespace).await?
    {
        return Ok(fields);
    }
    let quality = context.quality()?;
    let what = What::Collection(namespace, Window::default());
    let (profile, validation) = monitor::validate(store, &schema, &what, &quality).await?;
    told(move || Fields::new(schema, &profile, validation)).await
}

/// By the server's counts; none where the rows are better read.
async fn counted(store: &dyn DocumentStore, schema: &Schema, namespace: &Namespace) -> Result<Option<Fields>> {
    let Some(counted) = monitor::counted(store, schema, namespace, Window::default()).await? else { return Ok(None) };
    // Whoever reads rows that the schema does not know learns what is in them.
    if !counted.columns.iter().any(|column| column.present) {
        return Ok(None);
    }
    let mut drawn = None;
    if schema.features.iter().any(|column| !column.is_categorical()) {
        // Few rows are read as quickly as they are drawn, and are judged then.
        if counted.rows <= DRAWN.into() {
            return Ok(None);
        }
        drawn = monitor::drawn(store, schema, namespace, DRAWN).await?;
        if drawn.is_none() {
            return Ok(None);
        }
    }
    let schema = schema.clone();
    told(move || Fields::counted(schema, &counted, drawn.as_ref())).await.map(Some)
}

/// Sorting numbers takes its time.
async fn told(work: impl FnOnce() -> Fields + Send + 'static) -> Result<Fields> {
    tokio::task::spawn_blocking(work).await.map_err(|e| Error::internal("telling the fields panicked").caused_by(e))
}

#[cfg(test)]
mod tests {
    mod mongo {
        use super::super::*;
        use netsec::connection::{Connection, Uri};
        use netsec::schema::BUILT_IN;
        use netsec::store::mongo::MongoStore;
        use netsec::validation::Quality;

        #[tokio::test]
        #[ignore = "needs MongoDB"]
        async fn fields_that_are_counted_are_those_that_are_read() {
            let uri = std::env::var("NETSEC_TEST_MONGODB_URI").expect("a server for the tests");
            let parsed = Uri::parse(&uri, "NETSEC_TEST_MONGODB_URI").unwrap();
            let store = MongoStore::new(Connection {
                name: "test".to_owned(),
                uri: parsed,
                read_only: false,
                stable_api: false,
            });
            let database = format!("netsec_fields_{}", std::process::id());
            let schema = Schema::parse(BUILT_IN, "built in").unwrap();
            let rows = Namespace::new(&database, "rows").unwrap();
            let sample = netsec::sample::rows(2_000, 1, &[]).unwrap();
            netsec::push::push(&store, &rows, &schema, sample, &|_| {}).await.unwrap();
            let by_server = counted(&store, &schema, &rows).await;
            let what = What::Collection(rows, Window::default());
            let (profile, validation) =
                monitor::validate(&store, &schema, &what, &Quality::load(None).unwrap()).await.unwrap();
            // Few rows with numbers in them are read.
            let fixtures = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
            let flows = Schema::read(&fixtures.join("flows.yaml")).unwrap();
            let few = Namespace::new(&database, "few").unwrap();
            let file = netsec::source::Rows::open(&fixtures.join("flows.csv"), None).unwrap();
            netsec::push::push(&store, &few, &flows, file, &|_| {}).await.unwrap();
            let few = counted(&store, &flows, &few).await;
            let client = mongodb::Client::with_uri_str(&uri).await.unwrap();
            client.database(&database).drop().await.unwrap();

            assert!(few.unwrap().is_none());
            let (by_server, by_reading) = (by_server.unwrap().unwrap(), Fields::new(schema, &profile, validation));
            assert!(by_server.validation.is_none() && by_server.sampled.is_none());
            assert_eq!((by_server.rows, by_server.refused), (by_reading.rows, by_reading.refused));
            assert_eq!(format!("{:?}", by_server.fields), format!("{:?}", by_reading.fields));
        }
    }
}
