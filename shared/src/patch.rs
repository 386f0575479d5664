//! The parts that our JSON patches (RFC 6902) are made of.

use json_patch::jsonptr::PointerBuf;
use json_patch::{AddOperation, PatchOperation, RemoveOperation, ReplaceOperation, TestOperation};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use serde_json::{Value, json};

const ANNOTATIONS: [&str; 2] = ["metadata", "annotations"];

/// The patch fails where the field has another value.
pub(crate) fn test<const N: usize>(path: [&str; N], value: impl Into<Value>) -> PatchOperation {
    let (path, value) = (PointerBuf::from_tokens(path), value.into());
    PatchOperation::Test(TestOperation { path, value })
}

/// Sets a field, whether it is there or not; what it stands in must be there.
pub(crate) fn add<const N: usize>(path: [&str; N], value: impl Into<Value>) -> PatchOperation {
    let (path, value) = (PointerBuf::from_tokens(path), value.into());
    PatchOperation::Add(AddOperation { path, value })
}

/// Sets a field that is there.
pub(crate) fn replace<const N: usize>(path: [&str; N], value: impl Into<Value>) -> PatchOperation {
    let (path, value) = (PointerBuf::from_tokens(path), value.into());
    PatchOperation::Replace(ReplaceOperation { path, value })
}

/// Only on this very object, not on another one of its name. A failed `test` is answered with 422.
pub(crate) fn same(metadata: &ObjectMeta) -> Option<PatchOperation> {
    let uid = metadata.uid.as_deref()?;
    Some(test(["metadata", "uid"], uid))
}

/// Only on this very object with the spec that was read, whatever its status says by then.
pub(crate) fn spec_as_read(metadata: &ObjectMeta) -> impl Iterator<Item = PatchOperation> + use<> {
    let generation = metadata
        .generation
        .map(|number| test(["metadata", "generation"], number));
    same(metadata).into_iter().chain(generation)
}

/// Only on the object as it was read, whatever has changed of it.
pub(crate) fn unchanged(metadata: &ObjectMeta) -> Option<PatchOperation> {
    let version = metadata.resource_version.as_deref()?;
    Some(test(["metadata", "resourceVersion"], version))
}

/// Sets an annotation of an object that has some, or none yet.
pub(crate) fn annotate(
    metadata: &ObjectMeta,
    key: &str,
    value: String,
) -> impl Iterator<Item = PatchOperation> + use<> {
    let value = add(annotation(key), value);
    annotations(metadata).into_iter().chain([value])
}

/// The place for annotations, where the object has none yet.
pub(crate) fn annotations(metadata: &ObjectMeta) -> Option<PatchOperation> {
    let is_missing = metadata.annotations.is_none();
    is_missing.then(|| add(ANNOTATIONS, json!({})))
}

/// Takes away an annotation that is there.
pub(crate) fn unannotate(key: &str) -> PatchOperation {
    let path = PointerBuf::from_tokens(annotation(key));
    PatchOperation::Remove(RemoveOperation { path })
}

/// Where an annotation stands.
pub(crate) fn annotation(key: &str) -> [&str; 3] {
    let [metadata, annotations] = ANNOTATIONS;
    [metadata, annotations, key]
}
