//! Files on their way to S3: in one request, or in parts.

use super::failure::{Asked, Failed, failure};
use super::send::{CONFLICTS, Condition, Open, asked, pause};
use super::{Moved, Put, S3Store, Tag};
use crate::error::IoContext;
use crate::object::other_hash;
use crate::{Error, Result, files};
use aws_sdk_s3::Client;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{ChecksumAlgorithm, CompletedMultipartUpload, CompletedPart};
use futures_util::stream::{FuturesUnordered, StreamExt};
use sha2::{Digest, Sha256};
use std::fs::File;
use std::io::Read;
use std::path::Path;
use tokio::sync::mpsc;

/// What is larger goes in parts of this size.
const PART: u64 = 16 << 20;
/// The most parts that S3 takes.
const MOST_PARTS: u64 = 10_000;
/// Parts on their way at once.
const AT_ONCE: u32 = 3;

/// A part of a file, with the SHA-256 of it.
struct Part {
    number: i32,
    content: Vec<u8>,
    checksum: String,
}

/// An upload that is not completed. Parts that nobody completes are kept, and paid for: dropped, it is ended.
struct Begun<'a> {
    store: &'a S3Store,
    client: Client,
    key: String,
    id: String,
    is_over: bool,
}

impl Begun<'_> {
    fn end(&self) -> impl Future<Output = ()> + Send + 'static {
        let request = self.client.abort_multipart_upload().bucket(self.store.bucket()).key(&self.key);
        let request = request.upload_id(&self.id);
        async move {
            // Where this is not possible either, a lifecycle rule of the bucket has to do it.
            let _ = request.send().await;
        }
    }
}

impl Drop for Begun<'_> {
    fn drop(&mut self) {
        if !self.is_over
            && let Ok(runtime) = tokio::runtime::Handle::try_current()
        {
            runtime.spawn(self.end());
        }
    }
}

/// What completing an upload came to.
enum Completed {
    Put(Put),
    /// Somebody else has written at this very moment: S3 wants it all once more.
    Again(Error),
}

impl S3Store {
    pub(super) async fn upload_file(&self, key: &str, file: &Path, sha256: &str, moved: Moved<'_>) -> Result<Put> {
        let size = std::fs::metadata(file).at("reading", file)?.len();
        if size <= PART {
            let path = file.to_owned();
            let content = blocking(move || std::fs::read(&path).at("reading", &path)).await?;
            if files::sha256_hex(&content) != sha256 {
                return Err(other_hash(file));
            }
            let put = self.put(key, content, Condition::Absent).await?;
            moved(size);
            return Ok(put);
        }
        // Asked before all of it is sent for nothing.
        if let Some(there) = self.size(key).await? {
            return if there == size { self.is_there(key, sha256).await } else { Ok(Put::Refused) };
        }
        let mut last = Error::internal("an upload was not tried");
        for time in 1..=CONFLICTS / 2 {
            match self.upload_parts(key, file, size, sha256, moved).await? {
                Completed::Put(put) => return Ok(put),
                Completed::Again(error) => last = error,
            }
            pause(time).await;
        }
        Err(last)
    }

    /// The size of an object; none where there is none, or one is not told of it.
    async fn size(&self, key: &str) -> Result<Option<u64>> {
        let request = self.client().await?.head_object().bucket(self.bucket()).key(self.full(key));
        match request.send().await {
            Ok(answer) => Ok(Some(answer.content_length.unwrap_or_default().max(0).cast_unsigned())),
            Err(error) => {
                let failed = Failed::of(&error);
                let asked = Asked { right: "s3:GetObject", doing: "looking for", key };
                // A refusal comes without a reason here: the next request is told it.
                if failed.status() == 0 { Err(failure(self, asked, &failed, false)) } else { Ok(None) }
            }
        }
    }

    /// Whether what is there is what was to be written.
    async fn is_there(&self, key: &str, sha256: &str) -> Result<Put> {
        let there = self.hash(key).await?;
        Ok(there.filter(|(_, hash)| hash == sha256).map_or(Put::Refused, |(tag, _)| Put::Done(tag)))
    }

    async fn upload_parts(
        &self,
        key: &str,
        file: &Path,
        size: u64,
        sha256: &str,
        moved: Moved<'_>,
    ) -> Result<Completed> {
        let client = self.client().await?.clone();
        let (encryption, kms_key) = self.encryption();
        let begin = client.create_multipart_upload().bucket(self.bucket()).key(self.full(key));
        let begin = begin.checksum_algorithm(ChecksumAlgorithm::Sha256);
        let begin = begin.set_server_side_encryption(encryption).set_ssekms_key_id(kms_key);
        let answer = begin.send().await.map_err(|e| self.failed(asked(key), &e))?;
        let id = answer.upload_id.ok_or_else(|| Error::remote("S3 has begun an upload without a name for it"))?;
        let mut begun = Begun { store: self, client, key: self.full(key), id, is_over: false };
        let done = self.send_and_complete(&begun, key, file, size, sha256, moved).await;
        begun.is_over = true;
        if !matches!(done, Ok(Completed::Put(Put::Done(_)))) {
            begun.end().await;
        }
        done
    }

    async fn send_and_complete(
        &self,
        begun: &Begun<'_>,
        key: &str,
        file: &Path,
        size: u64,
        sha256: &str,
        moved: Moved<'_>,
    ) -> Result<Completed> {
        let length = PART.max(size.div_ceil(MOST_PARTS));
        // One that waits, one that is being read, and those on their way: there are no more in memory.
        let (send, mut parts) = mpsc::channel(1);
        let path = file.to_owned();
        let reading = tokio::task::spawn_blocking(move || read_parts(&path, length, &send));
        let (mut on_their_way, mut sent, mut done) = (FuturesUnordered::new(), 0, Vec::new());
        let mut more = true;
        while more || !on_their_way.is_empty() {
            let room = more && on_their_way.len() < AT_ONCE as usize;
            tokio::select! {
                part = parts.recv(), if room => match part {
                    Some(part) => on_their_way.push(self.send_part(begun, key, part)),
                    None => more = false,
                },
                Some(part) = on_their_way.next(), if !on_their_way.is_empty() => {
                    let (part, bytes): (CompletedPart, u64) = part?;
                    done.push(part);
                    sent += bytes;
                    moved(sent);
                }
            }
        }
        let hash = reading.await.map_err(|e| Error::internal("the upload panicked").caused_by(e))??;
        if hash != sha256 {
            return Err(other_hash(file));
        }
        done.sort_by_key(|part| part.part_number);
        self.complete(begun, key, done, sha256).await
    }

    async fn send_part(&self, begun: &Begun<'_>, key: &str, part: Part) -> Result<(CompletedPart, u64)> {
        let bytes = part.content.len() as u64;
        let request = begun.client.upload_part().bucket(self.bucket()).key(&begun.key).upload_id(&begun.id);
        let request = request.part_number(part.number).checksum_sha256(&part.checksum);
        let request = request.body(ByteStream::from(part.content)).customize();
        let answer = request.config_override(self.bounds(bytes, AT_ONCE)).send().await;
        // A part that was stored is not yet an object.
        let answer = answer.map_err(|e| failure(self, asked(key), &Failed::of(&e), false))?;
        let part = CompletedPart::builder().part_number(part.number).checksum_sha256(part.checksum);
        Ok((part.set_e_tag(answer.e_tag).build(), bytes))
    }

    async fn complete(
        &self,
        begun: &Begun<'_>,
        key: &str,
        parts: Vec<CompletedPart>,
        sha256: &str,
    ) -> Result<Completed> {
        let open = Open::default();
        let parts = CompletedMultipartUpload::builder().set_parts(Some(parts)).build();
        let request = begun.client.complete_multipart_upload().bucket(self.bucket()).key(&begun.key);
        let request = request.upload_id(&begun.id).multipart_upload(parts).if_none_match("*");
        let error = match request.customize().interceptor(open.clone()).send().await {
            Ok(answer) => return Ok(Completed::Put(Put::Done(Tag(answer.e_tag.unwrap_or_default())))),
            Err(error) => error,
        };
        let (failed, open) = open.failed(&error);
        let error = failure(self, asked(key), &failed, open);
        match failed.status() {
            412 => Ok(Completed::Put(self.is_there(key, sha256).await?)),
            409 => Ok(Completed::Again(error)),
            // Completed by an attempt whose answer was lost, the upload is not known any more.
            _ if open || failed.code() == "NoSuchUpload" => match self.is_there(key, sha256).await {
                Ok(Put::Done(tag)) => Ok(Completed::Put(Put::Done(tag))),
                _ => Err(error),
            },
            _ => Err(error),
        }
    }
}

/// Reads a file part by part. The SHA-256 of all of it.
fn read_parts(path: &Path, length: u64, send: &mpsc::Sender<Part>) -> Result<String> {
    let mut file = File::open(path).at("reading", path)?;
    let mut hasher = Sha256::new();
    for number in 1.. {
        let mut content = Vec::new();
        Read::take(&mut file, length).read_to_end(&mut content).at("reading", path)?;
        hasher.update(&content);
        let checksum = files::base64(&Sha256::digest(&content));
        // The file may have changed meanwhile: its hash tells.
        let is_over = content.is_empty() || send.blocking_send(Part { number, content, checksum }).is_err();
        if is_over {
            break;
        }
    }
    Ok(files::hex(&hasher.finalize()))
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(|e| Error::internal("the upload panicked").caused_by(e))?
}
