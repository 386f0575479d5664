//! What Prometheus answers to an instant query, held against what is expected of it.
//!
//! The answer is that of its HTTP API, `GET /api/v1/query`.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde::Deserialize;
use serde_json::Value;

use crate::refusal::{quote, three};

/// `< 0.01`: what every sample must be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Expectation {
    relation: Relation,
    bound: f64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Relation {
    Less,
    AtMost,
    More,
    AtLeast,
    Equal,
    Other,
}

/// Why an answer is not the one that is expected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unmet {
    /// It says nothing yet, and may when it is asked again; in words.
    NoAnswer(String),
    /// It will not do; in words.
    Wrong(String),
}

/// The longest spellings first: `<` begins `<=` too.
const RELATIONS: [(&str, Relation); 6] = [
    ("<=", Relation::AtMost),
    (">=", Relation::AtLeast),
    ("==", Relation::Equal),
    ("!=", Relation::Other),
    ("<", Relation::Less),
    (">", Relation::More),
];

impl Expectation {
    /// Whether the number is as expected; what is no number never is.
    #[must_use]
    pub fn holds(&self, number: f64) -> bool {
        let bound = self.bound;
        // Samples are decimal texts: what is written the same is the same.
        let equal = number.to_bits() == bound.to_bits() || (number == 0.0 && bound == 0.0);
        match self.relation {
            Relation::Less => number < bound,
            Relation::AtMost => number <= bound,
            Relation::More => number > bound,
            Relation::AtLeast => number >= bound,
            Relation::Equal => equal,
            Relation::Other => !equal && !number.is_nan(),
        }
    }
}

impl FromStr for Expectation {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = || format!("{text:?} is no comparison such as '< 0.01', '>= 2' or '== 0'");
        let trimmed = text.trim();
        let (relation, rest) = RELATIONS
            .iter()
            .find_map(|(sign, relation)| Some((*relation, trimmed.strip_prefix(sign)?)))
            .ok_or_else(wrong)?;
        let bound: f64 = rest.trim().parse().map_err(|_| wrong())?;
        if !bound.is_finite() {
            return Err(wrong());
        }
        Ok(Self { relation, bound })
    }
}

impl fmt::Display for Expectation {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = RELATIONS
            .iter()
            .find(|(_, relation)| *relation == self.relation)
            .map_or("", |(sign, _)| sign);
        write!(out, "{sign} {}", self.bound)
    }
}

#[derive(Deserialize)]
struct Answer {
    status: String,
    data: Option<Data>,
    #[serde(rename = "errorType")]
    kind: Option<String>,
    error: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Data {
    result_type: String,
    result: Value,
}

/// One of a vector. A native histogram has no value.
#[derive(Deserialize)]
struct Sample {
    #[serde(default)]
    metric: BTreeMap<String, String>,
    value: Option<(Value, String)>,
}

/// Whether every sample of the answer is as expected: what they are, in words.
///
/// # Errors
/// One is not, there is none, or it is no such answer.
pub fn judge(status: u16, body: &[u8], expected: &Expectation) -> Result<String, Unmet> {
    let Ok(answer) = serde_json::from_slice::<Answer>(body) else {
        let words = format!(
            "status {status}, and no answer of Prometheus: {}",
            quote(&String::from_utf8_lossy(body.get(..400).unwrap_or(body)))
        );
        return Err(if status >= 500 {
            Unmet::NoAnswer(words)
        } else {
            Unmet::Wrong(words)
        });
    };
    let Some(data) = answer.data.filter(|_| answer.status == "success") else {
        let kind = answer.kind.unwrap_or_else(|| format!("status {status}"));
        let words = format!(
            "{}: {}",
            quote(&kind),
            quote(&answer.error.unwrap_or_default())
        );
        // Of its own errors, these pass: it is being shut down, or had too much to do.
        let passing = matches!(kind.as_str(), "timeout" | "canceled" | "unavailable");
        return Err(if passing || status >= 500 {
            Unmet::NoAnswer(words)
        } else {
            Unmet::Wrong(words)
        });
    };
    let samples = samples(data).map_err(Unmet::Wrong)?;
    compare(&samples, expected).map_err(Unmet::Wrong)
}

fn samples(data: Data) -> Result<Vec<Sample>, String> {
    let kind = data.result_type;
    let unreadable = |error: serde_json::Error| format!("its {kind} can't be read: {error}");
    match kind.as_str() {
        "vector" => serde_json::from_value(data.result).map_err(unreadable),
        "scalar" => Ok(vec![Sample {
            metric: BTreeMap::new(),
            value: Some(serde_json::from_value(data.result).map_err(unreadable)?),
        }]),
        _ => Err(format!(
            "it is a {}, and only the samples of a vector or a scalar can be compared",
            quote(&kind)
        )),
    }
}

fn compare(samples: &[Sample], expected: &Expectation) -> Result<String, String> {
    if samples.is_empty() {
        return Err("there is no sample: the query matches nothing".to_owned());
    }
    let mut numbers = Vec::with_capacity(samples.len());
    let mut broken = Vec::new();
    for sample in samples {
        let number = sample.number();
        if let Some(number) = number.filter(|number| expected.holds(*number)) {
            numbers.push(number);
        } else {
            broken.push(format!("{}{}", sample.shown(), sample.of()));
        }
    }
    if !broken.is_empty() {
        let verb = if broken.len() == 1 { "is" } else { "are" };
        return Err(format!("{} {verb} not {expected}", three(&broken)));
    }
    let least = numbers.iter().copied().fold(f64::INFINITY, f64::min);
    let most = numbers.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    Ok(match numbers.len() {
        1 => least.to_string(),
        several => format!("{several} samples from {least} to {most}"),
    })
}

impl Sample {
    fn number(&self) -> Option<f64> {
        self.value.as_ref()?.1.parse().ok()
    }

    fn shown(&self) -> String {
        match &self.value {
            Some((_, number)) => quote(number),
            None => "a histogram".to_owned(),
        }
    }

    /// ` of {pod="web-1"}`; nothing without labels.
    fn of(&self) -> String {
        if self.metric.is_empty() {
            return String::new();
        }
        let labels: Vec<String> = self
            .metric
            .iter()
            .map(|(name, value)| format!("{name}={value:?}"))
            .collect();
        format!(" of {{{}}}", quote(&labels.join(", ")))
    }
}

#[cfg(test)]
mod tests;
