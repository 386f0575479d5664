//! Server-side apply that takes nothing away from other field managers unasked.

use bluegreen_shared::keys;
use kube::Error;
use kube::api::{DynamicObject, Patch, PatchParams};
use kube::core::Status;

use crate::failure::Failure;
use crate::flags::DryRun;

use super::dynamic::{Manifest, calling};
use super::translate;
use super::{Cluster, Expired};

/// The API server's reason for each field that another manager owns (`CauseTypeFieldManagerConflict`).
const CONFLICT: &str = "FieldManagerConflict";

/// Why an object was not applied.
#[derive(Clone, Debug)]
pub(crate) enum NotApplied {
    /// Others own fields that would change.
    Owned(Vec<Owned>),
    /// Anything else.
    Other(Failure),
}

/// A field that somebody else has set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Owned {
    /// The field as the API server writes it: `.spec.replicas`.
    pub(crate) field: String,
    /// The field manager.
    pub(crate) manager: String,
}

impl Cluster {
    /// Applies an object as the server's own apply has it; a field that the API doesn't have is an
    /// error, as it is for kubectl. `force` takes over what others own of it.
    pub(crate) async fn apply_beside(
        &self,
        manifest: &Manifest,
        dry_run: DryRun,
        force: bool,
    ) -> Result<DynamicObject, NotApplied> {
        let params = PatchParams {
            dry_run: dry_run == DryRun::Server,
            force,
            ..PatchParams::apply(keys::FIELD_MANAGER).validation_strict()
        };
        let resource = manifest.plural();
        let call = calling("patch", manifest, &resource);
        let api = self.dynamic(manifest);
        let patch = Patch::Apply(&manifest.object);
        let request = api.patch(manifest.name(), &params, &patch);
        match self.raw_call(request).await {
            Ok(Ok(stored)) => Ok(stored),
            Ok(Err(error)) => Err(match &error {
                Error::Api(status) if !owned(status).is_empty() => NotApplied::Owned(owned(status)),
                _ => NotApplied::Other(translate::failure(&error, &call, &self.place)),
            }),
            Err(Expired(after)) => {
                let failure = translate::expired(after, &call, &self.place);
                Err(NotApplied::Other(failure))
            }
        }
    }
}

/// The fields that others own; none where that is not what went wrong.
fn owned(status: &Status) -> Vec<Owned> {
    let causes = status.details.iter().flat_map(|details| &details.causes);
    causes
        .filter(|cause| status.code == 409 && cause.reason == CONFLICT)
        .map(|cause| Owned {
            field: cause.field.clone(),
            // `conflict with "kubectl" with subresource "scale" using apps/v1`
            manager: cause.message.split('"').nth(1).unwrap_or("?").to_owned(),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_owners_are_read_from_what_the_server_says() {
        let mut status: Status = serde_json::from_value(json!({
            "status": "Failure", "code": 409, "reason": "Conflict", "message": "Apply failed",
            "details": {"causes": [
                {"reason": "FieldManagerConflict", "field": ".spec.replicas",
                 "message": "conflict with \"kube-controller-manager\" with subresource \"scale\" using apps/v1"},
                {"reason": "FieldValueInvalid", "field": "x", "message": "y"},
            ]},
        }))
        .unwrap();
        let expected = Owned {
            field: ".spec.replicas".to_owned(),
            manager: "kube-controller-manager".to_owned(),
        };
        assert_eq!(owned(&status), [expected]);
        status.code = 422;
        assert_eq!(owned(&status), []);
    }
}
