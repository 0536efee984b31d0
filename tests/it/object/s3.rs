//! What only S3, and the way to it, can do.

mod failures;
mod faults;

use super::{Place, done};
use crate::http_proxy::{self, HttpProxy};
use netsec::object::s3::{Encryption, S3Options};

/// The bucket of the tests with a prefix of one's own.
fn options() -> S3Options {
    let [_, bucket, ..] = http_proxy::s3();
    S3Options { bucket, prefix: http_proxy::prefix(), ..S3Options::default() }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs S3"]
async fn more_than_a_page_of_objects_is_listed() {
    let place = Place::s3();
    // Straight to the server: this is not about the way.
    let [endpoint, ..] = http_proxy::s3();
    let options = options();
    let direct = HttpProxy::to(endpoint.strip_prefix("http://").unwrap());
    let store = direct.store_with(options);
    for at in 0..21 {
        let puts: Vec<_> = (0..50)
            .map(|i| {
                let (store, key) = (store.clone(), format!("many/{:04}/x", at * 50 + i));
                tokio::spawn(async move { store.put_if_absent(&key, b"").await.unwrap() })
            })
            .collect();
        for put in puts {
            done(put.await.unwrap());
        }
    }
    let expected: Vec<String> = (0..1050).map(|i| format!("{i:04}")).collect();
    assert_eq!(store.names("many/").await.unwrap(), expected);
    let keys: Vec<String> = store.list("many/").await.unwrap().into_iter().map(|o| o.key).collect();
    assert_eq!(keys, expected.iter().map(|n| format!("many/{n}/x")).collect::<Vec<_>>());
    assert_eq!(direct.count("GET", "continuation-token"), 2);
    for key in keys {
        store.delete(&key).await.unwrap();
    }
    place.end().await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs S3"]
async fn every_write_carries_its_sha256_and_what_the_settings_say_of_encryption() {
    let proxy = HttpProxy::to_s3();
    let key = Some("alias/models".to_owned());
    for (encryption, algorithm, kms_key) in [
        (Encryption::Bucket, None, None),
        (Encryption::S3, Some("AES256"), None),
        (Encryption::Kms(None), Some("aws:kms"), None),
        (Encryption::Kms(key), Some("aws:kms"), Some("alias/models")),
    ] {
        let store = proxy.store_with(S3Options { encryption, ..options() });
        let before = proxy.requests().len();
        // The server does not know of KMS: what counts is what it is asked.
        let _ = store.put_if_absent("a", b"x").await;
        let request = proxy.requests().swap_remove(before);
        assert_eq!(request.header("x-amz-server-side-encryption"), algorithm);
        assert_eq!(request.header("x-amz-server-side-encryption-aws-kms-key-id"), kms_key);
        assert_eq!(request.header("x-amz-checksum-sha256"), Some("LXEWQrcmsEQBYnyp+6wy9chTD7GQPMTbAiWHF5IaSIE="));
        assert_eq!(request.header("if-none-match"), Some("*"));
        let _ = store.delete("a").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs S3"]
async fn a_large_file_goes_in_parts() {
    let place = Place::s3();
    let bytes = 100 << 20;
    let (file, hash) = place.file("file", &vec![1; bytes]);
    let proxy = place.proxy.as_ref().unwrap();
    let store = place.store.clone();
    done(store.upload("large", &file, &hash, &|_| {}).await.unwrap());
    let parts: Vec<_> = proxy.requests().into_iter().filter(|seen| seen.path.contains("partNumber=")).collect();
    assert_eq!(parts.len(), 7);
    assert!(parts.iter().all(|part| part.header("x-amz-checksum-sha256").is_some()));
    let largest = parts.iter().filter_map(|part| part.header("content-length")?.parse::<u64>().ok()).max();
    assert_eq!(largest, Some(16 << 20));
    let complete = proxy.requests().into_iter().rfind(|seen| seen.method == "POST").unwrap();
    assert_eq!(complete.header("if-none-match"), Some("*"));
    place.end().await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs S3"]
async fn few_parts_are_in_memory_at_once() {
    let place = Place::s3();
    let (file, hash) = place.file("file", &vec![1; 160 << 20]);
    let proxy = place.proxy.as_ref().unwrap();
    proxy.on("PUT", "partNumber=").silent();
    let upload = place.store.upload("large", &file, &hash, &|_| {});
    assert!(tokio::time::timeout(std::time::Duration::from_secs(4), upload).await.is_err());
    assert_eq!(proxy.count("PUT", "partNumber="), 3);
    place.end().await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs S3"]
async fn the_server_refuses_what_has_another_checksum() {
    let [endpoint, bucket, access, secret] = http_proxy::s3();
    let config = aws_sdk_s3::Config::builder()
        .behavior_version(aws_sdk_s3::config::BehaviorVersion::v2026_01_12())
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .credentials_provider(aws_sdk_s3::config::Credentials::new(access, secret, None, None, "test"))
        .region(aws_sdk_s3::config::Region::new("us-east-1"))
        .endpoint_url(endpoint)
        .force_path_style(true)
        .build();
    let key = format!("{}/a", http_proxy::prefix());
    let put = aws_sdk_s3::Client::from_conf(config).put_object().bucket(bucket).key(key);
    let put = put.body(b"content".to_vec().into()).checksum_sha256("LXEWQrcmsEQBYnyp+6wy9chTD7GQPMTbAiWHF5IaSIE=");
    let error = put.send().await.unwrap_err();
    use aws_sdk_s3::error::ProvideErrorMetadata;
    assert_eq!(error.code(), Some("BadDigest"));
}
