//! A PostgreSQL of our own in a temporary directory, for tests that run on both engines.
//!
//! One server per test process, one database per test, reached through a Unix socket only. A small shell process
//! holds the other end of a pipe: when the test process ends, however it ends, the server is stopped and its
//! directory removed. `initdb` refuses to run as root, so root runs it as the user `postgres`.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{
        OnceLock,
        atomic::{AtomicU32, Ordering},
    },
};

/// The running server of this test process.
#[derive(Debug)]
struct Server {
    socket: PathBuf,
    programs: PathBuf,
    as_postgres: bool,
    /// Its standard input is the pipe; kept until the process ends.
    _watcher: Child,
}

static SERVER: OnceLock<Option<Server>> = OnceLock::new();
static DATABASES: AtomicU32 = AtomicU32::new(0);

/// The address of a new, empty database; none where PostgreSQL is not installed, which is a failure when
/// `BASTIDE_REQUIRE_POSTGRES=1`.
///
/// # Panics
/// When PostgreSQL is required and missing, or does not start.
#[allow(clippy::print_stderr, reason = "a skipped test must say so")]
#[allow(clippy::disallowed_methods, reason = "the one switch of the test environment")]
pub fn database() -> Option<String> {
    let Some(server) = SERVER.get_or_init(start) else {
        let required = std::env::var("BASTIDE_REQUIRE_POSTGRES").is_ok_and(|value| value == "1");
        assert!(
            !required,
            "PostgreSQL is required (BASTIDE_REQUIRE_POSTGRES=1) but not installed: apt-get install postgresql"
        );
        eprintln!(
            "SKIPPED: PostgreSQL is not installed, this test ran on SQLite only (apt-get install postgresql)"
        );
        return None;
    };
    let name = format!("desk_{}", DATABASES.fetch_add(1, Ordering::Relaxed));
    let mut create = server.command("createdb");
    create.args(["-h", &server.socket.display().to_string(), "-U", "postgres", &name]);
    run(&mut create);
    Some(format!("postgres://postgres@localhost/{name}?host={}", server.socket.display()))
}

impl Server {
    fn command(&self, program: &str) -> Command {
        command(&self.programs, program, self.as_postgres)
    }
}

fn command(programs: &Path, program: &str, as_postgres: bool) -> Command {
    let path = programs.join(program);
    let mut command = if as_postgres {
        let mut command = Command::new("runuser");
        command.args(["-u", "postgres", "--"]).arg(path);
        command
    } else {
        Command::new(path)
    };
    command.current_dir("/");
    command
}

fn run(command: &mut Command) {
    let output = command.output().expect("the program is installed");
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
}

/// Debian keeps the server's programs out of the search path.
fn programs() -> Option<PathBuf> {
    let versions = fs::read_dir("/usr/lib/postgresql").ok()?;
    let mut found: Vec<PathBuf> = versions
        .filter_map(|entry| entry.ok().map(|entry| entry.path().join("bin")))
        .filter(|path| path.join("initdb").exists() && path.join("postgres").exists())
        .collect();
    found.sort();
    found.pop()
}

fn start() -> Option<Server> {
    let programs = programs()?;
    let id = Command::new("id").arg("-u").output().expect("id is part of every system");
    let as_postgres = String::from_utf8_lossy(&id.stdout).trim() == "0";
    let directory =
        tempfile::Builder::new().prefix("bastide-pg-").tempdir().expect("a temporary directory").keep();
    if as_postgres {
        run(Command::new("chown").arg("postgres").arg(&directory));
    }
    let (data, log) = (directory.join("data"), directory.join("log"));
    let text = |path: &Path| path.display().to_string();
    let mut initialise = command(&programs, "initdb", as_postgres);
    initialise.args([
        "-D",
        &text(&data),
        "-A",
        "trust",
        "-U",
        "postgres",
        "-E",
        "UTF8",
        "--locale=C",
        "--no-sync",
    ]);
    run(&mut initialise);
    let options = format!(
        "-c listen_addresses= -c unix_socket_directories={} -c max_connections=200",
        text(&directory)
    );
    let mut begin = command(&programs, "pg_ctl", as_postgres);
    begin.args(["-D", &text(&data), "-l", &text(&log), "-o", &options, "-w", "-t", "60", "start"]);
    // The server would otherwise keep our pipes open.
    begin.stdout(Stdio::null()).stderr(Stdio::null());
    let started = begin.status().expect("pg_ctl lies beside initdb, which ran");
    assert!(started.success(), "{}", fs::read_to_string(&log).unwrap_or_default());
    let mut stop = Command::new("sh");
    let as_user = if as_postgres { "runuser -u postgres --" } else { "" };
    stop.arg("-c").arg(format!(
        "cat > /dev/null; cd /; {as_user} {} -D {} -m immediate stop; rm -rf {}",
        text(&programs.join("pg_ctl")),
        text(&data),
        text(&directory)
    ));
    stop.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
    let watcher = stop.spawn().expect("sh is part of every system");
    Some(Server { socket: directory, programs, as_postgres, _watcher: watcher })
}
