//! The questions of the report form, in the words of somebody who is no security expert.
//!
//! What each asks comes from the Python, SciPy and Jupyter documents (P02-P09, P13-P15, P17-P19, P21-P23, S07, J07).

use crate::{
    Text,
    desk::report_form::{ReportValues, belongs_to, field},
    part::{Choice, Control, Field, FindingNote, TextKind},
};

/// A group of questions with its own heading.
#[derive(Debug)]
pub(crate) struct Section {
    /// The heading.
    pub(crate) title: Text,
    /// Why these are asked.
    pub(crate) why: Text,
    /// The questions.
    pub(crate) fields: Vec<Field>,
}

/// All questions with their answers and what the lint says about each.
pub(crate) fn sections(project: &Text, values: &ReportValues, findings: &[FindingNote]) -> Vec<Section> {
    let asker = Asker { values };
    let mut sections = vec![
        Section {
            title: "What you found".into(),
            why: "A few sentences in plain text are best: no headings, no tables, no severity or score. \
                  The team rates it."
                .into(),
            fields: what(&asker, project),
        },
        Section {
            title: "How an attack goes".into(),
            why: "Many bugs are no vulnerabilities. These questions spare you and the volunteers a detour.".into(),
            fields: attack(&asker, project),
        },
        Section {
            title: "Crashes, hangs and exhausted memory".into(),
            why: "Answer these only when your report is about something stopping or slowing down.".into(),
            fields: availability(&asker),
        },
        Section {
            title: "What you tested".into(),
            why: "Which versions are affected decides who must update, and whether a CVE number is possible.".into(),
            fields: tested(&asker, project),
        },
        Section {
            title: "Evidence, if you have it".into(),
            why: "Plain text only: documents, binaries and notebooks cannot be opened safely. \
                  If a special file is needed, paste the script that makes it."
                .into(),
            fields: evidence(&asker),
        },
        Section {
            title: "About you".into(),
            why: "Both are voluntary. You can answer and ask through the secret link without telling us who you are."
                .into(),
            fields: about_you(&asker),
        },
    ];
    for asked in sections.iter_mut().flat_map(|section| &mut section.fields) {
        asked.findings = findings
            .iter()
            .filter(|finding| finding.field.as_ref().is_some_and(|name| belongs_to(name.as_str(), asked)))
            .cloned()
            .collect();
    }
    sections
}

struct Asker<'a> {
    values: &'a ReportValues,
}

impl Asker<'_> {
    fn line(&self, name: &str, label: &str) -> Field {
        Field::line(name, label, self.values.answer(name))
    }

    fn area(&self, name: &str, label: &str, rows: u16, code: bool) -> Field {
        Field::new(name, label, Control::Area { value: self.values.answer(name).into(), rows, code })
    }

    fn one_of(&self, name: &str, label: &str, answers: &[(&str, &str)]) -> Field {
        let current = self.values.answer(name);
        let choices = answers.iter().map(|(value, label)| Choice::new(value, label, current)).collect();
        Field::new(name, label, Control::Radio(choices))
    }

    fn tick(&self, name: &str, label: &str) -> Field {
        Field::new(name, label, Control::Check { ticked: self.values.answer(name) == "yes" })
    }
}

const YES_OR_NO: [(&str, &str); 2] = [("yes", "Yes"), ("no", "No")];

fn what(ask: &Asker<'_>, project: &Text) -> Vec<Field> {
    vec![
        ask.line(field::TITLE, "In one line: what is wrong?")
            .because("For example: a crafted file name lets a guest read files outside the shared folder.")
            .required(),
        ask.line(field::PRODUCT, "In which package or program?")
            .because(format!("If {project} has several. If you do not know, leave it empty.")),
        ask.area(field::BODY, "What happens, and what should happen instead?", 8, false)
            .because("A few sentences. Long or heavily structured reports take longer to answer.")
            .required(),
    ]
}

fn attack(ask: &Asker<'_>, project: &Text) -> Vec<Field> {
    vec![
        ask.area(field::THREAT_MODEL, "You compared it with the threat model: why is it a vulnerability?", 3, false)
            .because(
                "The threat model on this page says what the project protects against and what it leaves to its \
                 users. Documented behaviour, such as that loading a pickle or calling eval runs code, is not a \
                 vulnerability. If you are not sure, say so; a person decides.",
            )
            .required(),
        ask.line(field::CITES, "Which clause of the threat model does it fall under?")
            .because("The id beside the clause, such as untrusted-input, if one fits. It helps the team to follow you."),
        ask.area(field::ATTACK_VECTOR, "How does an attack go, step by step?", 5, false)
            .because(
                "Who sends what, to whom, and what do they gain? For example: a guest uploads a notebook; a colleague \
                 looks at its preview; the script in it acts with the colleague's rights.",
            )
            .required(),
        ask.one_of(
            field::FREELY_EXECUTES,
            "Must the attacker already be able to call any function they like?",
            &[("yes", "Yes, they already run code of their choice"), ("no", "No, they only supply data or requests")],
        )
        .because("Whoever can run any function already has all rights of the program, so nothing more is gained.")
        .required(),
        ask.one_of(
            field::ESCAPES_SANDBOX,
            "Does it start from code in a Python that somebody restricted on purpose?",
            &YES_OR_NO,
        )
        .because(
            "Python itself makes no promise that restricted code stays restricted, for example with audit hooks or \
             removed built-in functions; some projects do.",
        ),
        ask.area(field::REAL_WORLD, "Where does code or a setup like this exist outside a test?", 3, false)
            .because("A project, a tutorial, a usual deployment; for example: every hub whose users share folders.")
            .required(),
        ask.one_of(
            field::REALISTIC,
            "Would somebody run that in production?",
            &[("yes", "Yes"), ("no", "No, it is a constructed example")],
        )
        .because(
            "Problems that need code which nobody would run are handled as ordinary bugs. For example, a subclass \
             that returns a wrong length on purpose.",
        ),
        ask.one_of(
            field::LAUNCH_CONDITIONS,
            "Must the attacker control how the program is started?",
            &[("yes", "Yes: its command line, environment variables or files on the machine"), ("no", "No")],
        )
        .because(format!(
            "{project} trusts whoever starts it; it cannot protect a machine that somebody else already changed, \
             such as one with a foreign PYTHONPATH."
        ))
        .required(),
        ask.line(field::DEPENDENCY, "Is the flaw in a dependency? Which one?")
            .because("Such as zlib or OpenSSL. Its own maintainers mend it; leave this empty if it is not so."),
        ask.one_of(field::EXPERIMENTAL, "Is the feature marked as experimental?", &YES_OR_NO)
            .because("Its documentation says so then. Such features are mended in public, as ordinary bugs."),
    ]
}

fn availability(ask: &Asker<'_>) -> Vec<Field> {
    vec![
        ask.one_of(
            field::AVAILABILITY,
            "Is it about a crash, a hang, or using up time or memory?",
            &YES_OR_NO,
        )
        .because("For example: an upload that stops the server. If not, skip the rest of this group.")
        .required(),
        ask.line(field::INPUT_SIZE, "How large is the input that triggers it?").because("For example 40 kB."),
        ask.line(field::USE_CASE, "What is such input used for?")
            .because("For example: a web server that parses uploaded pictures."),
        ask.one_of(field::REASONABLE_INPUT, "Is that a usual size for that use?", &YES_OR_NO)
            .because(
            "A size that nobody would accept there makes it an ordinary bug: a form field of 2 GB, for example, while \
             40 kB would be usual.",
        ),
        ask.one_of(
            field::POSTURE,
            "Does the attacker gain something that they could not do before?",
            &[
                ("upward", "Yes: with little effort they harm somebody whom they could not harm otherwise"),
                ("lateral", "No: they could slow down the same thing anyway, for example with more requests"),
            ],
        )
        .because(
            "For example: one small request that stops the server for everybody. Otherwise it is a matter of speed, \
             which is welcome as a public issue.",
        ),
    ]
}

fn tested(ask: &Asker<'_>, project: &Text) -> Vec<Field> {
    vec![
        Field::new(
            field::TESTED_VERSIONS,
            "Which versions did you test, and which are vulnerable?",
            Control::Versions(ask.values.version_rows()),
        )
        .because(format!(
            "At least one version of {project}, such as 4.2.4, and what you saw in it. Leave rows that you do not need \
             empty."
        ))
        .required(),
        ask.one_of(
            field::FIXED_ON_MAIN,
            "Is it fixed on the main branch already?",
            &[
                ("no", "No, I checked: it is still there"),
                ("yes", "Yes, it only needs to be brought to older versions"),
                ("unchecked", "I did not check"),
            ],
        )
        .because(
            "Somebody may have mended it without knowing that it was a vulnerability; then it only has to reach the \
             older versions.",
        )
        .required(),
        ask.one_of(
            field::PLATFORM_DEPENDENT,
            "Does it happen on some platforms only?",
            &[("yes", "Yes, it depends on the platform"), ("no", "No, or I have no reason to think so")],
        )
        .because(
            "For example only on Windows. Platforms that the project does not support are looked after by others.",
        ),
        ask.line(field::PLATFORM, "On which platform did you see it?")
            .because("What matters of system, processor and compiler, such as: Debian 12 on x86_64. Several: with commas."),
        ask.tick(field::FOUND_WITH_LLM, "A language model helped to find or write this.")
            .because("Welcome; a person must check the result before it is sent."),
        ask.tick(field::BATCH, "This is one of several reports that I send together.")
            .because("They are looked at together then."),
        ask.tick(
            field::VERIFIED,
            "I checked every fact in this report myself: the functions exist, and what I describe happens.",
        )
        .because("Needed for reports found with a language model, and for several reports at once."),
    ]
}

fn evidence(ask: &Asker<'_>) -> Vec<Field> {
    vec![
        ask.area(field::PROOF_OF_CONCEPT, "A script that shows it", 8, true)
            .because("Ideally it exits with 1 if the version is vulnerable and with 0 if it is not."),
        ask.area(field::PATCH, "A patch that mends it", 6, true)
            .because("As small as possible; a diff is fine."),
        Field::new(
            field::ATTACHMENTS,
            "Other text files",
            Control::Attachments(ask.values.attachment_rows()),
        )
        .because(
            "Choose the files or paste their text; leave empty what you do not need. At most 20 files, 5 MiB each and \
             10 MiB together, as plain text in UTF-8: each is judged by what is in it, not by its name.",
        ),
    ]
}

fn about_you(ask: &Asker<'_>) -> Vec<Field> {
    vec![
        ask.line(field::CREDIT_NAME, "The name to thank")
            .because("As it should stand in the advisory. You can change it until the announcement."),
        ask.one_of(
            field::CREDIT_CONSENT,
            "May we publish that name?",
            &[("yes", "Yes, thank me by that name"), ("no", "No, stay silent about who I am")],
        )
        .because("Without an answer nobody is named."),
        Field::new(
            field::CREDIT_LINK,
            "A page to link that name to",
            Control::Line { value: ask.values.answer(field::CREDIT_LINK).into(), kind: TextKind::Address },
        )
        .because("If you like: your homepage or profile, such as https://example.org/me."),
        ask.line(field::CONTACT, "A mail address, if you want to be told of news")
            .because("Mails about a private case carry only a link, never its content."),
    ]
}
