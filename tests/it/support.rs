//! A home of its own for each test, and the binary run in it.

use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

pub const BINARY: &str = env!("CARGO_BIN_EXE_netsec-tui");

/// A file of the repository.
pub fn repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// The UCI rows, which are not ours to commit.
pub fn uci() -> PathBuf {
    let given =
        std::env::var_os("NETSEC_UCI_CSV").map_or_else(|| repository("../shared/data/phishing_uci.csv"), PathBuf::from);
    assert!(given.is_file(), "{} is not there; set NETSEC_UCI_CSV", given.display());
    given
}

/// The MongoDB that the tests speak to.
pub fn mongodb() -> String {
    std::env::var("NETSEC_TEST_MONGODB_URI").expect("NETSEC_TEST_MONGODB_URI is not set; tests/run starts a server")
}

/// A home in a temporary directory.
pub struct Home {
    pub dir: tempfile::TempDir,
}

impl Home {
    pub fn new() -> Self {
        let home = Self { dir: tempfile::tempdir().unwrap() };
        // Two quick trials a family: what is tested here is everything around them.
        home.file("training.yaml", include_str!("training.yaml"));
        home.file("settings.yaml", "training: training.yaml\n");
        home
    }

    /// The root of the home.
    pub fn root(&self) -> PathBuf {
        self.dir.path().join("home")
    }

    /// Writes a file beside the home.
    pub fn file(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.dir.path().join(name);
        std::fs::write(&path, content).unwrap();
        path
    }

    /// The binary with the home and quick search spaces.
    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(BINARY);
        command
            .args(args)
            .arg("--home")
            .arg(self.root())
            .arg("--config")
            .arg(self.dir.path().join("settings.yaml"))
            .current_dir(self.dir.path())
            .env_remove("NETSEC_HOME")
            .env_remove("NETSEC_STORE")
            .env("USER", "tester")
            .stdin(Stdio::null());
        // Whoever runs the tests may have a MongoDB of their own.
        for name in netsec::connection::VARIABLES {
            command.env_remove(name);
        }
        // The same holds for S3, and for a registry.
        let names = std::env::vars_os().filter_map(|(name, _)| name.into_string().ok());
        for name in names.filter(|name| name.starts_with("AWS_")) {
            command.env_remove(name);
        }
        command
            .env_remove("NETSEC_REGISTRY")
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .env("AWS_CONFIG_FILE", "/dev/null")
            .env("AWS_SHARED_CREDENTIALS_FILE", "/dev/null");
        command
    }

    /// Runs it to its end.
    pub fn run(&self, args: &[&str]) -> Output {
        self.command(args).output().unwrap()
    }

    /// Runs it, and fails the test when it fails.
    pub fn ok(&self, args: &[&str]) -> String {
        let output = self.run(args);
        assert!(output.status.success(), "{args:?}: {}\n{}", output.status, text(&output.stderr));
        text(&output.stdout)
    }

    /// Runs it with `--json`, and reads the one document it prints.
    pub fn json(&self, args: &[&str]) -> Value {
        let out = self.ok(&[args, &["--json"]].concat());
        serde_json::from_str(&out).unwrap_or_else(|e| panic!("{args:?}: {e}: {out}"))
    }

    /// Runs it, expects failure, and gives exit code and standard error.
    pub fn fails(&self, args: &[&str]) -> (i32, String) {
        let output = self.run(args);
        assert!(!output.status.success(), "{args:?} did not fail:\n{}", text(&output.stdout));
        (output.status.code().unwrap_or(-1), text(&output.stderr))
    }

    /// Pushes a small synthetic sample into the default collection.
    pub fn with_sample(self, rows: u32) -> Self {
        let path = self.dir.path().join("sample.csv");
        self.ok(&["sample", "--rows", &rows.to_string(), "--seed", "5", "--out", path.to_str().unwrap()]);
        self.ok(&["push", path.to_str().unwrap()]);
        self
    }
}

pub fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// The SHA-256 of every model file of a run.
pub fn models(home: &Home, run: &str) -> std::collections::BTreeMap<String, String> {
    std::fs::read_dir(home.root().join("runs").join(run).join("models"))
        .unwrap()
        .map(|entry| {
            let path = entry.unwrap().path();
            (
                path.file_name().unwrap().to_string_lossy().into_owned(),
                netsec::files::sha256_hex(&std::fs::read(&path).unwrap()),
            )
        })
        .collect()
}
