//! Durations as Go programs read them: `300ms`, `5s`, `1m30s`, `0`.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

/// No duration is longer: ten years. Clocks can't count on from now for any time.
const LONGEST: Duration = Duration::from_hours(10 * 365 * 24);

/// A duration given by the user; zero often means "without limit".
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Span(pub(crate) Duration);

impl Span {
    /// The duration, or `None` for zero.
    pub(crate) fn limit(self) -> Option<Duration> {
        (!self.0.is_zero()).then_some(self.0)
    }
}

/// A time for which something lasts: not none, and with a unit, for a bare number may be meant as minutes.
pub(crate) fn lasting(text: &str) -> Result<Span, String> {
    let span: Span = text.parse()?;
    let such = "such as 30s, 90s or 5m";
    if text.bytes().all(|byte| byte.is_ascii_digit()) && !span.0.is_zero() {
        return Err(format!(
            "{text:?} has no unit: write {text}s or {text}m, or another time {such}"
        ));
    }
    if span.0.is_zero() {
        return Err(format!("it must last for more than no time, {such}"));
    }
    Ok(span)
}

impl FromStr for Span {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = || format!("{text:?} is no duration such as 30s, 5m or 1h30m");
        if text.is_empty() {
            return Err(wrong());
        }
        if let Ok(seconds) = text.parse::<u32>() {
            return bounded(text, Duration::from_secs(seconds.into()));
        }
        let mut total = Duration::ZERO;
        let mut rest = text;
        while !rest.is_empty() {
            let digits = rest
                .find(|c: char| !c.is_ascii_digit())
                .filter(|end| *end > 0)
                .ok_or_else(wrong)?;
            let (number, tail) = rest.split_at(digits);
            let number: u32 = number.parse().map_err(|_| wrong())?;
            let letters = tail
                .find(|c: char| !c.is_ascii_alphabetic())
                .unwrap_or(tail.len());
            let (unit, tail) = tail.split_at(letters);
            let one = match unit {
                "ms" => Duration::from_millis(1),
                "s" => Duration::from_secs(1),
                "m" => Duration::from_mins(1),
                "h" => Duration::from_hours(1),
                _ => return Err(wrong()),
            };
            total = one
                .checked_mul(number)
                .and_then(|part| total.checked_add(part))
                .ok_or_else(wrong)?;
            rest = tail;
        }
        bounded(text, total)
    }
}

/// What no clock fails at, and nobody means.
fn bounded(text: &str, time: Duration) -> Result<Span, String> {
    if time > LONGEST {
        return Err(format!("{text:?} is longer than ten years"));
    }
    Ok(Span(time))
}

impl fmt::Display for Span {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.0.as_secs();
        let (hours, minutes, rest) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
        if self.0.subsec_millis() > 0 {
            return write!(out, "{}ms", self.0.as_millis());
        }
        if hours > 0 {
            write!(out, "{hours}h")?;
        }
        if minutes > 0 {
            write!(out, "{minutes}m")?;
        }
        if rest > 0 || seconds == 0 {
            write!(out, "{rest}s")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_as_go_reads_them() {
        let read = |text: &str| text.parse::<Span>().map(|span| span.0.as_millis());
        assert_eq!(read("300ms"), Ok(300));
        assert_eq!(read("1m30s"), Ok(90_000));
        assert_eq!(read("0"), Ok(0));
        assert_eq!(read("5"), Ok(5000));
        for wrong in ["", "s", "5x", "-1s", "1s2", "99999999999h", "1.5h"] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn nothing_lasts_longer_than_clocks_can_count() {
        for far in ["87600h", "315360000"] {
            assert_eq!(far.parse::<Span>().unwrap().0, LONGEST, "{far}");
        }
        for farther in ["87600h1s", "100000000h", "4294967295", "4294967295h"] {
            let said = farther.parse::<Span>().unwrap_err();
            assert!(said.contains("longer than ten years"), "{farther}: {said}");
            assert_eq!(lasting(farther), Err(said));
        }
    }

    #[test]
    fn what_lasts_has_a_unit_and_is_more_than_nothing() {
        let read = |text: &str| lasting(text).map(|span| span.0.as_secs());
        assert_eq!(read("90s"), Ok(90));
        for (wrong, told) in [
            ("0", "more than no time, such as 30s"),
            ("0s", "more than no time, such as 30s"),
            ("0m0s", "more than no time"),
            ("5", "write 5s or 5m"),
            ("soon", "no duration such as 30s"),
        ] {
            let said = read(wrong).unwrap_err();
            assert!(said.contains(told), "{wrong}: {said}");
        }
    }

    #[test]
    fn durations_are_written_as_they_are_typed() {
        for text in ["0s", "30s", "5m", "1h30m", "300ms"] {
            assert_eq!(text.parse::<Span>().unwrap().to_string(), text);
        }
    }
}
