//! A server for tests: it answers each command as a test says, over the real protocol.

use super::MongoStore;
use crate::connection::{Connection, Uri};
use bson::{Document, doc};
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;

/// What is answered to a command, by its name; what is none of the test's affair is answered with success.
pub type Answers = dyn Fn(&str, &Document) -> Option<Document> + Send + Sync;

/// Starts a server; it lives as long as the tests. Gives its address.
pub fn server(answers: impl Fn(&str, &Document) -> Option<Document> + Send + Sync + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let (answers, own): (Arc<Answers>, _) = (Arc::new(answers), address.clone());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let (answers, own) = (answers.clone(), own.clone());
            // An end of the connection is an error here, and nothing else.
            std::thread::spawn(move || serve(stream.unwrap(), &own, answers.as_ref()));
        }
    });
    address
}

fn serve(mut stream: TcpStream, own: &str, answers: &Answers) -> std::io::Result<()> {
    loop {
        let mut head = [0; 16];
        stream.read_exact(&mut head)?;
        let number = |at: usize| i32::from_le_bytes(head[at..at + 4].try_into().unwrap());
        let mut body = vec![0; number(0) as usize - 16];
        stream.read_exact(&mut body)?;
        // Flags, and the kind of the first section: the command itself.
        let command = Document::from_reader(&body[5..]).unwrap();
        let name = command.keys().next().unwrap().clone();
        let answer = answers(&name, &command).unwrap_or_else(|| usual(&name, own));
        let answer = answer.to_vec().unwrap();
        let mut reply = Vec::new();
        for part in [answer.len() as i32 + 21, 1, number(4), 2013, 0] {
            reply.extend(part.to_le_bytes());
        }
        reply.push(0);
        reply.extend(answer);
        stream.write_all(&reply)?;
    }
}

/// The primary of a replica set of one, which knows nobody.
pub fn usual(name: &str, own: &str) -> Document {
    match name.to_ascii_lowercase().as_str() {
        "hello" | "ismaster" => doc! {
            "ok": 1, "isWritablePrimary": true, "ismaster": true, "helloOk": true, "setName": "rs0", "hosts": [own],
            "me": own, "setVersion": 1, "primary": own, "minWireVersion": 0, "maxWireVersion": 21,
            "maxBsonObjectSize": 16 << 20, "maxMessageSizeBytes": 48_000_000, "maxWriteBatchSize": 100_000,
            "logicalSessionTimeoutMinutes": 30,
        },
        "buildinfo" => doc! { "ok": 1, "version": "7.0.1" },
        "connectionstatus" => doc! { "ok": 1, "authInfo": { "authenticatedUsers": [] } },
        "find" | "aggregate" => doc! { "ok": 1, "cursor": { "id": 0_i64, "ns": "phishing.rows", "firstBatch": [] } },
        _ => doc! { "ok": 1, "n": 0 },
    }
}

/// An answer that says no.
pub fn refusal(code: i32, name: &str, message: &str) -> Document {
    doc! { "ok": 0, "code": code, "codeName": name, "errmsg": message }
}

/// A store on such a server. `rest` is what stands behind the hosts in the URI, `user` before them.
pub fn store(user: &str, address: &str, rest: &str) -> MongoStore {
    let uri = Uri::parse(&format!("mongodb://{user}{address}/{rest}"), "a test").unwrap();
    MongoStore::new(Connection { name: "test".to_owned(), uri, read_only: false, stable_api: false })
}
