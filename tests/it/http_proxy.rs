//! A proxy in front of the S3 server of the tests, which makes what goes wrong in a network, or what S3 says once a
//! year, happen when a test wants it to.
//!
//! ```ignore
//! let proxy = HttpProxy::to_s3();
//! proxy.on("PUT", "ledger/").nth(1).answer(403, "AccessDenied");
//! proxy.cut(3, When::AfterForwarding);
//! let store = proxy.store("prefix");       // an `S3Store` through it
//! // ... or for the binary: command.envs(proxy.variables()) ...
//! assert_eq!(proxy.requests().len(), 3);
//! ```
//!
//! Requests are forwarded one after the other, whole, each on a connection of its own. That also makes up for what
//! s3s-fs does not do: it looks whether a condition holds, and then writes, and another one may have been in between.

mod wire;

use netsec::object::ObjectStore;
use netsec::object::s3::{S3Options, S3Store};
use std::io::Write;
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::thread::JoinHandle;
use std::time::Duration;

/// The server of the tests, as tests/run exports it: endpoint, bucket, access key, secret key.
pub fn s3() -> [String; 4] {
    ["ENDPOINT", "BUCKET", "ACCESS_KEY", "SECRET_KEY"].map(|name| {
        let name = format!("NETSEC_TEST_S3_{name}");
        std::env::var(&name).unwrap_or_else(|_| panic!("{name} is not set; tests/run starts a server"))
    })
}

/// A beginning of keys that no other test has.
pub fn prefix() -> String {
    use std::sync::atomic::{AtomicU32, Ordering};
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let now = std::time::UNIX_EPOCH.elapsed().unwrap().as_millis();
    format!("test-{now}-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed))
}

/// Where a request is cut off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// The server never sees it.
    BeforeForwarding,
    /// It was carried out, and its answer is lost.
    AfterForwarding,
    /// Half of the answer's body arrives.
    MidAnswer,
}

/// What is done with a request.
#[derive(Debug, Clone)]
enum Action {
    Cut(When),
    /// An answer of the proxy's own: status, further headers, body.
    Answer(u16, Vec<(String, String)>, String),
    /// It is forwarded later.
    Delay(Duration),
    /// It is swallowed, and the connection stays open.
    Silence,
}

/// Requests of a method (`*` is any) to a path (with its query) that holds a text.
#[derive(Debug)]
struct Rule {
    method: String,
    part: String,
    /// Of those that fit, the first and the last that are meant; the first is 1.
    range: (usize, usize),
    seen: usize,
    action: Action,
}

/// A request that came by.
#[derive(Debug, Clone)]
pub struct Seen {
    pub method: String,
    /// With its query.
    pub path: String,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
}

impl Seen {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str())
    }
}

#[derive(Default)]
struct State {
    rules: Vec<Rule>,
    requests: Vec<Seen>,
    /// Requests since the last call of `cut` or `gone_from`.
    counted: usize,
    cut: Option<(usize, When)>,
    gone_from: Option<usize>,
    ended: bool,
    connections: Vec<TcpStream>,
}

struct Shared {
    target: String,
    state: Mutex<State>,
    ended: Condvar,
    /// Held while a request is forwarded and answered by the server.
    forwarding: Mutex<()>,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }
}

/// The proxy. It ends when it is dropped.
pub struct HttpProxy {
    shared: Arc<Shared>,
    address: SocketAddr,
    listening: Option<JoinHandle<()>>,
}

impl HttpProxy {
    /// In front of the S3 server of the tests.
    pub fn to_s3() -> Self {
        let [endpoint, ..] = s3();
        let target = endpoint.strip_prefix("http://").expect("the proxy cannot look into TLS");
        Self::to(target.trim_end_matches('/'))
    }

    /// In front of `HOST:PORT`.
    pub fn to(target: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (state, ended, forwarding) = Default::default();
        let shared = Arc::new(Shared { target: target.to_owned(), state, ended, forwarding });
        let mine = Arc::clone(&shared);
        let listening = std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let mut state = mine.lock();
                if state.ended {
                    break;
                }
                state.connections.retain(|connection| connection.peer_addr().is_ok());
                state.connections.push(client.try_clone().unwrap());
                drop(state);
                let mine = Arc::clone(&mine);
                std::thread::spawn(move || serve(&mine, client));
            }
        });
        Self { shared, address, listening: Some(listening) }
    }

    /// For `AWS_ENDPOINT_URL_S3`.
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The variables with which netsec comes this way.
    pub fn variables(&self) -> [(&'static str, String); 4] {
        let [_, _, access, secret] = s3();
        [
            ("AWS_ENDPOINT_URL_S3", self.endpoint()),
            ("AWS_REGION", "us-east-1".to_owned()),
            ("AWS_ACCESS_KEY_ID", access),
            ("AWS_SECRET_ACCESS_KEY", secret),
        ]
    }

    /// A store in the bucket of the tests that comes this way.
    pub fn store(&self, prefix: &str) -> Arc<dyn ObjectStore> {
        let [_, bucket, ..] = s3();
        self.store_with(S3Options { bucket, prefix: prefix.to_owned(), ..S3Options::default() })
    }

    /// The same with other options.
    pub fn store_with(&self, options: S3Options) -> Arc<dyn ObjectStore> {
        let variables = self.variables();
        let env = |name: &str| variables.iter().find(|(own, _)| *own == name).map(|(_, value)| value.clone());
        Arc::new(S3Store::new(options, &env))
    }

    /// Cuts off the n-th request from now on; the first is 1. Attempts that the SDK repeats count as well.
    pub fn cut(&self, n: usize, when: When) {
        let mut state = self.shared.lock();
        (state.counted, state.cut) = (0, Some((n, when)));
    }

    /// From the n-th request from now on, all connections are closed without an answer.
    pub fn gone_from(&self, n: usize) {
        let mut state = self.shared.lock();
        (state.counted, state.gone_from) = (0, Some(n));
    }

    /// The beginning of a rule for requests of a method (`*`: any) to a path and query that holds a text.
    pub fn on(&self, method: &str, part: &str) -> On<'_> {
        On { proxy: self, method: method.to_owned(), part: part.to_owned(), range: (1, usize::MAX) }
    }

    /// Takes back all of this: requests pass.
    pub fn calm(&self) {
        let mut state = self.shared.lock();
        state.rules.clear();
        (state.cut, state.gone_from) = (None, None);
    }

    /// What came by so far, in order; also what was not forwarded.
    pub fn requests(&self) -> Vec<Seen> {
        self.shared.lock().requests.clone()
    }

    /// How many requests of a method came by to a path and query that holds a text.
    pub fn count(&self, method: &str, part: &str) -> usize {
        self.requests().iter().filter(|seen| seen.method == method && seen.path.contains(part)).count()
    }
}

impl Drop for HttpProxy {
    fn drop(&mut self) {
        let mut state = self.shared.lock();
        state.ended = true;
        for connection in state.connections.drain(..) {
            let _ = connection.shutdown(Shutdown::Both);
        }
        drop(state);
        self.shared.ended.notify_all();
        // It waits for a connection: this one.
        let _ = TcpStream::connect(self.address);
        if let Some(thread) = self.listening.take() {
            let _ = thread.join();
        }
    }
}

/// The beginning of a rule.
pub struct On<'a> {
    proxy: &'a HttpProxy,
    method: String,
    part: String,
    range: (usize, usize),
}

impl On<'_> {
    /// Of the requests that fit, the n-th alone; the first is 1.
    pub fn nth(self, n: usize) -> Self {
        Self { range: (n, n), ..self }
    }

    /// Of the requests that fit, the first n.
    pub fn first(self, n: usize) -> Self {
        Self { range: (1, n), ..self }
    }

    /// They are answered as S3 refuses something, and the server does not see them.
    pub fn answer(self, status: u16, code: &str) {
        let body =
            format!("<?xml version=\"1.0\"?><Error><Code>{code}</Code><Message>told by a test</Message></Error>");
        self.answer_with(status, &[], &body);
    }

    /// They are answered so; to HEAD without the body.
    pub fn answer_with(self, status: u16, headers: &[(&str, &str)], body: &str) {
        let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        self.act(Action::Answer(status, headers, body.to_owned()));
    }

    /// They are cut off.
    pub fn cut(self, when: When) {
        self.act(Action::Cut(when));
    }

    /// They are forwarded that much later.
    pub fn delay(self, delay: Duration) {
        self.act(Action::Delay(delay));
    }

    /// They are never answered.
    pub fn silent(self) {
        self.act(Action::Silence);
    }

    fn act(self, action: Action) {
        let Self { proxy, method, part, range } = self;
        proxy.shared.lock().rules.push(Rule { method, part, range, seen: 0, action });
    }
}

/// Takes the one request of a connection.
fn serve(shared: &Shared, mut client: TcpStream) {
    let _ = client.set_nodelay(true);
    if let Some(answer) = wire::Request::read(&mut client).and_then(|request| answer(shared, &request)) {
        let _ = client.write_all(&answer);
    }
    let _ = client.shutdown(Shutdown::Both);
    // Closed with something unread, the answer would be lost on its way.
    wire::drain(&mut client);
}

/// What is sent back; none where the connection is closed without.
fn answer(shared: &Shared, request: &wire::Request) -> Option<Vec<u8>> {
    let action = arrived(shared, &request.seen);
    let pause = |time: Duration| {
        let state = shared.lock();
        drop(shared.ended.wait_timeout_while(state, time, |state| !state.ended).unwrap());
    };
    match &action {
        Some(Action::Cut(When::BeforeForwarding)) => return None,
        Some(Action::Silence) => {
            pause(Duration::from_secs(600));
            return None;
        }
        Some(Action::Answer(status, headers, body)) => return Some(request.answered_with(*status, headers, body)),
        Some(Action::Delay(time)) => pause(*time),
        _ => {}
    }
    let answer = {
        let _one = shared.forwarding.lock().unwrap();
        request.forward(&shared.target)?
    };
    match action {
        Some(Action::Cut(When::AfterForwarding)) => None,
        Some(Action::Cut(When::MidAnswer)) => Some(wire::half(&answer).to_vec()),
        _ => Some(answer),
    }
}

/// Notes a request, and says what is to be done with it.
fn arrived(shared: &Shared, seen: &Seen) -> Option<Action> {
    let mut state = shared.lock();
    state.requests.push(seen.clone());
    state.counted += 1;
    let n = state.counted;
    if state.gone_from.is_some_and(|from| n >= from) {
        return Some(Action::Cut(When::BeforeForwarding));
    }
    if let Some((at, when)) = state.cut
        && at == n
    {
        return Some(Action::Cut(when));
    }
    let mut action = None;
    for rule in &mut state.rules {
        if (rule.method == "*" || rule.method == seen.method) && seen.path.contains(&rule.part) {
            rule.seen += 1;
            let is_meant = (rule.range.0..=rule.range.1).contains(&rule.seen);
            if is_meant && action.is_none() {
                action = Some(rule.action.clone());
            }
        }
    }
    action
}
