//! What was staged.

use std::fmt;
use std::time::Duration;

use serde::Serialize;
use serde_json::{Value, json};

use crate::diagnosis::Sight;
use crate::flags::DryRun;
use crate::render::{Style, View};

use super::change::Change;

/// The result of a `stage`.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::verbs) struct Staged {
    pub(super) application: String,
    pub(super) namespace: String,
    /// The idle role, which was changed.
    pub(in crate::verbs) role: String,
    /// The role that serves.
    pub(super) production: String,
    /// What was changed; nothing where all was as wanted.
    pub(super) changes: Vec<Change>,
    /// How ready it is, where that was waited for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) ready: Option<Ready>,
    #[serde(skip)]
    pub(super) dry_run: DryRun,
}

/// How ready the environment is in the end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Ready {
    /// Pods that serve; none where it serves production by now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pods: Option<usize>,
    /// From the last patch on.
    #[serde(rename = "seconds", serialize_with = "seconds")]
    took: Duration,
}

fn seconds<S: serde::Serializer>(took: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u64(took.as_secs())
}

impl Ready {
    /// As the last look had it.
    pub(super) fn new(sight: &Sight, took: Duration) -> Self {
        Self {
            pods: Some(sight.ready.0),
            took,
        }
    }

    /// It serves by now, which is more than ready.
    pub(super) fn unknown(took: Duration) -> Self {
        Self { pods: None, took }
    }
}

impl Staged {
    /// What was changed, in words.
    pub(in crate::verbs) fn summary(&self) -> String {
        if self.changes.is_empty() {
            return format!("{} is so already", self.role);
        }
        let changes: Vec<String> = self.changes.iter().map(ToString::to_string).collect();
        changes.join("; ")
    }
}

impl fmt::Display for Ready {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let pods = match self.pods {
            Some(1) => "1 pod is ready".to_owned(),
            Some(pods) => format!("{pods} pods are ready"),
            None => "serves".to_owned(),
        };
        write!(out, "{pods} ({:.1} s)", self.took.as_secs_f64())
    }
}

impl View for Staged {
    fn text(&self, style: Style, _wide: bool) -> String {
        let Self {
            application,
            production,
            ..
        } = self;
        let role = style.strong(&self.role);
        let suffix = self.dry_run.suffix();
        if self.dry_run != DryRun::None {
            let lines = self.changes.iter();
            return lines.fold(String::new(), |text, change| {
                text + &change.resource + " staged" + suffix + "\n"
            });
        }
        let state = match (&self.ready, self.changes.is_empty()) {
            (Some(ready), _) if ready.pods.is_none() => "serves already".to_owned(),
            (Some(_), _) => format!("is staged and ready; {production} serves"),
            (None, true) => format!("is so already; {production} serves"),
            (None, false) => format!("is being staged; {production} serves"),
        };
        format!("{role} of {application} {state}\n")
    }

    fn names(&self) -> Vec<String> {
        self.changes
            .iter()
            .map(|change| change.resource.clone())
            .collect()
    }

    fn value(&self) -> Value {
        json!(self)
    }
}

#[cfg(test)]
mod tests {
    use super::super::change;
    use super::*;

    fn staged(changed: bool, pods: Option<usize>, dry_run: DryRun) -> Staged {
        let change = change::an_image_and_replicas();
        Staged {
            application: "tomcat".to_owned(),
            namespace: "shop".to_owned(),
            role: "green".to_owned(),
            production: "blue".to_owned(),
            changes: changed.then_some(change).into_iter().collect(),
            ready: pods.map(|pods| Ready {
                pods: Some(pods),
                took: Duration::from_millis(7400),
            }),
            dry_run,
        }
    }

    fn text(staged: &Staged) -> String {
        staged.text(Style::new(false), false)
    }

    #[test]
    fn the_last_line_says_what_is_so_now() {
        assert_eq!(
            text(&staged(true, Some(2), DryRun::None)),
            "green of tomcat is staged and ready; blue serves\n"
        );
        assert_eq!(
            text(&staged(true, None, DryRun::None)),
            "green of tomcat is being staged; blue serves\n"
        );
        assert_eq!(
            text(&staged(false, None, DryRun::None)),
            "green of tomcat is so already; blue serves\n"
        );
        assert_eq!(
            text(&staged(true, None, DryRun::Client)),
            "deployment/tomcat-deployment-green staged (dry run)\n"
        );
    }

    #[test]
    fn the_data_has_the_seconds_and_the_pods() {
        let value = staged(true, Some(2), DryRun::None).value();
        assert_eq!(value["ready"], json!({ "pods": 2, "seconds": 7 }));
        assert_eq!(value["changes"][0]["images"][0]["to"], "tomcat:8");
    }
}
