//! New versions of an advisory: published, revised, withdrawn.
//!
//! A published version never changes. Each function takes a version and returns the next one; id and the instant of first
//! publication stay, the version's number and `modified` move on.

use bastide_model::time::Instant;

use crate::record::{Advisory, Revision, State};

/// What a revision changes: a whole record whose content replaces the published one's.
#[derive(Debug, Clone, PartialEq)]
pub struct Changes {
    /// The content of the next version; its id, version, published, modified, withdrawn and revisions are not taken.
    pub content: Advisory,
    /// What changed, in one sentence for the history.
    pub summary: String,
}

/// Why there can be no such version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RevisionError {
    /// A draft is published first.
    #[error("the advisory is a draft: change the draft, or publish it first")]
    Draft,
    /// It is published already.
    #[error("the advisory is published already: a published version is immutable, revise it")]
    Published,
    /// It is withdrawn.
    #[error("the advisory is withdrawn: write a new one that names it as related")]
    Withdrawn,
    /// Time runs forward.
    #[error("the new version would be older than the one that it replaces")]
    OlderThanLast,
    /// The history needs a sentence.
    #[error("say in one sentence what changed and why")]
    NoSummary,
}

/// The first published version of a draft.
pub fn publish(draft: &Advisory, now: Instant) -> Result<Advisory, RevisionError> {
    match draft.state() {
        State::Draft => {}
        State::Published => return Err(RevisionError::Published),
        State::Withdrawn => return Err(RevisionError::Withdrawn),
    }
    let first = Revision { version: 1, at: now, summary: "First published version.".to_owned() };
    Ok(Advisory { version: 1, published: Some(now), modified: now, revisions: vec![first], ..draft.clone() })
}

/// The next version of a published advisory, with changed content.
pub fn revise(published: &Advisory, changes: Changes, now: Instant) -> Result<Advisory, RevisionError> {
    let next = next_version(published, &changes.summary, now)?;
    let kept = changes.content;
    Ok(Advisory {
        id: next.id,
        version: next.version,
        published: next.published,
        modified: next.modified,
        revisions: next.revisions,
        withdrawn: None,
        withdrawal_reason: None,
        ..kept
    })
}

/// The last version of an advisory: withdrawn, with the reason, its content kept for whoever needs the history.
pub fn withdraw(published: &Advisory, reason: &str, now: Instant) -> Result<Advisory, RevisionError> {
    let next = next_version(published, &format!("Withdrawn: {}", reason.trim()), now)?;
    if reason.trim().is_empty() {
        return Err(RevisionError::NoSummary);
    }
    Ok(Advisory { withdrawn: Some(now), withdrawal_reason: Some(reason.trim().to_owned()), ..next })
}

/// The same content under the next number.
fn next_version(published: &Advisory, summary: &str, now: Instant) -> Result<Advisory, RevisionError> {
    match published.state() {
        State::Draft => return Err(RevisionError::Draft),
        State::Withdrawn => return Err(RevisionError::Withdrawn),
        State::Published => {}
    }
    if summary.trim().is_empty() {
        return Err(RevisionError::NoSummary);
    }
    if now < published.modified {
        return Err(RevisionError::OlderThanLast);
    }
    let version = published.version.saturating_add(1);
    let mut next = Advisory { version, modified: now, ..published.clone() };
    next.revisions = published.history();
    next.revisions.push(Revision { version, at: now, summary: summary.trim().to_owned() });
    Ok(next)
}

impl Advisory {
    /// Every published version from 1 to this one; those whose history is not known (an imported record's) are said to be
    /// so. Formats that demand a history (CSAF) show this.
    pub fn history(&self) -> Vec<Revision> {
        let first = self.published.unwrap_or(self.modified).min(self.modified);
        (1..=self.version.max(1))
            .map(|version| {
                let known = self.revisions.iter().find(|revision| revision.version == version);
                known.cloned().unwrap_or_else(|| Revision {
                    version,
                    at: if version > 1 && version == self.version { self.modified } else { first },
                    summary: "As published by its home database.".to_owned(),
                })
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use bastide_model::time::Span;

    use super::*;

    #[test]
    fn each_version_is_a_new_value_and_keeps_id_and_first_publication() {
        let start = Instant::EPOCH;
        let draft = Advisory::draft("x_T-1", start);
        let first = publish(&draft, start + Span::days(1)).unwrap();
        let content =
            Advisory { summary: Some("Better words.".to_owned()), ..Advisory::draft("other", start) };
        let changes = Changes { content, summary: "Reworded.".to_owned() };
        let second = revise(&first, changes, start + Span::days(2)).unwrap();
        let third = withdraw(&second, "It was no vulnerability.", start + Span::days(3)).unwrap();
        assert_eq!([draft.version, first.version, second.version, third.version], [0, 1, 2, 3]);
        assert_eq!((second.id.as_str(), second.published), ("x_T-1", first.published));
        assert_eq!(second.summary.as_deref(), Some("Better words."));
        assert_eq!((third.state(), third.withdrawn), (State::Withdrawn, Some(start + Span::days(3))));
        assert_eq!(third.revisions.len(), 3);
        assert_eq!(third.revisions[2].summary, "Withdrawn: It was no vulnerability.");
    }

    #[test]
    fn what_cannot_be_a_next_version_is_refused() {
        let start = Instant::EPOCH + Span::days(5);
        let draft = Advisory::draft("x_T-1", start);
        let changes = |summary: &str| Changes { content: draft.clone(), summary: summary.to_owned() };
        assert_eq!(revise(&draft, changes("x"), start), Err(RevisionError::Draft));
        let first = publish(&draft, start).unwrap();
        assert_eq!(publish(&first, start), Err(RevisionError::Published));
        assert_eq!(revise(&first, changes(" "), start), Err(RevisionError::NoSummary));
        assert_eq!(revise(&first, changes("x"), start - Span::days(1)), Err(RevisionError::OlderThanLast));
        assert_eq!(withdraw(&first, " ", start), Err(RevisionError::NoSummary));
        let last = withdraw(&first, "wrong", start).unwrap();
        assert_eq!(revise(&last, changes("x"), start), Err(RevisionError::Withdrawn));
    }
}
