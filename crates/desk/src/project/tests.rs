//! Status by date, CVE eligibility, platforms and experimental features of real projects.

use bastide_model::time::Instant;

use super::*;

fn at(day: &str) -> Instant {
    format!("{day}T12:00:00Z").parse().unwrap()
}

fn python() -> Product {
    builtin("cpython").unwrap().product(None).unwrap().clone()
}

#[test]
fn every_built_in_project_is_sound() {
    for (name, text) in [
        ("jupyter", include_str!("../../../../policies/projects/jupyter.toml")),
        ("cpython", include_str!("../../../../policies/projects/cpython.toml")),
        ("numpy", include_str!("../../../../policies/projects/numpy.toml")),
        ("scipy", include_str!("../../../../policies/projects/scipy.toml")),
    ] {
        let project = check(text, name).unwrap_or_else(|problems| panic!("{}", problems[0]));
        assert!(crate::policy::builtin(project.policy.as_str()).is_some());
    }
}

/// Proves: P10, P11.
#[test]
fn the_status_of_a_line_is_a_function_of_the_date() {
    let python = python();
    let line = python.line_of("3.12.4").unwrap();
    let table = [
        ("2022-05-07", None),
        ("2022-05-08", Some(LineStatus::Feature)),
        ("2023-05-22", Some(LineStatus::Prerelease)),
        ("2023-10-02", Some(LineStatus::Bugfix)),
        ("2025-04-07", Some(LineStatus::Bugfix)),
        ("2025-04-08", Some(LineStatus::Security)),
        ("2028-10-31", Some(LineStatus::EndOfLife)),
    ];
    for (day, status) in table {
        assert_eq!(line.status(at(day)), status, "{day}");
    }
    assert_eq!(python.line_of("3.1.5"), None, "3.1 is not 3.12");
}

/// Proves: P10, P11, P12.
#[test]
fn cve_numbers_are_for_stable_versions_of_supported_lines() {
    let python = python();
    let day = at("2025-06-01");
    let rule = |versions: &[&str]| match python.cve_eligibility(versions, day) {
        Eligibility::Eligible { .. } => "eligible".to_owned(),
        Eligibility::NotEligible { rule, .. } => rule,
        Eligibility::Unknown { .. } => "unknown".to_owned(),
    };
    let table: [(&[&str], &str); 11] = [
        (&["3.12.4"], "eligible"),
        (&["3.13.0", "3.8.1"], "eligible"),
        (&["v3.9.2"], "eligible"),
        (&["3.8.20"], "P10"),
        (&["3.8.20", "3.14.0b1"], "P10"),
        (&["3.14.0b1"], "P12"),
        (&["3.13.0rc1"], "P12"),
        (&["main"], "P11"),
        (&["3.15"], "P11"),
        (&["4.0"], "unknown"),
        (&[], "unknown"),
    ];
    for (versions, expected) in table {
        assert_eq!(rule(versions), expected, "{versions:?}");
    }
}

/// Proves: J03.
#[test]
fn jupyter_holds_several_products_and_unknown_lines_are_said_to_be_unknown() {
    let jupyter = builtin("jupyter").unwrap();
    assert!(jupyter.product(None).is_none(), "several products: the report has to name one");
    let lab = jupyter.product(Some("JupyterLab")).unwrap();
    let day = at("2024-11-20");
    assert!(matches!(lab.cve_eligibility(&["4.2.5"], day), Eligibility::Eligible { .. }));
    assert!(matches!(lab.cve_eligibility(&["3.6.7"], day), Eligibility::Eligible { .. }));
    assert!(matches!(lab.cve_eligibility(&["3.6.7"], at("2025-02-01")), Eligibility::NotEligible { .. }));
    let hub = jupyter.product(Some("jupyterhub")).unwrap();
    assert!(matches!(hub.cve_eligibility(&["5.0.0"], day), Eligibility::Unknown { .. }));
}

/// Proves: P15, P16.
#[test]
fn a_platform_is_recognised_in_free_text() {
    let project = builtin("cpython").unwrap();
    let name = |text: &str| match project.platform(text) {
        PlatformVerdict::Supported(platform) => platform.name.clone(),
        PlatformVerdict::Unsupported(platform) => format!("unsupported: {}", platform.name),
        PlatformVerdict::Unknown => "unknown".to_owned(),
    };
    let table = [
        ("Ubuntu 24.04", "x86_64-unknown-linux-gnu"),
        ("Linux (aarch64)", "aarch64-unknown-linux-gnu"),
        ("Windows 11 x64", "x86_64-pc-windows-msvc"),
        ("Windows 7", "unsupported: Windows 7 and older"),
        ("AIX 7.2", "unsupported: AIX"),
        ("TempleOS", "unknown"),
        ("", "unknown"),
    ];
    for (text, expected) in table {
        assert_eq!(name(text), expected, "{text}");
    }
}

/// Proves: P14.
#[test]
fn an_experimental_feature_is_recognised_in_the_lines_where_it_is_one() {
    let python = python();
    assert_eq!(python.experimental_in("crash with PYTHON_JIT=1", &["3.14.0"]).len(), 1);
    assert_eq!(python.experimental_in("race in the free-threaded build", &["3.13.1"]).len(), 1);
    assert!(python.experimental_in("race in the free-threaded build", &["3.14.0"]).is_empty());
    assert!(python.experimental_in("a crash", &["3.13.1"]).is_empty());
}

#[test]
fn phases_out_of_order_and_a_wrong_date_are_explained() {
    let text = include_str!("../../../../policies/projects/cpython.toml");
    let swapped = text.replace("security = \"2025-04-08\"", "security = \"2023-04-08\"");
    let problems = check(&swapped, "ours.toml").unwrap_err();
    assert_eq!(problems[0].field, "product.python.line.3.12");
    assert!(problems[0].message.contains("does not come after bugfix from 2023-10-02"), "{}", problems[0]);
    let wrong = text.replace("security = \"2025-04-08\"", "security = \"soon\"");
    let problems = check(&wrong, "ours.toml").unwrap_err();
    let line = wrong.lines().position(|line| line.contains("soon")).unwrap() + 1;
    assert_eq!(problems[0].line as usize, line);
}
