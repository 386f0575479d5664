//! Guarded writes: JSON patches that name the object that was judged.

use std::fmt::Debug;

use bluegreen_shared::keys;
use bluegreen_shared::workload::Workload;
use json_patch::{Patch as JsonPatch, PatchOperation};
use k8s_openapi::NamespaceResourceScope;
use k8s_openapi::api::apps::v1::{Deployment, StatefulSet};
use k8s_openapi::api::autoscaling::v2::HorizontalPodAutoscaler;
use k8s_openapi::api::core::v1::Service;
use kube::Resource;
use kube::api::{Patch, PatchParams};
use serde::de::DeserializeOwned;
use serde_json::json;

use crate::failure::Failure;
use crate::flags::DryRun;

use super::list::resource_of;
use super::translate::{self, deaf_hook, denial};
use super::{Call, Cluster, Expired};

/// Why a patch was not taken.
#[derive(Clone, Debug)]
pub(crate) enum Rejected {
    /// The object is not the one that was judged: read again, decide again.
    Conflict(Failure),
    /// One of our own hooks refuses it.
    Denied(Failure),
    /// One of our own hooks could not be asked.
    Unguarded(Failure),
    /// Anything else.
    Other(Failure),
}

impl From<Rejected> for Failure {
    fn from(rejected: Rejected) -> Self {
        match rejected {
            Rejected::Conflict(failure)
            | Rejected::Denied(failure)
            | Rejected::Unguarded(failure)
            | Rejected::Other(failure) => failure,
        }
    }
}

impl Cluster {
    /// Patches a Service and returns it as the server stores it now.
    pub(crate) async fn patch_service(
        &self,
        namespace: &str,
        name: &str,
        patch: &JsonPatch,
        dry_run: DryRun,
    ) -> Result<Service, Rejected> {
        self.patch::<Service>(namespace, name, patch, dry_run)
            .await
            .map_err(|rejected| match rejected {
                Rejected::Unguarded(failure) => Rejected::Unguarded(match forced(namespace, name, patch) {
                    Some(command) => failure.hint(format!(
                        "to flip without the guard, for holders of the verb \"override\": {command}"
                    )),
                    None => failure,
                }),
                other => other,
            })
    }

    /// Patches a Deployment or `StatefulSet` and returns it as the server stores it now.
    pub(crate) async fn patch_workload(
        &self,
        namespace: &str,
        workload: &Workload,
        patch: &JsonPatch,
        dry_run: DryRun,
    ) -> Result<Workload, Rejected> {
        let name = workload.name();
        match workload {
            Workload::Deployment(_) => self
                .patch::<Deployment>(namespace, name, patch, dry_run)
                .await
                .map(Workload::from),
            Workload::StatefulSet(_) => self
                .patch::<StatefulSet>(namespace, name, patch, dry_run)
                .await
                .map(Workload::from),
        }
    }

    /// Patches an autoscaler and returns it as the server stores it now.
    pub(crate) async fn patch_scaler(
        &self,
        namespace: &str,
        name: &str,
        patch: &JsonPatch,
        dry_run: DryRun,
    ) -> Result<HorizontalPodAutoscaler, Rejected> {
        self.patch(namespace, name, patch, dry_run).await
    }

    async fn patch<K>(
        &self,
        namespace: &str,
        name: &str,
        patch: &JsonPatch,
        dry_run: DryRun,
    ) -> Result<K, Rejected>
    where
        K: Resource<Scope = NamespaceResourceScope> + Clone + Debug + DeserializeOwned,
        K::DynamicType: Default,
    {
        let resource = resource_of::<K>();
        let call = Call {
            verb: "patch",
            resource: &resource,
            name,
            namespace,
        };
        let params = PatchParams {
            dry_run: dry_run == DryRun::Server,
            field_manager: Some(keys::FIELD_MANAGER.to_owned()),
            ..PatchParams::default()
        };
        let api = self.api::<K>(namespace);
        let patch = Patch::Json::<()>(patch.clone());
        match self.raw_call(api.patch(name, &params, &patch)).await {
            Ok(Ok(stored)) => Ok(stored),
            Ok(Err(error)) => Err(self.rejected(&error, &call)),
            Err(Expired(after)) => Err(Rejected::Other(translate::expired(
                after,
                &call,
                &self.place,
            ))),
        }
    }

    fn rejected(&self, error: &kube::Error, call: &Call<'_>) -> Rejected {
        let failure = translate::failure(error, call, &self.place);
        let kube::Error::Api(status) = error else {
            return Rejected::Other(failure);
        };
        if status.code == 409 || is_failed_test(status.code, &status.message) {
            Rejected::Conflict(failure)
        } else if denial(status).is_some() {
            Rejected::Denied(failure)
        } else if deaf_hook(status).is_some() {
            Rejected::Unguarded(failure)
        } else {
            Rejected::Other(failure)
        }
    }
}

/// The API server answers a failed `test` of a JSON patch with 422 and one sentence for every patch
/// that can't be applied (`NewGenericServerResponse`); an object that is not valid is named in its own.
fn is_failed_test(code: u16, message: &str) -> bool {
    code == 422 && message == "the server rejected our request due to an error in our request"
}

/// The command that does the same flip past a guard that does not answer.
///
/// The reason has to be set in the same update, or the guard is asked again.
fn forced(namespace: &str, name: &str, patch: &JsonPatch) -> Option<String> {
    let selector = patch.0.iter().find_map(|operation| match operation {
        PatchOperation::Replace(replace) if replace.path.as_str() == "/spec/selector" => {
            Some(&replace.value)
        }
        _ => None,
    })?;
    let body = json!({
        "metadata": {"annotations": {keys::OVERRIDE: "REASON"}},
        "spec": {"selector": selector},
    });
    Some(format!(
        "kubectl patch service {name} -n {namespace} --type=merge -p '{body}'"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_past_the_guard_sets_the_reason_and_the_selector_together() {
        let patch: JsonPatch = serde_json::from_value(json!([
            {"op": "test", "path": "/metadata/uid", "value": "u"},
            {"op": "replace", "path": "/spec/selector", "value": {"app": "tomcat", "role": "green"}},
        ]))
        .unwrap();
        assert_eq!(
            forced("shop", "tomcat", &patch).unwrap(),
            "kubectl patch service tomcat -n shop --type=merge -p \
             '{\"metadata\":{\"annotations\":{\"bluegreen.dev/override\":\"REASON\"}},\
             \"spec\":{\"selector\":{\"app\":\"tomcat\",\"role\":\"green\"}}}'"
        );
        assert_eq!(forced("shop", "tomcat", &JsonPatch(Vec::new())), None);
    }
}
