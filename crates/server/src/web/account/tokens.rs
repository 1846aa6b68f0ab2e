//! The page of somebody's tokens, and the one that shows a new token.

use bastide_model::time::{Instant, Span};
use bastide_pages::{
    Shell,
    account::{TokenMade, TokenRow, Tokens},
    part::{ActionForm, Badge, Choice, Command, Control, Field, FindingNote, Link, Moment, Tone},
};
use bastide_usecases::{Account, Secret, TOKEN_DAYS, TokenLine, TokenScope};

use crate::web::forms::Forms;

/// The form as it was sent, with what is wrong with it.
#[derive(Debug, Default)]
pub(in crate::web) struct Refused {
    pub(in crate::web) name: String,
    pub(in crate::web) scopes: Vec<String>,
    pub(in crate::web) days: String,
    pub(in crate::web) findings: Vec<FindingNote>,
}

/// The page.
pub(in crate::web) fn page(shell: Shell, account: &Account, done: &str, refused: Option<&Refused>) -> Tokens {
    let forms = Forms::fresh();
    let make = make(account, &forms, refused);
    Tokens {
        shell,
        done: if done == "revoked" { "The token no longer works." } else { "" }.into(),
        rows: account.tokens.iter().map(|line| row(line, &forms)).collect(),
        make,
        next: vec![
            Link::new("Your account", "/account"),
            Link::new("What the API offers", "/api/v1/openapi.json"),
        ],
    }
}

fn make(account: &Account, forms: &Forms, refused: Option<&Refused>) -> ActionForm {
    let empty = Refused::default();
    let given = refused.unwrap_or(&empty);
    let found = |field: &mut Field| {
        let name = field.name.clone();
        let of_field =
            |finding: &&FindingNote| finding.field.as_ref().is_some_and(|own| own.as_str() == name.as_str());
        field.findings = given.findings.iter().filter(of_field).cloned().collect();
    };
    let mut name = Field::line("name", "Name", given.name.as_str())
        .because("So that you know it again: “continuous integration of numpy”.")
        .required();
    let choice = |scope: TokenScope| {
        let mut choice = Choice::new(scope.name(), scope.words(), "");
        choice.chosen = given.scopes.iter().any(|sent| sent == scope.name());
        choice
    };
    let mut scope =
        Field::new("scope", "What it may be used for", Control::Checks(TokenScope::ALL.map(choice).to_vec()))
            .because("It never gives more than your own roles, as they are at the time of each use.")
            .required();
    let chosen = if given.days.is_empty() { "90" } else { given.days.as_str() };
    let choices = TOKEN_DAYS.map(|days| Choice::new(&days.to_string(), &format!("{days} days"), chosen));
    let mut days = Field::new("days", "How long it works", Control::Radio(choices.to_vec())).required();
    for field in [&mut name, &mut scope, &mut days] {
        found(field);
    }
    ActionForm::new("make-token", "Make the token", "/account/tokens", forms.tokens())
        .because(if account.confirmed { "" } else { "This asks you to confirm that it is you." })
        .asking(vec![name, scope, days])
}

fn row(line: &TokenLine, forms: &Forms) -> TokenRow {
    let short: String = line.digest.to_string().chars().rev().take(12).collect();
    let words: Vec<&str> = line.scopes.split_whitespace().collect();
    let narrow = words.iter().any(|word| matches!(*word, "read" | "report" | "write"));
    let mut scopes: Vec<Badge> = words.iter().map(|word| Badge::new(*word, Tone::Neutral)).collect();
    if !narrow {
        scopes.insert(0, Badge::new("everything that you may", Tone::Warning));
    }
    let address = format!("/account/tokens/{}/revoke", line.digest);
    TokenRow {
        name: line.name.as_deref().unwrap_or("Made by the desk's operator").into(),
        scopes,
        created: Moment::day_of(line.created),
        expires: line.expires.map(Moment::day_of),
        last_used: line.last_used.map(Moment::day_of),
        revoke: ActionForm::new(format!("revoke-{short}"), "Revoke it", address, forms.tokens()),
    }
}

/// The page that shows a new token, once.
pub(in crate::web) fn made(shell: Shell, name: &str, token: &Secret, days: i64, now: Instant) -> TokenMade {
    TokenMade {
        shell,
        name: name.into(),
        token: token.reveal().into(),
        expires: Moment::day_of(now + Span::days(days)),
        commands: vec![Command {
            label: "For the command line: it asks for the token".into(),
            command: "bastide login".into(),
        }],
        next: vec![Link::new("Your tokens", "/account/tokens"), Link::new("Your account", "/account")],
    }
}
