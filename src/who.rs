//! Who is at work, and where.

use std::sync::OnceLock;

/// The login name: from the environment, else from the password file, else the numeric user id.
pub fn user() -> String {
    static USER: OnceLock<String> = OnceLock::new();
    USER.get_or_init(look_up).clone()
}

fn look_up() -> String {
    let named = ["USER", "LOGNAME"].iter().find_map(|name| std::env::var(name).ok().filter(|text| !text.is_empty()));
    named.unwrap_or_else(|| {
        let uid = rustix::process::getuid().as_raw().to_string();
        let passwd = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
        let entry = passwd.lines().map(|l| l.split(':').collect::<Vec<_>>()).find(|f| f.get(2) == Some(&uid.as_str()));
        entry.map_or_else(|| format!("uid{uid}"), |fields| fields[0].to_owned())
    })
}

/// The host's name.
pub fn host() -> String {
    rustix::system::uname().nodename().to_string_lossy().into_owned()
}
