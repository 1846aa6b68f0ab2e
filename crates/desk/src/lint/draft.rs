//! A report as it is linted: the text and the structured answers of its sender.

use std::fmt;

use data_encoding::BASE64;
use serde::{Deserialize, Serialize};

/// A report as a form, an API call, a file or a mail brings it. Nothing is required here: what is missing is for the
/// rules to say. Its `Debug` form shows sizes only, because a report is under embargo.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", default, deny_unknown_fields)]
pub struct ReportDraft {
    /// The report in one line.
    pub title: String,
    /// The description. Line numbers of findings count from its first line.
    pub body: String,
    /// The product or package that the report is about, where a project has several.
    pub product: Option<String>,
    /// The answers to the questions of the form.
    pub answers: Answers,
    /// Every version that was tested (P22).
    pub tested_versions: Vec<TestedVersion>,
    /// The platform it was tested on, in the reporter's words (P15).
    pub platform: Option<String>,
    /// Files that came along.
    pub attachments: Vec<Attachment>,
    /// A script that shows the problem (P18).
    pub proof_of_concept: Option<String>,
    /// A change that mends it (P21).
    pub patch: Option<String>,
    /// One of a batch of reports (P19).
    pub batch: bool,
    /// Found with the help of a language model (P19).
    pub found_with_llm: bool,
    /// How the reporter wants to be thanked (J07).
    pub credit: Option<Credit>,
    /// How the reporter can be reached; nothing for an anonymous report with a receipt.
    pub contact: Option<String>,
}

/// The answers to the questions of the form.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", default, deny_unknown_fields)]
pub struct Answers {
    /// How the report was held against the threat model (P02).
    pub threat_model: Option<String>,
    /// The clause or page of the threat model that applies (P03).
    pub cites: Option<String>,
    /// Where code or deployments like this exist (P04).
    pub real_world: Option<String>,
    /// Whether they can exist at all; `false` is an honest "nobody runs this" (P04).
    pub realistic: Option<bool>,
    /// Whether the attacker needs control of the launch conditions (P06).
    pub launch_conditions: Option<bool>,
    /// Whether the effect is on availability (P07).
    pub availability: Option<bool>,
    /// The size of the input that triggers it (P07).
    pub input_size: Option<String>,
    /// What such input is used for (P07).
    pub use_case: Option<String>,
    /// Whether the input is of a reasonable size for that use (P07).
    pub reasonable_input: Option<bool>,
    /// Which way the attacker's posture changes (P08).
    pub posture: Option<Posture>,
    /// The dependency whose flaw it is, if it is one's (P09).
    pub dependency: Option<String>,
    /// Whether it is already fixed on the main branch (P13).
    pub fixed_on_main: Option<bool>,
    /// Whether the feature is experimental (P14).
    pub experimental: Option<bool>,
    /// Whether the problem depends on the platform (P15).
    pub platform_dependent: Option<bool>,
    /// The reporter's word that every fact of the report was verified (P19).
    pub verified: bool,
    /// The attack vector in detail (S07).
    pub attack_vector: Option<String>,
    /// Whether the attack assumes that functions can be freely executed (S07).
    pub freely_executes: Option<bool>,
    /// Whether the attack starts from code in a restricted Python.
    pub escapes_sandbox: Option<bool>,
}

/// Which way an attack on availability changes the attacker's posture (P08).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Posture {
    /// To something they could not do before.
    Upward,
    /// To something they could do already.
    Lateral,
}

/// A version that was tested.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct TestedVersion {
    /// The version as its project writes it, or `main`.
    pub version: String,
    /// Whether it was found vulnerable.
    pub vulnerable: bool,
}

/// A file that came along.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Attachment {
    /// Its name, as the sender gave it. Never used as a path.
    pub name: String,
    /// Its bytes; base64 in JSON.
    #[serde(with = "base64_bytes")]
    pub bytes: Vec<u8>,
}

/// How the reporter wants to be thanked (J07).
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Credit {
    /// The name to be shown.
    pub name: String,
    /// Whether it may be shown.
    pub consent: bool,
    /// A page that the name leads to, `https://…`; shown with the name only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
}

impl ReportDraft {
    /// The versions that were found vulnerable.
    pub fn vulnerable_versions(&self) -> Vec<&str> {
        self.tested_versions
            .iter()
            .filter(|tested| tested.vulnerable)
            .map(|tested| tested.version.as_str())
            .collect()
    }

    /// All bytes of the report: text, answers and attachments.
    pub fn bytes(&self) -> usize {
        let own = [&self.title, &self.body];
        let answers = &self.answers;
        let optional = [
            &self.proof_of_concept,
            &self.patch,
            &answers.threat_model,
            &answers.cites,
            &answers.real_world,
            &answers.input_size,
            &answers.use_case,
            &answers.dependency,
            &answers.attack_vector,
        ];
        let texts: usize = own.into_iter().chain(optional.into_iter().flatten()).map(String::len).sum();
        texts + self.attachments.iter().map(|attachment| attachment.bytes.len()).sum::<usize>()
    }
}

impl fmt::Debug for ReportDraft {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "ReportDraft(*** {} bytes, {} attachments)", self.bytes(), self.attachments.len())
    }
}

impl fmt::Debug for Answers {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Answers(***)")
    }
}

impl fmt::Debug for Attachment {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Attachment(*** {} bytes)", self.bytes.len())
    }
}

impl fmt::Debug for Credit {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Credit(***)")
    }
}

/// Bytes as base64 text.
mod base64_bytes {
    use super::BASE64;
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub(super) fn serialize<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&BASE64.encode(bytes))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        BASE64
            .decode(text.as_bytes())
            .map_err(|_| D::Error::custom("the bytes are not base64 (RFC 4648, section 4)"))
    }
}
