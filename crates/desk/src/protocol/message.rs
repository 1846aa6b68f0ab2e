//! The 28 message types, with Vultron's codes and their meaning in words.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Which part of the protocol a message belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Family {
    /// About the report: `R*`.
    Report,
    /// About the embargo: `E*`.
    Embargo,
    /// About the case state: `C*`.
    Case,
    /// About anything: `G*`.
    General,
}

/// A message type. All of them speak of the sender's state, except a report's submission.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Message {
    /// RS: here is a report.
    ReportSubmission,
    /// RI: I judge the report invalid.
    ReportInvalid,
    /// RV: I judge the report valid.
    ReportValid,
    /// RD: I put the report off.
    ReportDeferred,
    /// RA: I work on the report.
    ReportAccepted,
    /// RC: I have closed the report.
    ReportClosed,
    /// RK: I got your report message.
    ReportAcknowledgement,
    /// RE: your report message does not fit.
    ReportError,
    /// EP: I propose an embargo.
    EmbargoProposal,
    /// ER: I reject the proposed embargo.
    EmbargoRejection,
    /// EA: I accept the proposed embargo.
    EmbargoAcceptance,
    /// EV: I propose to change the embargo.
    RevisionProposal,
    /// EJ: I reject the proposed change.
    RevisionRejection,
    /// EC: I accept the proposed change.
    RevisionAcceptance,
    /// ET: the embargo has ended.
    EmbargoTermination,
    /// EK: I got your embargo message.
    EmbargoAcknowledgement,
    /// EE: your embargo message does not fit.
    EmbargoError,
    /// CV: a vendor knows.
    VendorAware,
    /// CF: a fix is ready.
    FixReady,
    /// CD: a fix is deployed.
    FixDeployed,
    /// CP: the vulnerability is public.
    PublicAware,
    /// CX: an exploit is public.
    ExploitPublic,
    /// CA: attacks were observed.
    AttacksObserved,
    /// CK: I got your case message.
    CaseAcknowledgement,
    /// CE: your case message does not fit.
    CaseError,
    /// GI: a question or a note.
    GeneralInquiry,
    /// GK: I got it.
    GeneralAcknowledgement,
    /// GE: something went wrong.
    GeneralError,
}

impl Message {
    /// Every message type.
    pub const ALL: [Self; 28] = [
        Self::ReportSubmission,
        Self::ReportInvalid,
        Self::ReportValid,
        Self::ReportDeferred,
        Self::ReportAccepted,
        Self::ReportClosed,
        Self::ReportAcknowledgement,
        Self::ReportError,
        Self::EmbargoProposal,
        Self::EmbargoRejection,
        Self::EmbargoAcceptance,
        Self::RevisionProposal,
        Self::RevisionRejection,
        Self::RevisionAcceptance,
        Self::EmbargoTermination,
        Self::EmbargoAcknowledgement,
        Self::EmbargoError,
        Self::VendorAware,
        Self::FixReady,
        Self::FixDeployed,
        Self::PublicAware,
        Self::ExploitPublic,
        Self::AttacksObserved,
        Self::CaseAcknowledgement,
        Self::CaseError,
        Self::GeneralInquiry,
        Self::GeneralAcknowledgement,
        Self::GeneralError,
    ];

    /// Vultron's two letters.
    pub const fn code(self) -> &'static str {
        match self {
            Self::ReportSubmission => "RS",
            Self::ReportInvalid => "RI",
            Self::ReportValid => "RV",
            Self::ReportDeferred => "RD",
            Self::ReportAccepted => "RA",
            Self::ReportClosed => "RC",
            Self::ReportAcknowledgement => "RK",
            Self::ReportError => "RE",
            Self::EmbargoProposal => "EP",
            Self::EmbargoRejection => "ER",
            Self::EmbargoAcceptance => "EA",
            Self::RevisionProposal => "EV",
            Self::RevisionRejection => "EJ",
            Self::RevisionAcceptance => "EC",
            Self::EmbargoTermination => "ET",
            Self::EmbargoAcknowledgement => "EK",
            Self::EmbargoError => "EE",
            Self::VendorAware => "CV",
            Self::FixReady => "CF",
            Self::FixDeployed => "CD",
            Self::PublicAware => "CP",
            Self::ExploitPublic => "CX",
            Self::AttacksObserved => "CA",
            Self::CaseAcknowledgement => "CK",
            Self::CaseError => "CE",
            Self::GeneralInquiry => "GI",
            Self::GeneralAcknowledgement => "GK",
            Self::GeneralError => "GE",
        }
    }

    /// The message type with these two letters.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|message| message.code() == code)
    }

    /// Which part of the protocol the message belongs to.
    pub const fn family(self) -> Family {
        match self.code().as_bytes()[0] {
            b'R' => Family::Report,
            b'E' => Family::Embargo,
            b'C' => Family::Case,
            _ => Family::General,
        }
    }
}

impl fmt::Display for Message {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::ReportSubmission => "report submitted",
            Self::ReportInvalid => "report judged invalid",
            Self::ReportValid => "report judged valid",
            Self::ReportDeferred => "report deferred",
            Self::ReportAccepted => "report accepted",
            Self::ReportClosed => "report closed",
            Self::ReportAcknowledgement => "report message received",
            Self::ReportError => "report message did not fit",
            Self::EmbargoProposal => "embargo proposed",
            Self::EmbargoRejection => "embargo rejected",
            Self::EmbargoAcceptance => "embargo accepted",
            Self::RevisionProposal => "change of the embargo proposed",
            Self::RevisionRejection => "change of the embargo rejected",
            Self::RevisionAcceptance => "change of the embargo accepted",
            Self::EmbargoTermination => "embargo ended",
            Self::EmbargoAcknowledgement => "embargo message received",
            Self::EmbargoError => "embargo message did not fit",
            Self::VendorAware => "vendor aware",
            Self::FixReady => "fix ready",
            Self::FixDeployed => "fix deployed",
            Self::PublicAware => "vulnerability public",
            Self::ExploitPublic => "exploit public",
            Self::AttacksObserved => "attacks observed",
            Self::CaseAcknowledgement => "case message received",
            Self::CaseError => "case message did not fit",
            Self::GeneralInquiry => "inquiry",
            Self::GeneralAcknowledgement => "inquiry received",
            Self::GeneralError => "general error",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{Family, Message};

    #[test]
    fn every_code_reads_back_and_the_families_have_their_sizes() {
        for message in Message::ALL {
            assert_eq!(Message::from_code(message.code()), Some(message));
        }
        let size = |family| Message::ALL.into_iter().filter(|message| message.family() == family).count();
        assert_eq!([Family::Report, Family::Embargo, Family::Case, Family::General].map(size), [8, 9, 8, 3]);
        assert_eq!(Message::from_code("RX"), None);
    }
}
