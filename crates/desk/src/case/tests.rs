//! The process told as stories: who does what, what comes of it, what is refused.

mod world;

mod clock;
mod embargo;
mod jupyter;
mod law;
mod people;
mod psrt;
mod random;
mod steps;
mod triage;
