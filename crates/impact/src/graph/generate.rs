//! Makes a graph like PyPI's, of any size, to measure with: few packages that everybody requires, many that nobody does.
//!
//! Who requires how much is drawn from a geometric distribution with a third of all projects requiring nothing; whom they
//! require is, three times out of four, whom somebody else requires already (a copying model, which gives in-degrees a power
//! law), else anybody. Cycles come up as they do in life. Chance comes from the caller, so a seed makes one graph.

use super::build::{BuildError, Builder};
use crate::requirement::Requirement;

/// How large a graph is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size {
    /// How many projects.
    pub projects: u32,
    /// How many requirements; as many edges but for those that are drawn twice.
    pub requirements: u32,
}

/// PyPI as a whole in January 2025.
pub const PYPI: Size = Size { projects: 1_013_630, requirements: 3_795_130 };

/// What requirements ask for, about as often as they do among the 8,000 most used projects.
const WANTED: [&str; 10] =
    ["", "", "", ">=1.0", ">=2.0", ">=1.2.3", ">=1.0,<2", "<3,>=2.1", "==1.4.2", "~=1.4"];

/// The name of a generated project.
pub fn name(number: u32) -> String {
    format!("project-{number:07}")
}

/// Pairs of who requires and what is required, by number; `below(n)` is a random number below `n`.
pub fn pairs(size: Size, below: &mut impl FnMut(u32) -> u32) -> Vec<(u32, u32)> {
    let mut pairs: Vec<(u32, u32)> = Vec::with_capacity(size.requirements as usize);
    if size.projects < 2 {
        return pairs;
    }
    // A project that requires anything goes on to the next requirement so often that the mean comes out right.
    let requiring = u64::from(size.projects) * 2 / 3;
    let mean = (u64::from(size.requirements) / requiring.max(1)).max(1);
    let keep = u32::try_from((1000 * mean.saturating_sub(1)) / mean).unwrap_or(0);
    while pairs.len() < size.requirements as usize {
        let project = below(size.projects);
        loop {
            let target = match pairs.len() {
                known @ 1.. if below(4) < 3 => {
                    pairs[below(u32::try_from(known).unwrap_or(u32::MAX)) as usize].1
                }
                _ => below(size.projects),
            };
            if target != project {
                pairs.push((project, target));
            }
            if pairs.len() == size.requirements as usize || below(1000) >= keep {
                break;
            }
        }
    }
    pairs
}

/// A builder that holds a generated graph.
pub fn generate(size: Size, below: &mut impl FnMut(u32) -> u32) -> Result<Builder, BuildError> {
    let mut builder = Builder::new();
    for number in 0..size.projects {
        builder.project(&name(number))?;
    }
    for (project, target) in pairs(size, below) {
        let wanted = WANTED[below(10) as usize % WANTED.len()];
        if let Ok(requirement) = Requirement::parse(&format!("{}{wanted}", name(target))) {
            builder.require(&name(project), &requirement)?;
        }
    }
    Ok(builder)
}
