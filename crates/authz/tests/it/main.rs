//! The authorisation function held against the table of roles, and what a permit opens.

mod embargoed;
mod matrix;
mod moments;
mod world;
