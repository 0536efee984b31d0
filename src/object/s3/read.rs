//! Objects on their way from S3. What breaks within a body is gone on with where it broke.

use super::failure::{Asked, Failed, chain, failure};
use super::{Moved, Object, S3Store, Tag};
use crate::error::IoContext;
use crate::files::{self, Unfinished};
use crate::{Error, Result};
use aws_sdk_s3::primitives::ByteStream;
use sha2::{Digest, Sha256};
use std::io::Write;
use std::path::Path;

/// How often a body may break.
const BREAKS: u32 = 4;

/// The content of an object, piece by piece.
pub(super) struct Body<'a> {
    store: &'a S3Store,
    key: &'a str,
    /// Of the content that is being read: another one is not gone on with.
    pub tag: Tag,
    pub size: u64,
    at: u64,
    breaks: u32,
    stream: ByteStream,
}

fn asked(key: &str) -> Asked<'_> {
    Asked { right: "s3:GetObject", doing: "reading", key }
}

impl<'a> Body<'a> {
    /// None where there is no such key.
    pub async fn open(store: &'a S3Store, key: &'a str) -> Result<Option<Self>> {
        let request = store.client().await?.get_object().bucket(store.bucket()).key(store.full(key));
        let answer = match request.send().await {
            Ok(answer) => answer,
            Err(error) => {
                let failed = Failed::of(&error);
                let absent = failed.status() == 404 && failed.code() != "NoSuchBucket";
                return if absent { Ok(None) } else { Err(failure(store, asked(key), &failed, false)) };
            }
        };
        let tag = Tag(answer.e_tag.unwrap_or_default());
        let size = answer.content_length.unwrap_or_default().max(0).cast_unsigned();
        Ok(Some(Self { store, key, tag, size, at: 0, breaks: 0, stream: answer.body }))
    }

    /// The next piece; none at the end.
    pub async fn next(&mut self) -> Result<Option<Vec<u8>>> {
        loop {
            match self.stream.next().await {
                Some(Ok(piece)) => {
                    self.at += piece.len() as u64;
                    return Ok(Some(piece.to_vec()));
                }
                None if self.at == self.size => return Ok(None),
                None => self.go_on("it ended too early").await?,
                // All is there, and it is not what was stored.
                Some(Err(error)) if self.at >= self.size => {
                    let what = format!("{}: what arrived is not what was stored", self.store_key());
                    return Err(Error::remote(what).hint("repeat the command").caused_by(chain(&error)));
                }
                Some(Err(error)) => self.go_on(&chain(&error)).await?,
            }
        }
    }

    /// Asks for the rest.
    async fn go_on(&mut self, told: &str) -> Result<()> {
        self.breaks += 1;
        if self.breaks > BREAKS {
            return Err(failure(self.store, asked(self.key), &Failed::Link(told.to_owned()), false));
        }
        let request = self.store.client().await?.get_object().bucket(self.store.bucket());
        let request = request.key(self.store.full(self.key)).if_match(&self.tag.0).range(format!("bytes={}-", self.at));
        let answer = request.send().await.map_err(|error| {
            let failed = Failed::of(&error);
            match failed.status() {
                404 | 412 | 416 => Error::remote(format!("{} was changed while it was read", self.store_key()))
                    .hint("repeat the command"),
                _ => failure(self.store, asked(self.key), &failed, false),
            }
        })?;
        // A server may not know of ranges, or of conditions.
        let range = answer.content_range.unwrap_or_default();
        if !range.starts_with(&format!("bytes {}-", self.at)) || answer.e_tag.is_some_and(|tag| tag != self.tag.0) {
            return Err(
                Error::remote(format!("{}: the rest of it is not given", self.store_key())).hint("repeat the command")
            );
        }
        self.stream = answer.body;
        Ok(())
    }

    fn store_key(&self) -> String {
        format!("s3://{}/{}", self.store.bucket(), self.store.full(self.key))
    }
}

impl S3Store {
    /// A small object.
    pub(super) async fn read_whole(&self, key: &str) -> Result<Option<Object>> {
        let reading = async {
            let Some(mut body) = Body::open(self, key).await? else { return Ok(None) };
            let mut content = Vec::new();
            while let Some(piece) = body.next().await? {
                content.extend(piece);
            }
            Ok(Some(Object { content, tag: body.tag }))
        };
        // The SDK's bounds end with the head of an answer.
        let within = self.options.patience.operation + self.options.patience.attempt;
        tokio::time::timeout(within, reading).await.unwrap_or_else(|_| {
            let silent = Failed::Silent(format!("not read to its end within {} s", within.as_secs()));
            Err(failure(self, asked(key), &silent, false))
        })
    }

    /// The tag and the SHA-256 of what is there.
    pub(super) async fn hash(&self, key: &str) -> Result<Option<(Tag, String)>> {
        let Some(mut body) = Body::open(self, key).await? else { return Ok(None) };
        let mut hasher = Sha256::new();
        while let Some(piece) = body.next().await? {
            hasher.update(&piece);
        }
        Ok(Some((body.tag, files::hex(&hasher.finalize()))))
    }

    /// An object of any size into a file that is not there yet. Its SHA-256.
    pub(super) async fn read_into(&self, key: &str, to: &Path, moved: Moved<'_>) -> Result<Option<String>> {
        if to.exists() {
            return Err(files::there_already(to));
        }
        let Some(mut body) = Body::open(self, key).await? else { return Ok(None) };
        let unfinished = Unfinished::begin(to)?;
        let (send, mut pieces) = tokio::sync::mpsc::channel::<Vec<u8>>(16);
        let (mut file, path) = (unfinished.writer()?, to.to_owned());
        let writing = tokio::task::spawn_blocking(move || {
            let mut hasher = Sha256::new();
            while let Some(piece) = pieces.blocking_recv() {
                hasher.update(&piece);
                file.write_all(&piece).at("writing", &path)?;
            }
            Ok::<_, Error>(files::hex(&hasher.finalize()))
        });
        while let Some(piece) = body.next().await? {
            // It ends early when the disk refuses, and says why below.
            if send.send(piece).await.is_err() {
                break;
            }
            moved(body.at);
        }
        drop(send);
        let hash = writing.await.map_err(|e| Error::internal("the download panicked").caused_by(e))??;
        tokio::task::spawn_blocking(move || unfinished.finish(false))
            .await
            .map_err(|e| Error::internal("the download panicked").caused_by(e))??;
        Ok(Some(hash))
    }
}
