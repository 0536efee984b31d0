//! What S3 says, and what becomes of it: end to end.

use super::options;
use crate::http_proxy::{self, HttpProxy};
use netsec::object::ObjectStore;
use netsec::object::s3::{Patience, S3Options, S3Store};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// What a failure says: headline, hint, and the causes.
fn told<T: std::fmt::Debug>(result: netsec::Result<T>) -> String {
    let error = result.unwrap_err();
    format!("{error}\n{}\n{}", error.hint_text().unwrap_or_default(), error.chain().join("\n"))
}

/// A store that the proxy is not in front of.
fn store(variables: &[(&str, &str)], options: S3Options) -> Arc<dyn ObjectStore> {
    let env = |name: &str| variables.iter().find(|(own, _)| *own == name).map(|(_, value)| (*value).to_owned());
    Arc::new(S3Store::new(options, &env))
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs S3"]
async fn each_refusal_says_the_way_out() {
    let proxy = HttpProxy::to_s3();
    let store = proxy.store_with(options());
    let place = store.place();
    for (status, code, what, hint) in [
        (403, "AccessDenied", format!("s3:PutObject on {place}/a/b is not allowed"), "s3.encryption"),
        (404, "NoSuchBucket", "there is no bucket netsec-test".to_owned(), "s3://BUCKET/PREFIX"),
        (400, "ExpiredToken", "credentials have expired".to_owned(), "aws sso login"),
        (403, "RequestTimeTooSkewed", "the clock of this host".to_owned(), "timedatectl"),
        (403, "InvalidAccessKeyId", "the access key is not known".to_owned(), "AWS_ACCESS_KEY_ID"),
        (503, "SlowDown", "asks to slow down".to_owned(), "wait"),
        (400, "KMS.DisabledException", "Key Management Service".to_owned(), "s3.kms_key"),
    ] {
        proxy.on("*", "a/b").answer(status, code);
        let told = told(store.put_if_absent("a/b", b"x").await);
        assert!(told.starts_with(&format!("{place}/a/b: ")), "{told}");
        assert!(told.contains(&what) && told.contains(hint) && told.contains(code), "{told}");
        assert!(!told.contains("it is not known"), "{told}");
        proxy.calm();
    }
    proxy.on("GET", "list-type=2").answer(403, "AccessDenied");
    let told = told(store.list("x/").await);
    assert!(told.contains(&format!("s3:ListBucket on {place}/x/ is not allowed")), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs S3"]
async fn the_right_region_is_told() {
    let proxy = HttpProxy::to_s3();
    let store = proxy.store_with(options());
    let region = [("x-amz-bucket-region", "eu-west-1")];
    let xml = "<Error><Code>PermanentRedirect</Code><Message>elsewhere</Message></Error>";
    proxy.on("*", "").answer_with(301, &region, xml);
    for told in [
        told(store.get("a").await),
        told(store.list("").await),
        told(store.put_if_absent("a", b"x").await),
        told(store.delete("a").await),
    ] {
        assert!(told.contains("is in the region eu-west-1, not in us-east-1\nset AWS_REGION=eu-west-1"), "{told}");
    }
    proxy.calm();
    let xml = "<Error><Code>AuthorizationHeaderMalformed</Code><Message>the region 'us-east-1' is wrong</Message>\
               <Region>eu-central-1</Region></Error>";
    proxy.on("*", "").answer_with(400, &[], xml);
    let told = told(store.get("a").await);
    assert!(told.contains("set AWS_REGION=eu-central-1"), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs S3"]
async fn wrong_credentials_are_told_by_the_server_itself() {
    let [endpoint, _, access, secret] = http_proxy::s3();
    let others = "a secret that is not it";
    for (access, secret, what) in
        [(access.as_str(), others, "does not belong to the access key"), ("AKIDUNKNOWN", secret.as_str(), "")]
    {
        let variables = [
            ("AWS_ENDPOINT_URL_S3", endpoint.as_str()),
            ("AWS_ACCESS_KEY_ID", access),
            ("AWS_SECRET_ACCESS_KEY", secret),
            ("AWS_REGION", "us-east-1"),
        ];
        let told = told(store(&variables, options()).get("a").await);
        assert!(told.contains(what) && told.contains("403"), "{told}");
        assert!(!told.contains(secret), "{told}");
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs S3"]
async fn that_there_are_no_credentials_is_told() {
    let [endpoint, ..] = http_proxy::s3();
    let variables = [("AWS_ENDPOINT_URL_S3", endpoint.as_str()), ("AWS_REGION", "us-east-1")];
    let told = told(store(&variables, options()).get("a").await);
    assert!(told.contains("no AWS credentials were found") && told.contains("AWS_PROFILE"), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs S3"]
async fn a_bucket_that_is_not_there_is_told() {
    let proxy = HttpProxy::to_s3();
    let store = proxy.store_with(S3Options { bucket: "not-there".to_owned(), ..S3Options::default() });
    for told in [told(store.list("").await), told(store.names("").await)] {
        assert!(told.contains("there is no bucket not-there"), "{told}");
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs S3"]
async fn nothing_there_and_no_such_host_are_told_apart() {
    let keys = [("AWS_ACCESS_KEY_ID", "a"), ("AWS_SECRET_ACCESS_KEY", "b"), ("AWS_REGION", "us-east-1")];
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    for (endpoint, what) in
        [(format!("http://{free}"), "nothing listens there"), ("http://s3.invalid".to_owned(), "cannot be resolved")]
    {
        let variables = [&keys[..], &[("AWS_ENDPOINT_URL_S3", endpoint.as_str())]].concat();
        let store = store(&variables, options());
        let told = told(store.put_if_absent("a", b"x").await);
        assert!(told.contains(what) && told.contains("AWS_ENDPOINT_URL_S3"), "{told}");
        assert!(!told.contains("it is not known"), "{told}");
    }
    let variables = [&keys[..], &[("AWS_ENDPOINT_URL_S3", "ftp://host")]].concat();
    let told = told(store(&variables, options()).get("a").await);
    assert!(told.contains("is no URL of a server"), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs S3"]
async fn a_silent_server_does_not_hang_anybody() {
    let proxy = HttpProxy::to_s3();
    let store = proxy.store_with(options());
    proxy.on("*", "").silent();
    let began = Instant::now();
    let (get, put) = tokio::join!(store.get("a"), store.put_if_absent("a", b"x"));
    let took = began.elapsed();
    assert!(took < Duration::from_secs(16), "{took:?}");
    let (get, put) = (told(get), told(put));
    assert!(get.contains("has not answered in time") && !get.contains("it is not known"), "{get}");
    assert!(put.contains("it is not known whether a was written"), "{put}");
    assert!(proxy.count("PUT", "") >= 3, "it was tried again");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs S3"]
async fn patience_is_an_option() {
    let proxy = HttpProxy::to_s3();
    let ms = Duration::from_millis;
    let patience = Patience { attempt: ms(200), operation: ms(500), ..Patience::default() };
    let store = proxy.store_with(S3Options { patience, ..options() });
    proxy.on("*", "").silent();
    let began = Instant::now();
    assert!(told(store.get("a").await).contains("has not answered in time"));
    assert!(began.elapsed() < Duration::from_secs(2));
}
