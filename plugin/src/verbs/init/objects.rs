//! The pattern's objects as they are sent and printed.

use bluegreen_shared::history::{self, Entry, Ready, Revisions};
use bluegreen_shared::keys;
use bluegreen_shared::plan::init::{Init, Pattern};
use jiff::Timestamp;
use k8s_openapi::api::core::v1::Service;
use serde::Serialize;
use serde_json::json;

use crate::cluster::Manifest;
use crate::failure::Failure;

/// The record of who made it, so that `status` can tell since when production is what it is.
pub(super) fn first_entry(init: &Init, by: String, at: Timestamp) -> Entry {
    Entry {
        at,
        from: None,
        to: init.active.as_str().to_owned(),
        revision: Revisions::default(),
        ready: Ready::default(),
        images: vec![init.image.clone()],
        by,
        reason: None,
        overridden: false,
    }
}

/// The manifests, in the order in which they are to be created.
pub(super) fn of(
    pattern: &Pattern,
    namespace: Option<&str>,
    first: Option<Entry>,
) -> Result<Vec<Manifest>, Failure> {
    let mut production = pattern.production.clone();
    if let Some(first) = first {
        record(&mut production, first);
    }
    let mut manifests = Vec::new();
    for deployment in &pattern.deployments {
        manifests.push(manifest(deployment, namespace)?);
    }
    for service in pattern.tests.iter().chain([&production]) {
        manifests.push(manifest(service, namespace)?);
    }
    Ok(manifests)
}

fn record(service: &mut Service, first: Entry) {
    let annotations = service.metadata.annotations.get_or_insert_default();
    annotations.insert(keys::HISTORY.to_owned(), history::with(first, Vec::new()));
}

fn manifest(object: &impl Serialize, namespace: Option<&str>) -> Result<Manifest, Failure> {
    let mut value = json!(object);
    if let (Some(namespace), Some(metadata)) = (namespace, value["metadata"].as_object_mut()) {
        metadata.insert("namespace".to_owned(), json!(namespace));
    }
    Manifest::of(value)
        .ok_or_else(|| Failure::could_not("the pattern has an object without a name"))
}
