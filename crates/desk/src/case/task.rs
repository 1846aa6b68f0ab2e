//! What the next person should do, and why: every step explains itself (S02).

use bastide_authz::Role;
use bastide_model::time::Instant;
use serde::Serialize;

use super::{Case, DeadlineKind, Notice, ProjectPart};
use crate::{
    machine::{advisory, cve, fix, intake, pec, pxa, rm},
    policy::PublishTrigger,
    threat::Outcome,
};

/// One step that somebody should take now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Task {
    /// Whose step it is.
    pub role: Role,
    /// The step that does it, by the name that pages, API and command line share; `amend` sends the report again.
    pub command: &'static str,
    /// What to do, one sentence.
    pub what: String,
    /// Why, for somebody who is no security expert.
    pub why: &'static str,
    /// The rule that asks for it.
    pub rule: &'static str,
    /// When it is due, if it is.
    pub due: Option<Instant>,
    /// A text that can be used as it is, where the step needs one.
    pub ready_text: Option<&'static str>,
}

/// The first open step of somebody with these roles; none when they can only wait.
pub fn next_task(case: &Case, roles: &[Role]) -> Option<Task> {
    tasks(case).into_iter().find(|task| roles.contains(&task.role))
}

/// Every step that is open now, in the order of the process.
pub fn tasks(case: &Case) -> Vec<Task> {
    if case.closed.is_some() {
        return Vec::new();
    }
    let mut list = List { case, tasks: Vec::new() };
    list.reporter();
    list.asserted();
    if case.intake == intake::State::Held {
        list.add(
            Role::Coordinator,
            "release-hold",
            "Look at the held report: let it in, or discard it as noise.",
            "The screening is automatic; whether a person should read it is a person's decision.",
            "O06",
        );
        return list.tasks;
    }
    list.inbox();
    list.embargo();
    if case.desk_rm == rm::State::Accepted {
        list.work();
    }
    list.publication();
    list.tasks
}

struct List<'a> {
    case: &'a Case,
    tasks: Vec<Task>,
}

impl List<'_> {
    fn add(
        &mut self,
        role: Role,
        command: &'static str,
        what: impl Into<String>,
        why: &'static str,
        rule: &'static str,
    ) -> &mut Task {
        self.tasks.push(Task { role, command, what: what.into(), why, rule, due: None, ready_text: None });
        self.tasks.last_mut().expect("just pushed")
    }

    fn due(&self, kind: DeadlineKind) -> Option<Instant> {
        self.case.deadlines.get(&kind).map(|deadline| deadline.due)
    }

    fn reporter(&mut self) {
        let reporter = &self.case.reporter;
        if self.case.intake == intake::State::Held {
            self.add(
                Role::Reporter,
                "amend",
                "Mend what the findings name and send the report again.",
                "The team reads a report once it has what is needed to judge it.",
                "P02",
            );
        } else if reporter.consent == pec::State::Lapsed {
            self.add(
                Role::Reporter,
                "answer-invitation",
                "Say whether you agree to the changed embargo.",
                "The date until which everybody stays silent is about to move.",
                "PEC",
            );
        } else if matches!(self.case.outcome, Some((Outcome::Upstream, _))) && reporter.upstream.is_none() {
            self.add(
                Role::Reporter,
                "consent-upstream",
                "Say whether your report may be passed on.",
                "The weakness is in a dependency; its maintainers are other people.",
                "P09",
            );
        } else if reporter.asked.is_some() {
            self.add(
                Role::Reporter,
                "message",
                "Answer the team's question.",
                "The team cannot go on without it.",
                "J13",
            );
        }
    }

    fn inbox(&mut self) {
        let case = self.case;
        let acknowledge = self.due(DeadlineKind::Acknowledge);
        let assign = self.due(DeadlineKind::AssignCoordinator);
        if case.holders(Role::Coordinator).next().is_none() {
            self.add(
                Role::Coordinator,
                "take",
                "Take the coordination of this case.",
                "Somebody has to carry it; after three idle days it is given to whoever's turn it is.",
                "J08",
            )
            .due = assign;
        }
        if case.acknowledged.is_none() {
            let task = self.add(Role::Coordinator, "acknowledge", "Answer the reporter.",
                "A report without a person's answer is soon published elsewhere; the automatic receipt does not count.",
                "J11");
            task.due = acknowledge;
            task.ready_text = Some(
                "Thank you for your report. We have received it and are looking into it. We will tell you what we \
                 find, and the dates once they are set. Please keep it private until then.",
            );
        }
        match case.desk_rm {
            rm::State::Received if matches!(case.outcome, Some((Outcome::Unsure, _))) => {
                self.add(
                    Role::Coordinator,
                    "triage",
                    "Find out whose this is, and route it there.",
                    "The report concerns another project, or nobody knows yet; a person decides.",
                    "P28",
                );
            }
            rm::State::Received => {
                self.add(
                    Role::Coordinator,
                    "triage",
                    "Judge the report against the threat model and cite the clause.",
                    "What counts as a vulnerability is written down, so that two people judge alike.",
                    "J13",
                );
            }
            rm::State::Invalid if case.reporter.upstream.is_some() => {
                self.add(
                    Role::Coordinator,
                    "close",
                    "Close the case; pass the report on if the reporter agreed.",
                    "The weakness is a dependency's; nothing is left to do here.",
                    "P09",
                );
            }
            rm::State::Accepted if matches!(case.outcome, Some((Outcome::Duplicate, _))) => {
                self.add(
                    Role::Coordinator,
                    "triage",
                    "Judge as a second coordinator whether this is a duplicate.",
                    "An accepted vulnerability is not put aside on one person's word.",
                    "J09",
                );
            }
            rm::State::Valid => {
                self.add(
                    Role::Coordinator,
                    "accept",
                    "Accept the report.",
                    "With that the affected projects are told and work begins.",
                    "J15",
                );
            }
            _ => {}
        }
    }

    /// What a participant says has happened outside waits for a coordinator's eyes.
    fn asserted(&mut self) {
        for trigger in &self.case.asserted {
            let what = match trigger {
                pxa::Trigger::BecomePublic => "the vulnerability is known in public",
                pxa::Trigger::PublishExploit => "an exploit is public",
                pxa::Trigger::ObserveAttacks => "attacks were seen",
            };
            self.add(
                Role::Coordinator,
                "public-fact",
                format!("Somebody says that {what}: look at it, and record it if it is so."),
                "Secrecy that no longer holds helps attackers only; one that holds is not ended by a claim.",
                "CS",
            );
        }
    }

    /// A proposal waits for somebody else's word, at most two weeks (VP-06-004).
    fn embargo(&mut self) {
        let Some(open) = self.case.proposal else { return };
        let due = self.due(DeadlineKind::EmbargoDecision { proposal: open.id });
        let by_coordinator = open.by.is_some_and(|person| self.case.holds(person, Role::Coordinator));
        let alone = self.case.holders(Role::Coordinator).count() < 2;
        let role = if by_coordinator && alone { Role::Developer } else { Role::Coordinator };
        self.add(
            role,
            "decide-embargo",
            format!("Decide about the proposed embargo until {}.", open.end.for_people()),
            "Without an answer the proposal falls, and what was agreed before stays.",
            "VP-06-004",
        )
        .due = due;
    }

    fn work(&mut self) {
        let case = self.case;
        if case.holders(Role::Developer).next().is_none() {
            self.add(
                Role::Coordinator,
                "invite",
                "Invite the people who can fix it, as developers.",
                "They see nothing before they agree to the embargo.",
                "J17",
            );
        }
        for (name, part) in &case.projects {
            self.project(name.as_str(), part);
        }
        for part in case.vulnerabilities.values().filter(|part| !part.exempt) {
            match part.cve {
                cve::State::None => {
                    self.add(
                        Role::Coordinator,
                        "cve-request",
                        "Ask for a CVE number, or record that none is needed.",
                        "The number is how the world will talk about this; dates wait for it.",
                        "J19",
                    );
                }
                cve::State::Requested | cve::State::Reserving => {
                    self.add(
                        Role::Coordinator,
                        "cve-reserve",
                        "Enter the CVE number when it comes.",
                        "Dates, merge and release wait for it.",
                        "J21",
                    );
                }
                cve::State::ReservationUnknown => {
                    self.add(
                        Role::Coordinator,
                        "cve-reconcile",
                        "Look up whether a number was reserved.",
                        "The answer to the request was lost; asking again could take two numbers.",
                        "J19",
                    );
                }
                _ => {}
            }
        }
        let reserved = case.vulnerabilities.values().any(|part| part.cve >= cve::State::Reserved);
        if reserved && !case.reporter.told.contains_key(&Notice::CveNumber) {
            self.add(
                Role::Coordinator,
                "notify",
                "Tell the reporter the CVE number.",
                "They may mention it with the software's name, without versions or details.",
                "J22",
            );
        }
        self.dates();
    }

    fn project(&mut self, name: &str, part: &ProjectPart) {
        if matches!(part.rm, rm::State::Received) {
            self.add(
                Role::Developer,
                "replicate",
                format!("Try to reproduce it in {name}."),
                "A weakness that nobody can reproduce cannot be mended for sure.",
                "J18",
            );
            return;
        }
        let (command, what, why, rule) = match part.fix {
            fix::State::None => (
                "fix-start",
                "Start a fix in a private fork for",
                "What is developed in public is public.",
                "J20",
            ),
            fix::State::InDevelopment => (
                "fix-agree",
                "Agree on the fix for",
                "Everybody of the case looks at it once before it is final.",
                "J21",
            ),
            fix::State::Agreed => (
                "fix-test",
                "Test the fix by hand and record it, for",
                "Continuous integration does not run on private forks; a broken merge would draw eyes to it.",
                "J31",
            ),
            fix::State::TestedManually if self.ready_to_merge() => (
                "fix-merge",
                "Merge the fix of",
                "From this moment on it can be read by everybody; the announcement follows.",
                "J26",
            ),
            fix::State::Merged => (
                "fix-release",
                "Release the fix of",
                "Without announcement or change log: users get the week to update before attackers read why.",
                "J27",
            ),
            fix::State::TestedManually | fix::State::Released => return,
        };
        let due = matches!(part.fix, fix::State::Merged).then(|| self.due(DeadlineKind::Release)).flatten();
        self.add(Role::Developer, command, format!("{what} {name}."), why, rule).due = due;
    }

    fn ready_to_merge(&self) -> bool {
        let dated = self.case.dates_agreed().is_some();
        self.case.numbers_settled()
            && (dated || self.case.terms.publication.trigger == PublishTrigger::FixMerged)
    }

    fn dates(&mut self) {
        let case = self.case;
        let agreed = case.projects.values().all(|part| part.fix >= fix::State::Agreed);
        let wanted = case.terms.publication.trigger == PublishTrigger::AnnouncementDate
            && case.advisory.published.is_none();
        if !agreed || !case.numbers_settled() || !wanted {
            return;
        }
        if let Some(open) = case.dates_open() {
            let other =
                if open.proposed_as == Role::Coordinator { Role::Developer } else { Role::Coordinator };
            self.add(
                other,
                "confirm-dates",
                "Agree to the proposed dates, or propose others.",
                "Developer and coordinator decide the dates together.",
                "J24",
            );
        }
        match case.dates {
            None => {
                self.add(
                    Role::Coordinator,
                    "propose-dates",
                    "Propose the release and the announcement date.",
                    "About a week between them lets administrators deploy before attackers know.",
                    "J24",
                );
            }
            Some(dates) if dates.confirmed_by.is_none() => {}
            Some(dates) if dates.posted.is_none() => {
                self.add(
                    Role::Coordinator,
                    "post-notice",
                    "Post both dates to the security mailing list.",
                    "Deployers plan their update; the post carries dates and no details.",
                    "J25",
                );
            }
            Some(_) => {}
        }
    }

    fn publication(&mut self) {
        let case = self.case;
        if case.advisory.published.is_some() {
            self.after_publication();
            return;
        }
        if case.desk_rm != rm::State::Accepted {
            return;
        }
        let due = self.due(DeadlineKind::Announcement).or_else(|| self.due(DeadlineKind::Disclosure));
        let (role, command, what, why, rule) = match case.advisory.working() {
            advisory::State::Draft if case.advisory.version == 0 => (
                Role::Coordinator,
                "draft-advisory",
                "Write the draft advisory.",
                "It is what users read: who is affected, how bad, what to do.",
                "J15",
            ),
            advisory::State::Draft => (
                Role::Coordinator,
                "submit-for-review",
                "Submit the draft advisory for review.",
                "A second person reads it before the world does.",
                "J09",
            ),
            advisory::State::InReview => (
                Role::Developer,
                "approve",
                "Read the advisory and approve it, or ask for changes.",
                "Nothing is published that only one person has read.",
                "J09",
            ),
            advisory::State::Approved | advisory::State::Scheduled => (
                Role::Coordinator,
                "publish",
                "Publish the advisory when its time has come; the clock does it on the date otherwise.",
                "Users learn what to do; the CVE record goes out with it.",
                "J28",
            ),
            advisory::State::Published | advisory::State::Revised | advisory::State::Withdrawn => return,
        };
        self.add(role, command, what, why, rule).due = due;
    }

    fn after_publication(&mut self) {
        if self.case.vulnerabilities.values().any(|part| part.cve == cve::State::Publishing) {
            self.add(
                Role::Coordinator,
                "cve-published",
                "Send the CVE record to the CNA and confirm that it stands.",
                "Scanners read the number's record, not our page.",
                "J28",
            );
        }
        if self.case.reporter.told.contains_key(&Notice::Releases) {
            self.add(
                Role::Coordinator,
                "close",
                "Close the case.",
                "It is the last step; nothing is left open.",
                "J30",
            );
        } else {
            let task = self.add(
                Role::Coordinator,
                "notify",
                "Tell the reporter of the releases.",
                "They did the work of finding it; they should not learn it from the news.",
                "J29",
            );
            task.ready_text = Some(
                "The fix is released and the advisory is public. Thank you for reporting this and for your patience; \
                 you are credited as you wished.",
            );
        }
    }
}
