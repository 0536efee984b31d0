//! The driver's client, from a connection.

use super::{MongoStore, failure};
use crate::{Error, Result};
use mongodb::Client;
use mongodb::error::ErrorKind;
use mongodb::options::{ClientOptions, ConnectionString, ServerApi, ServerApiVersion};
use std::time::Duration;

/// How long a server is looked for, where the URI does not say: an analyst waits for the answer.
pub(super) const SELECTION: Duration = Duration::from_secs(5);
/// How long the name of a `mongodb+srv://` URI may take to be resolved.
const RESOLUTION: Duration = Duration::from_secs(10);

/// Makes the client.
///
/// # Errors
/// A URI that the driver does not take, a certificate file that cannot be read, a name that cannot be resolved.
pub(super) async fn client(store: &MongoStore) -> Result<Client> {
    let options = options(store).await?;
    with_options(store, options)
}

/// Makes a client by the driver's own options. It reads the certificates and begins to watch the servers.
///
/// # Errors
/// A certificate file that cannot be read.
pub(super) fn with_options(store: &MongoStore, options: ClientOptions) -> Result<Client> {
    Client::with_options(options).map_err(|e| match e.kind.as_ref() {
        // Nothing is connected to yet: it is a file.
        ErrorKind::Io(_) => {
            Error::config(format!("a certificate that the URI of {} names cannot be read", store.hosts))
                .hint("check the paths in tlsCAFile and tlsCertificateKeyFile")
                .caused_by(failure::words(&e))
        }
        _ => store.failed("connecting", &e),
    })
}

/// The driver's options: what the URI says, and where it says nothing what suits a console.
pub(super) async fn options(store: &MongoStore) -> Result<ClientOptions> {
    let connection = &store.connection;
    let wrong = |e: mongodb::error::Error| {
        Error::user(format!("the URI of the connection {} cannot be used", connection.name))
            .hint("it is mongodb://[USER:PASSWORD@]HOST[:PORT][,...]/[DATABASE][?OPTION=VALUE&...], special characters of user and password percent-encoded")
            .caused_by(failure::scrub(&failure::words(&e), &store.secrets))
    };
    let parsed = ConnectionString::parse(connection.uri.text()).map_err(wrong)?;
    let resolved = tokio::time::timeout(RESOLUTION, ClientOptions::parse(parsed)).await;
    let mut options = match resolved {
        Ok(Ok(options)) => options,
        Ok(Err(e)) if matches!(e.kind.as_ref(), ErrorKind::InvalidArgument { .. }) => {
            return Err(wrong(e));
        }
        Ok(Err(e)) => return Err(store.failed("resolving the name", &e)),
        Err(_) => {
            return Err(Error::remote(format!("the name {} cannot be resolved in time", store.hosts))
                .hint("check the name in the URI, and the network"));
        }
    };
    options.app_name.get_or_insert_with(|| "netsec".to_owned());
    options.server_selection_timeout.get_or_insert(SELECTION);
    if connection.stable_api {
        options.server_api = Some(ServerApi::builder().version(ServerApiVersion::V1).build());
    }
    Ok(options)
}
