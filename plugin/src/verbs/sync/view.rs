//! What `sync` answers.

use bluegreen_shared::plan::sync::{Copied, Pair};
use serde::Serialize;
use serde_json::{Value, json};

use crate::flags::DryRun;
use crate::render::{Style, View};

/// The result of a `sync`: what was made like production.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::verbs) struct Synced {
    pub(super) application: String,
    pub(super) namespace: String,
    /// The idle role.
    pub(super) role: String,
    /// What was changed; nothing where it ran the same already.
    pub(super) changes: Vec<Change>,
    #[serde(skip)]
    pub(super) dry_run: DryRun,
}

/// A workload that was changed.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Change {
    /// `Deployment/tomcat-deployment-blue`.
    pub(super) object: String,
    /// In words.
    pub(super) what: String,
    #[serde(skip)]
    resource: String,
}

impl Change {
    /// What is copied from its counterpart.
    pub(super) fn of(pair: &Pair<'_>, copied: &Copied) -> Self {
        let like = pair.active.reference();
        let template = copied.template.then(|| format!("the template of {like}"));
        let replicas = copied
            .replicas
            .map(|(from, to)| format!("{from} → {to} replicas"));
        let all: Vec<String> = template.into_iter().chain(replicas).collect();
        Self {
            object: pair.idle.reference(),
            what: all.join(", "),
            resource: pair.idle.resource(),
        }
    }
}

impl View for Synced {
    fn text(&self, style: Style, _wide: bool) -> String {
        let Self {
            application,
            changes,
            dry_run,
            ..
        } = self;
        let role = style.strong(&self.role);
        match (changes.is_empty(), dry_run) {
            (true, _) => format!("{role} of {application} runs what production runs already\n"),
            (false, DryRun::None) => format!("{role} of {application} runs what production runs\n"),
            (false, _) => changes.iter().fold(String::new(), |text, change| {
                text + &change.resource + " changed" + dry_run.suffix() + "\n"
            }),
        }
    }

    fn names(&self) -> Vec<String> {
        let changes = self.changes.iter();
        changes.map(|change| change.resource.clone()).collect()
    }

    fn value(&self) -> Value {
        json!(self)
    }
}
