//! The browser that somebody signs in from, in words: enough for them to recognise it, nothing that follows them.

use crate::Secret;

/// The browser that somebody signs in from.
#[derive(Debug, Clone, Default)]
pub struct Browser {
    /// In words: `Firefox on Linux`.
    pub device: String,
    /// The long-lived random cookie by which the desk knows it again.
    pub cookie: Option<Secret>,
    /// The session that it has now; it ends when a new one begins.
    pub session: Option<Secret>,
}

/// What a user agent calls itself, and what people call it. The first that fits counts: most claim to be several.
const PROGRAMS: [(&str, &str); 9] = [
    ("Edg/", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chromium/", "Chromium"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
];

/// The same for systems.
const SYSTEMS: [(&str, &str); 7] = [
    ("Android", "Android"),
    ("iPhone", "an iPhone"),
    ("iPad", "an iPad"),
    ("CrOS", "ChromeOS"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
];

impl Browser {
    /// From a request's `User-Agent`. Only words of our own are kept of it.
    pub fn of(user_agent: &str) -> Self {
        let find = |table: &[(&str, &'static str)]| {
            table.iter().find(|(mark, _)| user_agent.contains(mark)).map(|(_, word)| *word)
        };
        let device = match (find(&PROGRAMS), find(&SYSTEMS)) {
            (Some(program), Some(system)) => format!("{program} on {system}"),
            (Some(program), None) => program.to_owned(),
            (None, Some(system)) => format!("a program on {system}"),
            (None, None) => "an unknown program".to_owned(),
        };
        Self { device, cookie: None, session: None }
    }
}

#[cfg(test)]
mod tests {
    use super::Browser;

    #[test]
    fn a_user_agent_becomes_words_of_our_own() {
        let firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
        let edge = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) \
                    Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0";
        let phone = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 \
                     (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1";
        let words =
            [(firefox, "Firefox on Linux"), (edge, "Edge on Windows"), (phone, "Safari on an iPhone")];
        for (agent, expected) in words {
            assert_eq!(Browser::of(agent).device, expected);
        }
        for hostile in ["", "<script>", "\u{202e}", "curl/8"] {
            assert_eq!(Browser::of(hostile).device, "an unknown program");
        }
    }
}
