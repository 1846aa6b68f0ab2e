//! The filter of the inbox as it stands in an address: read from a query and written back, so that a filter is a link.

use bastide_desk::case::Lifecycle;
use bastide_usecases::{InboxFilter, OwnerFilter, UseCaseError};

/// Every stage, as the filter offers it.
pub(in crate::web) const STAGES: [Lifecycle; 13] = [
    Lifecycle::Submitted,
    Lifecycle::Held,
    Lifecycle::Received,
    Lifecycle::Acknowledged,
    Lifecycle::Triaging,
    Lifecycle::Invalid,
    Lifecycle::AcceptedEmbargoed,
    Lifecycle::FixAgreed,
    Lifecycle::Scheduled,
    Lifecycle::ReleasedQuiet,
    Lifecycle::Published,
    Lifecycle::Withdrawn,
    Lifecycle::Closed,
];

/// The severities that a filter can name.
pub(in crate::web) const SEVERITIES: [&str; 5] = ["none", "low", "medium", "high", "critical"];

/// How many cases a page can show; the first without a choice.
pub(in crate::web) const ROWS: [u32; 3] = [50, 200, 500];

/// Reads a filter from the pairs of a query. What it does not know it leaves out: an address that somebody shared must
/// open something, and the page says what it shows.
pub(crate) fn read<'a>(pairs: impl Iterator<Item = (&'a str, &'a str)>) -> Result<InboxFilter, UseCaseError> {
    let mut filter = InboxFilter::default();
    for (name, value) in pairs.filter(|(_, value)| !value.is_empty()) {
        match name {
            "project" => filter.project = Some(value.parse().map_err(|_| UseCaseError::NotFound)?),
            "state" if value == "closed" => filter.closed = true,
            "state" => {
                if let Some(stage) = STAGES.iter().find(|stage| stage.as_str() == value) {
                    filter.closed = *stage == Lifecycle::Closed;
                    if !filter.closed {
                        filter.stages = vec![value.to_owned()];
                    }
                }
            }
            "owner" => {
                filter.owner = match value {
                    "me" => OwnerFilter::Mine,
                    "nobody" => OwnerFilter::Nobody,
                    person => person.parse().map(OwnerFilter::Person).unwrap_or_default(),
                }
            }
            "severity" if value == "unrated" => filter.severity = Some(None),
            "severity" if SEVERITIES.contains(&value) => filter.severity = Some(Some(value.to_owned())),
            "overdue" => filter.overdue = value == "yes",
            "unread" => filter.unread = value == "yes",
            "snoozed" => filter.snoozed = value == "yes",
            "q" => filter.words = value.chars().take(200).collect(),
            "rows" => filter.limit = ROWS.into_iter().find(|rows| rows.to_string() == value).unwrap_or(0),
            "from" => filter.offset = value.parse().unwrap_or(0).min(100_000),
            _ => {}
        }
    }
    Ok(filter)
}

/// The query of a filter, without a question mark; empty when it chooses nothing. `words` says whether the words that
/// are searched for stand in it.
pub(in crate::web) fn query(filter: &InboxFilter, words: bool) -> String {
    let mut pairs: Vec<(&str, String)> = Vec::new();
    if let Some(project) = &filter.project {
        pairs.push(("project", project.to_string()));
    }
    if filter.closed {
        pairs.push(("state", "closed".to_owned()));
    } else if let Some(stage) = filter.stages.first() {
        pairs.push(("state", stage.clone()));
    }
    match filter.owner {
        OwnerFilter::Any => {}
        OwnerFilter::Mine => pairs.push(("owner", "me".to_owned())),
        OwnerFilter::Nobody => pairs.push(("owner", "nobody".to_owned())),
        OwnerFilter::Person(person) => pairs.push(("owner", person.to_string())),
    }
    match &filter.severity {
        None => {}
        Some(severity) => pairs.push(("severity", severity.clone().unwrap_or_else(|| "unrated".to_owned()))),
    }
    for (name, on) in [("overdue", filter.overdue), ("unread", filter.unread), ("snoozed", filter.snoozed)] {
        if on {
            pairs.push((name, "yes".to_owned()));
        }
    }
    if ROWS[1..].contains(&filter.limit) {
        pairs.push(("rows", filter.limit.to_string()));
    }
    if words && !filter.words.is_empty() {
        pairs.push(("q", filter.words.clone()));
    }
    // Pairs of text are always a query.
    serde_urlencoded::to_string(pairs).unwrap_or_default()
}

/// The address of the inbox, or of the board, with a filter.
pub(in crate::web) fn address(page: &str, query: &str) -> String {
    if query.is_empty() { page.to_owned() } else { format!("{page}?{query}") }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn parsed(query: &str) -> InboxFilter {
        let pairs: Vec<(String, String)> = serde_urlencoded::from_str(query).unwrap();
        read(pairs.iter().map(|(name, value)| (name.as_str(), value.as_str()))).unwrap()
    }

    proptest! {
        #[test]
        fn a_filter_is_the_same_after_it_stood_in_an_address(
            project in proptest::option::of("[a-z]{1,8}"),
            stage in proptest::option::of(0_usize..STAGES.len()),
            owner in 0_u8..4,
            severity in proptest::option::of(proptest::option::of(0_usize..SEVERITIES.len())),
            flags in any::<[bool; 3]>(),
            rows in proptest::sample::select(vec![0, 200, 500]),
            words in "[ -~äöü]{0,40}",
        ) {
            let stage = stage.map(|index| STAGES[index]);
            let filter = InboxFilter {
                project: project.map(|name| name.parse().unwrap()),
                closed: stage == Some(Lifecycle::Closed),
                stages: stage
                    .filter(|stage| *stage != Lifecycle::Closed)
                    .map(|stage| vec![stage.as_str().to_owned()])
                    .unwrap_or_default(),
                owner: match owner {
                    0 => OwnerFilter::Any,
                    1 => OwnerFilter::Mine,
                    2 => OwnerFilter::Nobody,
                    _ => OwnerFilter::Person(bastide_model::id::PersonId::from_bytes([7; 16])),
                },
                severity: severity.map(|inner| inner.map(|index| SEVERITIES[index].to_owned())),
                overdue: flags[0],
                unread: flags[1],
                snoozed: flags[2],
                limit: rows,
                words: words.clone(),
                ..InboxFilter::default()
            };
            prop_assert_eq!(&parsed(&query(&filter, true)), &filter);
            let kept = InboxFilter { words: String::new(), ..filter.clone() };
            prop_assert_eq!(parsed(&query(&filter, false)), kept);
        }

        #[test]
        fn any_query_reads(pairs in proptest::collection::vec(("[a-z]{1,8}", ".{0,20}"), 0..8)) {
            let pairs = pairs.iter().map(|(name, value)| (name.as_str(), value.as_str()));
            let _ = read(pairs);
        }
    }
}
