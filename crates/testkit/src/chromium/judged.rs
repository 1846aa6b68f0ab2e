//! What axe-core, the judge of accessibility, says about the page shown.

use std::fmt;

use serde_json::json;

use super::Chromium;

/// One thing that is wrong with a page.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Complaint {
    /// The judge's rule.
    pub rule: String,
    /// Where on the page.
    pub place: String,
    /// What is wrong.
    pub what: String,
}

impl fmt::Display for Complaint {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} at {}: {}", self.rule, self.place, self.what)
    }
}

/// Asks the judge.
const ASK: &str = r#"
    const options = { runOnly: { type: "tag", values: arguments[0] }, resultTypes: ["violations"], rules: {} };
    for (const { ruleId, tags } of axe.getRules(arguments[0])) {
        const colour = tags.includes("cat.color");
        if (arguments[1] !== "all" && colour !== (arguments[1] === "colours"))
            options.rules[ruleId] = { enabled: false };
    }
    const done = arguments[arguments.length - 1];
    axe.run(document, options).then(
        ({ violations, passes }) => done({
            rules: passes.length + violations.length,
            found: violations.flatMap(({ id, nodes }) => nodes.map(node => ({
                rule: id,
                place: node.target.join(" "),
                what: node.failureSummary.replace(/\s+/g, " "),
            }))),
        }),
        error => done({ error: String(error) }));
"#;

/// The judge's rules that count: WCAG 2.2 A and AA, and what it calls best practice.
const RULES: [&str; 7] = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa", "best-practice"];

/// What the judge looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sight {
    /// Everything.
    All,
    /// Only what depends on colours.
    Colours,
    /// Everything but what depends on colours.
    Form,
}

impl Chromium {
    /// What the judge finds on the page shown, as it is shown now. `axe` is its script.
    ///
    /// # Panics
    ///
    /// When the judge does not run.
    pub async fn judged(&self, axe: &str, sight: Sight) -> Vec<Complaint> {
        let sight = match sight {
            Sight::All => "all",
            Sight::Colours => "colours",
            Sight::Form => "form",
        };
        // As the developer tools do it: the page's own policy, which would refuse it, stays in force for the page.
        let there = self.run("return typeof axe === 'object'", Vec::new()).await;
        if there != true {
            let load = json!({ "expression": axe, "returnByValue": false });
            self.devtools("Runtime.evaluate", load).await;
        }
        let answered = self.driver.execute_async(ASK, vec![json!(RULES), json!(sight)]).await;
        let answered = answered.unwrap_or_else(|error| panic!("the judge does not run: {error}"));
        let verdict = answered.json();
        assert!(verdict["rules"].as_u64() > Some(0), "the judge looked at nothing: {verdict}");
        let found = verdict["found"].as_array().map(Vec::as_slice).unwrap_or_default();
        let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
        found
            .iter()
            .map(|one| Complaint {
                rule: text(&one["rule"]),
                place: text(&one["place"]),
                what: text(&one["what"]),
            })
            .collect()
    }
}
