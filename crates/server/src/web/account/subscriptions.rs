//! What somebody wants to hear of: their subscriptions, one of them with what it was told, and ending it from a mail.

use axum::{http::StatusCode, response::Response};
use bastide_model::id::SubscriptionId;
use bastide_pages::{
    admin::{Block, Cell, Fact, Sheet, SheetPart, SheetTable},
    part::{ActionForm, Badge, Control, EmptyState, Field, Link, Moment, TextKind, Tone},
};
use bastide_store::{NoticeState, Subscription, SubscriptionChannel, SubscriptionItem};
use bastide_usecases::{
    NewSubscription, NoticeView, Secret, Subscribed, SubscriptionView, UseCaseError, WatchedSource,
    shown_secret,
};

use crate::web::{
    finding,
    forms::Forms,
    multipart::Sent,
    request::{Visit, html, key, see},
    words,
};

/// How many packages a page lists.
const LISTED: usize = 500;

/// The subscriptions, and a form for another.
pub(in crate::web) async fn list(visit: Visit) -> Response {
    let page = async { shown(&visit, None, StatusCode::OK).await };
    visit.answer(page.await)
}

/// What was filled in, with what is wrong with it.
struct Refused {
    title: String,
    packages: String,
    webhook: String,
    field: String,
    reason: String,
    remedy: String,
}

async fn shown(
    visit: &Visit,
    refused: Option<&Refused>,
    status: StatusCode,
) -> Result<Response, UseCaseError> {
    let all = visit.desk().subscriptions(&visit.visitor.actor).await?;
    let mut parts = vec![yours(&all)];
    parts.push(SheetPart::new(
        "new",
        "Watch something",
        "Name packages, or give a lockfile or SBOM: then you hear only of advisories that affect the versions in it. Of a file only \
         each package's name, version, what it is for and what brings it in are kept.",
        vec![Block::Form(Box::new(make_form(refused)))],
    ));
    let trouble =
        refused.map(|refused| words::capitalised(&format!("{}. {}", refused.reason, refused.remedy)));
    let sheet = Sheet {
        shell: visit.shell(),
        sections: Vec::new(),
        heading: "What you watch".into(),
        lead: "When an advisory of this desk concerns something you watch, you get one message that says what to do. Whatever is not \
               affected stays silent."
            .into(),
        back: Some(Link::new("Your account", "/account")),
        trouble: trouble.unwrap_or_default().into(),
        parts,
    };
    Ok(html(status, &sheet))
}

fn yours(all: &[Subscription]) -> SheetPart {
    if all.is_empty() {
        let empty = EmptyState {
            what: "You watch nothing yet.".into(),
            why: "A lockfile of what you run is the best beginning.".into(),
            next: Vec::new(),
        };
        return SheetPart::new("yours", "Your subscriptions", "", vec![Block::Empty(empty)]);
    }
    let rows = all.iter().map(|own| {
        let place = format!("/account/subscriptions/{}", own.id);
        vec![
            Cell::Link(Link::new(own.title.as_str(), place.as_str())),
            Cell::Text(kind(own)),
            Cell::Text(
                if own.channel == SubscriptionChannel::Mail { "mail" } else { "a call of your address" }
                    .into(),
            ),
            Cell::Moment(Moment::day_of(own.refreshed)),
        ]
    });
    let table = SheetTable {
        caption: "Your subscriptions".into(),
        columns: ["What", "From", "You hear by", "Packages given"].map(Into::into).to_vec(),
        rows: rows.collect(),
    };
    SheetPart::new("yours", "Your subscriptions", "", vec![Block::Table(table)])
}

fn kind(own: &Subscription) -> bastide_pages::Text {
    if own.kind == "packages" { "packages by name".into() } else { own.kind.as_str().into() }
}

fn source_fields(packages: &str) -> Vec<Field> {
    vec![
        Field::new("document", "A lockfile or SBOM", Control::File).because(
            "uv.lock, poetry.lock, pdm.lock, pylock.toml, Pipfile.lock, pixi.lock, conda-lock.yml, environment.yml, \
             requirements.txt, .cdx.json, .spdx.json.",
        ),
        Field::new("packages", "Or packages", Control::Area { value: packages.into(), rows: 3, code: true })
            .because("One on each line, as on PyPI, or as a package URL: pkg:npm/%40jupyterlab/application."),
    ]
}

fn make_form(refused: Option<&Refused>) -> ActionForm {
    let given = |pick: fn(&Refused) -> &str| refused.map_or("", pick).to_owned();
    let mut fields = source_fields(&given(|refused| &refused.packages));
    fields.push(
        Field::line("title", "What you call it", given(|refused| refused.title.as_str()).as_str())
            .because("\u{201c}Our teaching server\u{201d}. It stands in the messages. May be empty."),
    );
    let address = Control::Line { value: given(|refused| &refused.webhook).into(), kind: TextKind::Address };
    fields.push(Field::new("webhook", "Call an address instead of writing", address).because(
        "For programs: each advisory is posted there at once as JSON, signed as Standard Webhooks has it. Empty for mail.",
    ));
    if let Some(refused) = refused {
        for field in fields.iter_mut().filter(|field| field.name.as_str() == refused.field) {
            let reason = format!("{}.", words::capitalised(&refused.reason));
            field.findings = vec![finding::at_field("", &refused.field, &reason, &refused.remedy)];
        }
    }
    ActionForm::new("watch", "Watch it", "/account/subscriptions", Forms::fresh().tokens()).asking(fields)
}

/// The source that a form names: a file where one was chosen.
fn source(sent: &Sent) -> WatchedSource {
    if let Some(file) = sent.files.first().filter(|file| !file.bytes.is_empty()) {
        return WatchedSource::Document { name: file.name.clone(), bytes: file.bytes.clone() };
    }
    let text = sent.value("packages").replace(',', "\n");
    WatchedSource::Packages(text.lines().map(|line| line.trim().to_owned()).collect())
}

/// Another subscription.
pub(in crate::web) async fn make(visit: Visit) -> Response {
    let done = async {
        let sent = visit.sent().await?;
        let key = key(&sent.pairs.iter().cloned().collect())?;
        let (title, webhook) = (sent.value("title"), sent.value("webhook"));
        let new = NewSubscription {
            title: title.clone(),
            source: source(&sent),
            webhook: Some(webhook.trim().to_owned()).filter(|address| !address.is_empty()),
        };
        match visit.desk().subscribe(&visit.visitor.actor, &key, &new).await {
            Ok(made) => Ok(see(&after(&made, "made"))),
            Err(UseCaseError::Invalid { field, reason, remedy }) => {
                let refused =
                    Refused { title, packages: sent.value("packages"), webhook, field, reason, remedy };
                shown(&visit, Some(&refused), StatusCode::UNPROCESSABLE_ENTITY).await
            }
            Err(error) => Err(error),
        }
    };
    visit.answer(done.await)
}

fn after(done: &Subscribed, word: &str) -> String {
    format!("/account/subscriptions/{}?done={word}&left-out={}", done.id, done.left_out.len())
}

fn id(visit: &Visit) -> Result<SubscriptionId, UseCaseError> {
    visit.parameter("subscription")
}

/// One subscription: what it was told, what it watches, what can be done.
pub(in crate::web) async fn show(visit: Visit) -> Response {
    let page = async { one(&visit, "", StatusCode::OK).await };
    visit.answer(page.await)
}

async fn one(visit: &Visit, trouble: &str, status: StatusCode) -> Result<Response, UseCaseError> {
    let view = visit.desk().subscription_view(&visit.visitor.actor, id(visit)?).await?;
    let own = &view.subscription;
    let mut parts = Vec::new();
    let done = match visit.query("done").as_str() {
        "made" => "Done: it is watched from now on.",
        "refreshed" => "Done: these packages are watched now, and what you were told is compared with them.",
        _ => "",
    };
    let mut about = Vec::new();
    if !done.is_empty() {
        about.push(Block::Note(Tone::Good, done.into()));
    }
    let left_out: usize = visit.query("left-out").parse().unwrap_or_default();
    if left_out > 0 {
        let text = format!(
            "{left_out} entries of the file are not watched: they name no package that advisories speak of, or could not be read."
        );
        about.push(Block::Note(Tone::Warning, text.into()));
    }
    about.push(Block::Facts(facts(&view)));
    parts.push(SheetPart::new("about", "About it", "", about));
    parts.push(told(&view));
    parts.push(watched(&view.items));
    parts.push(SheetPart::new("do", "What you can do", "", vec![Block::Forms(forms(own))]));
    let sheet = Sheet {
        shell: visit.shell(),
        sections: Vec::new(),
        heading: own.title.as_str().into(),
        lead: "".into(),
        back: Some(Link::new("What you watch", "/account/subscriptions")),
        trouble: trouble.to_owned().into(),
        parts,
    };
    Ok(html(status, &sheet))
}

fn facts(view: &SubscriptionView) -> Vec<Fact> {
    let own = &view.subscription;
    let mut facts = vec![
        Fact::text("From", kind(own)),
        Fact::new("Since", Cell::Moment(Moment::day_of(own.created))),
        Fact::new("Packages given", Cell::Moment(Moment::day_of(own.refreshed))),
        Fact::text("Packages", view.items.len().to_string()),
    ];
    if let Some(address) = &own.address {
        facts.push(Fact::text("Address that is called", address.as_str()));
        facts.push(Fact::text("Signing secret", shown_secret(own)));
    }
    facts
}

/// What it was told, with the way that brings each package in.
fn told(view: &SubscriptionView) -> SheetPart {
    if view.notices.is_empty() {
        let empty = EmptyState {
            what: "Nothing so far.".into(),
            why: "No advisory that this desk published since you watch it affects these packages.".into(),
            next: Vec::new(),
        };
        return SheetPart::new("told", "What concerns it", "", vec![Block::Empty(empty)]);
    }
    let rows = view.notices.iter().flat_map(|notice| {
        notice.concerns.iter().map(move |concern| {
            let version = concern.watched.version.as_deref().unwrap_or("any version");
            let fix = match (concern.fixed.first(), concern.commands().first()) {
                (_, Some(command)) => command.line.clone(),
                (Some(fixed), None) => format!("Go to {fixed} or later."),
                (None, _) => "Nothing mends it yet.".to_owned(),
            };
            let place = format!("/advisories/{}", notice.notice.advisory);
            vec![
                Cell::Link(Link::new(notice.notice.advisory.as_str(), place.as_str())),
                Cell::Text(format!("{} {version}", concern.watched.name).into()),
                Cell::Text(concern.watched.path.join(" \u{2192} ").into()),
                Cell::Text(fix.into()),
                Cell::Badge(state(notice)),
            ]
        })
    });
    let table = SheetTable {
        caption: "Advisories that concern it".into(),
        columns: ["Advisory", "Package", "Comes in through", "What to do", "Now"].map(Into::into).to_vec(),
        rows: rows.collect(),
    };
    SheetPart::new(
        "told",
        "What concerns it",
        "Give the packages again after you updated: the last column then says what became of it.",
        vec![Block::Table(table)],
    )
}

fn state(notice: &NoticeView) -> Badge {
    match notice.notice.state {
        NoticeState::Waiting => Badge::new("being sent", Tone::Neutral),
        NoticeState::Told => Badge::new("to do", Tone::Warning),
        NoticeState::Acted => Badge::new("done", Tone::Good),
        NoticeState::NotAffected => Badge::new("no longer there", Tone::Good),
        NoticeState::Silent => Badge::new("not heard of again", Tone::Neutral),
    }
}

fn watched(items: &[SubscriptionItem]) -> SheetPart {
    let rows = items.iter().take(LISTED).map(|item| {
        let text = |text: &str| Cell::Text(text.into());
        vec![
            text(&item.name),
            text(item.version.as_deref().unwrap_or("any version")),
            text(&item.ecosystem),
            text(&item.scope),
            text(&item.path.replace(" > ", " \u{2192} ")),
        ]
    });
    let table = SheetTable {
        caption: "Packages".into(),
        columns: ["Package", "Version", "Ecosystem", "For", "Comes in through"].map(Into::into).to_vec(),
        rows: rows.collect(),
    };
    let intro =
        if items.len() > LISTED { format!("The first {LISTED} of {}.", items.len()) } else { String::new() };
    SheetPart::new("packages", "What is watched", intro, vec![Block::Table(table)])
}

fn forms(own: &Subscription) -> Vec<ActionForm> {
    let place = format!("/account/subscriptions/{}", own.id);
    let refresh = ActionForm::new(
        "refresh",
        "Give the packages again",
        format!("{place}/packages"),
        Forms::fresh().tokens(),
    )
    .because("After an update. What was given before is forgotten.")
    .asking(source_fields(""));
    let end = ActionForm::new("end", "Watch it no more", format!("{place}/end"), Forms::fresh().tokens())
        .because("Its packages are forgotten at once.")
        .grave();
    vec![refresh, end]
}

/// The packages again.
pub(in crate::web) async fn refresh(visit: Visit) -> Response {
    let done = async {
        let sent = visit.sent().await?;
        match visit.desk().refresh_subscription(&visit.visitor.actor, id(&visit)?, &source(&sent)).await {
            Ok(done) => Ok(see(&after(&done, "refreshed"))),
            Err(UseCaseError::Invalid { reason, remedy, .. }) => {
                let trouble = words::capitalised(&format!("{reason}. {remedy}"));
                one(&visit, &trouble, StatusCode::UNPROCESSABLE_ENTITY).await
            }
            Err(error) => Err(error),
        }
    };
    visit.answer(done.await)
}

/// The end, by its owner.
pub(in crate::web) async fn end(visit: Visit) -> Response {
    let done = async {
        visit.desk().end_subscription(&visit.visitor.actor, id(&visit)?).await?;
        Ok(see("/account/subscriptions"))
    };
    visit.answer(done.await)
}

/// The page behind the link of a mail: one button. Opening it ends nothing, because programs that look at links open them.
pub(in crate::web) async fn ask_to_unsubscribe(visit: Visit) -> Response {
    let page = async {
        let secrets: String = visit.parameter("secrets")?;
        let all = visit.desk().subscriptions_of_secrets(&Secret::given(&secrets)).await?;
        let standing: Vec<&Subscription> = all.iter().filter(|own| own.ended.is_none()).collect();
        let blocks = if standing.is_empty() {
            vec![Block::Note(
                Tone::Good,
                "Nothing is watched under this link any more: you get no more of these mails.".into(),
            )]
        } else {
            let names: Vec<String> =
                standing.iter().map(|own| format!("\u{201c}{}\u{201d}", own.title)).collect();
            let form = ActionForm::new(
                "unsubscribe",
                "Send me no more of these",
                format!("/unsubscribe/{secrets}"),
                Forms::fresh().tokens(),
            )
            .because(format!("You watch {}. Its packages are forgotten at once.", names.join(", ")));
            vec![Block::Form(Box::new(form))]
        };
        Ok(html(StatusCode::OK, &unsubscribing(&visit, blocks)))
    };
    visit.answer(page.await)
}

/// The end, by whoever holds a mail: a person by the button, or their mail program by one click (RFC 8058). The answer is the
/// same whether there was anything to end.
pub(in crate::web) async fn unsubscribe(visit: Visit) -> Response {
    let done = async {
        let secrets: String = visit.parameter("secrets")?;
        visit.desk().unsubscribe(&Secret::given(&secrets)).await?;
        let note = "Done: you get no more of these mails. What was kept for them is forgotten.";
        Ok(html(StatusCode::OK, &unsubscribing(&visit, vec![Block::Note(Tone::Good, note.into())])))
    };
    visit.answer(done.await)
}

fn unsubscribing(visit: &Visit, blocks: Vec<Block>) -> Sheet {
    Sheet {
        shell: visit.shell(),
        sections: Vec::new(),
        heading: "Mails about advisories".into(),
        lead: "".into(),
        back: None,
        trouble: "".into(),
        parts: vec![SheetPart::new("unsubscribe", "No more of them", "", blocks)],
    }
}
