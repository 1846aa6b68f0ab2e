//! The ink that samples are written in.

use std::cell::Cell;

use bastide_pages::{Href, SafeHtml, Text};

/// How the strings of a sample are written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Ink {
    /// As they are.
    Plain,
    /// As something that breaks out of text.
    OutOfText,
    /// As something that breaks out of an attribute.
    OutOfAttribute,
    /// As something that breaks out of special elements, comments and templates.
    OutOfElement,
    /// As something that runs when it is an address.
    Running,
}

/// What every hostile string carries, so that a test finds it again.
pub(crate) const MARK: &str = "BREAKOUT";

impl Ink {
    pub(crate) const HOSTILE: [Self; 4] =
        [Self::OutOfText, Self::OutOfAttribute, Self::OutOfElement, Self::Running];

    fn written(self, text: &str) -> String {
        if text.is_empty() {
            // Empty means "not shown"; it must stay so, or the page changes for a good reason.
            return String::new();
        }
        let count = COUNT.get();
        COUNT.set(count + 1);
        match self {
            Self::Plain => text.to_owned(),
            Self::OutOfText => format!(
                "{MARK}{count}</p></td></table></main><script>alert({count})</script><img src=x onerror=alert(1)><svg/onload=alert(1)>&lt;b&gt;"
            ),
            Self::OutOfAttribute => format!(
                "{MARK}{count}\" onfocus=\"alert(1)\" autofocus x='\" onmouseover='alert(1)' `onclick=alert(1)` \"><img src=x onerror=alert(1)>"
            ),
            Self::OutOfElement => format!(
                "{MARK}{count}--></textarea></title></style></select></option></summary></details></code></pre></script><iframe srcdoc=\"<script>alert(1)</script>\"></iframe><math><mtext></form><form action=javascript:alert(1)><base href=//e.example><link rel=stylesheet href=//e.example><meta http-equiv=refresh content=0>{{{{7*7}}}}{{% raw %}}\u{202e}\u{0}"
            ),
            Self::Running => {
                format!("javascript:alert('{MARK}{count}')//\" style=\"background:url(//e.example)")
            }
        }
    }
}

thread_local! {
    static INK: Cell<Ink> = const { Cell::new(Ink::Plain) };
    static COUNT: Cell<u32> = const { Cell::new(0) };
}

/// Runs `write` with this ink.
pub(crate) fn with_ink<T>(ink: Ink, write: impl FnOnce() -> T) -> T {
    INK.set(ink);
    COUNT.set(0);
    let written = write();
    INK.set(Ink::Plain);
    written
}

/// Text in the ink of the moment.
pub(crate) fn t(text: &str) -> Text {
    INK.get().written(text).into()
}

/// An address in the ink of the moment; half of the hostile ones keep a good beginning.
pub(crate) fn h(address: &str) -> Href {
    let ink = INK.get();
    let written = ink.written(address);
    if ink == Ink::Plain || ink == Ink::Running { written.into() } else { Href::new(format!("/{written}")) }
}

/// Markup in the ink of the moment.
pub(crate) fn markup(html: &str) -> SafeHtml {
    SafeHtml::sanitise(&INK.get().written(html))
}
