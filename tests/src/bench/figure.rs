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

/// Times of one thing that was done several times.
#[derive(Clone, Debug)]
pub(super) struct Series(Vec<Duration>);

impl Series {
    pub(super) fn new() -> Self {
        Self(Vec::new())
    }

    pub(super) fn add(&mut self, took: Duration) {
        self.0.push(took);
    }

    /// Median, minimum and maximum in milliseconds.
    fn milliseconds(&self) -> (f64, f64, f64) {
        let mut sorted: Vec<f64> = self.0.iter().map(|took| took.as_secs_f64() * 1e3).collect();
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

impl Figure {
    /// Our time beside the time of what a user would otherwise run.
    pub(super) fn against(name: &str, ours: &Series, other: &str, theirs: &Series) -> Self {
        let (value, least, most) = ours.milliseconds();
        let (against, their_least, their_most) = theirs.milliseconds();
        Self {
            name: name.to_owned(),
            value: round(value),
            unit: "ms",
            against: Some(round(against)),
            ratio: Some(round(value / against)),
            detail: format!(
                "n {}, {least:.1} to {most:.1} ms; {other} {their_least:.1} to {their_most:.1} ms",
                ours.0.len()
            ),
        }
    }

    /// A time that nothing is compared with.
    pub(super) fn alone(name: &str, times: &Series) -> Self {
        let (value, least, most) = times.milliseconds();
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
        if let (Some(against), Some(ratio)) = (self.against, self.ratio) {
            write!(out, " (against: {against}, ratio: {ratio})")?;
        }
        write!(out, "  [{}]", self.detail)
    }
}

fn round(value: f64) -> f64 {
    (value * 1000.0).round() / 1000.0
}
