//! An owner that an object would be deleted with.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::{ObjectMeta, OwnerReference};

/// The first owner that the update adds.
///
/// The garbage collector deletes whatever has none but owners that don't exist, and whether one does
/// can't be told from here.
pub(super) fn new_owner<'a>(
    before: &ObjectMeta,
    after: &'a ObjectMeta,
) -> Option<&'a OwnerReference> {
    let had = before.owner_references.as_deref().unwrap_or_default();
    let mut owners = after.owner_references.iter().flatten();
    owners.find(|owner| !had.iter().any(|known| known.uid == owner.uid))
}

/// What it would mean, after the object's name.
pub(super) fn owned(owner: &OwnerReference) -> String {
    format!(
        "would be owned by {}/{}, and be deleted with it",
        owner.kind, owner.name
    )
}
