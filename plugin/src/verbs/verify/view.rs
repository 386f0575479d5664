//! What a verification has to show: every pod, whether it passed or not.

use std::collections::BTreeMap;

use bluegreen_shared::refusal::counted;
use bluegreen_shared::verified::{Check, Revision};
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::exit::Exit;
use crate::failure::Failure;
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
    /// Why it has not passed.
    pub(super) fn failure(&self) -> Option<Failure> {
        let failed: Vec<&Tried> = self.pods.iter().filter(|tried| !tried.passed).collect();
        if failed.is_empty() && self.missing.is_empty() {
            return None;
        }
        let Self {
            application, role, ..
        } = self;
        let message = if failed.is_empty() {
            format!("{role} of {application} has fewer pods than it should")
        } else {
            format!(
                "{} of {} of {role} did not pass",
                failed.len(),
                counted(self.pods.len(), "pod")
            )
        };
        let details = failed
            .iter()
            .map(|tried| format!("Pod/{}: {}", tried.pod, tried.words))
            .chain(self.missing.iter().cloned());
        Some(
            Failure::new(Exit::Unverified, message)
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
mod tests {
    use super::*;

    fn verification(failing: bool) -> Verification {
        let tried = |pod: &str, passed: bool| Tried {
            pod: pod.to_owned(),
            question: "GET http :8080/".to_owned(),
            passed,
            passes: if passed { 3 } else { 0 },
            asked: 3,
            status: Some(if passed { 200 } else { 500 }),
            words: if passed {
                "status 200: version 2".to_owned()
            } else {
                "status 500: oops".to_owned()
            },
        };
        Verification {
            application: "web".to_owned(),
            namespace: "shop".to_owned(),
            role: "green".to_owned(),
            serves: false,
            wanted: 3,
            pods: vec![tried("web-green-1", true), tried("web-green-22", !failing)],
            missing: Vec::new(),
            revision: Revision::new(),
            images: Vec::new(),
            by: None,
            at: None,
        }
    }

    #[test]
    fn the_screen_names_every_pod() {
        assert_eq!(
            verification(true).text(Style::new(false), false),
            "\
POD            CHECK             PASSED        LAST
web-green-1    GET http :8080/   yes, 3 of 3   status 200
web-green-22   GET http :8080/   no, 0 of 3    status 500: oops
"
        );
    }

    #[test]
    fn a_failure_names_the_pods_that_did_not_pass() {
        assert_eq!(
            verification(true).failure().unwrap().to_string(),
            "error: 1 of 2 pods of green did not pass\n  \
             Pod/web-green-22: status 500: oops\n\
             hint: kubectl bluegreen status web"
        );
        assert_eq!(verification(false).failure(), None);
    }

    #[test]
    fn a_replica_without_a_pod_is_a_failure() {
        let mut short = verification(false);
        short.missing = vec!["Deployment/web-green has 2 of 3 pods".to_owned()];
        let failure = short.failure().unwrap();
        assert_eq!(failure.exit, Exit::Unverified);
        assert_eq!(failure.details, short.missing);
        assert_eq!(short.value()["passed"], false);
    }

    #[test]
    fn what_was_asked_is_counted_by_question() {
        let checks = verification(false).checks();
        assert_eq!(checks.len(), 1);
        assert_eq!((checks[0].pods, checks[0].passes), (2, 3));
    }
}
