//! Lost passkeys, by the pages: two administrators agree, its owner stops it once, and the second time begins anew.

use axum::http::StatusCode;
use bastide_authz::{Role, Scope};
use bastide_model::{id::PersonId, party::Identity, time::Span};
use bastide_usecases::NewPerson;

use super::{Device, answer, asked, by_link, by_passkey, enrol, strict};
use crate::{
    browser::Browser,
    mailbox::{Fetch as _, Mailbox},
    site::Site,
};

async fn person(site: &Site, name: &str, role: Role, scope: Scope) -> PersonId {
    let identities = vec![Identity::Mail { address: format!("{name}@people.example.org") }];
    let id = site.desk.add_person(NewPerson { name: name.to_owned(), identities }).await.unwrap();
    site.desk.grant(id, role, scope, None).await.unwrap();
    id
}

async fn administrator<'a>(site: &'a Site, name: &str) -> Browser<'a> {
    let id = person(site, name, Role::ProgrammeAdmin, Scope::Programme).await;
    let mut browser = by_link(site, id).await;
    enrol(&mut browser, &mut Device::new(name), name).await;
    browser
}

/// One proposes on the person's page, the other reads and approves.
async fn agreed(first: &mut Browser<'_>, second: &mut Browser<'_>, whose: PersonId) {
    first.open(&format!("/admin/people/{whose}")).await;
    first.send("do-lost-passkeys", &[("reason", "")]).await;
    assert_eq!(first.status, StatusCode::UNPROCESSABLE_ENTITY, "whoever approves reads how one made sure");
    first.send("do-lost-passkeys", &[("reason", "They called me, and I know their voice.")]).await;
    let proposal = first.place().to_owned();
    assert!(proposal.starts_with("/admin/proposals/change-"), "{proposal}: {}", first.words());
    second.open(&proposal).await;
    assert!(second.words().contains("coordinator-c@people.example.org"), "{}", second.words());
    assert!(second.words().contains("Nothing happens before the wait is over."), "{}", second.words());
    assert!(!second.words().contains("cannot be undone"), "{}", second.words());
    second.send("do-approve", &[]).await;
    assert!(second.words().contains("approved, waits and can be stopped"), "{}", second.words());
    assert_eq!(second.link("Their page, where it can be stopped"), format!("/admin/people/{whose}"));
}

#[tokio::test]
async fn lost_passkeys_are_replaced_after_a_wait_in_which_their_owner_can_stop_it() {
    let site = strict().await;
    let mut first = administrator(&site, "admin-a").await;
    let mut second = administrator(&site, "admin-b").await;
    let lab = Scope::Project("jupyterlab".parse().unwrap());
    let whose = person(&site, "coordinator-c", Role::Coordinator, lab).await;
    let mut laptop = Device::new("laptop");
    enrol(&mut by_link(&site, whose).await, &mut laptop, "laptop").await;

    // Somebody else said so: its owner stops it, before two have agreed or after.
    first.open(&format!("/admin/people/{whose}")).await;
    first.send("do-lost-passkeys", &[("reason", "Somebody wrote to me.")]).await;
    let proposal = first.place().to_owned();
    let mut owner = by_passkey(&site, &mut laptop).await;
    owner.open("/inbox").await;
    assert!(
        owner.words().contains("An administrator proposed to replace your passkeys"),
        "{}",
        owner.words()
    );
    let page = owner.link("Stop it");
    owner.open(&page).await;
    owner.send("do-stop-recovery", &[]).await;
    owner.open("/inbox").await;
    assert!(!owner.words().contains("your passkeys"), "{}", owner.words());
    first.open(&proposal).await;
    let words = first.words();
    assert!(
        words.contains("refused") && words.contains("They say that they did not lose their passkeys."),
        "{words}"
    );

    agreed(&mut first, &mut second, whose).await;
    owner.open("/inbox").await;
    assert!(
        owner.words().contains("Two administrators agreed that you lost your passkeys."),
        "{}",
        owner.words()
    );
    owner.open("/account").await;
    assert!(
        owner.words().contains("Two administrators agreed that you lost your passkeys."),
        "{}",
        owner.words()
    );
    owner.send("do-stop-recovery", &[]).await;
    assert_eq!(owner.place(), "/account", "{}", owner.words());
    assert!(owner.words().contains("The request for new passkeys was stopped."), "{}", owner.words());
    assert!(!owner.words().contains("I did not lose my passkeys"), "{}", owner.words());
    second.open("/admin/proposals").await;
    assert!(second.words().contains("approved, then stopped"), "{}", second.words());
    owner.post("/account/recovery/stop", &[]).await;
    assert_eq!(owner.status, StatusCode::UNPROCESSABLE_ENTITY, "nothing is left to stop: {}", owner.words());

    // They did lose it.
    agreed(&mut first, &mut second, whose).await;
    first.open(&format!("/admin/people/{whose}")).await;
    assert!(first.text.contains("do-stop-recovery"), "any administrator could stop it: {}", first.words());
    let mailbox = Mailbox::default();
    let mut mails = mailbox.fetch(&site.desk).await;
    site.clock.pass(Span::hours(24));
    site.desk.tick().await.unwrap();
    mails.extend(mailbox.fetch(&site.desk).await);
    let links = mails.iter().filter_map(|mail| {
        let (_, link) = mail.text.split_once("http://localhost:1/sign-in/")?;
        (mail.to == "coordinator-c@people.example.org").then(|| link.split_whitespace().next().unwrap())
    });
    let links: Vec<&str> = links.collect();
    let [link] = links.as_slice() else { panic!("{mails:?}") };
    let mut anew = Browser::new(&site);
    anew.open(&format!("/sign-in/{link}")).await;
    anew.send("do-sign-in", &[]).await;
    assert_eq!(anew.place(), "/account/passkeys", "{}", anew.words());
    let mut phone = Device::new("phone");
    enrol(&mut anew, &mut phone, "phone").await;
    anew.open("/inbox").await;
    assert_eq!(anew.status, StatusCode::OK);
    // The lost one, found by somebody, opens nothing.
    let mut finder = Browser::new(&site);
    let (handle, options) = asked(&mut finder, "/sign-in/passkey/ask").await;
    let signed = laptop.get(&options);
    answer(&mut finder, "/sign-in/passkey", &handle, &signed).await;
    assert_eq!(finder.status, StatusCode::UNAUTHORIZED, "{}", finder.words());
    assert!(finder.cookie("session").is_none());
}
