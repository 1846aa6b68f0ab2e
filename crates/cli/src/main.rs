//! The binary `bastide`: parse, call, render. To come.

fn main() {}
