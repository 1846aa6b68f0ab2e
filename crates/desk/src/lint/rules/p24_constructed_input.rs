//! REP-P24: a script that constructs special input, not the input itself.

use std::sync::LazyLock;

use bastide_model::{
    finding::{Confidence, Level},
    rule::Rule,
};
use regex::Regex;

use crate::{
    lint::{
        attachment::Content,
        rule::{Noted, ReportRule, Stage, Subject, run_example},
    },
    policy::Disposition,
};

pub(super) const RULE: ReportRule = ReportRule {
    rule: Rule {
        id: "REP-P24",
        title: "Special input is constructed by a script",
        why: "A script that builds the input shows which bytes matter and can be read before it is run. The finished file \
              shows neither. Long encoded data in the text is the same file in other clothes.",
        sources: &["P24"],
        severity: Level::Medium,
        remedy: "Send a short script that writes the file, with a comment at the bytes that matter.",
        failing: "From: reporter-a@example.org\nSubject: A crash\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=x\n\n\
                  --x\nContent-Type: text/plain\n\nUnpack it.\n--x\nContent-Type: application/zip; name=crash.zip\n\
                  Content-Disposition: attachment; filename=crash.zip\nContent-Transfer-Encoding: base64\n\nUEsDBBQAAAAIAA==\n--x--\n",
        passing: "From: reporter-a@example.org\nSubject: A crash\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=x\n\n\
                  --x\nContent-Type: text/plain\n\nRun it.\n--x\nContent-Type: text/x-python; name=make.py\n\
                  Content-Disposition: attachment; filename=make.py\n\nopen('crash.zip', 'wb').write(b'PK' + b'A' * 9)\n--x--\n",
        run: |example| run_example("cpython", "REP-P24", example),
    },
    disposition: Disposition::Warn,
    stage: Stage::EveryMessage,
    check,
};

/// 240 characters of base64 or hexadecimal digits in a row: more than a key or a digest, less than any file of use.
static ENCODED: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"[A-Za-z0-9+/=]{240}|(?:\\x[0-9A-Fa-f]{2}){80}")
        .expect("a constant pattern, compiled by the tests")
});

fn check(subject: &Subject<'_>) -> Vec<Noted> {
    let mut noted = Vec::new();
    for (index, attachment) in subject.draft.attachments.iter().enumerate() {
        let content = Content::of(&attachment.bytes);
        if content.could_be_constructed() {
            let message = format!("the attachment is {}; a script could construct it", content.in_words());
            noted.push(Noted::field(&format!("attachments[{index}]"), message).quoting(&attachment.name));
        }
    }
    for (line, number) in subject.draft.body.lines().zip(1_u32..) {
        if ENCODED.is_match(line) {
            let message = "the line holds long encoded data; a script could construct it";
            noted.push(Noted::line(number, message).with_confidence(Confidence::Medium));
        }
    }
    noted
}
