//! What stands around every page: name, navigation, who is signed in, notices, footer.

use crate::{
    Href, Text,
    part::{FormTokens, Link, Tone},
};

/// The frame of a page; the same for every page of one request.
#[derive(Debug, Clone, Default)]
pub struct Shell {
    /// The desk's name, such as `Scientific Python vulnerability desk`.
    pub site_name: Text,
    /// Who is signed in, if anybody.
    pub person: Option<SignedIn>,
    /// The main navigation, in order. May be empty.
    pub navigation: Vec<NavigationLink>,
    /// What the person should know before reading on: what was just done, a simulated clock.
    pub notices: Vec<Notice>,
    /// Links at the foot of the page: security.txt, ledger, source.
    pub footer: Vec<Link>,
}

/// The person whose session this is.
#[derive(Debug, Clone)]
pub struct SignedIn {
    /// The name they want to be shown by.
    pub name: Text,
    /// What they are here, in words: `coordinator of jupyter`.
    pub role: Text,
    /// Where the sign-out form goes.
    pub sign_out: Href,
    /// Tokens of that form.
    pub tokens: FormTokens,
}

/// One entry of the navigation.
#[derive(Debug, Clone)]
pub struct NavigationLink {
    /// What people read.
    pub label: Text,
    /// Where it goes.
    pub href: Href,
    /// Whether this is the page (or section) shown.
    pub current: bool,
}

/// A sentence above the page.
#[derive(Debug, Clone)]
pub struct Notice {
    /// How it is meant; the sentence says it too.
    pub tone: Tone,
    /// The sentence.
    pub text: Text,
    /// What to do about it, if anything.
    pub link: Option<Link>,
}

impl Shell {
    /// A shell with a name and nothing else.
    pub fn new(site_name: impl Into<Text>) -> Self {
        Self { site_name: site_name.into(), ..Self::default() }
    }

    pub(crate) fn style_path(&self) -> &'static str {
        let _ = self;
        crate::assets::style_path()
    }

    pub(crate) fn script_path(&self) -> &'static str {
        let _ = self;
        crate::assets::script_path()
    }

    pub(crate) fn icon_path(&self) -> &'static str {
        let _ = self;
        crate::assets::icon_path()
    }
}
