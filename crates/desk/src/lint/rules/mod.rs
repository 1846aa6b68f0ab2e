//! The rules about reports, one file each, named after the acceptance rule that they hold.

use bastide_model::rule::Rule;

use super::rule::ReportRule;

mod p02_threat_model_considered;
mod p03_threat_model_cited;
mod p04_real_world;
mod p05_documented_functionality;
mod p06_launch_conditions;
mod p07_reasonable_input;
mod p08_upward_posture;
mod p09_dependency;
mod p10_supported_version;
mod p11_feature_version;
mod p12_only_prerelease;
mod p13_fixed_on_main;
mod p14_experimental;
mod p15_supported_platform;
mod p16_platform_shared;
mod p17_brief_and_plain;
mod p18_proof_of_concept;
mod p19_facts_verified;
mod p20_no_severity;
mod p21_patch;
mod p22_tested_versions;
mod p23_plain_text_only;
mod p24_constructed_input;
mod p25_long_code_collapsed;
mod p26_no_report;
mod s07_attack_vector;

/// The rules about reports, with what a finding leads to and their checks.
pub const REPORT_RULES: &[ReportRule] = &[
    p02_threat_model_considered::RULE,
    p03_threat_model_cited::RULE,
    p04_real_world::RULE,
    p05_documented_functionality::RULE,
    p06_launch_conditions::RULE,
    p07_reasonable_input::RULE,
    p08_upward_posture::RULE,
    p09_dependency::RULE,
    p10_supported_version::RULE,
    p11_feature_version::RULE,
    p12_only_prerelease::RULE,
    p13_fixed_on_main::RULE,
    p14_experimental::RULE,
    p15_supported_platform::RULE,
    p16_platform_shared::RULE,
    p17_brief_and_plain::RULE,
    p18_proof_of_concept::RULE,
    p19_facts_verified::RULE,
    p20_no_severity::RULE,
    p21_patch::RULE,
    p22_tested_versions::RULE,
    p23_plain_text_only::RULE,
    p24_constructed_input::RULE,
    p25_long_code_collapsed::RULE,
    p26_no_report::RULE,
    s07_attack_vector::RULE,
];

/// The same rules as the registry knows them.
pub const RULES: &[Rule] = &[
    p02_threat_model_considered::RULE.rule,
    p03_threat_model_cited::RULE.rule,
    p04_real_world::RULE.rule,
    p05_documented_functionality::RULE.rule,
    p06_launch_conditions::RULE.rule,
    p07_reasonable_input::RULE.rule,
    p08_upward_posture::RULE.rule,
    p09_dependency::RULE.rule,
    p10_supported_version::RULE.rule,
    p11_feature_version::RULE.rule,
    p12_only_prerelease::RULE.rule,
    p13_fixed_on_main::RULE.rule,
    p14_experimental::RULE.rule,
    p15_supported_platform::RULE.rule,
    p16_platform_shared::RULE.rule,
    p17_brief_and_plain::RULE.rule,
    p18_proof_of_concept::RULE.rule,
    p19_facts_verified::RULE.rule,
    p20_no_severity::RULE.rule,
    p21_patch::RULE.rule,
    p22_tested_versions::RULE.rule,
    p23_plain_text_only::RULE.rule,
    p24_constructed_input::RULE.rule,
    p25_long_code_collapsed::RULE.rule,
    p26_no_report::RULE.rule,
    s07_attack_vector::RULE.rule,
];

/// The ids that a policy may name under `[lint.dispositions]`.
pub fn rule_ids() -> impl Iterator<Item = &'static str> + Clone {
    REPORT_RULES.iter().map(|rule| rule.rule.id)
}
