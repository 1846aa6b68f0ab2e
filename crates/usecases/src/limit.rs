//! How large a report may be. Judged before anything is linted or stored: the lint's work grows with the report.

use bastide_desk::lint::ReportDraft;

use crate::UseCaseError;

/// Characters of a title.
const TITLE: usize = 300;

/// Versions that one report names as tested.
const VERSIONS: usize = 200;

/// Files that come with one report.
const ATTACHMENTS: usize = 20;

/// Bytes of one file, and of all together.
const ATTACHED: (usize, usize) = (5 * 1024 * 1024, 10 * 1024 * 1024);

/// Bytes of everything that was written.
const TEXT: usize = 1024 * 1024;

/// Bytes of text from which the lint gets a thread of its own.
pub(crate) const LARGE: usize = 64 * 1024;

/// Bytes of text that the lint would read.
pub(crate) fn written(draft: &ReportDraft) -> usize {
    let mut bare = draft.clone();
    bare.attachments.clear();
    // What cannot be written as JSON has no size that could be trusted.
    serde_json::to_vec(&bare).map_or(usize::MAX, |bytes| bytes.len())
}

/// Refuses a report that is too large, naming the field and the limit.
pub(crate) fn check(draft: &ReportDraft) -> Result<(), UseCaseError> {
    let refuse = |field: &str, reason: String| {
        Err(UseCaseError::invalid(
            field,
            reason,
            "Shorten it; a person reads it. The rest can follow as messages.",
        ))
    };
    if draft.title.chars().count() > TITLE {
        return refuse("title", format!("it is longer than {TITLE} characters"));
    }
    if draft.tested_versions.len() > VERSIONS {
        return refuse("tested-versions", format!("there are more than {VERSIONS}"));
    }
    if draft.attachments.len() > ATTACHMENTS {
        return refuse("attachments", format!("there are more than {ATTACHMENTS}"));
    }
    let sizes: Vec<usize> = draft.attachments.iter().map(|file| file.bytes.len()).collect();
    if sizes.iter().any(|size| *size > ATTACHED.0) || sizes.iter().sum::<usize>() > ATTACHED.1 {
        return refuse("attachments", "a file is over 5 MiB, or all together are over 10 MiB".to_owned());
    }
    if draft.attachments.iter().any(|file| file.name.chars().count() > TITLE) {
        return refuse("attachments", format!("a name is longer than {TITLE} characters"));
    }
    if let Some(link) = draft.credit.as_ref().and_then(|credit| credit.link.as_deref())
        && !is_web_address(link)
    {
        return Err(UseCaseError::invalid(
            "credit.link",
            format!("it is no web address of at most {TITLE} characters"),
            "Write it whole, as https://example.org/me, or leave it empty.",
        ));
    }
    if written(draft) > TEXT {
        return refuse("report", "its text is longer than 1 MiB".to_owned());
    }
    Ok(())
}

/// Whether a reporter's name may lead there: the web and nothing that runs.
fn is_web_address(text: &str) -> bool {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    text.chars().count() <= TITLE
        && rest.is_some_and(|rest| rest.contains('.') && !rest.starts_with(['/', '.']))
        && text.chars().all(|symbol| symbol.is_ascii_graphic() && !matches!(symbol, '"' | '<' | '>' | '\\'))
}

#[cfg(test)]
mod tests {
    use bastide_desk::lint::{Attachment, Credit, ReportDraft, TestedVersion};

    use super::check;

    #[test]
    fn what_is_too_large_is_refused_with_its_field() {
        let version = TestedVersion { version: "1".to_owned(), vulnerable: true };
        let file = |size| Attachment { name: "a".to_owned(), bytes: vec![0; size] };
        let linked = |link: &str| {
            let link = Some(link.to_owned());
            Some(Credit { name: "reporter-a".to_owned(), consent: true, link })
        };
        let fits = ReportDraft {
            title: "x".repeat(300),
            tested_versions: vec![version.clone(); 200],
            attachments: vec![file(1); 20],
            credit: linked("https://example.org/reporter-a"),
            ..ReportDraft::default()
        };
        assert!(check(&fits).is_ok());
        for (field, draft) in [
            ("title", ReportDraft { title: "x".repeat(301), ..fits.clone() }),
            ("tested-versions", ReportDraft { tested_versions: vec![version; 201], ..fits.clone() }),
            ("attachments", ReportDraft { attachments: vec![file(1); 21], ..fits.clone() }),
            ("attachments", ReportDraft { attachments: vec![file(5 * 1024 * 1024 + 1)], ..fits.clone() }),
            ("attachments", ReportDraft { attachments: vec![file(4 * 1024 * 1024); 3], ..fits.clone() }),
            ("report", ReportDraft { body: "x".repeat(1024 * 1024), ..fits.clone() }),
            ("credit.link", ReportDraft { credit: linked("javascript:alert(1)"), ..fits.clone() }),
            ("credit.link", ReportDraft { credit: linked("https://"), ..fits.clone() }),
        ] {
            let said = format!("{:?}", check(&draft).unwrap_err());
            assert_eq!(said, format!("Invalid({field})"));
        }
    }
}
