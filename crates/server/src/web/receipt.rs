//! The receipt of a report: the secret link, once, and what happens next.

use bastide_desk::case::Lifecycle;
use bastide_model::time::Instant;
use bastide_pages::{
    Shell,
    desk::{Expectation, Receipt},
    part::{Countdown, Moment},
};
use bastide_usecases::{ProjectFacts, Submitted};

use super::{finding, words};

/// The receipt at `now`. `public_url` is the desk's address, without a slash at the end.
pub(super) fn page(
    shell: Shell,
    facts: &ProjectFacts,
    submitted: &Submitted,
    public_url: &str,
    now: Instant,
) -> Receipt {
    let due = |at: Option<Instant>| at.map(|at| Countdown::between(now, at));
    let expect = |what: &str, by: Option<Instant>, rule: &str| Expectation {
        what: what.into(),
        by: due(by),
        rule: words::rule(rule),
    };
    let held = (submitted.lifecycle == Lifecycle::Held).then(|| {
        "Something that is needed to judge it is missing. Open the link above and mend it, or wait: a person decides \
         whether it is let in as it is."
            .into()
    });
    Receipt {
        shell,
        project: facts.record.title.as_str().into(),
        reference: submitted.reference.as_str().into(),
        received: Moment::of(submitted.received),
        status_link: format!("{public_url}/status/{}", submitted.link).into(),
        held,
        findings: submitted
            .findings
            .iter()
            .map(|found| finding::of_report(found, Some(&facts.policy)))
            .collect(),
        next: vec![
            expect(
                "A person answers your report; you read the answer behind the link above.",
                submitted.answer_due,
                "J04",
            ),
            expect("The team judges it, and tells you the decision with its reason.", None, "J13"),
            expect(
                "If it is a vulnerability, a fix is made in private and you are told the dates.",
                None,
                "J24",
            ),
            expect(
                "The vulnerability is published, whether there is a fix or not.",
                submitted.disclosure_due,
                "J06",
            ),
        ],
    }
}
