use super::*;
use crate::schema::BUILT_IN;

fn schema() -> Schema {
    Schema::parse(BUILT_IN, "built-in").unwrap()
}

fn record(text: &str) -> Record {
    from_url(&schema(), text).unwrap_or_else(|e| panic!("{text}: {e}"))
}

/// The value of a feature, and the reason.
fn rule(text: &str, feature: &str) -> (Option<i64>, String) {
    let record = record(text);
    let reason = record.reason(feature).unwrap_or_else(|| panic!("{text}: no reason for {feature}")).to_owned();
    (record.get(feature).map(|v| v.parse().unwrap()), reason)
}

#[test]
fn the_publications_own_examples_get_its_values() {
    for (text, feature, value) in [
        ("http://125.98.3.123/fake.html", "having_IP_Address", -1),
        ("http://0x58.0xCC.0xCA.0x62/2/paypal.ca/index.html", "having_IP_Address", -1),
        ("http://portal.hud.ac.uk/", "having_IP_Address", 1),
        ("http://bit.ly/19DXSk4", "Shortining_Service", -1),
        ("http://portal.hud.ac.uk/", "Shortining_Service", 1),
        ("http://www.legitimate.com//http://www.phishing.com", "double_slash_redirecting", -1),
        ("https://www.legitimate.com/", "double_slash_redirecting", 1),
        ("http://www.Confirme-paypal.com/", "Prefix_Suffix", -1),
        ("http://www.hud.ac.uk/students/", "having_Sub_Domain", 1),
        ("http://https-www-paypal-it-webapps-mpp-home.soft-hair.com/", "HTTPS_token", -1),
        ("https://www.hud.ac.uk/", "HTTPS_token", 1),
    ] {
        assert_eq!(rule(text, feature).0, Some(value), "{text}: {feature}");
    }
}

#[test]
fn lengths_are_counted_with_the_scheme_and_after_refanging() {
    let url = |n: usize| format!("http://a.example/{}", "x".repeat(n - 17));
    for (n, value) in [(53, 1), (54, 0), (75, 0), (76, -1)] {
        let (found, reason) = rule(&url(n), "URL_Length");
        assert_eq!(found, Some(value), "{n}");
        assert!(reason.starts_with(&format!("length {n}, ")), "{reason}");
    }
    let bare = url(54).replace("http://", "");
    assert_eq!(rule(&bare, "URL_Length").0, Some(0), "the scheme that is left out counts");
    assert_eq!(rule(&url(53).replace("http", "hxxp").replace('.', "[.]"), "URL_Length").0, Some(1));
}

#[test]
fn subdomains_are_those_of_the_registered_domain() {
    for (text, value, reason) in [
        ("http://example.com/", Some(1), "no subdomain of example.com"),
        ("http://www.example.co.uk/", Some(1), "no subdomain of example.co.uk"),
        ("http://login.example.co.uk/", Some(0), "one subdomain of example.co.uk: login"),
        ("http://paypal.com.login.example.de./", Some(-1), "3 subdomains of example.de: paypal.com.login"),
        // Whoever has a page there has not registered the domain.
        ("http://someone.github.io/", Some(0), "one subdomain of github.io: someone"),
        ("http://x.unheard-of-ending/", Some(1), "no subdomain of x.unheard-of-ending"),
        ("http://xn--bcher-kva.example.com/", Some(0), "one subdomain of example.com: xn--bcher-kva"),
        ("http://co.uk/", None, "\"co.uk\" is no registered domain"),
        ("http://localhost/", None, "\"localhost\" is no registered domain"),
        ("http://1.2.3.4/", None, "an address has no subdomains"),
    ] {
        assert_eq!(rule(text, "having_Sub_Domain"), (value, reason.to_owned()), "{text}");
    }
}

#[test]
fn ports_signs_and_hyphens() {
    for (text, feature, value) in [
        ("http://a.example:8080/", "port", Some(-1)),
        ("http://a.example:443/", "port", None),
        ("http://a.example/", "port", None),
        ("http://paypal.com@a.example/", "having_At_Symbol", Some(-1)),
        ("http://a.example/@user", "having_At_Symbol", Some(-1)),
        ("http://a.example/%40user", "having_At_Symbol", Some(1)),
        // The encoding's hyphens are not the name's.
        ("http://xn--bcher-kva.example/", "Prefix_Suffix", Some(1)),
        ("http://xn--my-bcher-65a.example/", "Prefix_Suffix", Some(-1)),
        ("http://pay-pal.example.com/", "Prefix_Suffix", Some(-1)),
        ("http://a.example/x-y", "Prefix_Suffix", Some(1)),
        ("http://tinyurl.com.example/", "Shortining_Service", Some(1)),
        ("http://www.tinyurl.com/abc", "Shortining_Service", Some(-1)),
        ("http://notbit.ly/abc", "Shortining_Service", Some(1)),
        ("HTTPS://A.EXAMPLE/", "HTTPS_token", Some(1)),
    ] {
        assert_eq!(rule(text, feature).0, value, "{text}: {feature}");
    }
}

#[test]
fn what_needs_more_than_the_text_stays_unknown_and_says_what() {
    let record = record("https://example.com/");
    let schema = schema();
    assert_eq!(record.values.len(), 8, "{:?}", record.values);
    for column in &schema.features {
        assert!(record.reason(&column.name).is_some(), "{}", column.name);
    }
    assert_eq!(record.get("SSLfinal_State"), None);
    assert!(record.reason("SSLfinal_State").unwrap().contains("certificate"));
    assert_eq!(record.url.as_ref().unwrap().url, "https://example.com/");
}

#[test]
fn rules_are_for_the_published_levels_only() {
    let other = |levels: &str| {
        let text = format!(
            "name: other\ntarget: y\npositive: 1\nlabels: {{0: no, 1: yes}}\ncolumns:\n\
             - {{name: URL_Length, type: int64, {levels}}}\n- {{name: x, type: float64}}\n- {{name: y, type: int64, values: [0, 1]}}\n"
        );
        from_url(&Schema::parse(&text, "other").unwrap(), "http://a.example/")
    };
    assert_eq!(other("values: [-1, 0, 1]").unwrap().get("URL_Length"), Some("1"));
    for levels in ["values: [0, 1, 2]", "range: [0, null]"] {
        let error = other(levels).unwrap_err();
        assert!(error.to_string().contains("no rule applies"), "{error}");
        assert!(error.hint_text().unwrap().contains("URL_Length"));
    }
}

#[test]
fn urls_are_told_from_rows() {
    for text in ["hxxp://a[.]example/x", "https://localhost/", "example.com", "paypal.com.evil.ru/x?y=z", "1.2.3.4/x"] {
        assert!(looks_like_url(text), "{text}");
    }
    for text in [
        "1,-1,0",
        "-1",
        "1.5",
        "1.5,2.5",
        "1 0 1",
        "URL_Length=1",
        "URL_Length: 1",
        "{\"a\": 1}",
        "rows.csv",
        "",
        "[1]",
        "mailto:a@example.com",
        "SSLfinal_State",
        "a.b=c",
    ] {
        assert!(!looks_like_url(text), "{text}");
    }
}

#[test]
fn what_is_no_url_is_an_error_with_a_way_out() {
    let error = from_url(&schema(), "not a url").unwrap_err();
    assert!(error.to_string().contains("\"not a url\" is not a URL: there is a space"), "{error}");
    assert!(error.hint_text().unwrap().contains("hxxp"));
}
