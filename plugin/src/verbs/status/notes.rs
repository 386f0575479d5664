//! What a person should know and no verdict depends on.

use bluegreen_shared::application::{Active, Application};
use bluegreen_shared::objects::Objects;
use bluegreen_shared::{approvals, keys, verified};

/// Each a sentence.
pub(super) fn notes(
    application: &Application<'_>,
    objects: &Objects,
    namespace: &str,
) -> Vec<String> {
    let mut notes = application.notes.clone();
    if objects.namespace.is_none() {
        notes.push(format!(
            "Namespace/{namespace} can't be read, so what it asks of a release is not known here"
        ));
    }
    notes.extend(unguarded(objects, namespace));
    notes.extend(taken_down(application));
    notes.extend(approved(application, objects));
    notes
}

/// What the Namespace's label takes away from the guard.
fn unguarded(objects: &Objects, namespace: &str) -> Option<String> {
    let labels = objects.namespace.as_ref()?.metadata.labels.as_ref()?;
    let what = match labels.get(keys::POLICY)?.as_str() {
        "off" => "nothing is guarded there",
        "warn" => "the guard only warns there",
        _ => return None,
    };
    let policy = &labels[keys::POLICY];
    Some(format!(
        "Namespace/{namespace} is labelled {}={policy}: {what}",
        keys::POLICY
    ))
}

/// The production Services that are to go, and why.
fn taken_down(application: &Application<'_>) -> impl Iterator<Item = String> {
    application.production.iter().filter_map(|production| {
        let annotations = production.service.metadata.annotations.as_ref()?;
        let reason = annotations.get(keys::TAKEDOWN)?;
        Some(format!(
            "Service/{} is being taken down, and nothing of it is protected: {reason:?}",
            production.name()
        ))
    })
}

/// Who has agreed to the release of what the idle side runs.
fn approved(application: &Application<'_>, objects: &Objects) -> Option<String> {
    let Active::Role(active) = application.active() else {
        return None;
    };
    let idle = application.other(active)?;
    let runs = verified::revision(&idle.workloads, &idle.pods(&objects.pods)).ok()?;
    let services = application.production.iter().map(|one| one.service);
    let who: Vec<String> = approvals::by_others(services, &runs, "")
        .into_iter()
        .collect();
    let role = &idle.role;
    (!who.is_empty()).then(|| format!("{role} is approved by {}", who.join(", ")))
}
