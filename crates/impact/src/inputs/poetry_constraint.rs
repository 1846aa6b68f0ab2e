//! Poetry's constraints, which Cargo's and npm's resemble, as PEP 440 specifiers:
//! <https://python-poetry.org/docs/dependency-specification/>.

/// The specifiers that mean the same; nothing where there are none (alternatives `||`, or no constraint of Poetry's).
pub(crate) fn translate(text: &str) -> Option<String> {
    if text.contains('|') {
        return None;
    }
    let mut parts = Vec::new();
    for part in text.split(',').map(str::trim).filter(|part| !part.is_empty()) {
        // `>=1 <2` may stand without a comma.
        let mut operator = String::new();
        for word in part.split_whitespace() {
            if word.chars().all(|sign| "<>=!~^".contains(sign)) {
                operator.push_str(word);
                continue;
            }
            parts.push(one(&format!("{operator}{word}"))?);
            operator.clear();
        }
        if !operator.is_empty() {
            return None;
        }
    }
    parts.retain(|part| !part.is_empty());
    Some(parts.join(","))
}

fn one(part: &str) -> Option<String> {
    if part == "*" {
        return Some(String::new());
    }
    if let Some(version) = part.strip_prefix('^') {
        return caret(version);
    }
    if let Some(version) = part.strip_prefix('~').filter(|rest| !rest.starts_with('=')) {
        return tilde(version);
    }
    let bare = part.trim_start_matches(['<', '>', '=', '!', '~']);
    if !bare.starts_with(|sign: char| sign.is_ascii_digit() || sign == 'v') {
        return None;
    }
    match &part[..part.len() - bare.len()] {
        "" | "=" => Some(format!("=={bare}")),
        "<" | "<=" | ">" | ">=" | "==" | "!=" | "~=" | "===" => Some(part.to_owned()),
        _ => None,
    }
}

/// The numbers of a release; nothing where there is anything else.
fn release(version: &str) -> Option<Vec<u64>> {
    let numbers: Result<Vec<u64>, _> = version.split('.').map(str::parse).collect();
    numbers.ok().filter(|numbers| numbers.len() <= 8)
}

fn next(numbers: &[u64], place: usize) -> Option<String> {
    let mut upper: Vec<u64> = numbers[..=place].to_vec();
    upper[place] = upper[place].checked_add(1)?;
    Some(upper.iter().map(u64::to_string).collect::<Vec<_>>().join("."))
}

/// `^1.2.3` is `>=1.2.3,<2`: the first number that is not zero stays.
fn caret(version: &str) -> Option<String> {
    let numbers = release(release_part(version))?;
    let place = numbers.iter().position(|number| *number > 0).unwrap_or(numbers.len() - 1);
    Some(format!(">={version},<{}", next(&numbers, place)?))
}

/// `~1.2.3` and `~1.2` are `<1.3`, `~1` is `<2`.
fn tilde(version: &str) -> Option<String> {
    let numbers = release(release_part(version))?;
    Some(format!(">={version},<{}", next(&numbers, 1.min(numbers.len() - 1))?))
}

/// What stands before a pre-release: `1.2` of `1.2b1`.
fn release_part(version: &str) -> &str {
    let end = version.find(|sign: char| !sign.is_ascii_digit() && sign != '.').unwrap_or(version.len());
    version[..end].trim_end_matches('.')
}

#[cfg(test)]
mod tests {
    use super::translate;

    /// The table of Poetry's documentation.
    #[test]
    fn carets_tildes_and_stars_are_translated_as_the_manual_says() {
        for (poetry, specifiers) in [
            ("^1.2.3", ">=1.2.3,<2"),
            ("^1.2", ">=1.2,<2"),
            ("^1", ">=1,<2"),
            ("^0.2.3", ">=0.2.3,<0.3"),
            ("^0.0.3", ">=0.0.3,<0.0.4"),
            ("^0.0", ">=0.0,<0.1"),
            ("^0", ">=0,<1"),
            ("~1.2.3", ">=1.2.3,<1.3"),
            ("~1.2", ">=1.2,<1.3"),
            ("~1", ">=1,<2"),
            ("^2.0b1", ">=2.0b1,<3"),
            ("1.*", "==1.*"),
            ("1.2.3", "==1.2.3"),
            ("==1.2.3", "==1.2.3"),
            (">= 1.2, < 1.5", ">=1.2,<1.5"),
            (">=1.2 <1.5", ">=1.2,<1.5"),
            ("!=1.2.3", "!=1.2.3"),
            ("*", ""),
        ] {
            assert_eq!(translate(poetry).as_deref(), Some(specifiers), "{poetry}");
        }
        for none in ["^1.0 || ^2.0", "^", "latest", "^99999999999999999999", "=>1", "~"] {
            assert_eq!(translate(none), None, "{none}");
        }
    }
}
