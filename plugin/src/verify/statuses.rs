//! Which HTTP statuses pass: `200-299`, `200,204,301`.

use std::fmt;
use std::ops::RangeInclusive;
use std::str::FromStr;

/// Statuses, as ranges.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Statuses(Vec<RangeInclusive<u16>>);

impl Statuses {
    /// Whether a status passes.
    pub(crate) fn accept(&self, status: u16) -> bool {
        self.0.iter().any(|range| range.contains(&status))
    }
}

impl Default for Statuses {
    fn default() -> Self {
        Self(vec![200..=299])
    }
}

impl FromStr for Statuses {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let status = |text: &str| {
            text.parse()
                .ok()
                .filter(|status| (200..600).contains(status))
                .ok_or_else(|| format!("{text:?} is no status from 200 to 599"))
        };
        text.split(',')
            .map(|part| {
                let (from, to) = part.split_once('-').unwrap_or((part, part));
                let (from, to) = (status(from)?, status(to)?);
                if from > to {
                    return Err(format!("no status lies in {part}"));
                }
                Ok(from..=to)
            })
            .collect::<Result<_, _>>()
            .map(Self)
    }
}

impl fmt::Display for Statuses {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, range) in self.0.iter().enumerate() {
            let comma = if place == 0 { "" } else { "," };
            let (from, to) = (range.start(), range.end());
            if from == to {
                write!(out, "{comma}{from}")?;
            } else {
                write!(out, "{comma}{from}-{to}")?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_and_single_statuses_may_be_mixed() {
        let statuses: Statuses = "200-204,301".parse().unwrap();
        let accepted: Vec<u16> = (200..600)
            .filter(|status| statuses.accept(*status))
            .collect();
        assert_eq!(accepted, [200, 201, 202, 203, 204, 301]);
        assert_eq!(statuses.to_string(), "200-204,301");
        assert_eq!(Statuses::default().to_string(), "200-299");
    }

    #[test]
    fn what_can_never_be_is_no_status() {
        for wrong in ["", "ok", "100", "600", "299-200", "200-", "200,,204"] {
            assert!(wrong.parse::<Statuses>().is_err(), "{wrong}");
        }
    }
}
