//! The hosts of a deployment, one by one: found, reached, secured, and what each says it is.

use super::PATIENCE;
use crate::store::mongo::{Facts, MongoStore, connect, failure, hello};
use crate::store::probe::Found;
use crate::{Error, Result};
use bson::{Document, doc};
use futures_util::future::join_all;
use mongodb::error::{Error as Driver, ErrorKind};
use mongodb::options::{ClientOptions, ReadPreference, SelectionCriteria, ServerAddress, Tls, TlsOptions};
use std::io::ErrorKind as Io;
use std::time::{Duration, Instant};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// A host that can be reached, with its answer once it was asked.
pub struct Host {
    address: ServerAddress,
    answer: Option<Result<Document, Driver>>,
}

/// Finds the hosts and their addresses.
pub async fn named(store: &MongoStore) -> Result<Found<ClientOptions>> {
    let options = connect::options(store).await?;
    let mut detail = Vec::new();
    if store.connection.uri.text().starts_with("mongodb+srv:") {
        let hosts: Vec<String> = options.hosts.iter().map(ToString::to_string).collect();
        detail.push(format!("SRV records of {}: {}", store.hosts, hosts.join(", ")));
        let set = options.repl_set_name.as_ref().map(|name| format!("replicaSet={name}"));
        let source =
            options.credential.as_ref().and_then(|c| c.source.as_ref()).map(|name| format!("authSource={name}"));
        let given: Vec<String> = [set, source].into_iter().flatten().collect();
        if !given.is_empty() {
            detail.push(format!("with its TXT record or the URI: {}", given.join(", ")));
        }
    }
    let mut lost = Vec::new();
    for (address, found) in options.hosts.iter().zip(join_all(options.hosts.iter().map(addresses)).await) {
        match found {
            Ok(found) => detail.push(format!("{address}: {found}")),
            Err(why) => lost.push(format!("{address}: {why}")),
        }
    }
    if lost.is_empty() {
        return Ok(Found::passed(detail, options));
    }
    let error = Error::remote(format!("the name cannot be resolved: {}", lost.join("; ")))
        .hint("check the host in the URI, and the network: VPN, /etc/resolv.conf, /etc/hosts");
    if lost.len() == options.hosts.len() {
        return Err(error);
    }
    Ok(Found::passed(detail, options).warned(&error))
}

/// The addresses of a host, in words.
async fn addresses(host: &ServerAddress) -> Result<String, String> {
    let (host, port) = match host {
        ServerAddress::Tcp { host, port } => (host.as_str(), port.unwrap_or(27_017)),
        _ => return Ok("a socket of this host".to_owned()),
    };
    let found = timeout(PATIENCE, tokio::net::lookup_host((host, port))).await;
    let mut found: Vec<String> =
        found.map_err(|_| "no answer".to_owned())?.map_err(|e| e.to_string())?.map(|a| a.ip().to_string()).collect();
    found.dedup();
    if found.is_empty() { Err("it has no address".to_owned()) } else { Ok(found.join(", ")) }
}

/// Opens a connection to each host, and closes it again.
pub async fn reached(hosts: &str, options: &ClientOptions) -> Result<Found<Vec<Host>>> {
    let patience = options.connect_timeout.unwrap_or(PATIENCE);
    let tried = join_all(options.hosts.iter().map(|address| connected(address, patience))).await;
    let (mut detail, mut near, mut far) = (Vec::new(), Vec::new(), Vec::new());
    for (address, tried) in options.hosts.iter().zip(tried) {
        match tried {
            Ok(took) => {
                detail.push(format!("{address}: connected in {:.1} ms", took.as_secs_f64() * 1e3));
                near.push(Host { address: address.clone(), answer: None });
            }
            Err(e) => far.push((address, e)),
        }
    }
    let Some((_, first)) = far.first() else { return Ok(Found::passed(detail, near)) };
    let hint = match first.kind() {
        Io::ConnectionRefused => "nothing listens there: check host and port in the URI, and that the server runs",
        Io::NetworkUnreachable | Io::HostUnreachable => "there is no way to that address: check network and VPN",
        _ => "check host, port and firewall; on Atlas, the list of allowed addresses",
    };
    let lines: Vec<String> = far.iter().map(|(address, e)| format!("{address}: {e}")).collect();
    let error = Error::remote(format!("cannot be reached: {}", lines.join("; "))).hint(hint);
    if near.is_empty() {
        return Err(Error::remote(format!("{hosts} {error}")).hint(hint));
    }
    Ok(Found::passed(detail, near).warned(&error))
}

async fn connected(address: &ServerAddress, patience: Duration) -> std::io::Result<Duration> {
    let begun = Instant::now();
    let late = |_| std::io::Error::new(Io::TimedOut, format!("no answer within {:.0} s", patience.as_secs_f64()));
    match address {
        ServerAddress::Tcp { host, port } => {
            timeout(patience, TcpStream::connect((host.as_str(), port.unwrap_or(27_017)))).await.map_err(late)??;
        }
        ServerAddress::Unix { path } => {
            timeout(patience, tokio::net::UnixStream::connect(path)).await.map_err(late)??;
        }
        _ => return Err(std::io::Error::new(Io::Unsupported, "an address of another kind")),
    }
    Ok(begun.elapsed())
}

/// Asks each host over TLS what it is, where the URI wants TLS.
pub async fn secured(store: &MongoStore, options: &ClientOptions, hosts: Vec<Host>) -> Result<Found<Vec<Host>>> {
    let Some(Tls::Enabled(tls)) = &options.tls else {
        return Ok(Found::skipped("the URI does not ask for TLS (tls=true)", hosts));
    };
    let mut detail = vec![trust(tls)?];
    if let Some(path) = &tls.cert_key_file_path {
        detail.push(format!("the client shows the certificate in {}", path.display()));
    }
    let hosts = asked(store, options, hosts).await?;
    let mut refused = Vec::new();
    for host in &hosts {
        match &host.answer {
            Some(Err(e)) if is_about_tls(e) => refused.push(insecure(store, options, &host.address, e).await),
            _ => detail.push(match tls.allow_invalid_certificates {
                Some(true) => format!("{}: speaks TLS; who it is was not checked", host.address),
                _ => format!("{}: speaks TLS, and its certificate is accepted", host.address),
            }),
        }
    }
    let all = refused.len() == hosts.len();
    match refused.into_iter().next() {
        None => Ok(Found::passed(detail, hosts)),
        Some(error) if all => Err(error),
        Some(error) => Ok(Found::passed(detail, hosts).warned(&error)),
    }
}

/// Whom the client trusts, in words.
fn trust(tls: &TlsOptions) -> Result<String> {
    if tls.allow_invalid_certificates == Some(true) {
        return Ok("any certificate is accepted, as the URI says: anyone on the way may read and change all".to_owned());
    }
    let Some(path) = &tls.ca_file_path else {
        return Ok("trusted are the public authorities (built in); another one is named by tlsCAFile=FILE".to_owned());
    };
    let text = std::fs::read_to_string(path).map_err(|e| Error::io("reading tlsCAFile", path, e))?;
    match text.matches("-----BEGIN CERTIFICATE-----").count() {
        // The driver takes it for a list of nobody.
        0 => Err(Error::config(format!("tlsCAFile {}: there is no certificate in it", path.display()))
            .hint("name a PEM file: it begins with -----BEGIN CERTIFICATE-----")),
        1 => Ok(format!("trusted is the authority in {} alone", path.display())),
        n => Ok(format!("trusted are the {n} authorities in {} alone", path.display())),
    }
}

/// Whether the failure is one of TLS: the server may have said nothing yet, and must not be too old.
fn is_about_tls(error: &Driver) -> bool {
    match error.kind.as_ref() {
        ErrorKind::ServerSelection { message, .. } => !failure::is_other_version(message),
        ErrorKind::Io(_) | ErrorKind::InvalidTlsConfig { .. } => true,
        _ => false,
    }
}

/// Why TLS fails, or its absence: a server that answers the other way round has its TLS set up otherwise.
async fn insecure(store: &MongoStore, options: &ClientOptions, address: &ServerAddress, error: &Driver) -> Error {
    let plain_error = failure::of_host(store, &address.to_string(), "speaking TLS", error);
    if !failure::is_cut(error) {
        return plain_error;
    }
    let wants_tls = matches!(options.tls, Some(Tls::Enabled(_)));
    let mut other = TlsOptions::default();
    // Only whether it speaks TLS is of interest, and nothing is sent but the question what it is.
    other.allow_invalid_certificates = Some(true);
    let other = if wants_tls { Tls::Disabled } else { Tls::Enabled(other) };
    let options = direct(options, address, Some(other));
    match ask(store, options).await {
        Ok(Ok(_)) if wants_tls => Error::remote(format!("{address} speaks no TLS"))
            .hint("take tls=true and the tls... files out of the URI (with mongodb+srv:// write tls=false), or turn the server's TLS on"),
        Ok(Ok(_)) => Error::remote(format!("{address} speaks TLS only"))
            .hint("write tls=true into the URI, and tlsCAFile=FILE where its authority is not a public one"),
        _ => plain_error,
    }
}

/// Options for a connection to one host, without the user.
fn direct(options: &ClientOptions, address: &ServerAddress, tls: Option<Tls>) -> ClientOptions {
    let mut direct = ClientOptions::default();
    direct.hosts = vec![address.clone()];
    direct.direct_connection = Some(true);
    direct.tls = tls;
    direct.app_name.clone_from(&options.app_name);
    direct.server_api.clone_from(&options.server_api);
    direct.connect_timeout = options.connect_timeout;
    direct.server_selection_timeout = options.server_selection_timeout.min(Some(connect::SELECTION));
    direct
}

/// What a server says it is.
async fn ask(store: &MongoStore, options: ClientOptions) -> Result<Result<Document, Driver>> {
    let client = connect::with_options(store, options)?;
    let answer = store.patiently(hello(&client.database("admin"))).await?;
    client.shutdown().immediate(true).await;
    Ok(answer)
}

/// Asks all hosts that were not asked yet.
async fn asked(store: &MongoStore, options: &ClientOptions, hosts: Vec<Host>) -> Result<Vec<Host>> {
    let each = hosts.into_iter().map(|host| async {
        if host.answer.is_some() {
            return Ok(host);
        }
        let answer = ask(store, direct(options, &host.address, options.tls.clone())).await?;
        Ok(Host { answer: Some(answer), ..host })
    });
    join_all(each).await.into_iter().collect()
}

/// Says what the servers are, also those that only the replica set names. Gives the answer of the one that is used.
pub async fn greeted(store: &MongoStore, options: &ClientOptions, hosts: Vec<Host>) -> Result<Found<Document>> {
    let hosts = asked(store, options, hosts).await?;
    let mut answers: Vec<(ServerAddress, Document)> = Vec::new();
    let mut failed = Vec::new();
    for Host { address, answer } in hosts {
        match answer {
            Some(Ok(hello)) => answers.push((address, hello)),
            Some(Err(e)) => failed.push(insecure(store, options, &address, &e).await),
            None => {}
        }
    }
    let alone = options.direct_connection == Some(true) || options.load_balanced == Some(true);
    if !alone {
        let others = members(&answers).into_iter().filter(|member| !options.hosts.contains(member));
        let others = others.map(|address| Host { address, answer: None }).collect();
        for Host { address, answer } in asked(store, options, others).await? {
            match answer {
                Some(Ok(hello)) => answers.push((address, hello)),
                Some(Err(e)) => {
                    let why = failure::of_host(store, &address.to_string(), "asking what it is", &e);
                    failed.push(
                        Error::remote(format!("a member that the replica set names cannot be used: {why}"))
                            .hint("the members' names must lead to them from here too; directConnection=true in the URI uses the one server that it names"),
                    );
                }
                None => {}
            }
        }
    }
    let is_primary = |hello: &Document| role(hello) == "primary";
    let used = answers.iter().find(|(_, hello)| is_primary(hello)).or(answers.first());
    let Some((address, hello)) = used else {
        return Err(failed.into_iter().next().unwrap_or_else(|| Error::internal("no host was asked")));
    };
    let mut detail = vec![version(store, options, address, hello).await];
    let set = hello.get_str("setName").ok();
    if let Some(set) = set {
        detail.push(format!("replica set {set}"));
    }
    detail.extend(answers.iter().map(|(address, hello)| format!("{address}: {}", role(hello))));
    if let Some(wanted) = options.repl_set_name.as_deref().filter(|wanted| Some(*wanted) != set) {
        let is =
            set.map_or("is no member of a replica set".to_owned(), |set| format!("belongs to the replica set {set}"));
        let way = set.map_or("take replicaSet= out of the URI".to_owned(), |set| format!("write replicaSet={set}"));
        return Err(Error::user(format!("{address} {is}, and the URI asks for {wanted}")).hint(way));
    }
    let primary_only =
        matches!(options.selection_criteria, None | Some(SelectionCriteria::ReadPreference(ReadPreference::Primary)));
    if set.is_some() && !alone && primary_only && !is_primary(hello) {
        return Err(Error::remote(format!("no primary was found; {}", detail.split_off(2).join(", ")))
            .hint("a replica set elects one within some seconds, if most of its members are there; readPreference=secondaryPreferred in the URI reads without one"));
    }
    let found = Found::passed(detail, hello.clone());
    Ok(failed.iter().fold(found, |found, error| found.warned(error)))
}

/// The members that a replica set names.
fn members(answers: &[(ServerAddress, Document)]) -> Vec<ServerAddress> {
    let Some((_, hello)) = answers.iter().find(|(_, hello)| hello.contains_key("setName")) else { return Vec::new() };
    let lists = ["hosts", "passives", "arbiters"].into_iter().filter_map(|list| hello.get_array(list).ok());
    lists.flatten().filter_map(|name| ServerAddress::parse(name.as_str()?).ok()).collect()
}

/// What a server is, by its own words.
fn role(hello: &Document) -> &'static str {
    let is = |flag: &str| hello.get_bool(flag).unwrap_or(false);
    if hello.get_str("msg").is_ok_and(|msg| msg == "isdbgrid") {
        "mongos, a router of a sharded cluster"
    } else if is("isreplicaset") {
        "member of a replica set that is not set up yet"
    } else if !hello.contains_key("setName") {
        "standalone"
    } else if is("isWritablePrimary") || is("ismaster") {
        "primary"
    } else if is("secondary") {
        if is("hidden") { "hidden secondary" } else { "secondary" }
    } else if is("arbiterOnly") {
        "arbiter, without data"
    } else {
        "starting or recovering"
    }
}

/// The versions of a server, in words. Newer ones tell the product's version to users only.
async fn version(store: &MongoStore, options: &ClientOptions, address: &ServerAddress, hello: &Document) -> String {
    let wire = Facts::of(hello).wire;
    let told = async {
        let client = connect::with_options(store, direct(options, address, options.tls.clone()))?;
        let told = store.patiently(client.database("admin").run_command(doc! { "buildInfo": 1 }).into_future()).await;
        client.shutdown().immediate(true).await;
        told
    };
    match told.await {
        Ok(Ok(info)) => format!("MongoDB {}, wire version {wire}", info.get_str("version").unwrap_or("of no version")),
        _ => format!("MongoDB of wire version {wire}"),
    }
}
