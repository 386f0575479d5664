//! Leases, each write guarded by the version that was read.

use k8s_openapi::api::coordination::v1::Lease;
use kube::Api;
use kube::api::{DeleteParams, PostParams, Preconditions};

use crate::failure::Failure;

use super::{Call, Cluster, Expired, translate};

/// What became of a guarded write.
#[derive(Clone, Debug)]
pub(crate) enum Written {
    /// It is stored like this.
    Stored(Box<Lease>),
    /// Somebody else wrote in between, or it is gone.
    Outdated,
}

/// What became of a guarded deletion.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Deleted {
    /// It is not there any more.
    Gone,
    /// Somebody else wrote in between.
    Outdated,
}

impl Cluster {
    /// The Lease, where there is one.
    pub(crate) async fn lease(&self, name: &str) -> Result<Option<Lease>, Failure> {
        let call = self.about_lease("get", name);
        let api: Api<Lease> = self.api(&self.namespace);
        match self.raw_call(api.get_opt(name)).await {
            Ok(Ok(lease)) => Ok(lease),
            // The API server takes times that no calendar of ours has.
            Ok(Err(kube::Error::SerdeError(error))) => {
                let namespace = &self.namespace;
                Err(
                    Failure::could_not(format!("Lease/{name} can't be read: {error}")).hint(
                        format!(
                            "it was written by hand; where nobody releases: kubectl delete lease {name} -n {namespace}"
                        ),
                    ),
                )
            }
            Ok(Err(error)) => Err(translate::failure(&error, &call, &self.place)),
            Err(Expired(after)) => Err(translate::expired(after, &call, &self.place)),
        }
    }

    /// Creates the Lease, or replaces the one that was read, if its version says so.
    pub(crate) async fn write_lease(&self, lease: &Lease) -> Result<Written, Failure> {
        let name = lease.metadata.name.as_deref().unwrap_or_default();
        let api: Api<Lease> = self.api(&self.namespace);
        let params = PostParams {
            field_manager: Some(bluegreen_shared::keys::FIELD_MANAGER.to_owned()),
            ..PostParams::default()
        };
        let exists = lease.metadata.resource_version.is_some();
        let (verb, answer) = if exists {
            (
                "update",
                self.raw_call(api.replace(name, &params, lease)).await,
            )
        } else {
            ("create", self.raw_call(api.create(&params, lease)).await)
        };
        let call = self.about_lease(verb, name);
        match answer {
            Ok(Ok(stored)) => Ok(Written::Stored(Box::new(stored))),
            Ok(Err(kube::Error::Api(status))) if matches!(status.code, 404 | 409) => {
                Ok(Written::Outdated)
            }
            Ok(Err(error)) => Err(translate::failure(&error, &call, &self.place)),
            Err(Expired(after)) => Err(translate::expired(after, &call, &self.place)),
        }
    }

    /// Deletes the Lease as it was read; one that is another by now stays.
    pub(crate) async fn delete_lease(&self, lease: &Lease) -> Result<Deleted, Failure> {
        let name = lease.metadata.name.as_deref().unwrap_or_default();
        let call = self.about_lease("delete", name);
        let api: Api<Lease> = self.api(&self.namespace);
        let params = DeleteParams {
            preconditions: Some(Preconditions {
                resource_version: lease.metadata.resource_version.clone(),
                uid: lease.metadata.uid.clone(),
            }),
            ..DeleteParams::default()
        };
        match self.raw_call(api.delete(name, &params)).await {
            Ok(Err(kube::Error::Api(status))) if status.code == 409 => Ok(Deleted::Outdated),
            Ok(Err(kube::Error::Api(status))) if status.code == 404 => Ok(Deleted::Gone),
            Ok(Ok(_)) => Ok(Deleted::Gone),
            Ok(Err(error)) => Err(translate::failure(&error, &call, &self.place)),
            Err(Expired(after)) => Err(translate::expired(after, &call, &self.place)),
        }
    }

    fn about_lease<'c>(&'c self, verb: &'c str, name: &'c str) -> Call<'c> {
        Call {
            verb,
            resource: "leases.coordination.k8s.io",
            name,
            namespace: &self.namespace,
        }
    }
}
