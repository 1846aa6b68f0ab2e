//! The kinds of values: what may be written, and how a value is written back.

use std::{fmt, net::SocketAddr, path::PathBuf};

use url::Url;
use zeroize::Zeroizing;

/// A kind of value.
pub trait Value: Sized {
    /// What people write, in the words of a command line.
    const KIND: &'static str;
    /// Whether several may stand there: a list in a file, separated by commas elsewhere.
    const MANY: bool = false;
    /// Whether something must be given where nothing is built in.
    const NEEDED: bool = true;

    /// Reads what was given; more than one only where [`Value::MANY`]. The error says what to write instead.
    fn parse(texts: &[String]) -> Result<Self, String>;

    /// What holds where nothing was given and nothing is built in; none where something must be given.
    fn absent() -> Option<Self> {
        None
    }

    /// As it stands in a file.
    fn toml(&self) -> Option<toml::Value>;
}

fn only(texts: &[String]) -> &str {
    texts.first().map_or("", String::as_str)
}

impl Value for String {
    const KIND: &'static str = "TEXT";
    fn parse(texts: &[String]) -> Result<Self, String> {
        let text = only(texts).trim();
        if text.is_empty() || text.chars().any(char::is_control) || text.len() > 1000 {
            return Err("write one line of text, 1 to 1000 bytes".to_owned());
        }
        Ok(text.to_owned())
    }
    fn toml(&self) -> Option<toml::Value> {
        Some(toml::Value::String(self.clone()))
    }
}

impl Value for PathBuf {
    const KIND: &'static str = "PATH";
    fn parse(texts: &[String]) -> Result<Self, String> {
        match only(texts) {
            "" => Err("write a path".to_owned()),
            text => Ok(Self::from(text)),
        }
    }
    fn toml(&self) -> Option<toml::Value> {
        Some(toml::Value::String(self.display().to_string()))
    }
}

impl Value for SocketAddr {
    const KIND: &'static str = "ADDRESS:PORT";
    fn parse(texts: &[String]) -> Result<Self, String> {
        only(texts).parse().map_err(|_| "write an address and a port, such as `127.0.0.1:8080`".to_owned())
    }
    fn toml(&self) -> Option<toml::Value> {
        Some(toml::Value::String(self.to_string()))
    }
}

impl Value for bool {
    const KIND: &'static str = "true|false";
    fn parse(texts: &[String]) -> Result<Self, String> {
        only(texts).parse().map_err(|_| "write `true` or `false`".to_owned())
    }
    fn toml(&self) -> Option<toml::Value> {
        Some(toml::Value::Boolean(*self))
    }
}

/// A whole number between two bounds, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Whole<const LEAST: u32, const MOST: u32>(u32);

impl<const LEAST: u32, const MOST: u32> Whole<LEAST, MOST> {
    /// The number.
    pub const fn get(self) -> u32 {
        self.0
    }
}

impl<const LEAST: u32, const MOST: u32> Value for Whole<LEAST, MOST> {
    const KIND: &'static str = "NUMBER";
    fn parse(texts: &[String]) -> Result<Self, String> {
        let number = only(texts).parse().ok().filter(|number| (LEAST..=MOST).contains(number));
        number.map(Self).ok_or_else(|| format!("write a whole number from {LEAST} to {MOST}"))
    }
    fn toml(&self) -> Option<toml::Value> {
        Some(toml::Value::Integer(self.0.into()))
    }
}

impl<T: Value> Value for Option<T> {
    const KIND: &'static str = T::KIND;
    const MANY: bool = T::MANY;
    const NEEDED: bool = false;
    fn parse(texts: &[String]) -> Result<Self, String> {
        T::parse(texts).map(Some)
    }
    fn absent() -> Option<Self> {
        Some(None)
    }
    fn toml(&self) -> Option<toml::Value> {
        self.as_ref().and_then(T::toml)
    }
}

impl<T: Value> Value for Vec<T> {
    const KIND: &'static str = T::KIND;
    const MANY: bool = true;
    const NEEDED: bool = false;
    fn parse(texts: &[String]) -> Result<Self, String> {
        if texts.len() > 1000 {
            return Err("write at most 1000 values".to_owned());
        }
        texts.iter().map(|text| T::parse(std::slice::from_ref(text))).collect()
    }
    fn absent() -> Option<Self> {
        Some(Self::new())
    }
    fn toml(&self) -> Option<toml::Value> {
        Some(toml::Value::Array(self.iter().filter_map(T::toml).collect()))
    }
}

/// The address under which people reach the desk: a scheme and a host, without a slash at the end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicUrl(String);

impl PublicUrl {
    /// The address.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The port, where this is an address of the machine itself that names one and that no proxy stands before.
    pub fn own_port(&self) -> Option<u16> {
        let parsed = Url::parse(&self.0).ok()?;
        let own = parsed.scheme() == "http"
            && matches!(parsed.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
        parsed.port().filter(|_| own)
    }
}

impl Value for PublicUrl {
    const KIND: &'static str = "URL";
    fn parse(texts: &[String]) -> Result<Self, String> {
        let address = only(texts).trim_end_matches('/');
        let plain = Url::parse(address).is_ok_and(|parsed| {
            matches!(parsed.scheme(), "http" | "https")
                && parsed.has_host()
                && parsed.query().is_none()
                && parsed.fragment().is_none()
                && parsed.username().is_empty()
        });
        if !plain {
            return Err(
                "write the whole address that people type, like `https://desk.example.org`, or `http://localhost:8080` on \
                 your own machine; no query, no user".to_owned()
            );
        }
        Ok(Self(address.to_owned()))
    }
    fn toml(&self) -> Option<toml::Value> {
        Some(toml::Value::String(self.0.clone()))
    }
}

/// The address of a PostgreSQL database, without a password.
#[derive(Clone, PartialEq, Eq)]
pub struct DatabaseUrl(Url);

impl DatabaseUrl {
    /// The address with this password in it; never print it.
    pub fn with_password(&self, password: Option<&str>) -> Zeroizing<String> {
        let mut url = self.0.clone();
        // A PostgreSQL address has a host or a name, which is all that a password needs.
        let _ = url.set_password(password);
        Zeroizing::new(url.into())
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.0.as_str())
    }
}

impl Value for DatabaseUrl {
    const KIND: &'static str = "URL";
    fn parse(texts: &[String]) -> Result<Self, String> {
        let url = Url::parse(only(texts)).ok();
        let url = url.filter(|url| matches!(url.scheme(), "postgres" | "postgresql"));
        let url = url.ok_or("write it as `postgres://user@host/database`")?;
        if url.password().is_some() || url.query_pairs().any(|(name, _)| name == "password") {
            return Err(
                "take the password out and put it into a file of its own, readable by its owner only: \
                        `database-password-file`"
                    .to_owned(),
            );
        }
        Ok(Self(url))
    }
    fn toml(&self) -> Option<toml::Value> {
        Some(toml::Value::String(self.0.to_string()))
    }
}

impl Value for std::net::IpAddr {
    const KIND: &'static str = "ADDRESS";
    fn parse(texts: &[String]) -> Result<Self, String> {
        let read = only(texts).parse();
        read.map_err(|_| "write an address without a port, such as `127.0.0.1` or `::1`".to_owned())
    }
    fn toml(&self) -> Option<toml::Value> {
        Some(toml::Value::String(self.to_string()))
    }
}

/// A bucket: so many at once, and so many an hour after that. Neither is zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bucket {
    /// How many go at once from a full bucket.
    pub at_once: u32,
    /// How many come back in an hour.
    pub per_hour: u32,
}

impl Value for Bucket {
    const KIND: &'static str = "BUCKET";
    fn parse(texts: &[String]) -> Result<Self, String> {
        let read = || {
            let (at_once, rest) = only(texts).split_once(" then ")?;
            let per_hour = rest.trim().strip_suffix("/h")?;
            let number = |text: &str| text.trim().parse().ok().filter(|number| *number > 0);
            Some(Self { at_once: number(at_once)?, per_hour: number(per_hour)? })
        };
        read()
            .ok_or_else(|| "write how many at once and how many an hour, such as `30 then 120/h`".to_owned())
    }
    fn toml(&self) -> Option<toml::Value> {
        Some(toml::Value::String(format!("{} then {}/h", self.at_once, self.per_hour)))
    }
}
