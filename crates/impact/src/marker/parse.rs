//! Reads a marker by the grammar of PEP 508, with the names that older metadata use.

use super::{Comparison, MAX_DEPTH, MAX_MARKER_BYTES, Marker, MarkerError, Operand, Variable};

/// Reads a whole text as a marker.
pub(super) fn marker(text: &str) -> Result<Marker, MarkerError> {
    let mut reader = Reader { rest: text, depth: 0 };
    if text.len() > MAX_MARKER_BYTES {
        return Err(reader.refuse(&format!("it has {} bytes, more than {MAX_MARKER_BYTES}", text.len())));
    }
    let read = reader.any()?;
    reader.space();
    if reader.rest.is_empty() {
        Ok(read)
    } else {
        Err(reader.refuse("nothing may follow here but `and` or `or`"))
    }
}

struct Reader<'text> {
    rest: &'text str,
    depth: usize,
}

/// Names that metadata of long ago use, with what they are called now.
const OLD_NAMES: [(&str, Variable); 6] = [
    ("os.name", Variable::OsName),
    ("sys.platform", Variable::SysPlatform),
    ("platform.version", Variable::PlatformVersion),
    ("platform.machine", Variable::PlatformMachine),
    ("platform.python_implementation", Variable::PlatformPythonImplementation),
    ("python_implementation", Variable::PlatformPythonImplementation),
];

/// The longer signs before those that they begin with.
const SIGNS: [&str; 8] = ["===", "==", "~=", "!=", "<=", ">=", "<", ">"];

impl Reader<'_> {
    fn refuse(&self, reason: &str) -> MarkerError {
        MarkerError { input: self.rest.chars().take(64).collect(), reason: reason.to_owned() }
    }

    fn space(&mut self) {
        self.rest = self.rest.trim_start_matches([' ', '\t']);
    }

    /// Takes a word that ends where a name ends.
    fn word(&mut self, word: &str) -> bool {
        self.space();
        match self.rest.strip_prefix(word) {
            Some(after) if !after.starts_with(|sign: char| sign.is_alphanumeric() || sign == '_') => {
                self.rest = after;
                true
            }
            _ => false,
        }
    }

    fn any(&mut self) -> Result<Marker, MarkerError> {
        let mut parts = vec![self.all()?];
        while self.word("or") {
            parts.push(self.all()?);
        }
        Ok(if parts.len() == 1 { parts.remove(0) } else { Marker::Any(parts) })
    }

    fn all(&mut self) -> Result<Marker, MarkerError> {
        let mut parts = vec![self.one()?];
        while self.word("and") {
            parts.push(self.one()?);
        }
        Ok(if parts.len() == 1 { parts.remove(0) } else { Marker::All(parts) })
    }

    fn one(&mut self) -> Result<Marker, MarkerError> {
        self.space();
        if let Some(after) = self.rest.strip_prefix('(') {
            if self.depth == MAX_DEPTH {
                return Err(self.refuse(&format!("brackets are nested more than {MAX_DEPTH} deep")));
            }
            self.rest = after;
            self.depth += 1;
            let inner = self.any()?;
            self.depth -= 1;
            self.space();
            self.rest = self
                .rest
                .strip_prefix(')')
                .ok_or_else(|| self.refuse("a closing bracket is missing here"))?;
            return Ok(inner);
        }
        let left = self.operand()?;
        let comparison = self.comparison()?;
        let right = self.operand()?;
        if matches!((&left, &right), (Operand::Text(_), Operand::Text(_))) {
            return Err(self.refuse("two texts are compared, and nothing of the environment"));
        }
        Ok(Marker::Compare(left, comparison, right))
    }

    fn comparison(&mut self) -> Result<Comparison, MarkerError> {
        self.space();
        if let Some(sign) = SIGNS.into_iter().find(|sign| self.rest.starts_with(sign)) {
            self.rest = &self.rest[sign.len()..];
            Ok(Comparison::Sign(sign))
        } else if self.word("in") {
            Ok(Comparison::In)
        } else if self.word("not") && self.word("in") {
            Ok(Comparison::NotIn)
        } else {
            Err(self.refuse("a comparison (==, !=, <, <=, >, >=, ~=, in, not in) is missing here"))
        }
    }

    fn operand(&mut self) -> Result<Operand, MarkerError> {
        self.space();
        if let Some(quote) = self.rest.chars().next().filter(|sign| matches!(sign, '"' | '\'')) {
            let (text, after) = self.rest[1..]
                .split_once(quote)
                .ok_or_else(|| self.refuse("a text is not closed with its quote"))?;
            self.rest = after;
            return Ok(Operand::Text(text.to_owned()));
        }
        let end = self
            .rest
            .find(|sign: char| !(sign.is_ascii_alphanumeric() || matches!(sign, '_' | '.')))
            .unwrap_or(self.rest.len());
        let name = &self.rest[..end];
        let operand = match name {
            "extra" => Operand::Extra,
            "extras" => Operand::Set("extras"),
            "dependency_groups" => Operand::Set("dependency_groups"),
            _ => Variable::ALL
                .iter()
                .map(|(variable, name)| (*name, *variable))
                .chain(OLD_NAMES)
                .find(|(known, _)| *known == name)
                .map(|(_, variable)| Operand::Variable(variable))
                .ok_or_else(|| self.refuse("no environment has a value of this name"))?,
        };
        self.rest = &self.rest[end..];
        Ok(operand)
    }
}

/// Whether a text begins like a marker: with a comparison of a name that markers know, perhaps in brackets. What stands after
/// `; ` in a list of requirements is then the marker of the one before. (`extras >=1.0` is a requirement: there is a package
/// of this name.)
pub(crate) fn begins_like_a_marker(text: &str) -> bool {
    let mut reader = Reader { rest: text.trim_start_matches(['(', ' ', '\t']), depth: 0 };
    reader.operand().is_ok() && reader.comparison().is_ok() && reader.operand().is_ok()
}
