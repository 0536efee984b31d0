//! A proxy in front of a MongoDB server that makes what goes wrong in a network, or what a server says once a year,
//! happen when a test wants it to.
//!
//! ```ignore
//! let proxy = Proxy::to_mongodb();
//! proxy.on("find").skip(1).reply(doc! {"ok": 0, "code": 50, "codeName": "MaxTimeMSExpired", "errmsg": "too slow"});
//! let client = mongodb::Client::with_uri_str(proxy.uri("retryReads=false")).await.unwrap();
//! // ... the second find fails ...
//! assert_eq!(proxy.seen("find"), 2);
//! ```
//!
//! Handshakes and what else a driver sends by itself to watch the server pass, so that its own choice of a server is
//! met, until a rule names them. It cannot look into TLS: it speaks to the server, and clients to it, without.

mod mongo;
mod relay;
mod replica_set;
mod rule;
mod shared;
mod wire;

use bson::Document;
use relay::Relay;
use rule::RuleBuilder;
use shared::Shared;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

pub use rule::is_handshake;

/// The proxy. Its threads end, and its connections close, when it is dropped.
pub struct Proxy {
    shared: Arc<Shared>,
    /// What clients of the server behind it say to be let in: `USER:PASSWORD@`, and the options that go with it.
    credentials: String,
    options: Vec<String>,
    listening: Mutex<Option<JoinHandle<()>>>,
}

impl Proxy {
    /// In front of the server that the tests were given.
    pub fn to_mongodb() -> Self {
        Self::start(
            &std::env::var("NETSEC_TEST_MONGODB_URI").expect("tests/run starts a server for the tests on MongoDB"),
        )
    }

    /// In front of `HOST:PORT`, or of the first server of a connection string; its user is that of `uri`, too.
    pub fn start(target: &str) -> Self {
        assert!(!target.starts_with("mongodb+srv:"), "the proxy needs the address of a server");
        let target = target.strip_prefix("mongodb://").unwrap_or(target);
        let (server, options) = target.split_once('?').unwrap_or((target, ""));
        let (server, database) = server.split_once('/').unwrap_or((server, ""));
        let at = server.rfind('@').map_or(0, |at| at + 1);
        let (credentials, hosts) = server.split_at(at);
        let host = hosts.split(',').next().unwrap();
        let target = if host.contains(':') { host.to_owned() } else { format!("{host}:27017") };

        let mut options: Vec<_> =
            options.split('&').filter(|option| option.starts_with("auth")).map(str::to_owned).collect();
        if !(credentials.is_empty() || database.is_empty() || options.iter().any(|o| o.starts_with("authSource"))) {
            options.push(format!("authSource={database}"));
        }

        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let shared = Arc::new(Shared::new(listener.local_addr().unwrap(), target));
        let listening = Mutex::new(Some(listen(&shared, listener)));
        Self { shared, credentials: credentials.to_owned(), options, listening }
    }

    /// Makes the server look like the primary of a replica set to those who connect from now on, so that a driver
    /// uses sessions and repeats writes by itself. What the server would not understand is taken out of the commands
    /// on their way to it (not out of `commands`). A server that is a member of a set looks as if it were the only one.
    #[expect(clippy::wrong_self_convention, reason = "it is part of starting the proxy")]
    pub fn as_replica_set(self) -> Self {
        self.shared.lock().replica_set = true;
        self
    }

    pub fn addr(&self) -> SocketAddr {
        self.shared.address
    }

    /// The connection string, with options such as `retryWrites=false&appName=test`.
    pub fn uri(&self, options: &str) -> String {
        let mut all: Vec<&str> = self.options.iter().map(String::as_str).collect();
        all.extend((!options.is_empty()).then_some(options));
        format!("mongodb://{}{}/?{}", self.credentials, self.addr(), all.join("&"))
    }

    /// The beginning of a rule for a command (as it is named in the protocol, in any case), or for `*`, every command
    /// that is no handshake.
    pub fn on(&self, command: &str) -> RuleBuilder<'_> {
        RuleBuilder::new(self, command)
    }

    /// Takes all rules back.
    pub fn calm(&self) {
        self.shared.lock().rules.clear();
    }

    /// Cuts the n-th message from now on in its middle, whichever way it goes; the first is 1. What a driver sends by
    /// itself and in its own time is not counted: handshakes, pings, and what ends cursors and sessions. A test that tries every n is through when an operation ends with fewer than
    /// n `messages`.
    pub fn cut_nth_message(&self, n: usize) {
        let mut state = self.shared.lock();
        state.messages = 0;
        state.cut_at = Some(n);
    }

    /// How many messages came since then, or since the start, the one that was cut included.
    pub fn messages(&self) -> usize {
        self.shared.lock().messages
    }

    /// How often a command was asked for.
    pub fn seen(&self, command: &str) -> usize {
        self.shared.lock().commands.iter().filter(|(name, _)| name.eq_ignore_ascii_case(command)).count()
    }

    /// What was asked, in order, handshakes included; without the documents that an insert carries beside the command.
    pub fn commands(&self) -> Vec<(String, Document)> {
        self.shared.lock().commands.clone()
    }

    /// Closes all connections and refuses new ones.
    pub fn down(&self) {
        let mut listening = self.listening.lock().unwrap();
        if let Some(thread) = listening.take() {
            self.shared.close_connections();
            // It waits for a connection: this one. Before it is accepted nothing is refused.
            let _ = TcpStream::connect(self.addr());
            thread.join().unwrap();
        }
    }

    /// Accepts connections again, at the same address.
    pub fn up(&self) {
        let mut listening = self.listening.lock().unwrap();
        if listening.is_none() {
            self.shared.lock().down = false;
            let listener = TcpListener::bind(self.addr()).expect("nobody took the port in the meantime");
            *listening = Some(listen(&self.shared, listener));
        }
    }

    /// Accepts connections, but lets nothing pass, in either direction. What arrived meanwhile passes once it thaws, as
    /// in a network that comes back, even if its sender has gone.
    pub fn frozen(&self, frozen: bool) {
        self.shared.lock().frozen = frozen;
        self.shared.changed.notify_all();
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.shared.lock().ended = true;
        self.shared.changed.notify_all();
        self.down();
        let threads = std::mem::take(&mut *self.shared.threads.lock().unwrap());
        for thread in threads {
            // What a test does in a rule may fail it.
            if let (Err(panic), false) = (thread.join(), std::thread::panicking()) {
                std::panic::resume_unwind(panic);
            }
        }
    }
}

/// Accepts connections until the proxy is down.
fn listen(shared: &Arc<Shared>, listener: TcpListener) -> JoinHandle<()> {
    let shared = Arc::clone(shared);
    std::thread::spawn(move || {
        for client in listener.incoming() {
            if shared.lock().down {
                break;
            }
            let Ok(client) = client else { continue };
            let mine = Arc::clone(&shared);
            let thread = std::thread::spawn(move || connect(&mine, client));
            shared.threads.lock().unwrap().push(thread);
        }
    })
}

fn connect(shared: &Shared, client: TcpStream) {
    // A client whose server is away finds its connection closed.
    let Ok(server) = TcpStream::connect(&shared.target) else { return };
    for side in [&client, &server] {
        side.set_nodelay(true).unwrap();
    }
    if shared.keep([&client, &server]) {
        Relay { shared, client, server }.run();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use mongodb::options::ClientOptions;

    #[tokio::test]
    async fn clients_say_to_the_proxy_what_they_say_to_the_server() {
        let proxy =
            Proxy::start("mongodb://us%40er:pass@server.example,other/rows?tls=true&authMechanism=SCRAM-SHA-256");
        assert_eq!(proxy.shared.target, "server.example:27017");
        let options = ClientOptions::parse(proxy.uri("appName=test")).await.unwrap();
        let credential = options.credential.unwrap();
        assert_eq!(credential.username.as_deref(), Some("us@er"));
        assert_eq!(credential.source.as_deref(), Some("rows"));
        assert!(credential.mechanism.is_some());
        assert_eq!((options.app_name.as_deref(), options.tls), (Some("test"), None));
        assert_eq!(options.hosts[0].to_string(), proxy.addr().to_string());

        let proxy = Proxy::start("127.0.0.1:1");
        assert_eq!(proxy.shared.target, "127.0.0.1:1");
        assert!(ClientOptions::parse(proxy.uri("")).await.unwrap().credential.is_none());
        assert_eq!(proxy.messages(), 0);
    }
}
