//! A disclosure policy in plain words, and its threat model clause by clause.

use bastide_desk::{
    policy::{Policy, PublishTrigger},
    threat::ThreatModel,
};
use bastide_model::party::ProjectName;
use bastide_pages::part::{ClauseRow, Link, MailRoute, PolicyPoint, PolicySummary};

use super::words;

/// What a reporter can count on, point by point.
pub(super) fn summary(project: &ProjectName, policy: &Policy) -> PolicySummary {
    let days = |count| words::counted(count, "day");
    let mut points = vec![
        point(
            "First answer",
            format!("A person answers within {}.", days(policy.deadlines.acknowledge_days)),
            "J04",
        ),
        point(
            "Disclosure",
            format!(
                "A vulnerability is published within {}, whether there is a fix or not.",
                days(policy.deadlines.disclosure_days)
            ),
            "J06",
        ),
    ];
    points.push(match policy.publication.trigger {
        PublishTrigger::AnnouncementDate => point(
            "Time to update",
            format!(
                "There are normally {} between the release of a fix and its announcement.",
                days(policy.deadlines.notice_days)
            ),
            "J24",
        ),
        PublishTrigger::FixMerged => {
            point("Publication", "The advisory goes out when the public fix is merged.".to_owned(), "P29")
        }
    });
    points.push(match policy.embargo.default_days {
        0 => point("Embargo", "None begins by itself; you or the team may propose one.".to_owned(), "EM"),
        usual => point(
            "Embargo",
            format!(
                "Everybody in the case stays silent for {} at first; at most {} can be agreed.",
                days(usual),
                days(policy.embargo.maximum_days)
            ),
            "EM",
        ),
    });
    points.push(point(
        "Length of a report",
        format!(
            "At most {}, {} and {}: a few sentences are best.",
            words::counted(policy.lint.words, "word"),
            words::counted(policy.lint.headings, "heading"),
            words::counted(policy.lint.tables, "table"),
        ),
        "P17",
    ));
    points.push(point("Thanks", "You are named in the advisory if you wish.".to_owned(), "J07"));
    let noise = if policy.replies.to_noise {
        "What is no report of a vulnerability is answered too."
    } else {
        "Advertising and questionnaires get no answer."
    };
    points.push(point("Other mail", noise.to_owned(), if policy.replies.to_noise { "J04" } else { "P26" }));
    let digest = policy.digest().to_string();
    let short: String = digest.chars().take(18).collect();
    let mut links = vec![Link::new("The whole policy as JSON", format!("/projects/{project}/policy.json"))];
    if let Some(address) = &policy.contact.policy {
        links.push(Link::new("The project's own page about it", address.as_str()));
    }
    PolicySummary {
        points,
        version: format!("{}, version {}, SHA-256 {short}.", policy.title, policy.version).into(),
        links,
    }
}

fn point(topic: &str, text: String, rule: &str) -> PolicyPoint {
    PolicyPoint { topic: topic.into(), text: text.into(), rule: words::rule(rule) }
}

/// The policy in one line, for a list of projects.
pub(super) fn promise(policy: &Policy) -> String {
    format!(
        "first answer within {}, disclosure within {}",
        words::counted(policy.deadlines.acknowledge_days, "day"),
        words::counted(policy.deadlines.disclosure_days, "day")
    )
}

/// How to report by mail, where the policy names an address (J01, J02).
pub(super) fn mail(policy: &Policy) -> Option<MailRoute> {
    let address = policy.contact.mail.first()?;
    let key = policy.contact.key.as_deref().map(|key| Link::new("Key for encrypted mail", key));
    Some(MailRoute { address: address.as_str().into(), key })
}

/// The clauses of a threat model.
pub(super) fn clauses(model: &ThreatModel) -> Vec<ClauseRow> {
    model
        .clauses
        .iter()
        .map(|clause| ClauseRow {
            id: clause.id.as_str().into(),
            text: format!("{}. {}", clause.title.trim_end_matches('.'), clause.text).into(),
            ruling: words::ruling(clause.ruling),
            origin: format!("{}: {}", clause.model, clause.origin.document).into(),
        })
        .collect()
}
