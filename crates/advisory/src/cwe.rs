//! Names of weaknesses: CSAF wants the name beside the id, and people understand the name.
//!
//! `cwe.tsv` holds number and name of each weakness of the Common Weakness Enumeration 4.17 (MITRE, 2025-04-03,
//! <https://cwe.mitre.org>; free to use with this mention), deprecated ones left out. Ordered by number.

const TABLE: &str = include_str!("cwe.tsv");

/// The name of a weakness given as `CWE-79`; nothing for one that the list does not know.
pub fn name(id: &str) -> Option<&'static str> {
    let number = id.strip_prefix("CWE-")?;
    TABLE
        .lines()
        .filter_map(|line| line.split_once('\t'))
        .find(|(known, _)| *known == number)
        .map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_weakness_has_the_name_that_mitre_gave_it() {
        let xss = "Improper Neutralization of Input During Web Page Generation ('Cross-site Scripting')";
        assert_eq!(name("CWE-79"), Some(xss));
        assert_eq!((name("CWE-0"), name("79"), name("CWE-999999")), (None, None, None));
    }
}
