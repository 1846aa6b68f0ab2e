//! Threat models: what counts as a vulnerability of a project and what does not, as clauses that decisions cite.
//!
//! A model is a TOML file of [`Clause`]s. Each has a stable id, a text in plain words, a [`Ruling`], the answers of a
//! report that make it likely to apply, the API names that hint at it, and the document it was taken from. A model may
//! inherit another: a child adds clauses, and it never loosens one silently. Replacing an inherited clause, or ruling
//! otherwise on the same answer or API name, takes `overrides = "clause-id"` with a reason; [`check`] refuses it
//! without.
//!
//! A model decides nothing by itself: [`Suggester`] names the clauses that suggest themselves for a report (O06), a
//! person picks the [`Outcome`] and cites a clause.

mod clause;
mod library;
mod outcome;
mod question;
mod suggest;

pub use clause::{Clause, Origin, Override, Ruling, ThreatModel, Trigger};
pub use library::{BUILTIN_NAMES, Library, builtin, builtin_text, check};
pub use outcome::{Needs, Outcome};
pub use question::{Answered, Question};
pub use suggest::{Because, Suggester, Suggestion};

#[cfg(test)]
mod tests;
