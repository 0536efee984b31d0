//! MongoDB's wire protocol, as far as a proxy needs it: where a message ends, which command it holds, how to answer it.
//!
//! A message is a header of four little-endian numbers (length, id, the id that it answers, operation), then what the
//! operation says: OP_MSG has flags and sections, one of them the body, others sequences of documents that belong to it;
//! OP_QUERY and OP_REPLY are the older pair in which drivers still greet a server.

use bson::{Document, RawDocument};
use std::io::{self, Read};
use std::ops::Range;

const HEADER: usize = 16;
const OP_REPLY: i32 = 1;
const OP_QUERY: i32 = 2004;
const OP_MSG: i32 = 2013;
const CHECKSUM_PRESENT: i32 = 1;
const MORE_TO_COME: i32 = 1 << 1;

/// What a server accepts at most; more is not a message.
const MAX_MESSAGE: usize = 48_000_000;

/// One message with its header.
#[derive(Clone, Debug, PartialEq)]
pub struct Message {
    bytes: Vec<u8>,
}

impl Message {
    /// The next message, or nothing at the end of the stream.
    pub fn read(from: &mut impl Read) -> io::Result<Option<Self>> {
        let mut bytes = vec![0; HEADER];
        match from.read(&mut bytes[..1])? {
            0 => return Ok(None),
            _ => from.read_exact(&mut bytes[1..])?,
        }
        let length = usize::try_from(number(&bytes, 0)).unwrap_or(0);
        if !(HEADER..=MAX_MESSAGE).contains(&length) {
            return Err(io::Error::other(format!("a message of {length} bytes")));
        }
        bytes.resize(length, 0);
        from.read_exact(&mut bytes[HEADER..])?;
        Ok(Some(Self { bytes }))
    }

    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Whether no answer is due (of a request), or another one follows (of an answer).
    pub fn more_to_come(&self) -> bool {
        self.operation() == OP_MSG && self.flags() & MORE_TO_COME != 0
    }

    /// The command, or the answer to one; without the documents that stand beside it.
    pub fn body(&self) -> Option<Document> {
        document(&self.bytes[self.body_range()?])
    }

    /// The body, with the documents beside it where a driver's user would write them, in an array.
    pub fn whole(&self) -> Option<Document> {
        let mut whole = self.body()?;
        for (kind, section) in self.sections() {
            if kind == 1 {
                let section = &self.bytes[section];
                let name = c_string(&section[4..])?;
                let mut rest = &section[4 + name.len() + 1..];
                let mut documents = bson::Array::new();
                while !rest.is_empty() {
                    let (first, others) = rest.split_at_checked(length_at(rest, 0)?)?;
                    documents.push(document(first)?.into());
                    rest = others;
                }
                whole.insert(name, documents);
            }
        }
        Some(whole)
    }

    /// The same message with another body.
    pub fn with_body(&self, body: &Document) -> Self {
        let mut bytes = self.bytes.clone();
        if self.has_checksum() {
            // It would be another one; it may be left out.
            bytes.truncate(bytes.len() - 4);
            bytes[HEADER..HEADER + 4].copy_from_slice(&(self.flags() & !CHECKSUM_PRESENT).to_le_bytes());
        }
        let range = self.body_range().expect("a message with a body");
        bytes.splice(range, body.to_vec().unwrap());
        finished(bytes)
    }

    /// The answer to this request that a server would give with that document.
    pub fn answered_with(&self, body: &Document) -> Self {
        let mut bytes = Vec::new();
        let operation = if self.operation() == OP_QUERY { OP_REPLY } else { OP_MSG };
        for number in [0, 1, number(&self.bytes, 4), operation, 0] {
            bytes.extend(number.to_le_bytes());
        }
        if operation == OP_REPLY {
            // No cursor, from the start, one document.
            bytes.extend([0; 12]);
            bytes.extend(1i32.to_le_bytes());
        } else {
            bytes.push(0);
        }
        bytes.extend(body.to_vec().unwrap());
        finished(bytes)
    }

    fn operation(&self) -> i32 {
        number(&self.bytes, 12)
    }

    fn flags(&self) -> i32 {
        if self.bytes.len() < HEADER + 4 { 0 } else { number(&self.bytes, HEADER) }
    }

    fn has_checksum(&self) -> bool {
        self.operation() == OP_MSG && self.flags() & CHECKSUM_PRESENT != 0
    }

    fn body_range(&self) -> Option<Range<usize>> {
        let start = match self.operation() {
            OP_MSG => return self.sections().into_iter().find(|(kind, _)| *kind == 0).map(|(_, range)| range),
            // Flags, the collection's name, how many to skip and to return.
            OP_QUERY => HEADER + 4 + c_string(self.bytes.get(HEADER + 4..)?)?.len() + 1 + 8,
            OP_REPLY => HEADER + 20,
            _ => return None,
        };
        let range = start..start + length_at(&self.bytes, start)?;
        (range.end <= self.bytes.len()).then_some(range)
    }

    /// Kind and place of each section of an OP_MSG. Of both kinds the place begins with the length.
    fn sections(&self) -> Vec<(u8, Range<usize>)> {
        let mut sections = Vec::new();
        if self.operation() != OP_MSG {
            return sections;
        }
        let end = self.bytes.len() - if self.has_checksum() { 4 } else { 0 };
        let mut at = HEADER + 4;
        while at < end {
            let Some(length) = length_at(&self.bytes, at + 1).filter(|length| at + 1 + length <= end) else { break };
            sections.push((self.bytes[at], at + 1..at + 1 + length));
            at += 1 + length;
        }
        sections
    }
}

/// Sets the length, which is known last.
fn finished(mut bytes: Vec<u8>) -> Message {
    let length = i32::try_from(bytes.len()).unwrap();
    bytes[..4].copy_from_slice(&length.to_le_bytes());
    Message { bytes }
}

fn number(bytes: &[u8], at: usize) -> i32 {
    i32::from_le_bytes(bytes[at..at + 4].try_into().unwrap())
}

fn length_at(bytes: &[u8], at: usize) -> Option<usize> {
    let length = i32::from_le_bytes(bytes.get(at..at + 4)?.try_into().ok()?);
    usize::try_from(length).ok().filter(|length| *length > 4)
}

fn c_string(bytes: &[u8]) -> Option<&str> {
    std::str::from_utf8(&bytes[..bytes.iter().position(|byte| *byte == 0)?]).ok()
}

fn document(bytes: &[u8]) -> Option<Document> {
    Document::try_from(RawDocument::from_bytes(bytes).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use bson::doc;

    /// An insert as drivers send it: the documents stand beside the command, here before it, and a checksum at the end.
    fn insert() -> Message {
        let mut sequence = b"documents\0".to_vec();
        sequence.extend(doc! {"_id": 1}.to_vec().unwrap());
        sequence.extend(doc! {"_id": 2}.to_vec().unwrap());
        let mut bytes: Vec<u8> =
            [0, 7, 0, OP_MSG, CHECKSUM_PRESENT].iter().flat_map(|n: &i32| n.to_le_bytes()).collect();
        bytes.push(1);
        bytes.extend((sequence.len() as i32 + 4).to_le_bytes());
        bytes.extend(sequence);
        bytes.push(0);
        bytes.extend(doc! {"insert": "rows", "lsid": {"id": 1}, "$db": "test"}.to_vec().unwrap());
        bytes.extend([9; 4]);
        finished(bytes)
    }

    #[test]
    fn reads_bodies_and_the_documents_beside_them() {
        let insert = insert();
        assert_eq!(insert.body().unwrap(), doc! {"insert": "rows", "lsid": {"id": 1}, "$db": "test"});
        assert_eq!(insert.whole().unwrap().get_array("documents").unwrap().len(), 2);
        assert!(!insert.more_to_come());

        let two = [insert.bytes(), insert.bytes()].concat();
        let mut stream = two.as_slice();
        assert_eq!(Message::read(&mut stream).unwrap(), Some(insert.clone()));
        assert_eq!(Message::read(&mut stream).unwrap(), Some(insert.clone()));
        assert_eq!(Message::read(&mut stream).unwrap(), None);
        assert!(Message::read(&mut &two[..20]).is_err(), "half a message is not one");
    }

    #[test]
    fn replaces_a_body_and_leaves_the_checksum_out() {
        let changed = insert().with_body(&doc! {"insert": "rows", "$db": "test"});
        assert_eq!(changed.body().unwrap(), doc! {"insert": "rows", "$db": "test"});
        assert_eq!(changed.whole().unwrap().get_array("documents").unwrap().len(), 2);
        assert!(!changed.has_checksum());
        assert_eq!(number(changed.bytes(), 0) as usize, changed.bytes().len());
    }

    #[test]
    fn answers_each_kind_of_request_in_kind() {
        let answer = insert().answered_with(&doc! {"ok": 1});
        assert_eq!((answer.operation(), answer.body()), (OP_MSG, Some(doc! {"ok": 1})));
        assert_eq!(number(answer.bytes(), 8), 7, "it names the request");

        let mut query: Vec<u8> = [0, 8, 0, OP_QUERY, 0].iter().flat_map(|n: &i32| n.to_le_bytes()).collect();
        query.extend(b"admin.$cmd\0");
        query.extend([0, 0, 0, 0, 255, 255, 255, 255]);
        query.extend(doc! {"isMaster": 1}.to_vec().unwrap());
        let query = finished(query);
        assert_eq!(query.body().unwrap(), doc! {"isMaster": 1});
        let answer = query.answered_with(&doc! {"ismaster": true});
        assert_eq!((answer.operation(), answer.body()), (OP_REPLY, Some(doc! {"ismaster": true})));
        assert_eq!(answer.with_body(&doc! {"a": "longer"}).body(), Some(doc! {"a": "longer"}));
    }
}
