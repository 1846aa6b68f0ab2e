//! The pages of administration. They share one shape: a side list of sections, then parts of a few kinds (tables,
//! facts, differences, forms), so one struct and one template serve them all.

mod sheet;

pub use sheet::{Block, Cell, CheckItem, Fact, Sheet, SheetPart, SheetTable};
