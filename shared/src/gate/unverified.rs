//! Verification is asked for, and what the target runs has none.

use k8s_openapi::api::core::v1::Pod;

use crate::keys;
use crate::refusal::{Code, Refusal};
use crate::verified::{self, Revision, Verified};
use crate::workload::Workload;

use super::case::Case;

pub(super) fn check(case: &Case<'_>) -> Option<Refusal> {
    if !case.settings.require_verified || case.target.members.is_empty() {
        return None;
    }
    let recorded = recorded(case);
    if runs(case).is_some_and(|runs| recorded.iter().any(|one| one.matches(&runs))) {
        return None;
    }
    let service = case.service();
    let of = case.target.members.iter().map(|member| member.workload);
    let names: Vec<String> = of.map(Workload::reference).collect();
    let seen = recorded.iter().any(|one| {
        let workloads = one.revision.keys();
        workloads.into_iter().any(|name| names.contains(name))
    });
    let message = if seen {
        format!(
            "{service} asks for a verification, and that of {} is of another revision",
            names.join(", ")
        )
    } else {
        format!(
            "{service} asks for a verification, and {} has none",
            names.join(", ")
        )
    };
    let name = case.after.metadata.name.as_deref().unwrap_or_default();
    let remedy = case.kubectl(&format!("bluegreen verify {name}"));
    Some(Refusal::new(Code::Unverified, &message, remedy))
}

/// What the target runs, where that is one revision of each workload.
fn runs(case: &Case<'_>) -> Option<Revision> {
    let members = &case.target.members;
    let workloads: Vec<&Workload> = members.iter().map(|member| member.workload).collect();
    let pods: Vec<&Pod> = case.target.live().collect();
    verified::revision(&workloads, &pods).ok()
}

/// The verifications that the Service carried before this update, of whichever role: one that comes
/// with the flip itself vouches for nothing.
fn recorded(case: &Case<'_>) -> Vec<Verified> {
    let annotations = case.before.metadata.annotations.iter().flatten();
    annotations
        .filter(|(key, _)| key.starts_with(keys::VERIFIED_PREFIX))
        .filter_map(|(_, text)| serde_json::from_str(text).ok())
        .collect()
}
