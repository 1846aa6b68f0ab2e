//! A mail server of another project (`aiosmtpd`), which fails where it is told to: it was not written by us.

use std::{
    io::{BufRead as _, BufReader, Write as _},
    path::{Path, PathBuf},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
};

use serde_json::{Value, json};

/// What is installed: the server, and an authority for test certificates.
const PACKAGES: [&str; 2] = ["aiosmtpd==1.4.6", "trustme==1.2.1"];

/// Answers on standard output what is asked on standard input, a JSON line each.
const PROGRAM: &str = r#"
import asyncio, base64, json, ssl, sys
from aiosmtpd.smtp import AuthResult, SMTP
import trustme

taken, plan = [], []

class Handler:
    async def handle_RCPT(self, server, session, envelope, address, options):
        if plan and plan[0].startswith("rcpt "):
            return plan.pop(0)[5:]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        answer = plan.pop(0) if plan else "250 OK"
        if answer.startswith("2") or answer == "drop":
            taken.append({
                "from": envelope.mail_from, "to": envelope.rcpt_tos, "user": getattr(session, "login_name", None),
                "tls": session.ssl is not None, "content": base64.b64encode(envelope.content).decode(),
            })
        if answer == "drop":
            server.transport.abort()
            return "421 gone"
        return answer

def authenticate(server, session, envelope, mechanism, data):
    good = (data.login, data.password) == (b"desk", b"correct horse")
    if good:
        session.login_name = "desk"
    return AuthResult(success=good)

async def main(way, place):
    context = None
    if way == "tls":
        authority = trustme.CA()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert("localhost", "127.0.0.1").configure_cert(context)
        authority.cert_pem.write_to_path(place)
    loop, handler = asyncio.get_running_loop(), Handler()
    session = lambda: SMTP(handler, authenticator=authenticate, auth_require_tls=False)
    server = await loop.create_server(session, "127.0.0.1", 0, ssl=context)
    print(json.dumps({"port": server.sockets[0].getsockname()[1]}), flush=True)
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        asked = json.loads(line)
        if "plan" in asked:
            plan[:] = asked["plan"]
            print(json.dumps({"planned": len(plan)}), flush=True)
        else:
            print(json.dumps({"mails": list(taken)}), flush=True)
            taken.clear()

asyncio.run(main(*sys.argv[1:]))
"#;

/// A running mail server; it ends with the test.
#[derive(Debug)]
pub struct MailServer {
    process: Child,
    asks: ChildStdin,
    answers: BufReader<ChildStdout>,
    /// Where it listens on 127.0.0.1.
    pub port: u16,
    /// The certificate of its authority, where it speaks TLS.
    pub authority: PathBuf,
}

/// A mail that the server took.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TakenMail {
    /// The envelope's sender.
    pub from: String,
    /// The envelope's recipients.
    pub to: Vec<String>,
    /// Who signed in.
    pub user: Option<String>,
    /// Whether it came under TLS.
    pub tls: bool,
    /// The whole document.
    pub content: Vec<u8>,
}

impl MailServer {
    /// A server without TLS, or with TLS from the first byte and a certificate for `localhost` that nobody trusts by itself;
    /// nothing where it cannot be installed. It knows the user `desk` with the password `correct horse`.
    ///
    /// `target` is the test's `CARGO_TARGET_TMPDIR`.
    ///
    /// # Panics
    ///
    /// When the judge is required (`BASTIDE_REQUIRE_JUDGES=1`) and cannot be installed, or does not start.
    pub fn start(target: &Path, tls: bool) -> Option<Self> {
        let place = super::python::installed(target, "smtp", &PACKAGES)?;
        let authority = target.join(format!("smtp-authority-{}.pem", std::process::id()));
        let mut process = Command::new("python3")
            .args(["-c", PROGRAM, if tls { "tls" } else { "plain" }])
            .arg(&authority)
            .env("PYTHONPATH", &place)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()
            .expect("python3 runs");
        let asks = process.stdin.take().expect("its input is a pipe");
        let answers = BufReader::new(process.stdout.take().expect("its output is a pipe"));
        let mut server = Self { process, asks, answers, port: 0, authority };
        let greeting = server.answer();
        let port = greeting["port"].as_u64().and_then(|port| u16::try_from(port).ok());
        server.port = port.expect("it says where it listens");
        Some(server)
    }

    /// What it says to the next mails instead of `250 OK`: an answer to the mail (`451 busy`), one to its recipient
    /// (`rcpt 550 nobody`), or `drop`: it takes the mail and closes the connection before it says so.
    ///
    /// # Panics
    ///
    /// When the server has ended.
    pub fn plan(&mut self, answers: &[&str]) {
        self.ask(&json!({ "plan": answers }));
        assert_eq!(self.answer()["planned"], answers.len());
    }

    /// The mails that came since somebody looked last.
    ///
    /// # Panics
    ///
    /// When the server has ended.
    pub fn fetch(&mut self) -> Vec<TakenMail> {
        self.ask(&json!({ "fetch": true }));
        let answer = self.answer();
        let mails = answer["mails"].as_array().expect("a list of mails").clone();
        mails.iter().map(taken).collect()
    }

    fn ask(&mut self, request: &Value) {
        writeln!(self.asks, "{request}").expect("the server runs");
    }

    fn answer(&mut self) -> Value {
        let mut line = String::new();
        let length = self.answers.read_line(&mut line).expect("the server prints UTF-8");
        assert!(length > 0, "the server has ended");
        serde_json::from_str(&line).expect("the server prints JSON")
    }
}

fn taken(mail: &Value) -> TakenMail {
    let text = |name: &str| mail[name].as_str().unwrap_or_default().to_owned();
    let content = data_encoding::BASE64.decode(text("content").as_bytes());
    TakenMail {
        from: text("from"),
        to: mail["to"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .map(str::to_owned)
            .collect(),
        user: mail["user"].as_str().map(str::to_owned),
        tls: mail["tls"] == true,
        content: content.expect("the server prints base64"),
    }
}

impl Drop for MailServer {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
