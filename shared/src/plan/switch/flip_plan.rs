//! The flips of a switch or a rollback, and what there is to say of them.

use std::collections::BTreeMap;

use jiff::Timestamp;
use json_patch::Patch;
use k8s_openapi::api::core::v1::Service;

use crate::gate::Verdict;
use crate::history::{Entry, Ready};
use crate::intent::Intent;
use crate::overlap::Step;
use crate::plan::flip::ServiceFlip;

use super::part::Part;

/// The flips that bring production to one role, and what the gate says of them.
#[derive(Clone, Debug)]
pub struct FlipPlan<'a> {
    /// The role that all of production can be taken back to; `None` where it is split or selects neither, or
    /// goes back to one that has served all the while.
    pub from: Option<String>,
    /// The role that is to serve.
    pub to: String,
    /// One flip for each production Service that does not select the role yet.
    pub flips: Vec<ServiceFlip<'a>>,
    /// The gate's answer for all of them together.
    pub verdict: Verdict,
    /// An unexpired intent that somebody wrote on one of the Services.
    pub under_way: Option<Intent>,
    /// The role that is selected no more afterwards.
    pub(super) left: Option<String>,
    pub(super) ready: Ready,
    /// By the name of the Service.
    pub(super) parts: BTreeMap<String, Part>,
}

impl FlipPlan<'_> {
    /// The same from what has no role, so that nothing is recorded as a way back.
    pub(in crate::plan) fn without_way_back(mut self) -> Self {
        self.from = None;
        self.left = None;
        for part in self.parts.values_mut() {
            part.left = None;
            part.revision.from = None;
        }
        self
    }

    /// The history entry of one of the flips.
    #[must_use]
    pub fn entry(
        &self,
        flip: &ServiceFlip<'_>,
        at: Timestamp,
        by: &str,
        reason: Option<&str>,
    ) -> Entry {
        let Part {
            left,
            revision,
            ready,
            images,
            changed: _,
        } = self.parts.get(flip.name()).cloned().unwrap_or_default();
        Entry {
            at,
            from: left,
            to: self.to.clone(),
            revision,
            ready,
            images,
            by: by.to_owned(),
            reason: reason.map(str::to_owned),
            overridden: false,
        }
    }

    /// Puts back a Service that one of the flips was carried out on, after another one was not.
    #[must_use]
    pub fn put_back(&self, flip: &ServiceFlip<'_>, flipped: &Service) -> Patch {
        if self.is_changed(flip) {
            flip.return_to(flipped)
        } else {
            flip.put_back(flipped)
        }
    }

    /// Whether the side that the flip leaves runs something else by now than what served.
    pub(super) fn is_changed(&self, flip: &ServiceFlip<'_>) -> bool {
        self.parts.get(flip.name()).is_some_and(|part| part.changed)
    }

    /// The role that is selected no more afterwards, as the history has it.
    #[must_use]
    pub fn left(&self) -> Option<&str> {
        self.left.as_deref()
    }

    /// How many pods of the two sides were ready when it was judged.
    #[must_use]
    pub fn ready(&self) -> Ready {
        self.ready
    }

    /// What is selected before the flip, in words.
    #[must_use]
    pub fn leaves(&self) -> String {
        let steps = || self.flips.iter().map(|flip| flip.step);
        let (from, to) = (self.left(), &self.to);
        match from {
            Some(from) if steps().any(|step| step == Step::Leave) => format!("{from} and {to}"),
            Some(from) if steps().any(|step| step == Step::Return) => format!("{to} and {from}"),
            _ => from.unwrap_or("<none>").to_owned(),
        }
    }

    /// What is selected after the flip, in words.
    #[must_use]
    pub fn selects(&self) -> String {
        match &self.from {
            Some(from) if self.selects_both() => format!("{from} and {}", self.to),
            _ => self.to.clone(),
        }
    }

    /// Whether both sides are selected from then on.
    #[must_use]
    pub fn selects_both(&self) -> bool {
        self.flips.iter().any(|flip| flip.step == Step::Enter)
    }
}
