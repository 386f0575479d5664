//! The stages of a release, and what becomes of each.

use std::fmt;
use std::time::Duration;

use serde::Serialize;

/// The stages, in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Step {
    Check,
    Stage,
    Verify,
    Confirm,
    Update,
    Switch,
    Production,
    Undo,
    After,
}

/// Those of a release from one environment to the other.
pub(super) const BLUEGREEN: [Step; 7] = [
    Step::Check,
    Step::Stage,
    Step::Verify,
    Step::Confirm,
    Step::Switch,
    Step::Production,
    Step::After,
];

/// Those of an update in place: what passes its checks has served meanwhile, so that somebody agrees first.
pub(super) const ROLLING: [Step; 6] = [
    Step::Check,
    Step::Confirm,
    Step::Update,
    Step::Verify,
    Step::Production,
    Step::Undo,
];

/// What became of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum State {
    Passed,
    Failed,
    /// It was not its turn, or there was nothing for it to do.
    Skipped,
    Interrupted,
}

/// A stage that was begun.
#[derive(Clone, Debug)]
pub(super) struct Row {
    pub(super) stage: Step,
    pub(super) state: State,
    pub(super) took: Duration,
    /// What it did, or why it failed.
    pub(super) what: String,
    /// Further lines of a failure.
    pub(super) details: Vec<String>,
}

/// The two sides of the release.
#[derive(Clone, Debug, Default)]
pub(super) struct Sides {
    pub(super) application: String,
    pub(super) namespace: String,
    /// The role that served, and what it ran.
    pub(super) from: Option<(String, Vec<String>)>,
    /// The role that was staged, and what it runs.
    pub(super) to: Option<(String, Vec<String>)>,
    /// Who approved it.
    pub(super) approved_by: Vec<String>,
    /// Whether production ran it before.
    pub(super) already: bool,
    /// The last line for a person.
    pub(super) last: String,
}

impl Step {
    /// As it is called in words and in data.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Check => "check",
            Self::Stage => "stage",
            Self::Verify => "verify",
            Self::Confirm => "confirm",
            Self::Update => "update",
            Self::Switch => "switch",
            Self::Production => "production",
            Self::Undo => "undo",
            Self::After => "after",
        }
    }
}

impl fmt::Display for Step {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.as_str())
    }
}

impl fmt::Display for State {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Passed => "passed",
            Self::Failed => "failed",
            Self::Skipped => "skipped",
            Self::Interrupted => "interrupted",
        })
    }
}
