//! Workloads as they are at this moment.

use std::fmt::Debug;

use bluegreen_shared::workload::Workload;
use k8s_openapi::NamespaceResourceScope;
use k8s_openapi::api::apps::v1::{Deployment, StatefulSet};
use kube::Resource;
use serde::de::DeserializeOwned;

use crate::failure::Failure;

use super::list::resource_of;
use super::{Call, Cluster};

/// Workloads that are asked for one by one.
const FEW: usize = 2;

impl Cluster {
    /// These workloads as they are now; those that are gone are left out.
    ///
    /// Single objects are read past the API server's cache, and so at once. Where there are more of
    /// them, or the user may only list, each kind is read as a list.
    pub(crate) async fn read_workloads(
        &self,
        namespace: &str,
        workloads: &[&Workload],
    ) -> Result<Vec<Workload>, Failure> {
        if workloads.len() <= FEW
            && let Ok(found) = self.read_each(namespace, workloads).await
        {
            return Ok(found);
        }
        let mut found = Vec::new();
        let has = |kind| workloads.iter().any(|workload| workload.kind() == kind);
        if has("Deployment") {
            let deployments = self.list::<Deployment>(namespace, None).await?;
            found.extend(deployments.into_iter().map(Workload::from));
        }
        if has("StatefulSet") {
            let sets = self.list::<StatefulSet>(namespace, None).await?;
            found.extend(sets.into_iter().map(Workload::from));
        }
        Ok(found)
    }

    /// One after the other: who may not read the first is not asked about the rest.
    async fn read_each(
        &self,
        namespace: &str,
        workloads: &[&Workload],
    ) -> Result<Vec<Workload>, Failure> {
        let mut found = Vec::new();
        for workload in workloads {
            found.extend(self.read_workload(namespace, workload).await?);
        }
        Ok(found)
    }

    async fn read_workload(
        &self,
        namespace: &str,
        workload: &Workload,
    ) -> Result<Option<Workload>, Failure> {
        match workload {
            Workload::Deployment(_) => {
                self.read_one::<Deployment>(namespace, workload.name())
                    .await
            }
            Workload::StatefulSet(_) => {
                self.read_one::<StatefulSet>(namespace, workload.name())
                    .await
            }
        }
    }

    async fn read_one<K>(&self, namespace: &str, name: &str) -> Result<Option<Workload>, Failure>
    where
        K: Resource<Scope = NamespaceResourceScope> + Clone + Debug + DeserializeOwned,
        K::DynamicType: Default,
        Workload: From<K>,
    {
        let resource = resource_of::<K>();
        let call = Call {
            verb: "get",
            resource: &resource,
            name,
            namespace,
        };
        let api = self.api::<K>(namespace);
        let found = self.call(&call, api.get_opt(name)).await?;
        Ok(found.map(Workload::from))
    }
}
