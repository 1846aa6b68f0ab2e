//! A desk that runs in a process of its own, for the commands that talk to one.

use std::{
    io::{BufRead, BufReader},
    process::{Child, Command, ExitStatus, Stdio},
};

use crate::bastide::Bastide;

/// A running `bastide serve` or `bastide demo`; it is killed when the test forgets to end it.
pub(crate) struct Running {
    child: Child,
    /// What it has printed so far.
    pub(crate) printed: Vec<String>,
    lines: std::io::Lines<BufReader<std::process::ChildStdout>>,
}

impl Running {
    /// Starts it and reads what it prints until a line that contains `until`.
    pub(crate) fn start(bastide: &Bastide, arguments: &[&str], until: &str) -> Self {
        Self::start_command(bastide.command(arguments), Stdio::null(), until)
    }

    /// The same, with a command that was made ready and a place for its log.
    pub(crate) fn start_command(mut command: Command, log: Stdio, until: &str) -> Self {
        let mut child = command.stdout(Stdio::piped()).stderr(log).spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut running = Self { child, printed: Vec::new(), lines };
        running.read_until(until);
        running
    }

    fn read_until(&mut self, until: &str) {
        for line in self.lines.by_ref() {
            let line = line.unwrap();
            let found = line.contains(until);
            self.printed.push(line);
            if found {
                return;
            }
        }
        panic!("it ended before it printed {until:?}: {:#?}", self.printed);
    }

    /// The rest of the line that begins with `start`.
    pub(crate) fn after(&self, start: &str) -> &str {
        self.printed.iter().find_map(|line| line.trim().strip_prefix(start)).unwrap_or_else(|| {
            panic!("no line begins with {start:?}: {:#?}", self.printed);
        })
    }

    /// Asks it to end, as a service manager does, and waits.
    pub(crate) fn end(mut self) -> ExitStatus {
        let asked = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status().unwrap();
        assert!(asked.success());
        self.child.wait().unwrap()
    }

    /// Kills it without a word.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Nothing to do when it has ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
