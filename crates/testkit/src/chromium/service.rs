//! The `WebDriver` service of Chromium: a process of its own that ends with the test, however the test ends.

use std::{
    io::{BufRead as _, BufReader},
    path::PathBuf,
    process::{Child, ChildStdout, Command, Stdio},
};

/// A running chromedriver and all browsers that it started.
#[derive(Debug)]
pub(super) struct Service {
    /// Its standard input is the pipe whose end it waits for.
    shell: Child,
    /// Kept open, so that the service can write.
    _said: BufReader<ChildStdout>,
    /// Where it listens.
    pub(super) address: String,
}

/// The names under which distributions install a program.
fn program(names: &[&str]) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    let places: Vec<PathBuf> = std::env::split_paths(&path).collect();
    names.iter().flat_map(|name| places.iter().map(move |place| place.join(name))).find(|file| file.is_file())
}

/// The browser; nothing where it is not installed.
pub(super) fn browser() -> Option<PathBuf> {
    program(&["chromium", "chromium-browser", "google-chrome"])
}

impl Service {
    /// Starts the service on a free port; nothing where it is not installed.
    pub(super) fn start() -> Option<Self> {
        let driver = program(&["chromedriver"])?;
        // The shell leads a process group. When its input ends, which is when the test's process ends, it ends the group:
        // driver, browsers and their helpers.
        let watch = "\"$0\" --port=0 & cat >/dev/null; trap '' TERM; kill -- -$$; sleep 0.2; kill -9 -- -$$";
        let mut shell = Command::new("setsid")
            .args(["sh", "-c", watch])
            .arg(driver)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("a shell can be started");
        let mut said = BufReader::new(shell.stdout.take().expect("its output is a pipe"));
        let mut heard = String::new();
        let port = loop {
            let mut line = String::new();
            let length = said.read_line(&mut line).expect("its output can be read");
            assert!(length > 0, "chromedriver ended before it listened:\n{heard}");
            if let Some((_, port)) = line.trim_end().trim_end_matches('.').split_once("successfully on port ")
            {
                break port.to_owned();
            }
            heard += &line;
        };
        Some(Self { shell, _said: said, address: format!("http://127.0.0.1:{port}") })
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        drop(self.shell.stdin.take());
        // The group ends itself; a status of it says nothing.
        let _ = self.shell.wait();
    }
}
