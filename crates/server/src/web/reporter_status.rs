//! A reporter's own page: stages, what comes next, messages both ways, what can be answered.

use bastide_advisory::record::is_cve_id;
use bastide_authz::Role;
use bastide_desk::case::{Content, DeadlineKind, Event, Lifecycle, Notice};
use bastide_model::time::Instant;
use bastide_pages::{
    Shell,
    desk::{CreditView, CveTold, DateRow, EmbargoProposal, MessageView, NextStep, ReporterStatus},
    part::{ActionForm, Control, Countdown, Field, Link, Moment},
};
use bastide_usecases::{CaseEntry, CaseView, OpenedContent, ReporterView};

use super::{case, stages, step_form::StepForms, words};

/// Steps that stand elsewhere on the page than among the other actions.
const PLACED: [&str; 3] = ["message", "decide-embargo", "answer-invitation"];

/// By which way the page is open.
pub(super) struct Ways<'a> {
    /// Where the report's pages are: `/status` by the link, `/reports/CASE` by the account.
    pub(super) base: &'a str,
    /// Whether somebody is signed in.
    pub(super) signed_in: bool,
}

impl Ways<'_> {
    fn by_account(&self) -> bool {
        self.base != "/status"
    }
}

/// The reporter's page.
pub(super) fn page(
    shell: Shell,
    own: &ReporterView,
    forms: &StepForms<'_>,
    ways: &Ways<'_>,
) -> ReporterStatus {
    let view = forms.view;
    let project = forms.projects.iter().find(|project| project.name == view.case.project);
    let more =
        view.offers.iter().filter(|offer| !PLACED.contains(&offer.kind.name) && offer.not_now.is_none());
    ReporterStatus {
        shell,
        reference: view.reference.as_str().into(),
        title: case::title(view).into(),
        project: project.map_or(view.case.project.as_str(), |project| project.title.as_str()).into(),
        stages: stages::of(&own.stages, view.case.closed.is_some()),
        next: next(view, forms.now, ways.base),
        proposals: proposals(forms),
        cve: cve(view),
        dates: dates(view),
        report: case::report(view),
        messages: view.entries.iter().filter_map(|entry| message(view, entry)).collect(),
        reply: reply(forms),
        credit: credit(view),
        actions: more.map(|offer| forms.form(offer)).chain(access(own, forms, ways)).collect(),
        documents: documents(view),
    }
}

fn next(view: &CaseView, now: Instant, base: &str) -> NextStep {
    let countdown = |at: Instant| Countdown::between(now, at);
    if let Some(task) = view.tasks.iter().find(|task| task.role == Role::Reporter) {
        return NextStep {
            what: task.what.as_str().into(),
            explanation: task.why.into(),
            by: task.due.map(countdown),
            rule: words::rule(task.rule),
            link: (task.command == "amend").then(|| Link::new("Mend your report", format!("{base}/report"))),
        };
    }
    if view.case.closed.is_some() {
        return NextStep {
            what: "Nothing: your report is closed.".into(),
            explanation: "Everything that was said stays readable here.".into(),
            by: None,
            rule: None,
            link: None,
        };
    }
    // What the team has to do next is the team's business; where the report stands is the reporter's.
    let (what, rule) = match view.lifecycle() {
        Lifecycle::Submitted | Lifecycle::Held => ("A person looks at your held report.", "O06"),
        Lifecycle::Received => ("A person of the team answers you.", "J11"),
        Lifecycle::Acknowledged => ("The team judges your report and tells you the decision.", "J13"),
        Lifecycle::Triaging => ("The team decides whether work begins.", "J15"),
        Lifecycle::Invalid => ("The team tells you why it is no vulnerability of this project.", "J14"),
        Lifecycle::AcceptedEmbargoed => ("The team works on a fix in private.", ""),
        Lifecycle::FixAgreed => ("The team sets the dates.", "J24"),
        Lifecycle::Scheduled | Lifecycle::ReleasedQuiet => ("The team waits for the next date.", "J24"),
        Lifecycle::Published | Lifecycle::Withdrawn | Lifecycle::Closed => {
            ("The team tells you the news.", "J29")
        }
    };
    NextStep {
        what: what.into(),
        explanation: view.lifecycle().in_words().into(),
        by: view
            .case
            .next_deadline()
            .filter(|deadline| !far_end(deadline.kind))
            .map(|deadline| countdown(deadline.due)),
        rule: words::rule(rule),
        link: None,
    }
}

/// The ends of the whole process: no date of the step that comes next, which a reporter would take them for.
fn far_end(kind: DeadlineKind) -> bool {
    matches!(kind, DeadlineKind::Disclosure | DeadlineKind::EmbargoEnd | DeadlineKind::Exposure)
}

fn proposals(forms: &StepForms<'_>) -> Vec<EmbargoProposal> {
    let view = forms.view;
    let Some(proposal) = view.case.proposal else { return Vec::new() };
    let kind = DeadlineKind::EmbargoDecision { proposal: proposal.id };
    let due = view.case.deadlines.get(&kind).map_or(proposal.end, |deadline| deadline.due);
    let answers: Vec<ActionForm> = ["decide-embargo", "answer-invitation"]
        .into_iter()
        .filter_map(|step| {
            let offered =
                view.offers.iter().find(|offer| offer.kind.name == step && offer.not_now.is_none())?;
            Some(ActionForm { open: true, ..forms.form(offered) })
        })
        .collect();
    if answers.is_empty() {
        return Vec::new();
    }
    vec![EmbargoProposal {
        text: format!("Everybody who knows of it stays silent until {}.", proposal.end.for_people()).into(),
        proposer: proposal
            .by
            .map_or("the policy's default", |person| {
                view.names.get(&person).map_or("a member of the team", String::as_str)
            })
            .into(),
        end: Moment::of(proposal.end),
        answer_by: Countdown::between(forms.now, due),
        answers,
    }]
}

/// The number, once the reporter was told it (J22) and with what may be said (J23).
fn cve(view: &CaseView) -> Option<CveTold> {
    if !view.case.reporter.told.contains_key(&Notice::CveNumber) && view.case.advisory.published.is_none() {
        return None;
    }
    let mut numbers: Vec<String> = view.cve_numbers.values().cloned().collect();
    if numbers.is_empty() {
        numbers = numbers_told(view);
    }
    if numbers.is_empty() {
        return None;
    }
    let number = numbers.join(", ");
    let may_say = if view.case.is_public() || view.case.advisory.published.is_some() {
        "The advisory is public: you may say everything that it says."
    } else {
        "You may name it together with the software's name, without versions and without details."
    };
    Some(CveTold { number: number.into(), may_say: may_say.into() })
}

/// The numbers that stand in what the reporter was told. The number's own entry is not for them before it is public.
fn numbers_told(view: &CaseView) -> Vec<String> {
    let mut numbers = Vec::new();
    for entry in &view.entries {
        let OpenedContent::Open(_, content) = &entry.content else { continue };
        let (Event::ReporterNotified { .. }, Content::Text { text }) = (&entry.event, content.as_ref())
        else {
            continue;
        };
        let words = text.split(|symbol: char| !(symbol.is_ascii_alphanumeric() || symbol == '-'));
        for word in words.filter(|word| is_cve_id(word)) {
            if !numbers.iter().any(|known| known == word) {
                numbers.push(word.to_owned());
            }
        }
    }
    numbers
}

fn dates(view: &CaseView) -> Vec<DateRow> {
    let row = |label: &str, at, meaning: &str| DateRow {
        label: label.into(),
        at: Moment::of(at),
        meaning: meaning.into(),
    };
    let mut rows = Vec::new();
    if let Some(dates) = view.case.dates_agreed() {
        rows.push(row("Release of the fix", dates.release, "Without a word about the vulnerability."));
        rows.push(row("Announcement", dates.announcement, "From then on everybody may speak about it."));
    }
    if let Some(embargo) = view.case.embargo {
        rows.push(row("End of the embargo", embargo.end, ""));
    }
    rows
}

fn message(view: &CaseView, entry: &CaseEntry) -> Option<MessageView> {
    let OpenedContent::Open(tier, content) = &entry.content else { return None };
    let Content::Text { text } = content.as_ref() else { return None };
    let said = matches!(
        entry.event,
        Event::MessageSent { .. }
            | Event::Acknowledged { .. }
            | Event::ReporterNotified { .. }
            | Event::Triaged { .. }
    );
    if !said {
        return None;
    }
    let own = match entry.actor {
        Some(person) => view.case.is_reporter(person),
        None => matches!(entry.event, Event::MessageSent { .. }),
    };
    let author = entry.actor.map_or("the desk", |person| view.name(person));
    Some(MessageView {
        author: author.into(),
        own,
        at: Moment::of(entry.at),
        text: text.as_str().into(),
        tier: words::tier(*tier),
    })
}

/// The reporter writes to the team; there is nobody else to choose.
fn reply(forms: &StepForms<'_>) -> Option<ActionForm> {
    let offer =
        forms.view.offers.iter().find(|offer| offer.kind.name == "message" && offer.not_now.is_none())?;
    let mut form = forms.form(offer);
    let kept: Vec<Field> = form.fields.into_iter().filter(|field| field.name.as_str() == "text").collect();
    form.fields = vec![Field::new("tier", "", Control::Hidden("team-and-reporter".into()))];
    form.fields.extend(kept);
    form.title = "Write to the team".into();
    form.why = "Coordinators and developers of your report read it.".into();
    form.rule = None;
    form.submit = "Send".into();
    Some(form)
}

/// How the reporter reaches the report from now on: keep it under an account, end or replace the link, forget it here.
fn access(own: &ReporterView, forms: &StepForms<'_>, ways: &Ways<'_>) -> Vec<ActionForm> {
    let form = |id: &str, title: &str, why: &str, action: String, grave| ActionForm {
        grave,
        ..ActionForm::new(id, title, action, forms.forms.tokens()).because(why)
    };
    let mut shown = Vec::new();
    if ways.by_account() {
        if own.link {
            shown.push(form(
                "end-link",
                "Use my account only",
                "The secret link ends at once, in every browser. Only your account opens this report then.",
                format!("{}/link/end", ways.base),
                true,
            ));
        }
        shown.push(form(
            "replace-link",
            "Make a new secret link",
            "The link that you have now ends at once. The new one is shown once.",
            format!("{}/link/replace", ways.base),
            true,
        ));
        return shown;
    }
    match (own.kept, ways.signed_in) {
        (true, _) => {}
        (false, true) => shown.push(form(
            "keep",
            "Keep this report under my account",
            "You find it among your reports then, without the secret link. The link goes on working until you end it.",
            "/status/keep".to_owned(),
            false,
        )),
        (false, false) => shown.push(form(
            "account",
            "Keep my reports under an account",
            "Optional. You give a mail address and get a link that signs you in; then this page has a button that keeps \
             the report under your account.",
            "/reports/account".to_owned(),
            false,
        )),
    }
    // Somebody who reads their report on a machine of others leaves nothing behind.
    shown.push(form(
        "forget",
        "Forget the link in this browser",
        "Your report stays as it is; you need the secret link to come back.",
        "/status/forget".to_owned(),
        false,
    ));
    shown
}

fn credit(view: &CaseView) -> CreditView {
    let credit = view.report.as_ref().and_then(|report| report.draft.credit.as_ref());
    let preview = match credit {
        Some(credit) if credit.consent => format!("The advisory will thank {}.", credit.name),
        Some(_) => "Nobody will be named, as you asked.".to_owned(),
        None => "Nobody will be named. If you want to be thanked by name, write it to the team before the announcement.".to_owned(),
    };
    CreditView { preview: preview.into(), form: None }
}

fn documents(view: &CaseView) -> Vec<Link> {
    let mut links = Vec::new();
    if view.case.advisory.published.is_some() {
        links.push(Link::new(
            "The project's advisories",
            format!("/advisories?project={}", view.case.project),
        ));
    }
    links
        .push(Link::new("The project's policy and threat model", format!("/projects/{}", view.case.project)));
    links
}
