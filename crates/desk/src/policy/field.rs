//! Everything that a policy file may say, as one table: name, form, range, meaning.
//!
//! The reader, the error messages, the "did you mean" and the documentation of the format are all made from it.

/// One field of a policy file.
#[derive(Debug, Clone, Copy)]
pub struct Field {
    /// Table and key: `deadlines.acknowledge-days`.
    pub path: &'static str,
    /// What may stand there.
    pub form: Form,
    /// Whether a resolved policy must have it.
    pub required: bool,
    /// What it means, in one sentence.
    pub meaning: &'static str,
}

/// What may stand in a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// A whole number from `least` to `most`.
    Whole {
        /// The smallest allowed number.
        least: i64,
        /// The largest allowed number.
        most: i64,
    },
    /// A list of different whole numbers, largest first.
    FallingWholes {
        /// The smallest allowed number.
        least: i64,
        /// The largest allowed number.
        most: i64,
    },
    /// `true` or `false`.
    Flag,
    /// One of these words.
    OneOf(&'static [&'static str]),
    /// One line of text.
    Line,
    /// The name of a policy or threat model.
    Name,
    /// An `https://` address.
    Address,
    /// An `https://` address, or an `http://` one of the machine itself.
    Page,
    /// A mail address.
    Mail,
    /// A list of mail addresses.
    Mails,
    /// A list of language tags such as `en`.
    Languages,
}

impl Form {
    /// What may stand there, in words that follow "write".
    pub fn in_words(self) -> String {
        match self {
            Self::Whole { least, most } if least == most => format!("the number {least}"),
            Self::Whole { least, most } => format!("a whole number from {least} to {most}"),
            Self::FallingWholes { least, most } => {
                format!("a list of whole numbers from {least} to {most}, largest first, such as [14, 7, 1]")
            }
            Self::Flag => "true or false, without quotes".to_owned(),
            Self::OneOf(words) => {
                let quoted: Vec<String> = words.iter().map(|word| format!("\"{word}\"")).collect();
                format!("one of {}", quoted.join(", "))
            }
            Self::Line => "one line of text in quotes, at most 200 characters".to_owned(),
            Self::Name => "a name of lower-case letters, digits and dashes in quotes".to_owned(),
            Self::Address => "an address that starts with https://, in quotes".to_owned(),
            Self::Page => {
                "an address that starts with https:// (or http://localhost where a desk is tried out), in quotes"
                    .to_owned()
            }
            Self::Mail => "a mail address in quotes, such as \"security@example.org\"".to_owned(),
            Self::Mails => "a list of mail addresses, such as [\"security@example.org\"]".to_owned(),
            Self::Languages => "a list of language tags, such as [\"en\", \"fr\"]".to_owned(),
        }
    }
}

/// The dispositions, as words.
pub const DISPOSITIONS: &[&str] = &["record", "warn", "hold", "block"];

const fn needed(path: &'static str, form: Form, meaning: &'static str) -> Field {
    Field { path, form, required: true, meaning }
}

const fn optional(path: &'static str, form: Form, meaning: &'static str) -> Field {
    Field { path, form, required: false, meaning }
}

const fn whole(least: i64, most: i64) -> Form {
    Form::Whole { least, most }
}

/// Keys at the top of a file that are the file's own and never inherited.
pub const OWN_FIELDS: &[Field] = &[
    needed("schema", whole(1, 1), "the version of the file format"),
    needed("name", Form::Name, "the policy's name"),
    needed("title", Form::Line, "the name that people read"),
    needed("version", whole(1, 1_000_000), "the version of the content; raise it with every change"),
    optional("inherits", Form::Name, "the policy that fills in what this one does not say"),
];

/// Fields that a policy may take from the one it inherits.
pub const FIELDS: &[Field] = &[
    needed("threat-model", Form::Name, "the threat model that reports are judged by"),
    needed("deadlines.acknowledge-days", whole(1, 30), "days from receipt to a person's answer"),
    needed("deadlines.disclosure-days", whole(1, 365), "days from receipt to disclosure, patch or not"),
    needed("deadlines.notice-days", whole(0, 90), "days between release and announcement"),
    needed("deadlines.auto-assign-idle-days", whole(1, 30), "idle days until a coordinator is assigned"),
    needed(
        "deadlines.reminder-days",
        Form::FallingWholes { least: 1, most: 365 },
        "days before disclosure at which reminders go out",
    ),
    needed(
        "deadlines.reporter-silent-days",
        whole(1, 365),
        "days after which a silent reporter's case may be closed",
    ),
    needed("replies.to-noise", Form::Flag, "whether spam and questionnaires get a reply"),
    needed(
        "publication.trigger",
        Form::OneOf(&["announcement-date", "fix-merged"]),
        "what opens the way to publication",
    ),
    needed(
        "publication.private-fix-from",
        Form::OneOf(&["info", "low", "medium", "high", "critical"]),
        "the lowest severity whose fix is made in private",
    ),
    needed("publication.cve-authority", Form::OneOf(&["github", "psf", "none"]), "who assigns CVE numbers"),
    needed("publication.advisory-prefix", Form::Line, "the letters before an advisory's number"),
    needed("embargo.default-days", whole(0, 365), "the embargo proposed when nobody proposes one"),
    needed("embargo.minimum-days", whole(0, 365), "the shortest embargo the project agrees to"),
    needed(
        "embargo.maximum-days",
        whole(0, 365),
        "the longest embargo the project agrees to, at most a year",
    ),
    needed(
        "embargo.justification-above-days",
        whole(0, 90),
        "a longer embargo needs a written justification",
    ),
    needed("embargo.ends-when-attacked", Form::Flag, "whether observed attacks end the embargo"),
    needed("embargo.invitation-days", whole(3, 60), "days an invited participant has to answer"),
    needed(
        "embargo.invitation-floor-hours",
        whole(72, 720),
        "the least time an invitation may give, in hours",
    ),
    needed("embargo.proposal-days", whole(1, 14), "days within which an embargo proposal is decided"),
    needed("lint.words", whole(50, 100_000), "words of prose in a report"),
    needed("lint.headings", whole(0, 1000), "headings in a report"),
    needed("lint.tables", whole(0, 1000), "tables in a report"),
    needed("lint.open-code-lines", whole(0, 10_000), "lines of code outside <details>"),
    needed("lint.attachment-bytes", whole(0, 100_000_000), "bytes of one attachment"),
    needed("lint.attachments", whole(0, 1000), "attachments of one report"),
    needed("lint.report-bytes", whole(1000, 200_000_000), "bytes of a report with its attachments"),
    optional("contact.mail", Form::Mails, "mail addresses that take reports"),
    optional("contact.form", Form::Page, "the page that takes reports"),
    optional("contact.key", Form::Address, "where the encryption key lies"),
    optional("contact.policy", Form::Address, "the page that states the policy in words"),
    optional("contact.acknowledgments", Form::Address, "the page that thanks reporters"),
    optional("contact.notices", Form::Mail, "the list that notices go to"),
    optional("contact.fallback", Form::Mail, "where reports about other projects go"),
    needed("contact.languages", Form::Languages, "languages that the team reads"),
];

/// The field with this path, of either table.
pub fn find(path: &str) -> Option<&'static Field> {
    OWN_FIELDS.iter().chain(FIELDS).find(|field| field.path == path)
}

/// Whether this is the name of a table that holds fields.
pub fn is_table(path: &str) -> bool {
    FIELDS.iter().any(|field| field.path.strip_prefix(path).is_some_and(|rest| rest.starts_with('.')))
}
