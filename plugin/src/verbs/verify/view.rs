//! What a verification has to show: every pod, whether it passed or not.

use std::collections::BTreeMap;

use bluegreen_shared::refusal::{counted, three};
use bluegreen_shared::verified::{Check, Revision};
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::exit::Exit;
use crate::failure::Failure;
use crate::flags::Span;
use crate::render::{Cell, Paint, Style, Table, View};
use crate::verify::{Finding, Tried};

/// The result for one environment.
#[derive(Clone, Debug)]
pub(in crate::verbs) struct Verification {
    pub(in crate::verbs) application: String,
    pub(super) namespace: String,
    pub(in crate::verbs) role: String,
    /// Whether production selects it.
    pub(super) serves: bool,
    /// Passes in a row that each pod needed.
    pub(super) wanted: u32,
    /// The time that there was.
    pub(super) limit: Span,
    pub(super) pods: Vec<Tried>,
    /// What came of the checks of the whole.
    pub(super) findings: Vec<Finding>,
    /// Replicas without a pod, in words.
    pub(super) missing: Vec<String>,
    pub(in crate::verbs) revision: Revision,
    pub(in crate::verbs) images: Vec<String>,
    /// Who verified it and when, once that is recorded.
    pub(super) by: Option<String>,
    pub(super) at: Option<Timestamp>,
}

impl Verification {
    /// Why it has not passed. What failed is known, whatever else the time was too short for.
    pub(in crate::verbs) fn failure(&self) -> Option<Failure> {
        let failed: Vec<&Tried> = self.pods.iter().filter(|tried| !tried.passed).collect();
        let findings: Vec<&Finding> = self.findings.iter().filter(|one| !one.passed).collect();
        let all = failed.len() + findings.len();
        if all == 0 && self.missing.is_empty() {
            return None;
        }
        let late = failed.iter().filter(|tried| tried.late).count()
            + findings.iter().filter(|finding| finding.late).count();
        let Self {
            application, role, ..
        } = self;
        let pods = counted(self.pods.len(), "pod");
        let some = format!("{} of {pods} of {role}", failed.len());
        let named: Vec<String> = (!failed.is_empty())
            .then_some(some)
            .into_iter()
            .chain(findings.iter().map(|finding| finding.subject.to_string()))
            .collect();
        let named = three(&named);
        let (exit, message) = if late > 0 && late == all {
            let limit = self.limit;
            (
                Exit::TimedOut,
                format!("{named} had neither passed nor failed within {limit}"),
            )
        } else if all == 0 {
            (
                Exit::Unverified,
                format!("{role} of {application} has fewer pods than it should"),
            )
        } else {
            (Exit::Unverified, format!("{named} did not pass"))
        };
        let details = failed
            .iter()
            .map(|tried| format!("Pod/{}: {}", tried.pod, tried.words))
            .chain(self.missing.iter().cloned())
            .chain(findings.iter().flat_map(|finding| told(finding)));
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

    /// What passed, in words.
    pub(in crate::verbs) fn summary(&self) -> String {
        let passes = usize::try_from(self.wanted).unwrap_or(usize::MAX);
        let pods = format!(
            "{} passed {} in a row",
            counted(self.pods.len(), "pod"),
            counted(passes, "time")
        );
        let pods = (!self.pods.is_empty()).then_some(pods);
        let others = self.findings.iter();
        let others = others.map(|finding| format!("{} passed", finding.subject));
        let all: Vec<String> = pods.into_iter().chain(others).collect();
        all.join(", ")
    }

    /// The questions and how many pods passed each, and the checks of the whole.
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
            .chain(self.findings.iter().map(|finding| Check {
                what: finding.subject.to_string(),
                pods: 0,
                passes: finding.asked,
            }))
            .collect()
    }

    fn pods_table(&self, wide: bool) -> Table {
        let mut headers = vec!["POD", "CHECK", "PASSED", "LAST"];
        if wide {
            headers.insert(3, "ASKED");
        }
        let mut table = Table::new(headers);
        for tried in &self.pods {
            let question = match tried.question.as_str() {
                "" => "<none>",
                question => question,
            };
            let last = match tried.status {
                // What a page begins with is worth reading when it is not what was hoped for.
                Some(status) if tried.passed => format!("status {status}"),
                _ => tried.words.clone(),
            };
            let word = yes_or_no(tried.passed);
            let passed = format!("{word}, {} of {}", tried.passes, self.wanted);
            let mut row: Vec<Cell> = vec![
                tried.pod.as_str().into(),
                question.into(),
                Cell::painted(passed, paint(tried.passed)),
                last.into(),
            ];
            if wide {
                row.insert(3, tried.asked.to_string().into());
            }
            table.row(row);
        }
        table
    }

    fn findings_table(&self, wide: bool) -> Table {
        let mut headers = vec!["CHECK", "PASSED", "LAST"];
        if wide {
            headers.insert(2, "ASKED");
        }
        let mut table = Table::new(headers);
        for finding in &self.findings {
            let mut row: Vec<Cell> = vec![
                finding.subject.to_string().into(),
                Cell::painted(yes_or_no(finding.passed), paint(finding.passed)),
                finding.words.as_str().into(),
            ];
            if wide {
                row.insert(2, finding.asked.to_string().into());
            }
            table.row(row);
        }
        table
    }
}

fn yes_or_no(passed: bool) -> &'static str {
    if passed { "yes" } else { "no" }
}

fn paint(passed: bool) -> Paint {
    if passed { Paint::Good } else { Paint::Bad }
}

/// Why a check of the whole did not pass, and the last lines that it wrote.
fn told(finding: &Finding) -> Vec<String> {
    let first = format!("{}: {}", finding.subject, finding.words);
    let lines = finding.output.iter().map(|line| format!("  | {line}"));
    std::iter::once(first).chain(lines).collect()
}

impl View for Verification {
    fn text(&self, style: Style, wide: bool) -> String {
        let pods = (!self.pods.is_empty()).then(|| self.pods_table(wide));
        let findings = (!self.findings.is_empty()).then(|| self.findings_table(wide));
        let tables = pods.into_iter().chain(findings);
        let tables: Vec<String> = tables.map(|table| table.render(style)).collect();
        tables.join("\n")
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
        let checks: Vec<Value> = self
            .findings
            .iter()
            .map(|finding| {
                json!({
                    "kind": finding.subject.kind.as_str(),
                    "name": finding.subject.name,
                    "passed": finding.passed,
                    "late": finding.late,
                    "asked": finding.asked,
                    "last": finding.words,
                    "output": finding.output,
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
            "checks": checks,
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
