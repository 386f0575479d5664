//! What a verification has to show: every pod, whether it passed or not.

use std::collections::BTreeMap;

use bluegreen_shared::refusal::counted;
use bluegreen_shared::verified::{Check, Revision};
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::exit::Exit;
use crate::failure::Failure;
use crate::flags::Span;
use crate::render::{Cell, Paint, Style, Table, View};
use crate::verify::Tried;

/// The result for one environment.
#[derive(Clone, Debug)]
pub(super) struct Verification {
    pub(super) application: String,
    pub(super) namespace: String,
    pub(super) role: String,
    /// Whether production selects it.
    pub(super) serves: bool,
    /// Passes in a row that each pod needed.
    pub(super) wanted: u32,
    /// The time that there was.
    pub(super) limit: Span,
    pub(super) pods: Vec<Tried>,
    /// Replicas without a pod, in words.
    pub(super) missing: Vec<String>,
    pub(super) revision: Revision,
    pub(super) images: Vec<String>,
    /// Who verified it and when, once that is recorded.
    pub(super) by: Option<String>,
    pub(super) at: Option<Timestamp>,
}

impl Verification {
    /// Why it has not passed. What failed is known, whatever else the time was too short for.
    pub(super) fn failure(&self) -> Option<Failure> {
        let late = self.pods.iter().filter(|tried| tried.late).count();
        let failed: Vec<&Tried> = self.pods.iter().filter(|tried| !tried.passed).collect();
        if failed.is_empty() && self.missing.is_empty() {
            return None;
        }
        let Self {
            application, role, ..
        } = self;
        let pods = counted(self.pods.len(), "pod");
        let (exit, message) = if late > 0 && late == failed.len() {
            let limit = self.limit;
            (
                Exit::TimedOut,
                format!("{late} of {pods} of {role} had neither passed nor failed within {limit}"),
            )
        } else if failed.is_empty() {
            (
                Exit::Unverified,
                format!("{role} of {application} has fewer pods than it should"),
            )
        } else {
            (
                Exit::Unverified,
                format!("{} of {pods} of {role} did not pass", failed.len()),
            )
        };
        let details = failed
            .iter()
            .map(|tried| format!("Pod/{}: {}", tried.pod, tried.words))
            .chain(self.missing.iter().cloned());
        Some(
            Failure::new(exit, message)
                .details(details)
                .hint(format!("kubectl bluegreen status {application}")),
        )
    }

    /// The command that comes next.
    pub(super) fn next(&self) -> String {
        let verb = if self.serves { "status" } else { "switch" };
        format!("kubectl bluegreen {verb} {}", self.application)
    }

    /// The questions, and how many pods passed each.
    pub(super) fn checks(&self) -> Vec<Check> {
        let mut pods: BTreeMap<&str, usize> = BTreeMap::new();
        for tried in &self.pods {
            *pods.entry(&tried.question).or_default() += 1;
        }
        pods.into_iter()
            .map(|(what, pods)| Check {
                what: what.to_owned(),
                pods,
                passes: self.wanted,
            })
            .collect()
    }
}

impl View for Verification {
    fn text(&self, style: Style, wide: bool) -> String {
        let mut headers = vec!["POD", "CHECK", "PASSED", "LAST"];
        if wide {
            headers.insert(3, "ASKED");
        }
        let mut table = Table::new(headers);
        for tried in &self.pods {
            let (word, paint) = if tried.passed {
                ("yes", Paint::Good)
            } else {
                ("no", Paint::Bad)
            };
            let question = match tried.question.as_str() {
                "" => "<none>",
                question => question,
            };
            let last = match tried.status {
                // What a page begins with is worth reading when it is not what was hoped for.
                Some(status) if tried.passed => format!("status {status}"),
                _ => tried.words.clone(),
            };
            let mut row: Vec<Cell> = vec![
                tried.pod.as_str().into(),
                question.into(),
                Cell::painted(
                    format!("{word}, {} of {}", tried.passes, self.wanted),
                    paint,
                ),
                last.into(),
            ];
            if wide {
                row.insert(3, tried.asked.to_string().into());
            }
            table.row(row);
        }
        table.render(style)
    }

    fn names(&self) -> Vec<String> {
        self.pods
            .iter()
            .map(|tried| format!("pod/{}", tried.pod))
            .collect()
    }

    fn value(&self) -> Value {
        let pods: Vec<Value> = self
            .pods
            .iter()
            .map(|tried| {
                json!({
                    "name": tried.pod,
                    "check": tried.question,
                    "passed": tried.passed,
                    "late": tried.late,
                    "passes": tried.passes,
                    "asked": tried.asked,
                    "status": tried.status,
                    "last": tried.words,
                })
            })
            .collect();
        json!({
            "application": self.application,
            "namespace": self.namespace,
            "role": self.role,
            "passed": self.failure().is_none(),
            "recorded": self.at.is_some(),
            "wanted": self.wanted,
            "pods": pods,
            "missing": self.missing,
            "revision": self.revision,
            "images": self.images,
            "by": self.by,
            "at": self.at,
        })
    }
}

#[cfg(test)]
mod tests;
