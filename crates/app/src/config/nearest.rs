//! The known name a wrong one was probably meant to be.

/// The nearest of `known`, unless all are far off.
pub(crate) fn nearest<'a>(wrong: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let bound = 2 + wrong.chars().count() / 4;
    known
        .map(|name| (distance(wrong, name), name))
        .filter(|(distance, _)| *distance <= bound)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, name)| name)
}

/// Letters to insert, remove or change (Levenshtein).
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, from) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, to) in b.iter().enumerate() {
            let change = diagonal + usize::from(from != *to);
            diagonal = row[j + 1];
            row[j + 1] = change.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_pen_is_understood_and_nonsense_is_not() {
        let known = ["listen", "data_dir", "database_url", "stocks.daily_at"];
        let meant = |wrong| nearest(wrong, known.into_iter());
        assert_eq!(meant("lisen"), Some("listen"));
        assert_eq!(meant("datadir"), Some("data_dir"));
        assert_eq!(meant("stocks.dayly_at"), Some("stocks.daily_at"));
        assert_eq!(meant("colour"), None);
        assert_eq!((distance("", "abc"), distance("kitten", "sitting")), (3, 3));
    }
}
