//! What changed between two texts, line by line: what a second person reads before approving a new version.

use bastide_pages::desk::{DifferenceLine, LineChange};

/// Texts with more lines in their differing part are shown as all removed and all added: the table below has the
/// product of both counts as entries.
const MOST_LINES: usize = 1000;

/// The lines of both texts in order: kept, removed or added.
pub(super) fn lines(old: &str, new: &str) -> Vec<DifferenceLine> {
    let (old, new): (Vec<&str>, Vec<&str>) = (old.lines().collect(), new.lines().collect());
    let start = old.iter().zip(&new).take_while(|(left, right)| left == right).count();
    let (old_rest, new_rest) = (&old[start..], &new[start..]);
    let end =
        old_rest.iter().rev().zip(new_rest.iter().rev()).take_while(|(left, right)| left == right).count();
    let (old_middle, new_middle) = (&old_rest[..old_rest.len() - end], &new_rest[..new_rest.len() - end]);
    let mut found: Vec<DifferenceLine> =
        old[..start].iter().map(|line| marked(LineChange::Same, line)).collect();
    middle(old_middle, new_middle, &mut found);
    found.extend(old[old.len() - end..].iter().map(|line| marked(LineChange::Same, line)));
    found
}

fn middle(old: &[&str], new: &[&str], found: &mut Vec<DifferenceLine>) {
    let (mut left, mut right) = (0, 0);
    if old.len() <= MOST_LINES && new.len() <= MOST_LINES {
        let common = common(old, new);
        while left < old.len() && right < new.len() {
            if old[left] == new[right] {
                found.push(marked(LineChange::Same, old[left]));
                (left, right) = (left + 1, right + 1);
            } else if common[left + 1][right] >= common[left][right + 1] {
                found.push(marked(LineChange::Removed, old[left]));
                left += 1;
            } else {
                found.push(marked(LineChange::Added, new[right]));
                right += 1;
            }
        }
    }
    found.extend(old[left..].iter().map(|line| marked(LineChange::Removed, line)));
    found.extend(new[right..].iter().map(|line| marked(LineChange::Added, line)));
}

/// How many lines the rests from each pair of places have in common at most.
fn common(old: &[&str], new: &[&str]) -> Vec<Vec<usize>> {
    let mut table = vec![vec![0; new.len() + 1]; old.len() + 1];
    for left in (0..old.len()).rev() {
        for right in (0..new.len()).rev() {
            table[left][right] = if old[left] == new[right] {
                table[left + 1][right + 1] + 1
            } else {
                table[left + 1][right].max(table[left][right + 1])
            };
        }
    }
    table
}

fn marked(change: LineChange, line: &str) -> DifferenceLine {
    DifferenceLine { change, text: line.into() }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn side(lines: &[DifferenceLine], other: LineChange) -> Vec<&str> {
        lines.iter().filter(|line| line.change != other).map(|line| line.text.as_str()).collect()
    }

    proptest! {
        #[test]
        fn without_what_was_added_it_is_the_old_text_and_without_what_was_removed_the_new(
            old in "([ab]{0,2}\n){0,12}", new in "([ab]{0,2}\n){0,12}",
        ) {
            let found = lines(&old, &new);
            prop_assert_eq!(side(&found, LineChange::Added), old.lines().collect::<Vec<_>>());
            prop_assert_eq!(side(&found, LineChange::Removed), new.lines().collect::<Vec<_>>());
        }
    }

    #[test]
    fn one_changed_line_is_one_line_removed_and_one_added() {
        let found = lines("a\nb\nc\n", "a\nx\nc\n");
        let changes: Vec<LineChange> = found.iter().map(|line| line.change).collect();
        assert_eq!(changes, [LineChange::Same, LineChange::Removed, LineChange::Added, LineChange::Same]);
    }
}
