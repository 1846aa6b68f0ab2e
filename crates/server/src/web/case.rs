//! The page of a case, for those who work on it: the next task first.

use bastide_authz::{Role, Viewer};
use bastide_desk::{
    case::{Content, Event, Lifecycle},
    machine::fix,
};
use bastide_model::party::ProjectName;
use bastide_pages::{
    Shell,
    desk::{
        Case, DeadlineRow, FixRow, FourEyes, MachineState, NextTask, PersonRow, ReaderRow, ReportPart,
        VulnerabilityRow,
    },
    part::{Badge, Countdown, Link, Moment, Tier, Tone},
};
use bastide_usecases::{CaseView, OpenedContent};

use super::{finding, ready_text, stages, step_form::StepForms, timeline, words};

/// Steps that have their place on the advisory's page, beside what they are about.
pub(super) const ON_THE_DRAFT_PAGE: [&str; 5] =
    ["draft-advisory", "submit-for-review", "request-changes", "approve", "publish"];

/// The page of a case.
pub(super) fn page(shell: Shell, forms: &StepForms<'_>) -> Case {
    let view = forms.view;
    Case {
        shell,
        reference: view.reference.as_str().into(),
        title: title(view).into(),
        projects: projects(forms).into(),
        next_task: next_task(forms),
        stages: stages::of_case(view),
        machines: machines(view),
        actions: forms.groups(&ON_THE_DRAFT_PAGE),
        report: report(view),
        findings: view.findings.iter().map(|found| finding::of_report(found, None)).collect(),
        timeline: timeline::entries(view),
        navigation: timeline::navigation(view),
        ready_texts: ready_text::all(view),
        people: people(forms),
        four_eyes: four_eyes(view),
        deadlines: deadlines(forms),
        fixes: fixes(forms),
        vulnerabilities: vulnerabilities(view),
        readers: readers(view),
        links: links(view),
    }
}

/// The title, or that it is not open to the reader.
pub(super) fn title(view: &CaseView) -> String {
    view.report.as_ref().map_or_else(
        || "A case whose content is not open to you".to_owned(),
        |report| report.draft.title.clone(),
    )
}

fn project_title(forms: &StepForms<'_>, name: &ProjectName) -> String {
    let found = forms.projects.iter().find(|project| project.name == *name);
    found.map_or(name.as_str(), |project| project.title.as_str()).to_owned()
}

fn projects(forms: &StepForms<'_>) -> String {
    forms.view.case.projects.keys().map(|name| project_title(forms, name)).collect::<Vec<_>>().join(", ")
}

fn next_task(forms: &StepForms<'_>) -> NextTask {
    let view = forms.view;
    if let Some(form) = invitation(forms) {
        return NextTask {
            what: "Answer your invitation.".into(),
            why: "You were asked to take part. You see the content once you agree to the embargo.".into(),
            rule: words::rule("J17"),
            by: None,
            who: "you".into(),
            yours: true,
            ready_text: "".into(),
            link: None,
            form: Some(form),
        };
    }
    let Some(task) = view.next_task().or(view.tasks.first()) else {
        let closed = view.lifecycle() == Lifecycle::Closed;
        return NextTask {
            what: if closed { "The case is closed." } else { "Nothing until the next date." }.into(),
            why: view.lifecycle().in_words().into(),
            rule: None,
            by: view.case.next_deadline().map(|deadline| Countdown::between(forms.now, deadline.due)),
            who: "".into(),
            yours: false,
            ready_text: "".into(),
            link: None,
            form: None,
        };
    };
    let yours = view.roles.contains(&task.role);
    let holders: Vec<&str> = view.case.holders(task.role).map(|person| view.name(person)).collect();
    let who = match (yours, holders.as_slice()) {
        (true, _) => format!("you, as {}", words::role(task.role)),
        (false, []) => format!("a {}", words::role(task.role)),
        (false, names) => format!("{}, as {}", names.join(" or "), words::role(task.role)),
    };
    let step = task.command;
    let elsewhere = ON_THE_DRAFT_PAGE.contains(&step);
    let draft = || Link::new("Open the advisory", format!("/cases/{}/advisory", view.case.id));
    let form = if yours && !elsewhere { next_form(forms, step) } else { None };
    // A form holds the text already.
    let ready_text = if yours && form.is_none() { task.ready_text.unwrap_or_default() } else { "" };
    NextTask {
        what: task.what.as_str().into(),
        why: task.why.into(),
        rule: words::rule(task.rule),
        by: task.due.map(|due| Countdown::between(forms.now, due)),
        who: who.into(),
        yours,
        ready_text: ready_text.into(),
        link: (yours && elsewhere).then(draft),
        form,
    }
}

/// The form of the next step; its id differs from that of the same form further below.
fn next_form(forms: &StepForms<'_>, step: &str) -> Option<bastide_pages::part::ActionForm> {
    let mut form = forms.find(step)?;
    form.id = format!("next-{step}").into();
    // The task says why already.
    form.why = if form.disabled.is_some() { form.why } else { "".into() };
    form.rule = None;
    Some(form)
}

fn invitation(forms: &StepForms<'_>) -> Option<bastide_pages::part::ActionForm> {
    let offered = forms
        .view
        .offers
        .iter()
        .any(|offer| offer.kind.name == "answer-invitation" && offer.not_now.is_none());
    if offered { next_form(forms, "answer-invitation") } else { None }
}

fn machines(view: &CaseView) -> Vec<MachineState> {
    let case = &view.case;
    let state = |name: &str, (state, meaning): (Badge, &str)| MachineState {
        name: name.into(),
        state,
        meaning: meaning.into(),
    };
    let mut rows = vec![
        state("Case", (words::lifecycle(view.lifecycle().as_str()), view.lifecycle().in_words())),
        state("Report", words::report(case.desk_rm)),
        state("Embargo", words::embargo(case.em)),
    ];
    if let Some(embargo) = case.embargo {
        let end = format!("Until {}.", embargo.end.for_people());
        rows.push(state("End of the embargo", (Badge::new("set", Tone::Neutral), &end)));
    }
    if let Some(slowest) = case.projects.values().map(|part| part.fix).min() {
        rows.push(state("Fix", words::fix(slowest)));
    }
    let advisory = match case.advisory.digest {
        Some(_) => words::advisory(case.advisory.working()),
        None => (Badge::new("not begun", Tone::Quiet), "Nobody has written it yet."),
    };
    rows.push(state("Advisory", advisory));
    if let Some(dates) = case.dates {
        let agreed = if dates.confirmed_by.is_some() {
            Badge::new("agreed", Tone::Good)
        } else {
            Badge::new("proposed", Tone::Warning)
        };
        let when = format!(
            "Release {}, announcement {}.",
            dates.release.for_people(),
            dates.announcement.for_people()
        );
        rows.push(state("Dates", (agreed, &when)));
    }
    rows.push(state("Outside", words::public(case.pxa)));
    rows
}

/// What was reported, part by part; nothing where it is not open to the viewer.
pub(super) fn report(view: &CaseView) -> Vec<ReportPart> {
    let Some(report) = &view.report else { return Vec::new() };
    let draft = &report.draft;
    let mut parts = Vec::new();
    let mut part = |label: &str, text: &str, code| {
        if !text.trim().is_empty() {
            let text = if code { text.to_owned() } else { words::closed_up(text) };
            parts.push(ReportPart {
                label: label.into(),
                text: text.into(),
                code,
                files: Vec::new(),
                tier: Tier::TeamAndReporter,
            });
        }
    };
    part("Description", &draft.body, false);
    let answers = &draft.answers;
    let decided = |answer: Option<bool>| match answer {
        Some(true) => "yes",
        Some(false) => "no",
        None => "",
    };
    let short = [
        ("Product", draft.product.as_deref().unwrap_or_default()),
        ("Clause that the reporter names", answers.cites.as_deref().unwrap_or_default()),
        ("Would somebody run that", decided(answers.realistic)),
        ("Attacker controls how the program is started", decided(answers.launch_conditions)),
        ("About availability", decided(answers.availability)),
        ("Size of the input", answers.input_size.as_deref().unwrap_or_default()),
        ("Use of such input", answers.use_case.as_deref().unwrap_or_default()),
        ("Usual size for that use", decided(answers.reasonable_input)),
        ("Dependency whose flaw it is", answers.dependency.as_deref().unwrap_or_default()),
        ("Fixed on the main branch", decided(answers.fixed_on_main)),
        ("Feature is experimental", decided(answers.experimental)),
        ("Depends on the platform", decided(answers.platform_dependent)),
        ("Platform", draft.platform.as_deref().unwrap_or_default()),
        ("Attacker calls functions freely", decided(answers.freely_executes)),
        ("Starts from restricted Python", decided(answers.escapes_sandbox)),
        ("Found with a language model", if draft.found_with_llm { "yes" } else { "" }),
        ("One of several reports", if draft.batch { "yes" } else { "" }),
        ("Every fact checked by the reporter", if answers.verified { "yes" } else { "" }),
    ];
    let given: Vec<String> = short
        .into_iter()
        .filter(|(_, answer)| !answer.is_empty())
        .map(|(question, answer)| format!("{question}: {answer}"))
        .collect();
    part("Why it is a vulnerability", answers.threat_model.as_deref().unwrap_or_default(), false);
    part("Attack, step by step", answers.attack_vector.as_deref().unwrap_or_default(), false);
    part("Where code like this exists", answers.real_world.as_deref().unwrap_or_default(), false);
    part("Short answers", &given.join("\n"), false);
    let tested: Vec<String> = draft
        .tested_versions
        .iter()
        .map(|tested| {
            format!("{}: {}", tested.version, if tested.vulnerable { "vulnerable" } else { "not vulnerable" })
        })
        .collect();
    part("Versions tested", &tested.join("\n"), false);
    part("Proof of concept", draft.proof_of_concept.as_deref().unwrap_or_default(), true);
    part("Patch", draft.patch.as_deref().unwrap_or_default(), true);
    let credit = draft.credit.as_ref().map(|credit| {
        format!(
            "{} ({})",
            credit.name,
            if credit.consent { "agreed to be named" } else { "does not want to be named" }
        )
    });
    part("Thanks", credit.as_deref().unwrap_or_default(), false);
    part("Came through", report.origin.as_deref().unwrap_or_default(), false);
    let named = draft.attachments.iter().enumerate();
    let files: Vec<Link> = named
        .map(|(index, file)| {
            Link::new(file.name.as_str(), format!("/cases/{}/attachments/{index}", view.case.id))
        })
        .collect();
    // Auditors read what was written, not what was attached.
    if !files.is_empty() && view.viewer == Viewer::Team {
        parts.push(ReportPart {
            label: "Attached files".into(),
            text: "They are whatever somebody sent. Open them in a machine of their own, without your keys."
                .into(),
            code: false,
            files,
            tier: Tier::TeamAndReporter,
        });
    }
    parts
}

fn people(forms: &StepForms<'_>) -> Vec<PersonRow> {
    let view = forms.view;
    let case = &view.case;
    let desk = "the desk".to_owned();
    let mut rows = vec![PersonRow {
        name: case.reporter.person.map_or("the reporter", |person| view.name(person)).into(),
        roles: "reporter".into(),
        on_behalf_of: "themselves".into(),
        consent: words::consent(case.reporter.consent),
        since: Moment::of(case.received),
    }];
    for (person, member) in &case.members {
        let invited: Vec<String> = member
            .invited
            .difference(&member.roles)
            .map(|role| format!("invited as {}", words::role(*role)))
            .collect();
        let mut roles: Vec<String> = member.roles.iter().map(|role| words::role(*role).to_owned()).collect();
        roles.extend(invited);
        let for_projects = member.roles.union(&member.invited).any(|role| *role == Role::Developer);
        rows.push(PersonRow {
            name: view.name(*person).into(),
            roles: if roles.is_empty() { "none any more".to_owned() } else { roles.join(", ") }.into(),
            on_behalf_of: if for_projects { projects(forms) } else { desk.clone() }.into(),
            consent: words::consent(member.consent),
            since: Moment::of(member.since),
        });
    }
    rows
}

fn four_eyes(view: &CaseView) -> FourEyes {
    let count = view.individuals;
    let draft = of_draft(view);
    if view.four_eyes {
        FourEyes {
            state: Badge::new("four eyes", Tone::Good),
            explanation: format!("{count} people stand behind this case. {draft}").trim().into(),
        }
    } else {
        FourEyes {
            state: Badge::new("two eyes only", Tone::Warning),
            explanation: format!(
                "Reporter, coordinator and developer must be at least two different people before anything is \
                 published. Take the coordination, or invite a second person. {draft}"
            )
            .trim()
            .into(),
        }
    }
}

/// Who wrote the advisory, who approved it, and who is missing.
fn of_draft(view: &CaseView) -> String {
    let advisory = &view.case.advisory;
    if advisory.authors.is_empty() {
        return String::new();
    }
    let names = |people: Vec<&str>| people.join(" and ");
    let wrote = names(advisory.authors.iter().map(|person| view.name(*person)).collect());
    if let Some(approved) = advisory.approved_by {
        return format!("The advisory was written by {wrote} and approved by {}.", view.name(approved));
    }
    let team = view.case.members.iter().filter(|(_, member)| {
        member.roles.iter().any(|role| matches!(role, Role::Coordinator | Role::Developer))
    });
    let able: Vec<&str> = team
        .filter(|(person, _)| !advisory.authors.contains(person))
        .map(|(person, _)| view.name(*person))
        .collect();
    let missing = if able.is_empty() {
        "nobody in the case may approve it: invite a coordinator or developer who wrote none of it".to_owned()
    } else {
        format!("missing is the approval of one of: {}", able.join(", "))
    };
    format!("The advisory was written by {wrote}; {missing}.")
}

fn deadlines(forms: &StepForms<'_>) -> Vec<DeadlineRow> {
    let mut deadlines: Vec<_> = forms.view.case.deadlines.values().collect();
    deadlines.sort_by_key(|deadline| deadline.due);
    deadlines
        .into_iter()
        .map(|deadline| DeadlineRow {
            name: words::capitalised(deadline.kind.in_words()).into(),
            by: Countdown::between(forms.now, deadline.due),
            state: if deadline.breached.is_some() || deadline.due < forms.now {
                Badge::new("missed", Tone::Danger)
            } else {
                Badge::new("running", Tone::Progress)
            },
            rule: words::rule(deadline.kind.rule()),
        })
        .collect()
}

fn fixes(forms: &StepForms<'_>) -> Vec<FixRow> {
    let view = forms.view;
    let begun = view.case.projects.iter().filter(|(_, part)| part.fix > fix::State::None);
    begun
        .map(|(name, part)| {
            let step = |wanted: fix::Trigger| {
                view.entries.iter().rev().find(|entry| {
                    matches!(&entry.event, Event::FixChanged { project, trigger, .. } if project == name && *trigger == wanted)
                })
            };
            let tested = step(fix::Trigger::RecordTest).filter(|_| part.fix >= fix::State::TestedManually);
            let version = step(fix::Trigger::Release).and_then(|entry| match &entry.content {
                OpenedContent::Open(_, content) => match content.as_ref() {
                    Content::Fix { reference, .. } => Some(reference.clone()),
                    _ => None,
                },
                _ => None,
            });
            let released = part.released.map_or_else(String::new, |at| {
                format!("{} {}", version.unwrap_or_default(), at.for_people()).trim().to_owned()
            });
            FixRow {
                project: project_title(forms, name).into(),
                branch: "".into(),
                state: words::fix(part.fix).0,
                tested: tested
                    .map_or_else(
                        || "not yet".to_owned(),
                        |entry| {
                            let who = entry.actor.map_or("somebody", |person| view.name(person));
                            format!("{who}, {}", entry.at.for_people())
                        },
                    )
                    .into(),
                merged: part.merged.map(Moment::of),
                released: released.into(),
            }
        })
        .collect()
}

fn vulnerabilities(view: &CaseView) -> Vec<VulnerabilityRow> {
    let several = view.case.vulnerabilities.len() > 1;
    view.case
        .vulnerabilities
        .iter()
        .enumerate()
        .map(|(number, (id, part))| VulnerabilityRow {
            title: if several {
                format!("Vulnerability {}", number + 1)
            } else {
                "The vulnerability".to_owned()
            }
            .into(),
            cve: view.cve_numbers.get(id).map(|number| number.as_str().into()),
            cve_state: words::cve(part.cve, part.exempt),
            severity: words::rating(view.case.advisory.severity),
            affected: view
                .case
                .projects
                .keys()
                .map(ProjectName::as_str)
                .collect::<Vec<_>>()
                .join(", ")
                .into(),
        })
        .collect()
}

fn readers(view: &CaseView) -> Vec<ReaderRow> {
    view.readers
        .iter()
        .map(|reader| ReaderRow {
            name: view.name(reader.person).into(),
            role: match reader.viewer.as_str() {
                "team" => "of the team",
                other => other,
            }
            .into(),
            last: Moment::of(reader.at),
            purpose: reader.purpose.as_deref().unwrap_or_default().into(),
        })
        .collect()
}

fn links(view: &CaseView) -> Vec<Link> {
    let case = view.case.id;
    let mut links = Vec::new();
    let drafts = view.offers.iter().any(|offer| ON_THE_DRAFT_PAGE.contains(&offer.kind.name));
    if view.draft.is_some() || drafts {
        links.push(Link::new("The advisory", format!("/cases/{case}/advisory")));
    }
    if matches!(view.viewer, Viewer::Team | Viewer::Auditor) {
        links.push(Link::new("The ledger's proof of this history", format!("/cases/{case}/proof")));
    }
    if view.roles.contains(&Role::Coordinator) {
        links.push(Link::new("The whole case as one archive", format!("/cases/{case}/export")));
    }
    links
}
