//! Standard output and standard error. A reader that went away is no error of ours.

use std::io::Write;

/// A line on standard output.
pub(crate) fn say(line: &str) {
    let mut out = std::io::stdout().lock();
    let _ = writeln!(out, "{line}").and_then(|()| out.flush());
}

/// A line on standard error.
pub(crate) fn complain(line: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{line}");
}

/// Rows under a head, columns as wide as their widest cell.
pub(crate) fn table(head: &[&str], rows: &[Vec<String>]) {
    let widths: Vec<usize> = head
        .iter()
        .enumerate()
        .map(|(column, title)| {
            let cells = rows.iter().filter_map(|row| row.get(column)).map(|cell| width(cell));
            cells.chain([width(title)]).max().unwrap_or(0)
        })
        .collect();
    let line = |cells: &mut dyn Iterator<Item = &str>| {
        let padded: Vec<String> = cells
            .zip(&widths)
            .map(|(cell, wide)| format!("{cell}{}", " ".repeat(wide.saturating_sub(width(cell)))))
            .collect();
        padded.join("  ").trim_end().to_owned()
    };
    say(&line(&mut head.iter().copied()));
    for row in rows {
        say(&line(&mut row.iter().map(String::as_str)));
    }
}

/// Places on a terminal: Chinese signs take two.
fn width(text: &str) -> usize {
    text.chars().map(|sign| if ('\u{1100}'..='\u{ffe6}').contains(&sign) { 2 } else { 1 }).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chinese_sign_is_two_places_wide() {
        assert_eq!((width("day"), width("日期"), width("3 天")), (3, 4, 4));
    }
}
