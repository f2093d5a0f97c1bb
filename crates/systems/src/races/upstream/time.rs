//! Times of laps and races as text.

/// What a time says, in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Said {
    /// From the start.
    Absolute(i64),
    /// Behind the winner.
    Gap(i64),
}

impl Said {
    /// Either.
    pub(super) fn ms(self) -> i64 {
        let (Self::Absolute(ms) | Self::Gap(ms)) = self;
        ms
    }
}

/// Reads `[+][[H:]M:]S[.f]`, `f` of one to three digits; only the first of several numbers may be 60 or more.
/// `None` for all else, such as `+1 Lap`.
pub(super) fn read(text: &str) -> Option<Said> {
    let text = text.trim();
    let (gap, text) = text.strip_prefix('+').map_or((false, text), |rest| (true, rest));
    let (clock, fraction) = text.split_once('.').map_or((text, None), |(clock, rest)| (clock, Some(rest)));
    let mut seconds = 0_i64;
    let parts: Vec<&str> = clock.split(':').collect();
    if parts.len() > 3 {
        return None;
    }
    for (at, part) in parts.iter().enumerate() {
        let number = digits(part, 9)?;
        if at > 0 && number >= 60 {
            return None;
        }
        seconds = seconds * 60 + number;
    }
    let ms = match fraction {
        None => 0,
        Some(fraction) => digits(fraction, 3)? * [100, 10, 1][fraction.len() - 1],
    };
    let ms = seconds * 1000 + ms;
    Some(if gap { Said::Gap(ms) } else { Said::Absolute(ms) })
}

/// One digit to `most` of them, and nothing else.
fn digits(text: &str, most: usize) -> Option<i64> {
    let is_number = (1..=most).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn documented_times_are_read_as_documented() {
        for (text, ms) in [
            ("1:23:54.543", 5_034_543),
            ("+17.973", 17_973),
            ("1:42:06.304", 6_126_304),
            ("+0.895", 895),
            ("32:04.660", 1_924_660),
            ("+1:07.667", 67_667),
            ("1:30.031", 90_031),
        ] {
            assert_eq!(read(text).map(Said::ms), Some(ms), "{text}");
        }
        for text in
            ["+1 Lap", "", "1:2x", "1:", ":30", "+", "1:2:3:4", "1.2345", "1.", ".5", "-1.5", "1:60.0", "١"]
        {
            assert_eq!(read(text), None, "{text}");
        }
        assert_eq!(5_052_516 - 5_034_543, read("+17.973").unwrap().ms());
        assert_eq!(
            (read("5.1"), read("5.12"), read("90")),
            (Some(Said::Absolute(5_100)), Some(Said::Absolute(5_120)), Some(Said::Absolute(90_000)))
        );
    }

    /// Writes a time the plain way.
    fn written(gap: bool, ms: i64) -> String {
        let (hours, minutes, seconds, rest) = (ms / 3_600_000, ms / 60_000 % 60, ms / 1000 % 60, ms % 1000);
        let sign = if gap { "+" } else { "" };
        match (hours, minutes) {
            (0, 0) => format!("{sign}{seconds}.{rest:03}"),
            (0, _) => format!("{sign}{minutes}:{seconds:02}.{rest:03}"),
            _ => format!("{sign}{hours}:{minutes:02}:{seconds:02}.{rest:03}"),
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn a_time_is_read_as_it_was_written(gap in any::<bool>(), ms in 0..100_000_000_i64) {
            let said = if gap { Said::Gap(ms) } else { Said::Absolute(ms) };
            prop_assert_eq!(read(&written(gap, ms)), Some(said));
        }

        #[test]
        fn whatever_comes_is_a_time_or_nothing(text in "[+]{0,2}[0-9:. xL]{0,14}") {
            if let Some(said) = read(&text) {
                prop_assert!(said.ms() >= 0);
                prop_assert!(text.trim().bytes().all(|byte| b"+:.0123456789".contains(&byte)));
            }
        }
    }
}
