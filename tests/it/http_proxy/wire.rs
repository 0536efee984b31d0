//! HTTP/1.1, as far as the SDK and the servers speak it.

use super::Seen;
use std::io::{Read, Write};
use std::net::TcpStream;

/// A request, whole.
pub struct Request {
    pub seen: Seen,
    /// The lines of the head, as they came.
    head: Vec<String>,
    /// As it came: chunked, where the head says so.
    body: Vec<u8>,
}

impl Request {
    /// None where the client goes before its request is whole.
    pub fn read(client: &mut TcpStream) -> Option<Self> {
        let (head, mut rest) = read_head(client)?;
        let text = String::from_utf8(head).ok()?;
        let mut lines: Vec<String> = text.split("\r\n").filter(|line| !line.is_empty()).map(str::to_owned).collect();
        let mut first = lines.first()?.split(' ').map(str::to_owned);
        let (method, path) = (first.next()?, first.next()?);
        let headers = lines.iter().skip(1).filter_map(|line| {
            let (name, value) = line.split_once(':')?;
            Some((name.to_ascii_lowercase(), value.trim().to_owned()))
        });
        let seen = Seen { method, path, headers: headers.collect() };
        if seen.header("expect").is_some() {
            // The client waits for it before it sends the body.
            client.write_all(b"HTTP/1.1 100 Continue\r\n\r\n").ok()?;
            lines.retain(|line| !line.to_ascii_lowercase().starts_with("expect:"));
        }
        if seen.header("transfer-encoding").is_some_and(|coding| coding.contains("chunked")) {
            while !rest.ends_with(b"0\r\n\r\n") {
                read_some(client, &mut rest)?;
            }
        } else {
            let length: usize = seen.header("content-length").unwrap_or("0").parse().ok()?;
            while rest.len() < length {
                read_some(client, &mut rest)?;
            }
        }
        Some(Self { seen, head: lines, body: rest })
    }

    /// The server's answer, whole; none where there is no server.
    pub fn forward(&self, target: &str) -> Option<Vec<u8>> {
        let mut server = TcpStream::connect(target).ok()?;
        // What is signed stays as it is. The end of the connection is the end of the answer.
        let kept = self.head.iter().filter(|line| !line.to_ascii_lowercase().starts_with("connection:"));
        let head = kept.fold(String::new(), |head, line| head + line + "\r\n") + "Connection: close\r\n\r\n";
        // At once: a second piece would wait until the first is acknowledged, which takes its time.
        let whole = [head.as_bytes(), &self.body].concat();
        // A server may answer, and close, before it has read all.
        let _ = server.write_all(&whole);
        let mut answer = Vec::new();
        let _ = server.read_to_end(&mut answer);
        (!answer.is_empty()).then_some(answer)
    }

    /// An answer of our own.
    pub fn answered_with(&self, status: u16, headers: &[(String, String)], body: &str) -> Vec<u8> {
        let further = headers.iter().fold(String::new(), |all, (name, value)| format!("{all}{name}: {value}\r\n"));
        let head = format!(
            "HTTP/1.1 {status} Told\r\n{further}Content-Type: application/xml\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
            body.len()
        );
        let body = if self.seen.method == "HEAD" { "" } else { body };
        (head + body).into_bytes()
    }
}

/// The head of an answer, and half of its body.
pub fn half(answer: &[u8]) -> &[u8] {
    let head = end_of_head(answer).unwrap_or(answer.len());
    &answer[..head + (answer.len() - head) / 2]
}

/// Reads what a client still says.
pub fn drain(client: &mut TcpStream) {
    let mut piece = [0; 4096];
    while matches!(client.read(&mut piece), Ok(bytes) if bytes > 0) {}
}

fn end_of_head(bytes: &[u8]) -> Option<usize> {
    bytes.windows(4).position(|window| window == b"\r\n\r\n").map(|at| at + 4)
}

/// The head with the empty line behind it, and what came with it.
fn read_head(stream: &mut TcpStream) -> Option<(Vec<u8>, Vec<u8>)> {
    let mut bytes = Vec::new();
    loop {
        if let Some(end) = end_of_head(&bytes) {
            let rest = bytes.split_off(end);
            return Some((bytes, rest));
        }
        read_some(stream, &mut bytes)?;
    }
}

fn read_some(stream: &mut TcpStream, bytes: &mut Vec<u8>) -> Option<()> {
    let mut piece = [0; 1 << 16];
    match stream.read(&mut piece) {
        Ok(0) | Err(_) => None,
        Ok(read) => {
            bytes.extend_from_slice(&piece[..read]);
            Some(())
        }
    }
}
