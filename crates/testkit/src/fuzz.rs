//! Inputs made from good ones by small changes, for as long as there is time.
//!
//! A target is a function of bytes that panics when a law is broken. It gets every input of the corpus as it is, and then
//! changed ones: bytes flipped, cut, doubled, exchanged between inputs, words of the target's language put in. The changes
//! follow from a seed, so that a run says how to repeat it; `BASTIDE_FUZZ_SECONDS` says for how long (5 without it), and
//! `BASTIDE_FUZZ_SEED` with what. An input that broke a law is written down, to be kept in the corpus.

use std::{
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    path::PathBuf,
    time::{Duration, Instant},
};

use crate::chance::Chance;

/// No input is longer, in bytes.
const LONGEST: usize = 64 * 1024;

/// An input that takes longer breaks the law that work is bounded. Generous: machines that test are busy.
const SLOWEST: Duration = Duration::from_secs(20);

/// Runs a target; gives how many inputs it got.
///
/// # Panics
///
/// When the target does, after writing the input down; when one input takes too long.
#[allow(clippy::disallowed_methods, reason = "how long to go on is what is measured")]
#[allow(clippy::print_stdout, clippy::print_stderr, reason = "a run says what it did and how to repeat it")]
pub fn fuzz(name: &str, corpus: &[Vec<u8>], words: &[&str], mut target: impl FnMut(&[u8])) -> u64 {
    assert!(!corpus.is_empty(), "{name}: a corpus has at least one input");
    let number = |variable: &str, default: u64| {
        std::env::var(variable).ok().and_then(|value| value.parse().ok()).unwrap_or(default)
    };
    let time = Duration::from_secs(number("BASTIDE_FUZZ_SECONDS", 5));
    let seed = number("BASTIDE_FUZZ_SEED", 1).max(1);
    let mut chance = Chance::of(seed);
    let begun = Instant::now();
    let mut count = 0_u64;
    while count < corpus.len() as u64 || begun.elapsed() < time {
        let input = match corpus.get(usize::try_from(count).unwrap_or(usize::MAX)) {
            Some(input) => input.clone(),
            None => changed(corpus, words, &mut chance),
        };
        count += 1;
        let before = Instant::now();
        if let Err(broken) = catch_unwind(AssertUnwindSafe(|| target(&input))) {
            let place = write_down(name, &input);
            eprintln!("{name}: input {count} of seed {seed} broke a law; it stands in {}", place.display());
            resume_unwind(broken);
        }
        let took = before.elapsed();
        if took > SLOWEST {
            let place = write_down(name, &input);
            panic!(
                "{name}: an input of {} bytes took {took:?}; it stands in {}",
                input.len(),
                place.display()
            );
        }
    }
    println!("{name}: {count} inputs in {} s, seed {seed}: no law broken", begun.elapsed().as_secs());
    count
}

fn write_down(name: &str, input: &[u8]) -> PathBuf {
    let place = std::env::temp_dir().join(format!("bastide-fuzz-{name}-{}", std::process::id()));
    // Where it cannot be written, the seed repeats it.
    let _ = std::fs::write(&place, input);
    place
}

fn part(chance: &mut Chance, of: &[u8], most: usize) -> std::ops::Range<usize> {
    let from = chance.below(of.len() + 1);
    from..(from + chance.below(most)).min(of.len())
}

/// Words that readers of every language stumble over.
const ANY: [&str; 22] = [
    "\0",
    "\r\n",
    "\u{feff}",
    "\u{202e}",
    "\u{1b}[31m",
    "é",
    "\u{1f600}",
    "\"",
    "\\",
    "{",
    "[",
    "<",
    "&#0;",
    "%00",
    "-1",
    "0",
    "18446744073709551616",
    "1e999",
    "NaN",
    "null",
    "true",
    "\t",
];

fn changed(corpus: &[Vec<u8>], words: &[&str], chance: &mut Chance) -> Vec<u8> {
    let mut input = chance.one(corpus).clone();
    for _ in 0..=chance.below(6) {
        let at = chance.below(input.len() + 1);
        match chance.below(9) {
            0 if !input.is_empty() => {
                let at = at.min(input.len() - 1);
                input[at] ^= 1 << chance.below(8);
            }
            1 => {
                let part = part(chance, &input, 64);
                input.drain(part);
            }
            2 => {
                let part = part(chance, &input, 200);
                let twice = input[part].repeat(1 + chance.below(20));
                input.splice(at..at, twice);
            }
            3 => {
                let other = chance.one(corpus).clone();
                let part = part(chance, &other, 400);
                input.splice(at..at, other[part].to_vec());
            }
            4 => {
                let random: Vec<u8> =
                    (0..chance.below(12)).map(|_| u8::try_from(chance.below(256)).unwrap_or(0)).collect();
                input.splice(at..at, random);
            }
            5 => {
                let word = chance.one(&ANY).as_bytes().repeat(1 + chance.below(3));
                input.splice(at..at, word);
            }
            6 => {
                // Deep or long: the same word very often.
                let word = if words.is_empty() { *chance.one(&ANY) } else { *chance.one(words) };
                input.splice(at..at, word.as_bytes().repeat(1 << chance.below(12)));
            }
            7 => input.truncate(at),
            _ => {
                let word = if words.is_empty() { *chance.one(&ANY) } else { *chance.one(words) };
                input.splice(at..at, word.bytes());
            }
        }
        input.truncate(LONGEST);
    }
    input
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_follow_from_the_seed_and_stay_within_bounds() {
        let corpus = [b"a report".to_vec(), Vec::new()];
        let run = |seed| {
            let mut chance = Chance::of(seed);
            (0..500).map(|_| changed(&corpus, &["word"], &mut chance)).collect::<Vec<_>>()
        };
        assert_eq!(run(7), run(7));
        assert_ne!(run(7), run(8));
        assert!(run(9).iter().all(|input| input.len() <= LONGEST));
    }

    #[test]
    fn a_broken_law_is_found() {
        let broken = catch_unwind(|| {
            fuzz("self", &[b"aaaa".to_vec()], &["needle"], |input| {
                assert!(!input.windows(6).any(|part| part == b"needle"), "found");
            })
        });
        assert!(broken.is_err());
    }
}
