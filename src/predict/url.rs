//! What a URL tells without being opened: the lexical features of the UCI "Phishing Websites" data.
//!
//! The rules are those of Mohammad, Thabtah and McCluskey: "Phishing Websites Features" (the document that comes with
//! the data set), after "An assessment of features related to phishing websites using an automated technique"
//! (ICITST 2012) and "Intelligent rule-based phishing websites classification" (IET Information Security 8(3), 2014).
//! -1 speaks for phishing, 0 is suspicious, 1 speaks for legitimate.
//!
//! Where a rule leaves room, what is done here:
//! - *Length* and the position of `//` are counted in the refanged URL, with its scheme; 54 and 75 are suspicious.
//! - *Subdomains*: the publication takes off `www.` and the country code and counts the dots that are left, so that
//!   `hud.ac` of `www.hud.ac.uk` has one. That is the number of labels before the registered domain, which the public
//!   suffix list knows for every country; its private part (`github.io`) does not count, as no country code is in it.
//! - *Hyphen*: anywhere in the host name. The hyphens that the encoding of international names brings along do not count.
//! - *Port*: the rule asks which ports of the server are open. A port in the URL that is none of the publication's usual
//!   ones is open; that the others are closed cannot be seen, so without such a port the feature is unknown.
//! - *Certificate*, WHOIS, DNS, traffic, and whatever is on the page need a look at the network, which never happens
//!   here: these features are unknown. `https` in front of a URL says nothing of who issued the certificate.

mod parse;
mod shorteners;

use super::Record;
use crate::schema::{Scalar, Schema};
use crate::{Error, Result};
use parse::{Host, Parsed};
use psl::{List, Psl, Type};

/// Lengths from which a URL is suspicious, and above which it speaks for phishing.
const LENGTHS: [usize; 2] = [54, 75];
/// Where the `//` of `https://` stands, from 1: one behind it redirects.
const SLASHES: usize = 7;
/// Ports whose being open the publication calls usual.
const USUAL_PORTS: [u16; 2] = [80, 443];

/// What a rule finds: a value with the reason, or the reason why there is none.
type Found = (Option<i64>, String);

/// A rule: the feature, and what it makes of a URL.
type Rule = (&'static str, fn(&Parsed) -> Found);

const RULES: [Rule; 9] = [
    ("having_IP_Address", ip_address),
    ("URL_Length", length),
    ("Shortining_Service", shortening),
    ("having_At_Symbol", at_symbol),
    ("double_slash_redirecting", double_slash),
    ("Prefix_Suffix", hyphen),
    ("having_Sub_Domain", subdomains),
    ("port", port),
    ("HTTPS_token", https_token),
];

/// Why features of the same data cannot be told from a URL.
const UNKNOWN: [(&str, &str); 21] = [
    ("SSLfinal_State", "needs the certificate: https alone says nothing of its issuer and age"),
    ("Domain_registeration_length", "needs WHOIS"),
    ("Favicon", "needs the page"),
    ("Request_URL", "needs the page"),
    ("URL_of_Anchor", "needs the page"),
    ("Links_in_tags", "needs the page"),
    ("SFH", "needs the page"),
    ("Submitting_to_email", "needs the page"),
    ("Abnormal_URL", "needs WHOIS"),
    ("Redirect", "needs the page"),
    ("on_mouseover", "needs the page"),
    ("RightClick", "needs the page"),
    ("popUpWidnow", "needs the page"),
    ("Iframe", "needs the page"),
    ("age_of_domain", "needs WHOIS"),
    ("DNSRecord", "needs DNS"),
    ("web_traffic", "needs a traffic ranking"),
    ("Page_Rank", "needs a page ranking"),
    ("Google_Index", "needs a search engine"),
    ("Links_pointing_to_page", "needs a search engine"),
    ("Statistical_report", "needs reports of phishing hosts"),
];

/// Where a record comes from when a URL was given.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FromUrl {
    /// The URL: refanged, with a scheme.
    pub url: String,
    /// What was changed to make a URL of what was given, and what is odd about it.
    pub remarks: Vec<String>,
}

/// Whether a text is meant as a URL: it has a web scheme, also a defanged one, or begins with a host whose ending is a
/// public one, or with an IPv4 address.
pub fn looks_like_url(text: &str) -> bool {
    let Ok(parsed) = parse::parse(text) else { return false };
    let start = text.trim_start_matches(['<', '"', '\'', '`']);
    let has_scheme = !parsed.remarks.iter().any(|r| r.starts_with("no scheme"));
    let is_number = start.parse::<f64>().is_ok();
    match &parsed.host {
        _ if has_scheme => true,
        Host::Name(name) => name.contains('.') && List.suffix(name.as_bytes()).is_some_and(|s| s.is_known()),
        Host::V4(_, form) => *form == "dotted" && !is_number,
        Host::V6(_) => false,
    }
}

/// Computes the features of a URL that the text alone tells. The record holds those of the schema's features that a
/// rule applies to, each with its reason; for the others of the same data the reason why they are unknown.
///
/// # Errors
/// When the text is no URL; when no rule applies to a feature of the schema: it has none of those names with the
/// published levels.
pub fn from_url(schema: &Schema, text: &str) -> Result<Record> {
    let parsed = parse::parse(text).map_err(|reason| {
        Error::data(format!("{} is not a URL: {reason}", crate::schema::quoted(text.trim())))
            .hint("a URL is scheme://host/path; hxxp:// and [.] are understood, mail addresses and files are not")
    })?;
    let mut record = Record::default();
    for column in &schema.features {
        if let Some((_, rule)) = RULES.iter().find(|(name, _)| *name == column.name) {
            let (value, reason) = rule(&parsed);
            // Levels of other values are of another coding, to which the rules do not apply.
            if !column.is_categorical() || [-1, 1].iter().any(|level| column.place(&Scalar::Int(*level)).is_err()) {
                continue;
            }
            match value.filter(|v| column.place(&Scalar::Int(*v)).is_ok()) {
                Some(value) => record.compute(&column.name, value.to_string(), reason),
                None => record.explain(&column.name, reason),
            }
        } else if let Some((_, reason)) = UNKNOWN.iter().find(|(name, _)| *name == column.name) {
            record.explain(&column.name, (*reason).to_owned());
        }
    }
    if record.values.is_empty() {
        let names: Vec<&str> = RULES.iter().map(|(name, _)| *name).collect();
        return Err(Error::data(format!(
            "no rule applies to the schema {}: a URL alone cannot be scored",
            schema.name
        ))
        .hint(format!(
            "rules are known for {}, with the levels -1, 0, 1; paste the features instead",
            names.join(", ")
        )));
    }
    record.url = Some(FromUrl { url: parsed.text, remarks: parsed.remarks });
    Ok(record)
}

fn ip_address(url: &Parsed) -> Found {
    match &url.host {
        Host::Name(_) => (Some(1), "the host is a name".to_owned()),
        Host::V4(address, "dotted") => (Some(-1), format!("the host is the address {address}")),
        Host::V4(address, form) => (Some(-1), format!("the host is the address {address}, written {form}")),
        Host::V6(address) => (Some(-1), format!("the host is the address {address}")),
    }
}

fn length(url: &Parsed) -> Found {
    let length = url.text.chars().count();
    let [suspicious, most] = LENGTHS;
    if length < suspicious {
        (Some(1), format!("length {length}, below {suspicious}"))
    } else if length <= most {
        (Some(0), format!("length {length}, {suspicious} to {most}"))
    } else {
        (Some(-1), format!("length {length}, over {most}"))
    }
}

fn shortening(url: &Parsed) -> Found {
    match &url.host {
        Host::Name(name) => match shorteners::service(name) {
            Some(service) => (Some(-1), format!("{service} shortens URLs")),
            None => (Some(1), "no known shortening service".to_owned()),
        },
        _ => (Some(1), "an address is no shortening service".to_owned()),
    }
}

fn at_symbol(url: &Parsed) -> Found {
    match (&url.userinfo, url.text.contains('@')) {
        (Some(_), _) => (Some(-1), "what stands before the @ is not the host".to_owned()),
        (None, true) => (Some(-1), "an @ behind the host".to_owned()),
        (None, false) => (Some(1), "no @".to_owned()),
    }
}

fn double_slash(url: &Parsed) -> Found {
    // Counted in characters, from 1.
    let at = url.text.rfind("//").map_or(0, |at| url.text[..at].chars().count() + 1);
    if at > SLASHES {
        (Some(-1), format!("a // at position {at}"))
    } else {
        (Some(1), "no // behind the scheme's".to_owned())
    }
}

/// The hyphens of a label as it is read: those in front of the encoded letters of an international one.
fn hyphens(label: &str) -> usize {
    let read = match label.strip_prefix("xn--") {
        Some(rest) => rest.rsplit_once('-').map_or("", |(basic, _)| basic),
        None => label,
    };
    read.matches('-').count()
}

fn hyphen(url: &Parsed) -> Found {
    let Host::Name(name) = &url.host else { return (Some(1), "an address has no hyphen".to_owned()) };
    match name.split('.').find(|label| hyphens(label) > 0) {
        Some(label) => (Some(-1), format!("hyphen in {}", crate::schema::quoted(label))),
        None => (Some(1), "no hyphen in the host".to_owned()),
    }
}

/// The public suffix of a host name, without the private part of the list.
fn suffix(name: &str) -> Option<&str> {
    let mut rest = name;
    loop {
        let suffix = List.suffix(rest.as_bytes())?;
        let found = &rest[rest.len() - suffix.as_bytes().len()..];
        if suffix.typ() != Some(Type::Private) {
            return Some(found);
        }
        // The list's own part knows the rest: `io` of `github.io`.
        rest = found.split_once('.')?.1;
    }
}

fn subdomains(url: &Parsed) -> Found {
    let Host::Name(name) = &url.host else { return (None, "an address has no subdomains".to_owned()) };
    let bare = name.strip_prefix("www.").unwrap_or(name);
    let front = suffix(bare).and_then(|suffix| bare.strip_suffix(suffix)?.strip_suffix('.'));
    let Some(front) = front.filter(|f| !f.is_empty()) else {
        return (None, format!("{} is no registered domain", crate::schema::quoted(bare)));
    };
    let (below, label) = front.rsplit_once('.').map_or(("", front), |(below, label)| (below, label));
    let domain = &bare[front.len() - label.len()..];
    match below.split('.').filter(|l| !l.is_empty()).count() {
        0 => (Some(1), format!("no subdomain of {domain}")),
        1 => (Some(0), format!("one subdomain of {domain}: {below}")),
        n => (Some(-1), format!("{n} subdomains of {domain}: {below}")),
    }
}

fn port(url: &Parsed) -> Found {
    match url.port.filter(|port| !USUAL_PORTS.contains(port)) {
        Some(port) => (Some(-1), format!("port {port} is not a usual one")),
        None => (None, "no unusual port in the URL; which ports are open needs a look at the server".to_owned()),
    }
}

fn https_token(url: &Parsed) -> Found {
    match &url.host {
        Host::Name(name) if name.contains("https") => (Some(-1), "https in the host name".to_owned()),
        _ => (Some(1), "no https in the host name".to_owned()),
    }
}

#[cfg(test)]
mod tests;
