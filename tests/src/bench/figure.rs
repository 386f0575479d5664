//! Figures, and how they are said.

use std::fmt;
use std::time::Duration;

use serde::Serialize;

use crate::load::Report;

/// One figure of `bench.json`.
#[derive(Debug, Serialize)]
pub(super) struct Figure {
    name: String,
    value: f64,
    unit: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    against: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ratio: Option<f64>,
    #[serde(skip)]
    detail: String,
}

/// Times of one thing that was done several times, in milliseconds, or other amounts of it.
#[derive(Clone, Debug)]
pub(super) struct Series(Vec<f64>);

impl Series {
    pub(super) fn new() -> Self {
        Self(Vec::new())
    }

    pub(super) fn add(&mut self, took: Duration) {
        self.0.push(took.as_secs_f64() * 1e3);
    }

    pub(super) fn add_amount(&mut self, amount: f64) {
        self.0.push(amount);
    }

    /// Median, minimum and maximum.
    fn middle(&self) -> (f64, f64, f64) {
        let mut sorted = self.0.clone();
        sorted.sort_by(f64::total_cmp);
        let at = |place: usize| sorted.get(place).copied().unwrap_or(f64::NAN);
        let middle = sorted.len() / 2;
        let median = if sorted.len().is_multiple_of(2) {
            f64::midpoint(at(middle.saturating_sub(1)), at(middle))
        } else {
            at(middle)
        };
        (median, at(0), at(sorted.len().saturating_sub(1)))
    }
}

/// How often something went well.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Outcomes {
    pub(super) well: u32,
    pub(super) all: u32,
}

impl Outcomes {
    pub(super) fn add(&mut self, well: bool) {
        self.all += 1;
        self.well += u32::from(well);
    }
}

impl Figure {
    /// Our time beside the time of what a user would otherwise run.
    pub(super) fn against(name: &str, ours: &Series, other: &str, theirs: &Series) -> Self {
        Self::amounts(name, "ms", ours, other, theirs)
    }

    /// The same of other amounts than times.
    pub(super) fn amounts(
        name: &str,
        unit: &'static str,
        ours: &Series,
        other: &str,
        theirs: &Series,
    ) -> Self {
        let (value, least, most) = ours.middle();
        let (against, their_least, their_most) = theirs.middle();
        Self {
            name: name.to_owned(),
            value: round(value),
            unit,
            against: Some(round(against)),
            ratio: Some(round(value / against)),
            detail: format!(
                "n {}, {least:.1} to {most:.1} {unit}; {other} {their_least:.1} to {their_most:.1} {unit}",
                ours.0.len()
            ),
        }
    }

    /// A time that nothing is compared with.
    pub(super) fn alone(name: &str, times: &Series) -> Self {
        let (value, least, most) = times.middle();
        Self {
            name: name.to_owned(),
            value: round(value),
            unit: "ms",
            against: None,
            ratio: None,
            detail: format!("n {}, {least:.1} to {most:.1} ms", times.0.len()),
        }
    }

    /// Failed requests among all, beside those of what a user would otherwise do.
    pub(super) fn share(name: &str, ours: &Report, other: &str, theirs: &Report) -> Self {
        let of_a_million = |report: &Report| {
            let count = |number: usize| u32::try_from(number).map_or(f64::NAN, f64::from);
            count(report.failures().len()) * 1e6 / count(report.requests())
        };
        let (value, against) = (of_a_million(ours), of_a_million(theirs));
        let ratio = value / against;
        Self {
            name: name.to_owned(),
            value: round(value),
            unit: "requests",
            against: Some(round(against)),
            ratio: Some(ratio).filter(|ratio| ratio.is_finite()).map(round),
            detail: format!(
                "{} of {}; {other} {} of {}",
                ours.failures().len(),
                ours.requests(),
                theirs.failures().len(),
                theirs.requests()
            ),
        }
    }

    /// Runs that ended well, beside those of what a user would otherwise do.
    pub(super) fn outcomes(name: &str, ours: Outcomes, other: &str, theirs: Outcomes) -> Self {
        Self {
            name: name.to_owned(),
            value: ours.well.into(),
            unit: "runs",
            against: Some(theirs.well.into()),
            ratio: None,
            detail: format!(
                "{} of {}; {other} {} of {}",
                ours.well, ours.all, theirs.well, theirs.all
            ),
        }
    }

    /// A count, with the count that it may not exceed.
    pub(super) fn count(name: &str, value: u32, most: u32) -> Self {
        Self {
            name: name.to_owned(),
            value: value.into(),
            unit: "requests",
            against: Some(most.into()),
            ratio: Some(round(f64::from(value) / f64::from(most))),
            detail: "against the most that it may be".to_owned(),
        }
    }

    /// An amount of data beside the amount that it would otherwise be.
    pub(super) fn bytes(name: &str, value: u64, against: u64) -> Self {
        let kibibytes = |bytes: u64| u32::try_from(bytes).map_or(f64::NAN, f64::from) / 1024.0;
        let (value, against) = (kibibytes(value), kibibytes(against));
        Self {
            name: name.to_owned(),
            value: round(value),
            unit: "KiB",
            against: Some(round(against)),
            ratio: Some(round(value / against)),
            detail: "bodies of its reads in the audit log, asked for again".to_owned(),
        }
    }
}

impl fmt::Display for Figure {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}: {} {}", self.name, self.value, self.unit)?;
        match (self.against, self.ratio) {
            (Some(against), Some(ratio)) => {
                write!(out, " (against: {against}, ratio: {ratio})")?;
            }
            (Some(against), None) => write!(out, " (against: {against})")?,
            _ => {}
        }
        write!(out, "  [{}]", self.detail)
    }
}

fn round(value: f64) -> f64 {
    (value * 1000.0).round() / 1000.0
}
