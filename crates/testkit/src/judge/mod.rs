//! Judges that we did not write: published JSON schemas, a validator of another project, a judge of accessibility, a mail server.

pub mod axe;
pub mod csaf;
mod npm;
pub mod oidc;
pub mod openmetrics;
pub mod packaging;
pub mod python;
pub mod schemas;
pub mod schemathesis;
pub mod smtp;

/// Says that a judge is missing: a failure when judges are required (`BASTIDE_REQUIRE_JUDGES=1`), else a loud skip.
///
/// # Panics
///
/// When judges are required.
pub fn missing(what: &str) {
    #[allow(clippy::disallowed_methods, reason = "tests are configured by the environment")]
    let required = std::env::var("BASTIDE_REQUIRE_JUDGES").is_ok_and(|value| value == "1");
    assert!(!required, "judges are required (BASTIDE_REQUIRE_JUDGES=1): {what}");
    #[allow(clippy::print_stdout, reason = "a skip is loud: the test command looks for it")]
    {
        println!("SKIPPED: {what}");
    }
}
