//! Subscribing, giving packages anew, ending.

use bastide_authz::{Action, Actor, Object};
use bastide_impact::{
    inputs::{self, Kind, MAX_DOCUMENT_BYTES},
    subscription::{Concern, Outcome, Watched, any_version, outcome, watched},
};
use bastide_model::{
    digest::Sha256Digest,
    id::{PersonId, SubscriptionId},
    package::Package,
    time::{Instant, Span},
};
use bastide_store::{
    Append, Appended, Change, Notice, NoticeChange, NoticeState, StoreError, Subscription,
    SubscriptionChange, SubscriptionChannel, SubscriptionItem,
};
use serde::{Deserialize, Serialize};

use crate::{
    Desk, RequestKey, Secret, UseCaseError,
    desk::store,
    entropy::fresh,
    request::{self, answered, kept},
};

/// How many subscriptions a person has at most.
const MOST: usize = 50;
/// How many packages a subscription has at most.
const MOST_PACKAGES: usize = 20_000;
/// How many characters a title has at most.
const TITLE: usize = 100;
/// How many subscriptions one address ends at most.
const SECRETS: usize = 10;
/// After this time without packages given again nobody counts on hearing what became of a notice.
const SILENCE: Span = Span::days(90);
/// How many things that were left out are named.
const NAMED: usize = 20;

/// Which packages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum WatchedSource {
    /// These, by purl (`pkg:pypi/numpy`) or by PyPI name, whatever their version.
    Packages(Vec<String>),
    /// Those of a lockfile or SBOM.
    Document {
        /// The file's name, which says what it is: `uv.lock`.
        name: String,
        /// Its bytes.
        bytes: Vec<u8>,
    },
}

/// What somebody wants to hear of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct NewSubscription {
    /// How they call it; what it is about stands in its place when empty.
    pub title: String,
    /// Which packages.
    pub source: WatchedSource,
    /// The address that is called for each advisory; by mail where there is none.
    pub webhook: Option<String>,
}

/// A subscription as its owner sees it.
#[derive(Debug, Clone, PartialEq)]
pub struct SubscriptionView {
    /// Its row.
    pub subscription: Subscription,
    /// Its packages.
    pub items: Vec<SubscriptionItem>,
    /// What it was told, the newest first.
    pub notices: Vec<NoticeView>,
}

/// A notice as its owner sees it.
#[derive(Debug, Clone, PartialEq)]
pub struct NoticeView {
    /// Its row.
    pub notice: Notice,
    /// What is affected and what mends it.
    pub concerns: Vec<Concern>,
}

/// What became of a new subscription.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Subscribed {
    /// Its id.
    pub id: SubscriptionId,
    /// How many packages are watched.
    pub packages: usize,
    /// What of the document is not watched, and why; the first of them.
    pub left_out: Vec<String>,
}

/// What was read of a source.
struct ReadSource {
    kind: String,
    watched: Vec<Watched>,
    left_out: Vec<String>,
}

fn read_source(source: &WatchedSource) -> Result<ReadSource, UseCaseError> {
    match source {
        WatchedSource::Packages(names) => packages(names),
        WatchedSource::Document { name, bytes } => document(name, bytes),
    }
}

fn packages(names: &[String]) -> Result<ReadSource, UseCaseError> {
    let mut watched = Vec::new();
    for name in names.iter().map(|name| name.trim()).filter(|name| !name.is_empty()) {
        let purl = if name.starts_with("pkg:") { name.to_owned() } else { format!("pkg:pypi/{name}") };
        let package: Package = purl.parse().map_err(|error: bastide_model::package::PackageError| {
            UseCaseError::invalid("packages", error.to_string(), "Write a name as on PyPI, or a package URL.")
        })?;
        watched.push(any_version(&package));
    }
    watched.sort();
    watched.dedup();
    if watched.is_empty() {
        let remedy = "Write a name as on PyPI, such as numpy, or give a lockfile.";
        return Err(UseCaseError::invalid("packages", "no package is named", remedy));
    }
    Ok(ReadSource { kind: "packages".to_owned(), watched, left_out: Vec::new() })
}

fn document(name: &str, bytes: &[u8]) -> Result<ReadSource, UseCaseError> {
    let refuse = |reason: String, remedy: &str| Err(UseCaseError::invalid("document", reason, remedy));
    if bytes.len() > MAX_DOCUMENT_BYTES {
        return refuse(format!("it is longer than {MAX_DOCUMENT_BYTES} bytes"), "Give the lockfile alone.");
    }
    let file = name.rsplit(['/', '\\']).next().unwrap_or(name);
    let Some(kind) = Kind::of_name(file).or_else(|| Kind::of_content(bytes)) else {
        return refuse(
            "its name says of no format that can be read".to_owned(),
            "Give uv.lock, poetry.lock, pdm.lock, pylock.toml, Pipfile.lock, pixi.lock, conda-lock.yml, environment.yml, \
             requirements.txt, or an SBOM as .cdx.json, .spdx.json or .spdx.",
        );
    };
    // What a requirements file includes lies on the machine of whoever gives it.
    let mut includes = |_: &str, wanted: &str| {
        Err(format!("{wanted} is another file; give the locked versions in one file"))
    };
    let inventory = inputs::read(kind, file, bytes, &mut includes);
    let reduced = watched(&inventory);
    if reduced.watched.is_empty() {
        let why = reduced.left_out.first().cloned().unwrap_or_else(|| "it names no package".to_owned());
        return refuse(
            format!("nothing in it can be watched: {why}"),
            "Look whether it is the file that you meant.",
        );
    }
    if reduced.watched.len() > MOST_PACKAGES {
        return refuse(format!("it names more than {MOST_PACKAGES} packages"), "Give it in parts.");
    }
    Ok(ReadSource { kind: kind.name().to_owned(), watched: reduced.watched, left_out: reduced.left_out })
}

fn item(watched: &Watched) -> SubscriptionItem {
    SubscriptionItem {
        ecosystem: watched.ecosystem.clone(),
        name: watched.name.clone(),
        version: watched.version.clone(),
        scope: watched.scope.clone(),
        path: watched.path.join(" > "),
    }
}

/// A stored package as the domain sees it.
pub(super) fn watched_of(item: &SubscriptionItem) -> Watched {
    Watched {
        ecosystem: item.ecosystem.clone(),
        name: item.name.clone(),
        version: item.version.clone(),
        scope: item.scope.clone(),
        path: item.path.split(" > ").map(str::to_owned).collect(),
    }
}

/// What a notice is about.
pub(super) fn concerns(notice: &Notice) -> Vec<Concern> {
    serde_json::from_str(&notice.content).unwrap_or_default()
}

impl Desk {
    /// The signed-in person, about whose own things it is.
    fn subscriber(&self, actor: &Actor) -> Result<PersonId, UseCaseError> {
        let person = actor.person.ok_or(UseCaseError::NotSignedIn)?;
        self.permit(actor, Action::OwnAccount, Object::Person(person))?;
        Ok(person)
    }

    /// Subscribes somebody to packages, or to those of a lockfile or SBOM.
    pub async fn subscribe(
        &self,
        actor: &Actor,
        key: &RequestKey,
        new: &NewSubscription,
    ) -> Result<Subscribed, UseCaseError> {
        let person = self.subscriber(actor)?;
        if !actor.reach.write {
            return Err(UseCaseError::OutOfReach);
        }
        let (scope, digest) = (request::scope(actor), request::digest("subscribe", new));
        if let Some(answer) = self.store().replayed(&scope, key.as_str(), &digest).await.map_err(store)? {
            return answered(&answer);
        }
        let read = read_source(&new.source)?;
        let title = title(&new.title, &read)?;
        if let Some(address) = &new.webhook {
            super::webhook::check_address(address)?;
        }
        if self.store().subscriptions_of(person).await.map_err(store)?.len() >= MOST {
            return Err(UseCaseError::invalid(
                "subscription",
                format!("you have {MOST} already"),
                "End one that you no longer need.",
            ));
        }
        let now = self.now();
        let id: SubscriptionId = fresh(self.entropy());
        let subscription = Subscription {
            id,
            person,
            kind: read.kind,
            title,
            channel: match &new.webhook {
                Some(_) => SubscriptionChannel::Webhook,
                None => SubscriptionChannel::Mail,
            },
            address: new.webhook.clone(),
            secret: Secret::fresh(self.entropy()).reveal().to_owned(),
            created: now,
            refreshed: now,
            ended: None,
        };
        let mut left_out = read.left_out;
        left_out.truncate(NAMED);
        let answer = Subscribed { id, packages: read.watched.len(), left_out };
        let mut append = Append::at(now);
        append.changes.push(Change::Subscription(SubscriptionChange::Add {
            subscription: Box::new(subscription),
            items: read.watched.iter().map(item).collect(),
        }));
        append.idempotency = Some(kept(&scope, key, digest, &answer));
        match self.store().append(append).await.map_err(store)? {
            Appended::Stored(_) => Ok(answer),
            Appended::Replayed(answer) => answered(&answer),
        }
    }

    /// Takes the packages of a subscription anew: those of before go, and what was told learns what became of it.
    pub async fn refresh_subscription(
        &self,
        actor: &Actor,
        id: SubscriptionId,
        source: &WatchedSource,
    ) -> Result<Subscribed, UseCaseError> {
        let own = self.own_subscription(actor, id).await?;
        if !actor.reach.write {
            return Err(UseCaseError::OutOfReach);
        }
        let read = read_source(source)?;
        let now = self.now();
        let mut append = Append::at(now);
        append.changes.push(Change::Subscription(SubscriptionChange::Refresh {
            id: own.id,
            items: read.watched.iter().map(item).collect(),
            at: now,
        }));
        for notice in self.store().notices_of(own.id).await.map_err(store)? {
            append.changes.extend(followed(&notice, &read.watched, now));
        }
        self.store().append(append).await.map_err(store)?;
        let mut left_out = read.left_out;
        left_out.truncate(NAMED);
        Ok(Subscribed { id: own.id, packages: read.watched.len(), left_out })
    }

    /// Writes down of notices that were told long ago, and of whose packages nothing was heard since, that they are silent.
    /// Gives how many there were.
    pub async fn note_silence(&self) -> Result<usize, UseCaseError> {
        let at = self.now();
        let silent = self.store().notices_told_before(at - SILENCE).await.map_err(store)?;
        let mut append = Append::at(at);
        append.changes = silent
            .iter()
            .map(|notice| {
                let (id, state) = (notice.id.clone(), NoticeState::Silent);
                Change::Notice(NoticeChange::Now { id, state, at })
            })
            .collect();
        if !append.changes.is_empty() {
            self.store().append(append).await.map_err(store)?;
        }
        Ok(silent.len())
    }

    /// Somebody's subscriptions.
    pub async fn subscriptions(&self, actor: &Actor) -> Result<Vec<Subscription>, UseCaseError> {
        let person = self.subscriber(actor)?;
        self.store().subscriptions_of(person).await.map_err(store)
    }

    /// One of somebody's own subscriptions, with its packages and what it was told.
    pub async fn subscription_view(
        &self,
        actor: &Actor,
        id: SubscriptionId,
    ) -> Result<SubscriptionView, UseCaseError> {
        let subscription = self.own_subscription(actor, id).await?;
        let items = self.store().subscription_items(id).await.map_err(store)?;
        let notices = self.store().notices_of(id).await.map_err(store)?;
        let view = |notice: Notice| NoticeView { concerns: concerns(&notice), notice };
        Ok(SubscriptionView { subscription, items, notices: notices.into_iter().map(view).collect() })
    }

    /// Ends one of somebody's own subscriptions; one that has ended stays so.
    pub async fn end_subscription(&self, actor: &Actor, id: SubscriptionId) -> Result<(), UseCaseError> {
        let own = self.own_subscription(actor, id).await?;
        if !actor.reach.write {
            return Err(UseCaseError::OutOfReach);
        }
        self.end_it(own.id).await
    }

    /// Ends the subscriptions whose secrets stand in a mail, joined by dots, without signing in (RFC 8058). Those that have
    /// ended stay so.
    pub async fn unsubscribe(&self, secrets: &Secret) -> Result<Vec<Subscription>, UseCaseError> {
        let found = self.subscriptions_of_secrets(secrets).await?;
        for subscription in &found {
            self.end_it(subscription.id).await?;
        }
        Ok(found)
    }

    /// The subscriptions that the secrets of a mail end, also those that have ended.
    pub async fn subscriptions_of_secrets(
        &self,
        secrets: &Secret,
    ) -> Result<Vec<Subscription>, UseCaseError> {
        let mut found = Vec::new();
        for secret in secrets.reveal().split('.').take(SECRETS) {
            let digest = Sha256Digest::of(secret.as_bytes());
            found.extend(self.store().subscription_by_digest(&digest).await.map_err(store)?);
        }
        Ok(found)
    }

    async fn end_it(&self, id: SubscriptionId) -> Result<(), UseCaseError> {
        let at = self.now();
        let mut append = Append::at(at);
        append.changes.push(Change::Subscription(SubscriptionChange::End { id, at }));
        match self.store().append(append).await {
            Ok(_) | Err(StoreError::Spent) => Ok(()),
            Err(error) => Err(store(error)),
        }
    }

    async fn own_subscription(
        &self,
        actor: &Actor,
        id: SubscriptionId,
    ) -> Result<Subscription, UseCaseError> {
        let person = self.subscriber(actor)?;
        let found = self.store().subscription(id).await.map_err(store)?;
        found.filter(|own| own.person == person && own.ended.is_none()).ok_or(UseCaseError::NotFound)
    }
}

/// What a notice learns from packages that were given later.
fn followed(notice: &Notice, now_watched: &[Watched], at: Instant) -> Option<Change> {
    if !matches!(notice.state, NoticeState::Waiting | NoticeState::Told | NoticeState::Silent) {
        return None;
    }
    let outcomes: Vec<Outcome> =
        concerns(notice).iter().map(|concern| outcome(concern, now_watched)).collect();
    let state = match () {
        () if outcomes.is_empty() || outcomes.contains(&Outcome::Still) => return None,
        () if outcomes.contains(&Outcome::Acted) => NoticeState::Acted,
        () => NoticeState::NotAffected,
    };
    Some(Change::Notice(NoticeChange::Now { id: notice.id.clone(), state, at }))
}

fn title(given: &str, read: &ReadSource) -> Result<String, UseCaseError> {
    let given = given.trim();
    if given.chars().count() > TITLE || given.chars().any(char::is_control) {
        return Err(UseCaseError::invalid(
            "title",
            format!("a title is one line of at most {TITLE} characters"),
            "Shorten it.",
        ));
    }
    if !given.is_empty() {
        return Ok(given.to_owned());
    }
    let names: Vec<&str> = read.watched.iter().take(3).map(|watched| watched.name.as_str()).collect();
    let more = read.watched.len().saturating_sub(names.len());
    Ok(match (read.kind.as_str(), more) {
        ("packages", 0) => names.join(", "),
        ("packages", more) => format!("{} and {more} more", names.join(", ")),
        (kind, _) => kind.to_owned(),
    })
}
