use super::*;
use crate::object::s3::S3Options;

const SECRET: &str = "wJalrXUtnFEMI/K7MDENG";

fn store(endpoint: Option<&str>) -> S3Store {
    let env = |name: &str| match name {
        "AWS_ACCESS_KEY_ID" => Some("AKIAEXAMPLE".to_owned()),
        "AWS_SECRET_ACCESS_KEY" => Some(SECRET.to_owned()),
        "AWS_SESSION_TOKEN" => Some("session-token".to_owned()),
        "AWS_ENDPOINT_URL_S3" => endpoint.map(str::to_owned),
        _ => None,
    };
    S3Store::new(S3Options { bucket: "models".to_owned(), prefix: "team".to_owned(), ..S3Options::default() }, &env)
}

const WRITING: Asked<'_> = Asked { right: "s3:PutObject", doing: "writing", key: "m/ledger/000001.json" };
const READING: Asked<'_> = Asked { right: "s3:GetObject", doing: "reading", key: "m/ledger/000001.json" };

fn answer(status: u16, code: &str, message: &str) -> Answer {
    Answer { status, code: code.to_owned(), message: message.to_owned(), ..Answer::default() }
}

fn told(asked: Asked<'_>, answer: Answer) -> (String, String) {
    let error = failure(&store(None), asked, &Failed::Answer(answer), false);
    (error.to_string(), error.hint_text().unwrap().to_owned())
}

#[test]
fn each_refusal_says_what_it_means_and_the_way_out() {
    for (status, code, message, what, hint) in [
        (403, "AccessDenied", "Access Denied", "s3:PutObject on s3://models/team/m/ledger/000001.json", "encryption"),
        (403, "AccessDenied", "not authorized to perform: kms:GenerateDataKey", "Key Management", "s3.kms_key"),
        (400, "KMS.NotFoundException", "Key 'x' does not exist", "Key Management", "s3.kms_key"),
        (404, "NoSuchBucket", "", "there is no bucket models", "s3://BUCKET/PREFIX"),
        (400, "ExpiredToken", "", "credentials have expired", "aws sso login"),
        (400, "InvalidToken", "", "AWS_SESSION_TOKEN", "belong to the access key"),
        (403, "RequestTimeTooSkewed", "", "the clock of this host", "timedatectl"),
        (403, "InvalidAccessKeyId", "", "the access key is not known", "AWS_ACCESS_KEY_ID"),
        (403, "SignatureDoesNotMatch", "", "the secret access key does not belong", "AWS_SECRET_ACCESS_KEY"),
        (400, "BadDigest", "", "what arrived is not what was sent", "repeat"),
        (400, "XAmzContentChecksumMismatch", "", "what arrived is not what was sent", "repeat"),
        (503, "SlowDown", "", "asks to slow down", "wait"),
        (500, "InternalError", "", "S3 failed", "wait"),
        (501, "NotImplemented", "", "cannot do what is needed", "If-None-Match"),
        (404, "NoSuchUpload", "", "ended the upload", "lifecycle"),
        (418, "Teapot", "", "writing was refused", "aws s3 ls"),
        (405, "", "", "writing was refused", "aws s3 ls"),
    ] {
        let (message, way_out) = told(WRITING, answer(status, code, message));
        assert!(message.starts_with("s3://models/team/m/ledger/000001.json: "), "{message}");
        assert!(message.contains(what), "{code}: {message}");
        assert!(way_out.contains(hint), "{code}: {way_out}");
    }
    let (_, hint) = told(READING, answer(403, "AccessDenied", ""));
    assert!(hint.contains("s3:ListBucket"), "{hint}");
}

#[test]
fn the_wrong_region_is_told_with_the_right_one() {
    for (status, code) in [(301, "PermanentRedirect"), (400, "AuthorizationHeaderMalformed")] {
        let known = Answer { region: Some("eu-west-1".to_owned()), ..answer(status, code, "") };
        let (message, hint) = told(READING, known);
        assert!(message.contains("the bucket models is in the region eu-west-1"), "{message}");
        assert_eq!(hint, "set AWS_REGION=eu-west-1");
    }
    let (message, hint) = told(READING, answer(400, "IllegalLocationConstraintException", ""));
    assert!(message.contains("is not in the region") && hint.contains("get-bucket-location"), "{message} {hint}");
    let xml = "<Error><Code>AuthorizationHeaderMalformed</Code><Region>eu-west-1</Region></Error>";
    assert_eq!(element(xml, "Region").as_deref(), Some("eu-west-1"));
    assert_eq!(element("<Region>\u{1b}[2J</Region>", "Region"), None);
    assert_eq!(element("<Region>eu", "Region"), None);
}

#[test]
fn what_stands_in_the_way_is_told() {
    let dispatch = "dispatch failure: io error: client error (Connect): ";
    for (text, what, hint) in [
        ("tcp connect error: Connection refused (os error 111)", "nothing listens there", "AWS_ENDPOINT_URL_S3"),
        ("dns error: failed to lookup address information: Name", "cannot be resolved", "region"),
        ("invalid peer certificate: UnknownIssuer", "not trusted", "AWS_CA_BUNDLE"),
        ("invalid peer certificate: certificate not valid for name \"x\"", "another name", "AWS_ENDPOINT_URL_S3"),
        ("invalid peer certificate: certificate expired", "has expired", "renew"),
        ("invalid peer certificate: BadEncoding", "is refused", "openssl"),
        ("connection reset by peer", "the connection to http://h:1 broke", "repeat"),
    ] {
        let failed = Failed::Link(format!("{dispatch}{text}"));
        let error = failure(&store(Some("http://h:1/")), WRITING, &failed, failed.is_open());
        assert!(error.to_string().contains(what), "{text}: {error}");
        assert!(error.hint_text().unwrap().contains(hint), "{text}: {:?}", error.hint_text());
        assert_eq!(error.to_string().contains("it is not known"), text.contains("reset"), "{error}");
    }
    let error = failure(&store(None), READING, &Failed::Link("the credentials provider failed".to_owned()), false);
    assert!(error.to_string().contains("no AWS credentials were found"), "{error}");
    let silent = Failed::Silent("operation timeout".to_owned());
    let error = failure(&store(None), READING, &silent, silent.is_open());
    assert!(error.to_string().contains("has not answered in time"), "{error}");
    assert!(!error.to_string().contains("it is not known"), "what is read is not changed: {error}");
}

#[test]
fn a_write_with_an_open_end_is_told_as_such() {
    let silent = Failed::Silent("operation timeout".to_owned());
    let error = failure(&store(None), WRITING, &silent, silent.is_open());
    assert!(error.to_string().ends_with("it is not known whether m/ledger/000001.json was written"), "{error}");
    let removing = Asked { right: "s3:DeleteObject", doing: "removing", key: "a" };
    let error = failure(&store(None), removing, &silent, silent.is_open());
    assert!(error.to_string().ends_with("it is not known whether a was removed"), "{error}");
    for (status, open) in [(500, true), (502, true), (504, true), (503, false), (403, false), (412, false)] {
        assert_eq!(Failed::Answer(answer(status, "", "")).is_open(), open, "{status}");
    }
}

#[test]
fn no_secret_is_told() {
    let repeated = answer(403, "SignatureDoesNotMatch", &format!("{SECRET} and session-token"));
    let error = failure(&store(None), WRITING, &Failed::Answer(repeated), false);
    let all = error.chain().join("\n") + error.hint_text().unwrap();
    assert!(all.contains("*** and ***") && !all.contains(SECRET), "{all}");
    let debug = format!("{:?}", store(Some("http://h:1")));
    assert!(!debug.contains(SECRET) && !debug.contains("session-token") && debug.contains("http://h:1"), "{debug}");
}
