//! The table of steps: names, rights, words and fields.

use bastide_authz::{Action, Role};

use crate::step::{Entry, FieldSpec, StepKind};

const TEAM: &[Role] = &[Role::Coordinator, Role::Developer];
const COORDINATOR: &[Role] = &[Role::Coordinator];
const DEVELOPER: &[Role] = &[Role::Developer];
const REPORTER: &[Role] = &[Role::Reporter];
const EVERYBODY: &[Role] = &[Role::Coordinator, Role::Developer, Role::Observer, Role::Reporter];

const fn needed(name: &'static str, label: &'static str, entry: Entry) -> FieldSpec {
    FieldSpec { name, label, entry, required: true }
}

const fn optional(name: &'static str, label: &'static str, entry: Entry) -> FieldSpec {
    FieldSpec { name, label, entry, required: false }
}

const VULNERABILITY: FieldSpec = optional("vulnerability", "Vulnerability", Entry::Vulnerability);
const PROJECT: FieldSpec = optional("project", "Project", Entry::CaseProject);
const REASON: FieldSpec = needed("reason", "Reason", Entry::Text);
const TEXT: FieldSpec = needed("text", "Message", Entry::Text);
const NUMBER: FieldSpec = needed("number", "CVE number", Entry::Line);

const SEAT: FieldSpec = needed(
    "seat",
    "Role",
    Entry::Choice(&[
        ("developer", "Developer: works on the fix"),
        ("coordinator", "Coordinator: carries the case"),
        ("observer", "Observer: deploys or distributes, and watches"),
        ("cna", "CNA: reserves and publishes CVE numbers"),
    ]),
);

const TIER: FieldSpec = needed(
    "tier",
    "For whom",
    Entry::Choice(&[
        ("team-only", "Team only: coordinators and developers"),
        ("team-and-reporter", "Team and reporter"),
        ("participants", "Everybody in the case"),
    ]),
);

const OUTCOME: FieldSpec = needed(
    "outcome",
    "Outcome",
    Entry::Choice(&[
        ("vulnerability", "A vulnerability of this project"),
        ("public-issue", "A bug, not a vulnerability: may become a public issue with a cleaned text"),
        ("upstream", "A vulnerability of a dependency: ask the reporter whether it may be passed on"),
        ("other-project", "Another project's"),
        ("unsure", "Unsure whose it is: a person routes it"),
        ("declined", "Not a vulnerability: the threat model leaves it out"),
        ("duplicate", "Already handled in another case"),
        ("noise", "No potential vulnerability"),
    ]),
);

const NOTICE: FieldSpec = needed(
    "notice",
    "About",
    Entry::Choice(&[
        ("cve-number", "The CVE number"),
        ("dates", "The release and announcement dates"),
        ("releases", "The releases and the advisory"),
    ]),
);

const FACT: FieldSpec = needed(
    "fact",
    "What happened",
    Entry::Choice(&[
        ("public", "The vulnerability is known in public"),
        ("exploit", "An exploit is public"),
        ("attacks", "Attacks were seen"),
    ]),
);

const RESULT: FieldSpec = needed(
    "result",
    "Result",
    Entry::Choice(&[
        ("confirmed", "It can be reproduced and will be worked on"),
        ("deferred", "It can be reproduced; work is put off"),
        ("not-reproduced", "It cannot be reproduced"),
    ]),
);

const fn kind(
    name: &'static str,
    action: Action,
    roles: &'static [Role],
    rule: &'static str,
    words: [&'static str; 2],
    fields: &'static [FieldSpec],
) -> StepKind {
    StepKind { name, action, roles, title: words[0], why: words[1], rule, fields }
}

impl StepKind {
    /// Every step, in the order of the process.
    pub const ALL: &'static [Self] = &[
        kind(
            "take",
            Action::Triage,
            COORDINATOR,
            "J08",
            ["Take the coordination", "Somebody has to carry the case; with this it is you."],
            &[],
        ),
        kind(
            "release-hold",
            Action::Triage,
            COORDINATOR,
            "O06",
            [
                "Let the held report in",
                "The screening is automatic; whether a person reads it is a person's decision.",
            ],
            &[],
        ),
        kind(
            "take-back",
            Action::SeeOwnReport,
            REPORTER,
            "P02",
            ["Take the report back", "A held report can be withdrawn; nobody reads it then."],
            &[],
        ),
        kind(
            "acknowledge",
            Action::Triage,
            COORDINATOR,
            "J11",
            [
                "Answer the reporter",
                "A person answers within the policy's days; the automatic receipt does not count.",
            ],
            &[TEXT],
        ),
        kind(
            "message",
            Action::WriteReporterThread,
            EVERYBODY,
            "J13",
            ["Write a message", "Choose who may read it; that cannot be changed later."],
            &[TIER, TEXT, optional("asks-reporter", "This asks the reporter for something", Entry::YesNo)],
        ),
        kind(
            "triage",
            Action::Triage,
            COORDINATOR,
            "J13",
            [
                "Judge the report",
                "A verdict cites the clause of the threat model that it rests on. What is not accepted is closed and the reporter told at once.",
            ],
            &[
                OUTCOME,
                optional("clause", "Clause", Entry::Clause),
                needed("reasoning", "Reasoning", Entry::Text),
                optional("cleaned-text", "Cleaned text of the public issue, for a bug", Entry::Text),
                optional("duplicate-of", "The other case, for a duplicate", Entry::Line),
                optional("destination", "The project that takes over, for another project's", Entry::Project),
            ],
        ),
        kind(
            "consent-upstream",
            Action::SeeOwnReport,
            REPORTER,
            "P09",
            [
                "Answer whether the report may be passed on",
                "The weakness is a dependency's; its maintainers are other people.",
            ],
            &[needed("given", "Yes, pass my report on", Entry::YesNo)],
        ),
        kind(
            "accept",
            Action::Triage,
            COORDINATOR,
            "J15",
            ["Accept the report", "The affected projects are told and work begins."],
            &[],
        ),
        kind(
            "add-project",
            Action::ManageParticipants,
            COORDINATOR,
            "O03",
            ["Bring in another affected project", "Each project has its own state, fix and release."],
            &[needed("project", "Project", Entry::Project)],
        ),
        kind(
            "invite",
            Action::ManageParticipants,
            COORDINATOR,
            "J17",
            ["Invite somebody", "They see no content before they agree to the embargo."],
            &[needed("person", "Person", Entry::Person), SEAT],
        ),
        kind(
            "answer-invitation",
            Action::AnswerInvitation,
            EVERYBODY,
            "PEC",
            [
                "Answer the invitation",
                "Agreeing means: nothing of this case is told to others before it is public.",
            ],
            &[needed("accept", "Yes, I agree to the embargo", Entry::YesNo)],
        ),
        kind(
            "leave",
            Action::AnswerInvitation,
            TEAM,
            "J17",
            ["Give a role back", "What you learned stays under the embargo."],
            &[optional("person", "Person (you, when empty)", Entry::Person), SEAT],
        ),
        kind(
            "propose-embargo",
            Action::Embargo,
            EVERYBODY,
            "EM",
            [
                "Propose an embargo, or a new end of it",
                "Until its end nobody in the case speaks about it. Everybody is asked anew.",
            ],
            &[needed("end", "End", Entry::Instant), optional("justification", "Why so long", Entry::Text)],
        ),
        kind(
            "decide-embargo",
            Action::Embargo,
            EVERYBODY,
            "EM",
            ["Decide about the proposed embargo", "Somebody else than the proposer decides."],
            &[needed("accept", "Yes, I agree", Entry::YesNo)],
        ),
        kind(
            "end-embargo",
            Action::ManageParticipants,
            COORDINATOR,
            "EM",
            ["End the embargo early", "Everybody may speak from then on."],
            &[REASON],
        ),
        kind(
            "public-fact",
            Action::Embargo,
            EVERYBODY,
            "CS",
            ["Record what happened outside", "What is public needs no embargo; attacks change the plan."],
            &[FACT, needed("evidence", "Where it was seen", Entry::Text)],
        ),
        kind(
            "replicate",
            Action::Fix,
            DEVELOPER,
            "J18",
            [
                "Say whether it can be reproduced",
                "A weakness that nobody can reproduce cannot be mended for sure.",
            ],
            &[PROJECT, RESULT, needed("note", "What you saw", Entry::Text)],
        ),
        kind(
            "add-vulnerability",
            Action::RequestCve,
            TEAM,
            "J19",
            ["Add another vulnerability", "Each vulnerability has its own CVE number."],
            &[],
        ),
        kind(
            "cve-request",
            Action::RequestCve,
            TEAM,
            "J19",
            [
                "Ask for a CVE number",
                "The number stays private until the advisory is published; dates wait for it.",
            ],
            &[VULNERABILITY],
        ),
        kind(
            "cve-reserve",
            Action::DecideCve,
            COORDINATOR,
            "J19",
            ["Enter the CVE number", "It is written once."],
            &[VULNERABILITY, NUMBER],
        ),
        kind(
            "cve-uncertain",
            Action::DecideCve,
            COORDINATOR,
            "J19",
            [
                "The CNA's answer was lost",
                "Nothing is asked again before its list was read, or two numbers could be taken.",
            ],
            &[VULNERABILITY],
        ),
        kind(
            "cve-reconcile",
            Action::DecideCve,
            COORDINATOR,
            "J19",
            ["Enter what the CNA's list says", "With the number if it holds one, without if it does not."],
            &[VULNERABILITY, optional("number", "CVE number", Entry::Line)],
        ),
        kind(
            "cve-reject",
            Action::DecideCve,
            COORDINATOR,
            "J19",
            ["Record that the number is rejected", "The vulnerability needs another number, or none."],
            &[VULNERABILITY, REASON],
        ),
        kind(
            "cve-exempt",
            Action::DecideCve,
            COORDINATOR,
            "J21",
            ["Record that no number will be asked for", "Prereleases and experimental features get none."],
            &[VULNERABILITY, REASON],
        ),
        kind(
            "cve-published",
            Action::DecideCve,
            COORDINATOR,
            "J28",
            ["Confirm that the CVE record is published", "Scanners read the record, not our page."],
            &[VULNERABILITY],
        ),
        kind(
            "fix-start",
            Action::Fix,
            DEVELOPER,
            "J20",
            ["Start a fix in a private fork", "What is developed in public is public."],
            &[PROJECT, needed("reference", "Private fork or pull request", Entry::Line)],
        ),
        kind(
            "fix-agree",
            Action::Fix,
            DEVELOPER,
            "J21",
            ["Agree on the fix", "Everybody in the case looks at it before it is final."],
            &[PROJECT],
        ),
        kind(
            "fix-test",
            Action::Fix,
            DEVELOPER,
            "J31",
            [
                "Record a manual test",
                "Continuous integration does not run on private forks. Somebody else than the author tests.",
            ],
            &[PROJECT, needed("note", "What was tested and how it went", Entry::Text)],
        ),
        kind(
            "fix-merge",
            Action::Fix,
            DEVELOPER,
            "J26",
            ["Record the merge", "From now on everybody can read the fix."],
            &[PROJECT, needed("reference", "Merge commit or pull request", Entry::Line)],
        ),
        kind(
            "fix-release",
            Action::Fix,
            DEVELOPER,
            "J27",
            ["Record the release", "Without announcement or change log."],
            &[
                PROJECT,
                needed("version", "Released version", Entry::Line),
                optional("notes", "Release notes, to be looked through before others see them", Entry::Text),
            ],
        ),
        kind(
            "deployed",
            Action::AnswerDeployed,
            &[Role::Observer],
            "CS",
            ["Say that the fix is deployed", "Coordinators see how far the fix has come."],
            &[PROJECT],
        ),
        kind(
            "propose-dates",
            Action::SetDates,
            TEAM,
            "J24",
            [
                "Propose release and announcement dates",
                "About a week between them lets administrators deploy before attackers know.",
            ],
            &[
                needed("release", "Release", Entry::Instant),
                needed("announcement", "Announcement", Entry::Instant),
                optional("short-notice-reason", "Reason, when the notice is short", Entry::Text),
            ],
        ),
        kind(
            "confirm-dates",
            Action::SetDates,
            TEAM,
            "J24",
            ["Agree to the dates", "Developer and coordinator decide them together."],
            &[],
        ),
        kind(
            "post-notice",
            Action::ManageParticipants,
            COORDINATOR,
            "J25",
            ["Record that the dates were posted to the list", "The post carries dates and no details."],
            &[needed("text", "The text as posted", Entry::Text)],
        ),
        kind(
            "notify",
            Action::Triage,
            COORDINATOR,
            "J29",
            ["Tell the reporter", "They did the work of finding it; they should not learn it from the news."],
            &[NOTICE, TEXT],
        ),
        kind(
            "draft-advisory",
            Action::DraftAdvisory,
            TEAM,
            "J15",
            [
                "Write a version of the advisory",
                "It is what users read: who is affected, how bad, what to do.",
            ],
            &[
                needed("record", "Record (OSV JSON)", Entry::Json),
                optional("withdraws", "This version withdraws the published advisory", Entry::YesNo),
                optional(
                    "change",
                    "What changed, or why it is withdrawn (once a version is published)",
                    Entry::Line,
                ),
            ],
        ),
        kind(
            "submit-for-review",
            Action::DraftAdvisory,
            TEAM,
            "J09",
            ["Submit the draft for review", "A second person reads it before the world does."],
            &[],
        ),
        kind(
            "request-changes",
            Action::DraftAdvisory,
            TEAM,
            "J09",
            ["Ask for changes", "An approval covers exactly what was read."],
            &[TEXT],
        ),
        kind(
            "approve",
            Action::ApproveAdvisory,
            TEAM,
            "J09",
            ["Approve the draft", "Nothing is published that only one person has read."],
            &[needed("digest", "Digest of the version you read", Entry::DraftDigest)],
        ),
        kind(
            "publish",
            Action::ApproveAdvisory,
            TEAM,
            "J28",
            ["Publish the advisory", "On its date or later; the clock does it otherwise."],
            &[],
        ),
        kind(
            "postpone-disclosure",
            Action::SetDates,
            COORDINATOR,
            "J06",
            ["Put off disclosure", "Not publishing at the deadline is a decision, recorded with its reason."],
            &[needed("until", "Until", Entry::Instant), REASON],
        ),
        kind(
            "close",
            Action::Triage,
            COORDINATOR,
            "J30",
            ["Close the case", "The last step; its reporter knows the outcome."],
            &[],
        ),
    ];
}
