//! The nearest known name to a misspelled one, for "did you mean".

/// Longer words are not compared: nobody misspells them by a letter or two, and the cost is quadratic.
const LONGEST: usize = 80;

/// The candidate nearest to a word, if one is near: at most about a third of its letters wrong, left out, added or
/// swapped. Upper and lower case are the same; of equally near ones the first.
pub fn nearest<'a>(word: &str, candidates: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let word = letters(word)?;
    let mut limit = word.len().div_ceil(3).min(word.len().saturating_sub(1));
    let mut found = None;
    for candidate in candidates {
        let Some(letters) = letters(candidate) else { continue };
        if letters.len().abs_diff(word.len()) > limit {
            continue;
        }
        let distance = distance(&word, &letters);
        if distance < limit || (distance == limit && found.is_none()) {
            found = Some(candidate);
            limit = distance;
        }
    }
    found
}

fn letters(word: &str) -> Option<Vec<char>> {
    // Bytes bound the letters from above: a huge text is not even walked.
    if word.len() > 4 * LONGEST {
        return None;
    }
    let letters: Vec<char> = word.chars().flat_map(char::to_lowercase).collect();
    (letters.len() <= LONGEST).then_some(letters)
}

/// Damerau and Levenshtein's distance in its common form, where a swapped pair is not edited again.
fn distance(left: &[char], right: &[char]) -> usize {
    let mut before_last: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=right.len()).collect();
    let mut left_before = None;
    for (row, &l) in left.iter().enumerate() {
        let mut current = Vec::with_capacity(right.len() + 1);
        let mut beside = row + 1;
        current.push(beside);
        let mut right_before = None;
        for (column, &r) in right.iter().enumerate() {
            let above = last.get(column + 1).copied().unwrap_or(usize::MAX - 1);
            let diagonal = last.get(column).copied().unwrap_or(usize::MAX - 1);
            let mut best = (above + 1).min(beside + 1).min(diagonal + usize::from(l != r));
            if left_before == Some(r) && right_before == Some(l) {
                let swapped = column.checked_sub(1).and_then(|column| before_last.get(column));
                best = best.min(swapped.map_or(usize::MAX, |swapped| swapped + 1));
            }
            current.push(best);
            beside = best;
            right_before = Some(r);
        }
        before_last = last;
        last = current;
        left_before = Some(l);
    }
    last.last().copied().unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name() {
        let known = ["requester", "record_selector", "paginator", "url_base", "path", "id"];
        for (word, expected) in [
            ("requestor", Some("requester")),
            ("reqeuster", Some("requester")),
            ("Record_Selector", Some("record_selector")),
            ("url_bas", Some("url_base")),
            ("urlbase", Some("url_base")),
            ("pth", Some("path")),
            ("ID", Some("id")),
            ("x", None),
            ("", None),
            ("authenticator", None),
        ] {
            assert_eq!(nearest(word, known.into_iter()), expected, "{word}");
        }
        assert_eq!(nearest(&"x".repeat(100_000), known.into_iter()), None);
        assert_eq!(nearest("abd", ["abe", "abf"].into_iter()), Some("abe"));
    }

    #[test]
    fn swapped_letters_count_once() {
        for (left, right, expected) in
            [("ab", "ba", 1), ("abc", "abc", 0), ("", "abc", 3), ("kitten", "sitting", 3), ("abcd", "acbd", 1)]
        {
            let letters = |word: &str| word.chars().collect::<Vec<_>>();
            assert_eq!(distance(&letters(left), &letters(right)), expected, "{left} {right}");
        }
    }
}
