//! Why no application was found, or not one, and what settles it.

use std::fmt::Display;

use k8s_openapi::api::core::v1::Service;

use crate::refusal;
use crate::selector;
use crate::workload::Workload;

/// Lines of a list at most.
const LINES: usize = 10;

/// Why no application was found, or not one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Undecided {
    /// What happened: one sentence without a full stop, or a list of candidates under it.
    pub message: String,
    /// What to do next: a command where there is one, without the flag `-n`.
    pub hint: Option<String>,
    /// The names of the Services that it is between, if it is between any; ten at most.
    pub candidates: Vec<String>,
    /// The role of the side that has no workload, where that and nothing else is what is missing.
    pub lacks: Option<&'static str>,
}

impl Undecided {
    pub(super) fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            hint: None,
            candidates: Vec::new(),
            lacks: None,
        }
    }

    pub(super) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    pub(super) fn between<'s>(mut self, services: impl IntoIterator<Item = &'s Service>) -> Self {
        self.candidates = services
            .into_iter()
            .take(LINES)
            .map(|service| name(service).to_owned())
            .collect();
        self
    }

    /// The sentence with a line for each of the items, not more than a screen holds.
    pub(super) fn list(mut self, items: impl IntoIterator<Item = impl Display>) -> Self {
        let mut items = items.into_iter();
        for item in items.by_ref().take(LINES) {
            self.message += "\n  ";
            self.message += &item.to_string();
        }
        let more = items.count();
        if more > 0 {
            self.message = format!("{}\n  and {more} more", self.message);
        }
        self
    }
}

/// The Service as people write it.
pub(super) fn reference(service: &Service) -> String {
    format!("Service/{}", name(service))
}

/// The Service's name.
pub(super) fn name(service: &Service) -> &str {
    service.metadata.name.as_deref().unwrap_or_default()
}

/// What a Service selects by, as people write it.
pub(super) fn selects(service: &Service) -> String {
    let query = selector::query(selector::of(service));
    if query.is_empty() {
        "nothing".to_owned()
    } else {
        query
    }
}

/// Up to three of the workloads, and how many more there are.
pub(super) fn workloads(workloads: &[&Workload]) -> String {
    let all: Vec<String> = workloads
        .iter()
        .map(|workload| workload.reference())
        .collect();
    refusal::three(&all)
}
