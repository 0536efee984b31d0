//! A URL taken apart the way browsers do (WHATWG "URL", sections 3.5 and 4.4), as far as the rules look at it.
//!
//! Analysts pass URLs on *defanged*, so that nobody clicks them: `hxxps://example[.]com`. They are refanged first, and
//! what was done is kept as remarks.

use crate::schema::quoted;
use std::net::{Ipv4Addr, Ipv6Addr};

/// Longest text that is taken for a URL, in characters. Browsers stop far below.
const LONGEST: usize = 65_536;
/// Schemes whose URLs name a host, and the port that each has without saying so.
const SCHEMES: [(&str, u16); 5] = [("http", 80), ("https", 443), ("ftp", 21), ("ws", 80), ("wss", 443)];
/// Schemes of other things, which are written without `//`.
const NO_WEB: [&str; 9] = ["about", "blob", "data", "file", "javascript", "mailto", "sms", "tel", "urn"];
/// Schemes as they are written so that nobody clicks them.
const DEFANGED: [(&str, &str); 8] = [
    ("hxxp", "http"),
    ("hxxps", "https"),
    ("h**p", "http"),
    ("h**ps", "https"),
    ("hxtp", "http"),
    ("hxtps", "https"),
    ("fxp", "ftp"),
    ("meow", "http"),
];

/// What stands between the scheme and the path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Host {
    /// A name: lower case, percent escapes decoded, without the dot at its end.
    Name(String),
    /// An IPv4 address, and the form in which it was written.
    V4(Ipv4Addr, &'static str),
    /// An IPv6 address.
    V6(Ipv6Addr),
}

/// A URL, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Parsed {
    /// The whole URL, refanged, with a scheme.
    pub text: String,
    /// What stands before the host and an `@`.
    pub userinfo: Option<String>,
    /// The host.
    pub host: Host,
    /// The port, where it says one that is not its scheme's own.
    pub port: Option<u16>,
    /// What was changed to make a URL of the text, and what is odd about it.
    pub remarks: Vec<String>,
}

/// Takes a text apart. The reason, where it is no URL.
pub(super) fn parse(text: &str) -> Result<Parsed, String> {
    let trimmed = text.trim().trim_matches(['<', '>', '"', '\'', '`']).trim();
    if trimmed.is_empty() {
        return Err("it is empty".to_owned());
    }
    if trimmed.chars().count() > LONGEST {
        return Err(format!("it is longer than {LONGEST} characters"));
    }
    if let Some(c) = trimmed.chars().find(|c| c.is_whitespace() || c.is_control()) {
        return Err(format!("there is {} in it", if c.is_whitespace() { "a space" } else { "a control character" }));
    }
    let mut remarks = Vec::new();
    let refanged = refang(trimmed, &mut remarks);
    let (scheme, rest) = scheme(&refanged, &mut remarks)?;
    // Browsers take a backslash for a slash, and any number of them.
    let rest = rest.trim_start_matches(['/', '\\']);
    let end = rest.find(['/', '\\', '?', '#']).unwrap_or(rest.len());
    let (authority, tail) = rest.split_at(end);
    let (userinfo, place) = match authority.rsplit_once('@') {
        Some((user, place)) => (Some(user.to_owned()), place),
        None => (None, authority),
    };
    let (name, port) = port(place)?;
    let host = host(name, &mut remarks)?;
    let own = SCHEMES.iter().find(|(name, _)| *name == scheme).map(|(_, port)| *port);
    Ok(Parsed {
        text: format!("{scheme}://{authority}{tail}"),
        userinfo,
        host,
        port: port.filter(|port| Some(*port) != own),
        remarks,
    })
}

/// Makes a defanged URL whole again.
fn refang(text: &str, remarks: &mut Vec<String>) -> String {
    let mut whole = String::with_capacity(text.len());
    let mut rest = text;
    let mut found: Vec<&str> = Vec::new();
    while let Some(c) = rest.chars().next() {
        if let Some((long, meant)) = bracketed(rest) {
            let what = &rest[..long];
            if !found.contains(&what) {
                found.push(what);
            }
            whole.push_str(meant);
            rest = &rest[long..];
        } else {
            whole.push(c);
            rest = &rest[c.len_utf8()..];
        }
    }
    if !found.is_empty() {
        remarks.push(format!("refanged: {}", found.join(" ")));
    }
    whole
}

/// A bracketed or escaped sign at the start of a text: its length, and what is meant.
fn bracketed(text: &str) -> Option<(usize, &'static str)> {
    if text.starts_with("\\.") {
        return Some((2, "."));
    }
    let close = match text.chars().next()? {
        '[' => ']',
        '(' => ')',
        '{' => '}',
        _ => return None,
    };
    let end = text.char_indices().take(6).find(|(_, c)| *c == close)?.0;
    let meant = match text[1..end].to_ascii_lowercase().as_str() {
        "." | "dot" => ".",
        ":" => ":",
        "://" => "://",
        "//" => "//",
        "/" => "/",
        "@" | "at" => "@",
        _ => return None,
    };
    Some((end + close.len_utf8(), meant))
}

/// The scheme, in lower case and refanged, and what stands behind it.
fn scheme<'a>(text: &'a str, remarks: &mut Vec<String>) -> Result<(String, &'a str), String> {
    let Some((before, rest)) = text.split_once(':') else {
        remarks.push("no scheme: http:// is assumed".to_owned());
        return Ok(("http".to_owned(), text));
    };
    let word = before.to_ascii_lowercase();
    if let Some((_, meant)) = DEFANGED.iter().find(|(from, _)| *from == word) {
        remarks.push(format!("refanged: {before} is {meant}"));
        return Ok(((*meant).to_owned(), rest));
    }
    if SCHEMES.iter().any(|(scheme, _)| *scheme == word) {
        if before != word {
            remarks.push(format!("the scheme is written {before}"));
        }
        return Ok((word, rest));
    }
    // `example.com:8080` and `user:word@example.com` have no scheme either.
    if NO_WEB.contains(&word.as_str()) || is_scheme(&word) && rest.starts_with("//") {
        return Err(format!("{} names no web host", quoted(&format!("{word}:"))));
    }
    remarks.push("no scheme: http:// is assumed".to_owned());
    Ok(("http".to_owned(), text))
}

fn is_scheme(word: &str) -> bool {
    word.starts_with(|c: char| c.is_ascii_alphabetic())
        && word.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'))
}

/// The host's text and the port behind it.
fn port(place: &str) -> Result<(&str, Option<u16>), String> {
    let split = match place.rfind(']') {
        Some(end) => place[end..].find(':').map(|at| end + at),
        None => place.rfind(':'),
    };
    let Some(at) = split else { return Ok((place, None)) };
    let (name, port) = (&place[..at], &place[at + 1..]);
    if port.is_empty() {
        return Ok((name, None));
    }
    match port.parse() {
        Ok(port) if !name.is_empty() => Ok((name, Some(port))),
        Ok(_) => Err("there is no host before the port".to_owned()),
        Err(_) => Err(format!("{} is not a port", quoted(port))),
    }
}

fn host(text: &str, remarks: &mut Vec<String>) -> Result<Host, String> {
    if text.is_empty() {
        return Err("there is no host in it".to_owned());
    }
    if let Some(inside) = text.strip_prefix('[') {
        let address = inside.strip_suffix(']').and_then(|a| a.split('%').next()?.parse().ok());
        return address.map(Host::V6).ok_or_else(|| format!("{} is not an IPv6 address", quoted(text)));
    }
    let decoded = percent_decode(text)?;
    if decoded != text {
        remarks.push("the host is written with percent escapes".to_owned());
    }
    // The other full stops that browsers take for a dot.
    let name = decoded.replace(['\u{3002}', '\u{ff0e}', '\u{ff61}'], ".").to_lowercase();
    let name = match name.strip_suffix('.') {
        Some(rest) => {
            remarks.push("the host ends in a dot".to_owned());
            rest.to_owned()
        }
        None => name,
    };
    if let Some(address) = ipv4(&name) {
        let (address, form) = address?;
        return Ok(Host::V4(address, form));
    }
    let forbidden = |c: char| {
        c.is_whitespace() || c.is_control() || "#/:<>?@[\\]^|%`{}\"',;=!$&()*+~".contains(c) || matches!(c, '\u{fffd}')
    };
    if let Some(c) = name.chars().find(|c| forbidden(*c)) {
        return Err(format!("a host cannot have {} in it", quoted(&c.to_string())));
    }
    if name.split('.').any(|label| label.is_empty() || label.len() > 4 * 63) {
        return Err(format!("{} is not a host name", quoted(text)));
    }
    if !name.is_ascii() {
        remarks.push("the host has letters beyond ASCII: look-alikes are possible".to_owned());
    } else if name.split('.').any(|label| label.starts_with("xn--")) {
        remarks.push("the host is internationalized (xn--): look-alikes are possible".to_owned());
    }
    Ok(Host::Name(name))
}

fn percent_decode(text: &str) -> Result<String, String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, more)) = rest.split_first() {
        let digit = |at: usize| more.get(at).and_then(|b| char::from(*b).to_digit(16));
        match (first, digit(0), digit(1)) {
            (b'%', Some(high), Some(low)) => {
                bytes.push((high * 16 + low) as u8);
                rest = &more[2..];
            }
            _ => {
                bytes.push(*first);
                rest = more;
            }
        }
    }
    String::from_utf8(bytes).map_err(|_| "the host's percent escapes are no text".to_owned())
}

/// The IPv4 address that a host name is, in any form that browsers take for one: dotted, hexadecimal, octal, with
/// fewer parts, or one whole number. None where it is a name; the reason where it ends in a number and is none.
fn ipv4(name: &str) -> Option<Result<(Ipv4Addr, &'static str), String>> {
    let parts: Vec<&str> = name.split('.').collect();
    let last = parts.last()?;
    let looks = last.starts_with(|c: char| c.is_ascii_digit())
        && (last.bytes().all(|b| b.is_ascii_digit()) || number(last).is_some());
    if !looks {
        return None;
    }
    let wrong = || format!("{} ends in a number and is not an IPv4 address", quoted(name));
    let numbers: Option<Vec<u64>> = parts.iter().map(|part| number(part)).collect();
    let Some((last, front)) = numbers.as_ref().filter(|n| n.len() <= 4).and_then(|n| n.split_last()) else {
        return Some(Err(wrong()));
    };
    if front.iter().any(|n| *n > 255) || *last >= 256u64.pow(4 - front.len() as u32) {
        return Some(Err(wrong()));
    }
    let high = front.iter().enumerate().map(|(i, n)| n << (8 * (3 - i))).sum::<u64>();
    let is = |test: fn(&str) -> bool| parts.iter().any(|p| test(p));
    let form = if is(|p| p.starts_with("0x")) {
        "in hexadecimal"
    } else if is(|p| p.len() > 1 && p.starts_with('0')) {
        "in octal"
    } else if parts.len() == 1 {
        "as one whole number"
    } else if parts.len() < 4 {
        "with parts left out"
    } else {
        "dotted"
    };
    Some(Ok((Ipv4Addr::from((high + last) as u32), form)))
}

/// A part of an IPv4 address: decimal, hexadecimal after `0x`, octal after `0`.
fn number(part: &str) -> Option<u64> {
    let (digits, radix) = match part.strip_prefix("0x") {
        Some("") => return Some(0),
        Some(rest) => (rest, 16),
        None if part.len() > 1 && part.starts_with('0') => (&part[1..], 8),
        None => (part, 10),
    };
    let all = digits.len() <= 20 && digits.chars().all(|c| c.is_digit(radix));
    all.then(|| u64::from_str_radix(digits, radix).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn host(text: &str) -> Host {
        parse(text).unwrap_or_else(|e| panic!("{text}: {e}")).host
    }

    #[test]
    fn addresses_are_known_in_every_form() {
        for (text, form) in [
            ("http://88.204.202.98/x", "dotted"),
            ("http://0x58.0xCC.0xCA.0x62/2/", "in hexadecimal"),
            ("http://0x58CCCA62/", "in hexadecimal"),
            ("http://0130.0314.0312.0142", "in octal"),
            ("http://1489816162", "as one whole number"),
            ("http://88.13421154/", "with parts left out"),
            ("http://%38%38.204.202.98/", "dotted"),
            ("http://88。204。202。98/", "dotted"),
        ] {
            assert_eq!(host(text), Host::V4(Ipv4Addr::new(88, 204, 202, 98), form), "{text}");
        }
        assert_eq!(host("http://[2001:db8::1]:8080/"), Host::V6("2001:db8::1".parse().unwrap()));
        for text in
            ["http://1.2.3.256/", "http://1.2.3.4.5/", "http://09.1.1.1/", "http://[1::2::3]/", "http://4294967296/"]
        {
            assert!(parse(text).is_err(), "{text}");
        }
        assert_eq!(host("http://1.2.3.4.example/"), Host::Name("1.2.3.4.example".to_owned()));
    }

    #[test]
    fn defanged_urls_are_made_whole_and_say_so() {
        for text in [
            "hxxp://example[.]com/a",
            "hXXp[:]//example[dot]com/a",
            "http[://]example(.)com/a",
            "h**p://example{.}com/a",
            "http://example\\.com/a",
            "<http://example[.]com/a>",
        ] {
            let parsed = parse(text).unwrap_or_else(|e| panic!("{text}: {e}"));
            assert_eq!(parsed.text, "http://example.com/a", "{text}");
            assert!(parsed.remarks.iter().any(|r| r.starts_with("refanged")), "{text}: {:?}", parsed.remarks);
        }
        assert_eq!(parse("http://example.com/a?b[.]=1").unwrap().text, "http://example.com/a?b.=1");
        assert_eq!(parse("https://example.com/a[0]").unwrap().remarks, [""; 0]);
    }

    #[test]
    fn hosts_ports_and_users_are_found() {
        let parsed = parse("HTTPS://paypal.com@Evil.Example.:8443/x?y@z").unwrap();
        assert_eq!(parsed.host, Host::Name("evil.example".to_owned()));
        assert_eq!((parsed.userinfo.as_deref(), parsed.port), (Some("paypal.com"), Some(8443)));
        assert_eq!(parse("https://a.example:443/").unwrap().port, None);
        assert_eq!(parse("http://a.example:443/").unwrap().port, Some(443));
        assert_eq!(parse("a.example:8080/x").unwrap().text, "http://a.example:8080/x");
        assert_eq!(host("user:word@a.example"), Host::Name("a.example".to_owned()));
        assert_eq!(host("http:\\\\a.example\\x"), Host::Name("a.example".to_owned()));
        assert_eq!(host("https:////a.example"), Host::Name("a.example".to_owned()));
    }

    #[test]
    fn what_is_no_url_says_why() {
        for (text, why) in [
            ("", "empty"),
            ("http://", "no host"),
            ("http://a b.example/", "a space"),
            ("mailto:someone@example.com", "names no web host"),
            ("javascript:alert(1)", "names no web host"),
            ("gopher://a.example", "names no web host"),
            ("http://a.example:99999/", "not a port"),
            ("http://a..example/", "not a host name"),
            ("http://:80/", "no host"),
            ("URL_Length=1", "cannot have"),
        ] {
            let error = parse(text).unwrap_err();
            assert!(error.contains(why), "{text}: {error}");
        }
        assert!(parse(&format!("http://a.example/{}", "x".repeat(LONGEST))).is_err());
    }
}
