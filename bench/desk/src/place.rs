//! The desk that is measured: its directory, its people, and the server that runs on it.

use std::{
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::Arc,
    time::{Duration, Instant},
};

use bastide_authz::{Role, Scope};
use bastide_model::{
    id::PersonId,
    time::{Clock as _, Span},
};
use bastide_store::{Config, KeySource, Location, Store};
use bastide_usecases::{Desk, NewPerson, ProjectSetup, Settings, SignInPolicy, SystemClock, SystemEntropy};
use tempfile::TempDir;

/// The limits that a bench would run into; what the machine can do is what is measured.
const UNLIMITED: [&str; 6] = [
    "limits.reading-of-all",
    "limits.submitting-of-all",
    "limits.linting-of-all",
    "limits.writing-of-all",
    "limits.reports-of-project",
    "limits.writes-of-person",
];

/// A bucket that nobody empties.
const ENDLESS: &str = "4000000000 then 4000000000/h";

/// Somebody with a token.
pub(crate) struct Somebody {
    pub(crate) id: PersonId,
    pub(crate) token: String,
}

/// Where the desk lies, and who is in it.
pub(crate) struct Place {
    directory: TempDir,
    /// Coordinates the project.
    pub(crate) coordinator: Somebody,
    /// May be invited to cases.
    pub(crate) others: Vec<Somebody>,
}

/// A running server; ended when dropped.
pub(crate) struct Server {
    child: Child,
    pub(crate) port: u16,
    /// From the start of the process to its first answer.
    pub(crate) start: Duration,
}

impl Place {
    /// Makes a desk with one project under the Jupyter policy.
    pub(crate) async fn make(at: &Path, others: u64) -> Result<Self, String> {
        let said = |error: &dyn std::fmt::Display| error.to_string();
        let directory = TempDir::with_prefix_in("bastide-bench-", at).map_err(|error| said(&error))?;
        let config = Config {
            location: Location::Sqlite { directory: directory.path().to_owned() },
            keys: KeySource::Directory(directory.path().join("keys")),
            origin: "desk.example.org".to_owned(),
        };
        let store = Store::open(config, SystemClock.now()).await.map_err(|error| said(&error))?;
        let settings = Settings {
            programme: "Bench".into(),
            public_url: "http://localhost:1".into(),
            sign_in: SignInPolicy::without_passkeys(),
        };
        let desk = Desk::new(store, Arc::new(SystemClock), Arc::new(SystemEntropy), settings);
        let made = async {
            let name = "jupyterlab".parse().map_err(|error| said(&error))?;
            let setup =
                ProjectSetup::builtin(name, "JupyterLab", "jupyter", Some("jupyter"), Some("jupyterlab"))
                    .map_err(|error| said(&error))?;
            desk.set_up_project(setup).await.map_err(|error| said(&error))?;
            let coordinator = somebody(&desk, "coordinator-a").await?;
            let project = "jupyterlab".parse().map_err(|error| said(&error))?;
            desk.grant(coordinator.id, Role::Coordinator, Scope::Project(project), None)
                .await
                .map_err(|error| said(&error))?;
            let mut people = Vec::new();
            for number in 0..others {
                people.push(somebody(&desk, &format!("participant-{number}")).await?);
            }
            Ok::<_, String>((coordinator, people))
        };
        let made = made.await;
        desk.store().close().await;
        let (coordinator, others) = made?;
        Ok(Self { directory, coordinator, others })
    }

    /// Starts `bastide serve` on the desk, as people do.
    pub(crate) async fn serve(&self, binary: &Path, more: &[String]) -> Result<Server, String> {
        let port = free_port()?;
        let begun = Instant::now();
        let child = Command::new(binary)
            .arg("serve")
            .arg("--data")
            .arg(self.directory.path())
            .args(["--listen", &format!("127.0.0.1:{port}"), "--passkeys", "false"])
            .args(UNLIMITED.iter().flat_map(|key| ["--set".to_owned(), format!("{key}={ENDLESS}")]))
            .args(more)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| format!("{}: {error}", binary.display()))?;
        let mut server = Server { child, port, start: Duration::ZERO };
        while begun.elapsed() < Duration::from_mins(1) {
            if let Ok(Some(status)) = server.child.try_wait() {
                return Err(format!("`bastide serve` ended: {status}"));
            }
            if tokio::net::TcpStream::connect(("127.0.0.1", port)).await.is_ok() {
                server.start = begun.elapsed();
                return Ok(server);
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        Err("`bastide serve` did not listen within a minute".to_owned())
    }

    /// The size of the database, in bytes.
    pub(crate) fn size(&self) -> u64 {
        let files = std::fs::read_dir(self.directory.path()).into_iter().flatten().flatten();
        files.filter_map(|file| file.metadata().ok()).map(|file| file.len()).sum()
    }
}

impl Server {
    /// The most memory that the process has held, in mebibytes, where the system tells it.
    pub(crate) fn peak_memory(&self) -> Option<u64> {
        let path: PathBuf = ["/proc", &self.child.id().to_string(), "status"].iter().collect();
        let text = std::fs::read_to_string(path).ok()?;
        let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
        line.trim().strip_suffix(" kB")?.trim().parse::<u64>().ok().map(|kibibytes| kibibytes / 1024)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // A server that has ended already needs no end.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

async fn somebody(desk: &Desk, name: &str) -> Result<Somebody, String> {
    let person = NewPerson { name: name.to_owned(), identities: Vec::new() };
    let id = desk.add_person(person).await.map_err(|error| error.to_string())?;
    let token = desk.issue_token(id, Span::days(1), true).await.map_err(|error| error.to_string())?;
    Ok(Somebody { id, token: token.reveal().to_owned() })
}

fn free_port() -> Result<u16, String> {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").map_err(|error| error.to_string())?;
    listener.local_addr().map(|address| address.port()).map_err(|error| error.to_string())
}
