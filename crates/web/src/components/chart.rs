//! Values over time, drawn: lines with a mark a value, and columns of shares. Every chart says in words what it shows;
//! the numbers stand in a table beside it.

use std::fmt::Write as _;

use maud::{Markup, html};

/// Measures of the drawing, in its own units. It is stretched to the width of its card; lines keep their thickness.
const WIDTH: f64 = 1_000.0;
const HEIGHT: f64 = 100.0;

/// Room at both sides, so that a mark at the edge is whole.
const EDGE: f64 = 12.0;

/// What a chart stands on.
pub(crate) struct Ground<'a> {
    /// What it shows, for those who do not see it.
    pub(crate) said: &'a str,
    /// What the lines at its top, middle and bottom mean.
    pub(crate) scale: [String; 3],
    /// What its left and right ends mean.
    pub(crate) ends: [String; 2],
}

/// A line of a chart.
pub(crate) struct Series {
    /// Its colour and dashes, by name.
    pub(crate) tone: &'static str,
    /// From left to right.
    pub(crate) points: Vec<Point>,
}

/// A value of a line.
pub(crate) struct Point {
    /// How far to the right, 0 to 1.
    pub(crate) along: f64,
    /// How high, 0 to 1; `None` interrupts the line.
    pub(crate) high: Option<f64>,
    /// What is said of it when it is pointed at.
    pub(crate) said: String,
}

/// A column of shares.
pub(crate) struct Column {
    /// From the bottom up: the state that colours a share, and how many are in it.
    pub(crate) shares: [(&'static str, i64); 3],
    /// What is said of it when it is pointed at.
    pub(crate) said: String,
}

/// Lines; where a line is interrupted there is a gap.
pub(crate) fn lines(ground: &Ground<'_>, series: &[Series]) -> Markup {
    let drawn = html! {
        @for one in series {
            path.trace data-series=(one.tone) d=(trace(&one.points)) {}
            @for point in &one.points {
                @if let Some(high) = point.high {
                    path.spot data-series=(one.tone) d={ "M" (place(point.along, high)) "h.01" } {
                        title { (point.said) }
                    }
                }
            }
        }
    };
    on(ground, &drawn)
}

/// Columns that are all as high as the chart, each cut by its shares. One without any is a line at the bottom.
pub(crate) fn columns(ground: &Ground<'_>, columns: &[Column]) -> Markup {
    let step = WIDTH / (columns.len().max(1) as f64);
    let wide = format!("{:.1}", step * 0.72);
    let drawn = html! {
        @for (number, column) in columns.iter().enumerate() {
            @let x = format!("{:.1}", step * (number as f64 + 0.14));
            @let total: i64 = column.shares.iter().map(|(_, count)| count).sum();
            @if total == 0 {
                rect data-state="none" x=(x) y=(HEIGHT - 3.0) width=(wide) height="3" { title { (column.said) } }
            }
            @for (place, (state, count)) in column.shares.iter().enumerate() {
                @if *count > 0 {
                    @let below: i64 = column.shares[..place].iter().map(|(_, count)| count).sum();
                    @let tall = *count as f64 / total as f64 * HEIGHT;
                    @let top = HEIGHT - below as f64 / total as f64 * HEIGHT - tall;
                    rect data-state=(state) x=(x) y=(format!("{top:.1}")) width=(wide) height=(format!("{tall:.1}")) {
                        title { (column.said) }
                    }
                }
            }
        }
    };
    on(ground, &drawn)
}

fn on(ground: &Ground<'_>, drawn: &Markup) -> Markup {
    html! {
        div.chart {
            div.scale aria-hidden="true" { @for words in &ground.scale { span { (words) } } }
            svg.plot role="img" aria-label=(ground.said) viewBox={ "0 0 " (WIDTH) " " (HEIGHT) }
                preserveAspectRatio="none" {
                @for y in [0.0, HEIGHT / 2.0, HEIGHT] { path.grid d={ "M0 " (y) "H" (WIDTH) } {} }
                (drawn)
            }
            p.axis aria-hidden="true" { @for words in &ground.ends { span { (words) } } }
        }
    }
}

/// A line through the points; a point between two gaps is only its mark.
fn trace(points: &[Point]) -> String {
    let mut path = String::new();
    let mut goes_on = false;
    for point in points {
        if let Some(high) = point.high {
            let step = if goes_on { 'L' } else { 'M' };
            write!(path, "{step}{}", place(point.along, high)).expect("a text takes any text");
        }
        goes_on = point.high.is_some();
    }
    path
}

fn place(along: f64, high: f64) -> String {
    let x = EDGE + along.clamp(0.0, 1.0) * (WIDTH - 2.0 * EDGE);
    format!("{x:.1} {:.1}", HEIGHT - high.clamp(0.0, 1.0) * HEIGHT)
}

/// The next round number above a value: one, two or five with naughts.
pub(crate) fn round_above(value: i64) -> i64 {
    let mut round = 1;
    loop {
        for step in [1, 2, 5] {
            if round * step >= value || round > i64::MAX / 100 {
                return round * step;
            }
        }
        round *= 10;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ground(said: &str) -> Ground<'_> {
        Ground { said, scale: ["100 %", "50 %", "0"].map(str::to_owned), ends: ["a", "b"].map(str::to_owned) }
    }

    fn point(along: f64, high: Option<f64>) -> Point {
        Point { along, high, said: "a <point>".to_owned() }
    }

    #[test]
    fn a_line_has_a_gap_where_there_is_no_value() {
        let points = [(0.0, Some(0.0)), (0.25, Some(1.0)), (0.5, None), (0.75, Some(0.5)), (1.0, Some(2.0))];
        let points: Vec<Point> = points.into_iter().map(|(along, high)| point(along, high)).collect();
        assert_eq!(trace(&points), "M12.0 100.0L256.0 0.0M744.0 50.0L988.0 0.0");
        let drawn = lines(&ground("rates"), &[Series { tone: "rate", points }]).into_string();
        assert_eq!(drawn.matches("class=\"spot\"").count(), 4, "{drawn}");
        assert!(drawn.contains("a &lt;point&gt;") && drawn.contains("aria-label=\"rates\""), "{drawn}");
    }

    #[test]
    fn a_column_is_cut_by_its_shares_and_an_empty_one_is_a_line() {
        let column = |good, part, bad| Column {
            shares: [("succeeded", good), ("partial", part), ("failed", bad)],
            said: String::new(),
        };
        let drawn = columns(&ground("ends"), &[column(3, 0, 1), column(0, 0, 0)]).into_string();
        for rect in [
            r#"<rect data-state="succeeded" x="70.0" y="25.0" width="360.0" height="75.0">"#,
            r#"<rect data-state="failed" x="70.0" y="0.0" width="360.0" height="25.0">"#,
            r#"<rect data-state="none" x="570.0" y="97" width="360.0" height="3">"#,
        ] {
            assert!(drawn.contains(rect), "{rect} in {drawn}");
        }
    }

    #[test]
    fn a_scale_ends_at_a_round_number() {
        let above: Vec<i64> = [0, 1, 3, 15, 21, 99, 100, 101].map(round_above).to_vec();
        assert_eq!(above, [1, 1, 5, 20, 50, 100, 100, 200]);
        assert!(round_above(i64::MAX) > 0);
    }
}
