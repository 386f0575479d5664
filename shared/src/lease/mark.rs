//! What says on the production Services that the Lease is held.

use json_patch::Patch;
use k8s_openapi::api::core::v1::Service;

use crate::application::Application;
use crate::keys;
use crate::metadata::annotation;
use crate::patch;

/// The name of the Lease that a production Service says is held.
#[must_use]
pub fn marked<'a>(application: &Application<'a>) -> Option<&'a str> {
    let mut production = application.production.iter();
    production.find_map(|one| annotation(&one.service.metadata, keys::RELEASE))
}

/// Says on a Service that the Lease of this name is held.
#[must_use]
pub fn mark(service: &Service, name: &str) -> Patch {
    let same = patch::same(&service.metadata);
    let mark = patch::annotate(&service.metadata, keys::RELEASE, name.to_owned());
    Patch(same.into_iter().chain(mark).collect())
}

/// Takes the mark away from a Service as it was marked; the patch fails where it is gone already.
#[must_use]
pub fn unmark(service: &Service, name: &str) -> Patch {
    let marked = patch::test(patch::annotation(keys::RELEASE), name);
    let same = patch::same(&service.metadata);
    let gone = patch::unannotate(keys::RELEASE);
    Patch(same.into_iter().chain([marked, gone]).collect())
}
