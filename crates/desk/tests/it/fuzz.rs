//! Hostile files: reports as text and as mail, policies, threat models, projects. Nothing panics, work is bounded, and what
//! is wrong is named at a place that is in the file.

use bastide_desk::{
    lint::{Kind, Linter, ReportDraft},
    policy::{self, PolicyProblem},
    project, threat,
};
use bastide_model::time::Instant;
use bastide_testkit::fuzz::fuzz;

const REPORTS: [&[u8]; 2] =
    [include_bytes!("../corpus/report/plain.txt"), include_bytes!("../corpus/report/headings.txt")];
const MAILS: [&[u8]; 2] =
    [include_bytes!("../corpus/mail/parts.eml"), include_bytes!("../corpus/mail/html.eml")];

fn owned(inputs: &[&[u8]]) -> Vec<Vec<u8>> {
    inputs.iter().map(|input| input.to_vec()).collect()
}

fn at() -> Instant {
    Instant::from_micros(1_772_000_000_000_000)
}

/// What was read is linted, too: findings are bounded and quote no control characters into their messages.
fn judged(linter: &Linter, draft: &ReportDraft) {
    let report = linter.lint(draft, at());
    assert!(report.findings.len() <= 10_000, "{} findings", report.findings.len());
    assert!(draft.tested_versions.len() <= 200);
    for judged in &report.findings {
        assert!(!judged.finding.rule.is_empty());
    }
}

/// Proves: P25.
#[test]
fn no_text_breaks_the_reading_of_reports() {
    let linter = Linter::for_builtin("cpython").unwrap();
    let words = [
        "## ",
        "Tested versions:",
        "```\n",
        "> ",
        "3.12.4 vulnerable, ",
        "Credit:",
        "\n\n",
        "# Proof of concept\n",
    ];
    fuzz("report", &owned(&REPORTS), &words, |bytes| {
        if let Ok(draft) = ReportDraft::from_text(bytes, Kind::Text) {
            judged(&linter, &draft);
        }
    });
}

#[test]
fn no_mail_breaks_the_reading_of_reports() {
    let linter = Linter::for_builtin("jupyter").unwrap();
    let words = [
        "Content-Type: multipart/mixed; boundary=\"b1\"\r\n",
        "--b1\r\n",
        "--b1--\r\n",
        "Content-Transfer-Encoding: base64\r\n",
        "=?utf-8?B?",
        "Content-Type: message/rfc822\r\n\r\n",
        "charset=utf-7",
        ";filename*0*=utf-8''%00",
        "\r\n\r\n",
    ];
    fuzz("mail", &owned(&MAILS), &words, |bytes| {
        if let Ok(draft) = ReportDraft::from_text(bytes, Kind::Mail) {
            judged(&linter, &draft);
        }
    });
}

/// Every problem stands at a line of the file and says what to do.
fn placed<T>(text: &str, read: Result<T, Vec<PolicyProblem>>) {
    let Err(problems) = read else { return };
    assert!(!problems.is_empty(), "a refusal says why");
    let lines = u32::try_from(text.split('\n').count()).expect("a file has few lines");
    for problem in &problems {
        assert!((1..=lines).contains(&problem.line), "{problem} in a file of {lines} lines");
        assert!(problem.column >= 1, "{problem}");
        assert!(!problem.message.is_empty() && !problem.remedy.is_empty(), "{problem}");
    }
}

#[test]
fn no_file_breaks_the_reading_of_policies_threat_models_and_projects() {
    let files: [&[u8]; 6] = [
        include_bytes!("../../../../policies/default.toml"),
        include_bytes!("../../../../policies/cpython.toml"),
        include_bytes!("../../../../policies/jupyter.toml"),
        include_bytes!("../../../../policies/threat-models/default.toml"),
        include_bytes!("../../../../policies/threat-models/jupyter.toml"),
        include_bytes!("../../../../policies/projects/cpython.toml"),
    ];
    let words = [
        "[",
        "[[clause]]\n",
        "inherits = \"jupyter\"\n",
        "= 99999999999\n",
        "\"\"\"",
        "'''",
        "[deadlines]\n",
        "{ a = ",
        ".",
        "#",
    ];
    fuzz("policy", &owned(&files), &words, |bytes| {
        let text = String::from_utf8_lossy(bytes);
        placed(&text, policy::check(&text, "fuzz.toml"));
        placed(&text, threat::check(&text, "fuzz.toml"));
        placed(&text, project::check(&text, "fuzz.toml"));
    });
}
