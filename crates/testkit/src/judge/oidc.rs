//! An `OpenID` provider of another project (`oidc-provider`), run by Node with a browser for it: it was not written by us.

use std::{
    io::{BufRead as _, BufReader, Write as _},
    path::Path,
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
};

use serde_json::{Value, json};

/// A running provider; it ends with the test.
#[derive(Debug)]
pub struct Provider {
    process: Child,
    asks: ChildStdin,
    answers: BufReader<ChildStdout>,
    /// Its issuer: where it listens on loopback.
    pub issuer: String,
}

impl Provider {
    /// A provider with one client that is sent back to `redirect`; nothing where there is no npm.
    ///
    /// `target` is the test's `CARGO_TARGET_TMPDIR`.
    ///
    /// # Panics
    ///
    /// When the judge is required (`BASTIDE_REQUIRE_JUDGES=1`) and cannot be installed, or does not start.
    pub fn start(target: &Path, redirect: &str, client: &str, secret: &str) -> Option<Self> {
        let place = super::npm::installed(target, "oidc")?;
        let mut process = Command::new("node")
            .arg("provider.mjs")
            .args([redirect, client, secret])
            .current_dir(place)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("whoever has npm has node");
        let asks = process.stdin.take().expect("its input is a pipe");
        let answers = BufReader::new(process.stdout.take().expect("its output is a pipe"));
        let mut provider = Self { process, asks, answers, issuer: String::new() };
        let greeting = provider.answer();
        greeting["issuer"].as_str().expect("it says where it listens").clone_into(&mut provider.issuer);
        Some(provider)
    }

    /// A browser goes to this address, signs in as `subject` and agrees; gives where it is sent back to, or what the
    /// provider says instead.
    ///
    /// # Panics
    ///
    /// When the provider has ended.
    pub fn visit(&mut self, address: &str, subject: &str) -> Result<String, Value> {
        self.ask(&json!({ "visit": address, "as": subject }));
        let answer = self.answer();
        answer["back"].as_str().map(str::to_owned).ok_or(answer)
    }

    /// New keys sign from now on; the old ones are no longer published.
    ///
    /// # Panics
    ///
    /// When the provider has ended.
    pub fn rotate(&mut self) {
        self.ask(&json!({ "rotate": true }));
        assert_eq!(self.answer()["rotated"], true);
    }

    fn ask(&mut self, request: &Value) {
        writeln!(self.asks, "{request}").expect("the provider runs");
    }

    fn answer(&mut self) -> Value {
        loop {
            let mut line = String::new();
            let length = self.answers.read_line(&mut line).expect("the provider prints UTF-8");
            assert!(length > 0, "the provider has ended");
            // It greets whoever starts it.
            if line.starts_with('{') {
                return serde_json::from_str(&line).expect("the provider prints JSON");
            }
        }
    }
}

impl Drop for Provider {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
