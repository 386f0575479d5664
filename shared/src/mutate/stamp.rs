//! The name of the request's user on what was written without one.

use json_patch::jsonptr::PointerBuf;
use json_patch::{PatchOperation, ReplaceOperation};
use k8s_openapi::api::core::v1::Service;
use serde_json::Value;

use crate::intent::Intent;
use crate::keys;

/// The name of the request's user, where an intent was written without one.
///
/// An intent that this update leaves as it was is somebody else's, and one that can't be read
/// stays as it is written: it means nothing.
#[must_use]
pub fn stamp(after: &Service, before: &Service, user: &str) -> Vec<PatchOperation> {
    if written(after) == written(before) {
        return Vec::new();
    }
    stamped(after, user)
        .map(|value| {
            PatchOperation::Replace(ReplaceOperation {
                path: PointerBuf::from_tokens(["metadata", "annotations", keys::INTENT]),
                value: Value::from(value),
            })
        })
        .into_iter()
        .collect()
}

fn stamped(service: &Service, user: &str) -> Option<String> {
    if Intent::of(service)?.by.is_some() {
        return None;
    }
    let mut fields: Value = serde_json::from_str(written(service)?).ok()?;
    fields
        .as_object_mut()?
        .insert("by".to_owned(), Value::from(user));
    Some(fields.to_string())
}

fn written(service: &Service) -> Option<&str> {
    service
        .metadata
        .annotations
        .as_ref()?
        .get(keys::INTENT)
        .map(String::as_str)
}
