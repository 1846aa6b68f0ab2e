//! Templates and the stylesheet: values in, HTML out.
//!
//! A page is a struct of display-ready values ([`desk`], [`account`]) with a template of the same name under
//! `templates/`.
//! A door fills the struct and calls [`Page::render`]; what comes back is a whole document. The parts that pages
//! share (a moment, a badge, a form) are structs with templates of their own in [`part`].
//!
//! Every page works without script: forms are plain, every mutation is a POST, nothing is inline that a
//! `default-src 'none'; style-src 'self'` policy would refuse.
//!
//! Invariant: text reaches a page only as [`Text`], which is escaped, or as [`SafeHtml`], which only the sanitiser
//! makes; an address only as [`Href`], which refuses `javascript:` and its kin. Invariant: no domain logic and no
//! I/O here; nothing in these structs prints itself in `Debug`, because a page may hold embargoed text.
//!
//! To add a page: write its struct under `src/desk/`, its template of the same name, a sample under
//! `tests/it/samples/` (every test then covers it), look at it (`cargo run -p bastide-pages --example gallery -- DIR`),
//! and accept its snapshot.

pub mod account;
pub mod admin;
pub mod assets;
pub mod desk;
mod href;
pub mod part;
mod safe_html;
mod shell;
mod text;

pub use href::Href;
pub use safe_html::SafeHtml;
pub use shell::{NavigationLink, Notice, Shell, SignedIn};
pub use text::Text;

/// A page could not be written; only formatting itself can fail, so this is a defect of ours.
#[derive(Debug, thiserror::Error)]
#[error("the page could not be written")]
pub struct PageError(#[from] askama::Error);

/// What every page struct can do.
pub trait Page {
    /// The whole HTML document.
    fn render(&self) -> Result<String, PageError>;
}

impl<T: askama::Template> Page for T {
    fn render(&self) -> Result<String, PageError> {
        Ok(askama::Template::render(self)?)
    }
}
