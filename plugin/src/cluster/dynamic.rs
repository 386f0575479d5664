//! Objects of any kind, as manifests have them.

use std::time::Duration;

use bluegreen_shared::keys;
use kube::api::{DeleteParams, DynamicObject, Patch, PatchParams, PostParams, Preconditions};
use kube::core::{ApiResource, GroupVersionKind, TypeMeta};
use kube::{Api, Error};
use serde_json::Value;

use crate::failure::Failure;
use crate::flags::DryRun;

use super::{Call, Cluster};

/// Between two looks at an object that is to go away.
const PAUSE: Duration = Duration::from_millis(200);

/// An object of a manifest, and where the API server keeps it.
#[derive(Clone)]
pub(crate) struct Manifest {
    /// The whole object.
    pub(crate) object: Value,
    name: String,
    namespace: String,
    resource: ApiResource,
}

impl Manifest {
    /// Reads kind and name; `None` for what is no Kubernetes object.
    pub(crate) fn of(object: Value) -> Option<Self> {
        let text = |pointer: &str| object.pointer(pointer)?.as_str().map(str::to_owned);
        let kind = GroupVersionKind::try_from(&TypeMeta {
            api_version: text("/apiVersion")?,
            kind: text("/kind")?,
        })
        .ok()?;
        Some(Self {
            name: text("/metadata/name")?,
            namespace: text("/metadata/namespace").unwrap_or_default(),
            resource: ApiResource::from_gvk(&kind),
            object,
        })
    }

    /// Its own name.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// `Deployment`, `Namespace`…
    pub(crate) fn kind(&self) -> &str {
        &self.resource.kind
    }

    /// `deployment.apps/bluegreen-webhook`, as kubectl names it.
    pub(crate) fn reference(&self) -> String {
        let kind = self.resource.kind.to_lowercase();
        match self.resource.group.as_str() {
            "" => format!("{kind}/{}", self.name),
            group => format!("{kind}.{group}/{}", self.name),
        }
    }

    pub(super) fn plural(&self) -> String {
        match self.resource.group.as_str() {
            "" => self.resource.plural.clone(),
            group => format!("{}.{group}", self.resource.plural),
        }
    }
}

impl Cluster {
    /// Applies an object as the server's own apply has it, and takes over what others own of it.
    pub(crate) async fn apply(
        &self,
        manifest: &Manifest,
        dry_run: DryRun,
    ) -> Result<DynamicObject, Failure> {
        let params = PatchParams {
            dry_run: dry_run == DryRun::Server,
            ..PatchParams::apply(keys::FIELD_MANAGER).force()
        };
        let resource = manifest.plural();
        let call = calling("patch", manifest, &resource);
        let api = self.dynamic(manifest);
        let patch = Patch::Apply(&manifest.object);
        self.call(&call, api.patch(&manifest.name, &params, &patch))
            .await
    }

    /// Creates an object that isn't there.
    pub(crate) async fn create(
        &self,
        manifest: &Manifest,
        dry_run: DryRun,
    ) -> Result<DynamicObject, Failure> {
        let params = PostParams {
            dry_run: dry_run == DryRun::Server,
            field_manager: Some(keys::FIELD_MANAGER.to_owned()),
        };
        let resource = manifest.plural();
        let call = calling("create", manifest, &resource);
        let object = serde_json::from_value(manifest.object.clone()).map_err(|error| {
            Failure::could_not(format!("can't write {}: {error}", manifest.reference()))
        })?;
        let api = self.dynamic(manifest);
        self.call(&call, api.create(&params, &object)).await
    }

    /// The object as the server has it; `None` where there is none.
    pub(crate) async fn fetch(
        &self,
        manifest: &Manifest,
    ) -> Result<Option<DynamicObject>, Failure> {
        let resource = manifest.plural();
        let call = calling("get", manifest, &resource);
        let api = self.dynamic(manifest);
        self.call(&call, api.get_opt(&manifest.name)).await
    }

    /// Deletes the object; `false` where there was none.
    pub(crate) async fn delete(
        &self,
        manifest: &Manifest,
        dry_run: DryRun,
    ) -> Result<bool, Failure> {
        self.delete_if(manifest, None, dry_run).await
    }

    /// Deletes the object of that uid; one that is another by now stays, and is an error.
    pub(crate) async fn delete_this(
        &self,
        manifest: &Manifest,
        uid: &str,
        dry_run: DryRun,
    ) -> Result<bool, Failure> {
        let preconditions = Preconditions {
            uid: Some(uid.to_owned()),
            resource_version: None,
        };
        self.delete_if(manifest, Some(preconditions), dry_run).await
    }

    async fn delete_if(
        &self,
        manifest: &Manifest,
        preconditions: Option<Preconditions>,
        dry_run: DryRun,
    ) -> Result<bool, Failure> {
        let params = DeleteParams {
            dry_run: dry_run == DryRun::Server,
            preconditions,
            ..DeleteParams::background()
        };
        let resource = manifest.plural();
        let call = calling("delete", manifest, &resource);
        let api = self.dynamic(manifest);
        let request = async {
            match api.delete(&manifest.name, &params).await {
                Ok(_) => Ok(true),
                Err(Error::Api(status)) if status.code == 404 => Ok(false),
                Err(error) => Err(error),
            }
        };
        self.call(&call, request).await
    }

    /// Waits until the server has no such object any more; `false` when it still has it then.
    pub(crate) async fn gone(&self, manifest: &Manifest, limit: Duration) -> Result<bool, Failure> {
        let deadline = std::time::Instant::now() + limit;
        while self.fetch(manifest).await?.is_some() {
            if std::time::Instant::now() >= deadline {
                return Ok(false);
            }
            tokio::time::sleep(PAUSE).await;
        }
        Ok(true)
    }

    pub(super) fn dynamic(&self, manifest: &Manifest) -> Api<DynamicObject> {
        let client = self.client.clone();
        if manifest.namespace.is_empty() {
            Api::all_with(client, &manifest.resource)
        } else {
            Api::namespaced_with(client, &manifest.namespace, &manifest.resource)
        }
    }
}

pub(super) fn calling<'a>(verb: &'a str, manifest: &'a Manifest, resource: &'a str) -> Call<'a> {
    Call {
        verb,
        resource,
        name: &manifest.name,
        namespace: &manifest.namespace,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn objects_are_named_as_kubectl_names_them() {
        let named = |api: &str, kind: &str| {
            Manifest::of(json!({"apiVersion": api, "kind": kind, "metadata": {"name": "x"}}))
                .unwrap()
                .reference()
        };
        assert_eq!(named("apps/v1", "Deployment"), "deployment.apps/x");
        assert_eq!(named("v1", "Namespace"), "namespace/x");
    }

    #[test]
    fn what_is_no_object_is_not_taken_for_one() {
        assert!(Manifest::of(json!({"kind": "Deployment"})).is_none());
        assert!(Manifest::of(json!(null)).is_none());
    }
}
