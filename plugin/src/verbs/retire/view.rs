//! What was scaled down.

use std::fmt;

use bluegreen_shared::workload::Workload;
use serde::Serialize;
use serde_json::{Value, json};

use crate::flags::DryRun;
use crate::render::{Style, View};

/// The result of a `retire`.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::verbs) struct Retired {
    pub(super) application: String,
    pub(super) namespace: String,
    /// The idle role.
    pub(super) role: String,
    /// What was scaled down; nothing where it had no pods.
    pub(super) changes: Vec<Change>,
    #[serde(skip)]
    pub(super) dry_run: DryRun,
}

/// A workload that was scaled down.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Change {
    /// `Deployment/tomcat-deployment-blue`.
    object: String,
    /// The replicas it had, which are kept.
    from: i32,
    #[serde(skip)]
    resource: String,
}

impl Change {
    /// The workload as it was.
    pub(super) fn of(workload: &Workload) -> Self {
        Self {
            object: workload.reference(),
            from: workload.replicas(),
            resource: workload.resource(),
        }
    }
}

impl fmt::Display for Change {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}: {} → 0 replicas", self.object, self.from)
    }
}

impl View for Retired {
    fn text(&self, style: Style, _wide: bool) -> String {
        let Self {
            application,
            changes,
            dry_run,
            ..
        } = self;
        let role = style.strong(&self.role);
        match (changes.is_empty(), dry_run) {
            (true, _) => format!("{role} of {application} is retired already\n"),
            (false, DryRun::None) => format!("{role} of {application} is retired\n"),
            (false, _) => changes.iter().fold(String::new(), |text, change| {
                text + &change.resource + " retired" + dry_run.suffix() + "\n"
            }),
        }
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
