//! The one file that reads the cluster: live, at the time of the request, never from a cache.

use std::sync::Arc;

use bluegreen_shared::objects::Objects;
use bluegreen_shared::selector::{self, Labels};
use bluegreen_shared::workload::Workload;
use k8s_openapi::api::apps::v1::{Deployment, StatefulSet};
use k8s_openapi::api::core::v1::{Namespace, Pod, Service};
use kube::api::ListParams;
use kube::{Api, Client, Resource};
use serde::de::DeserializeOwned;
use tokio::sync::Semaphore;
use tokio::time::{Instant, timeout_at};

use crate::metrics::Metrics;

/// Objects of one page of a list.
const PAGE: u32 = 500;

/// Reads what a decision needs.
pub(crate) struct Lookup {
    client: Client,
    permits: Semaphore,
    metrics: Arc<Metrics>,
}

/// The cluster could not be read in time: no verdict, in either direction.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CannotLook {
    /// All lookups that are allowed at once are under way.
    #[error("too many lookups are under way")]
    Busy,
    /// The API server did not answer before the review's deadline.
    #[error("the API server did not answer in time")]
    TooLate,
    /// The API server answered something else.
    #[error("{resource} could not be read: {source}")]
    Failed {
        /// What was read.
        resource: &'static str,
        /// Why it failed.
        source: Box<kube::Error>,
    },
}

impl Lookup {
    /// Reads with this client, so many decisions at once.
    pub(crate) fn new(client: Client, most: usize, metrics: Arc<Metrics>) -> Self {
        Self {
            client,
            permits: Semaphore::new(most),
            metrics,
        }
    }

    /// What a flip is judged on: the Namespace, its workloads, and the pods of either selector.
    pub(crate) async fn around_flip(
        &self,
        namespace: &str,
        before: &Service,
        after: &Service,
        deadline: Instant,
    ) -> Result<Objects, CannotLook> {
        let read = async {
            let (floors, deployments, sets, pods) = futures::try_join!(
                self.namespace(namespace),
                self.list::<Deployment>(namespace, "deployments", None),
                self.list::<StatefulSet>(namespace, "statefulsets", None),
                self.pods(namespace, selector::of(before), selector::of(after)),
            )?;
            let deployments = deployments.into_iter().map(Box::new);
            let sets = sets.into_iter().map(Box::new);
            Ok(Objects {
                namespace: floors,
                workloads: deployments
                    .map(Workload::Deployment)
                    .chain(sets.map(Workload::StatefulSet))
                    .collect(),
                pods,
                ..Objects::default()
            })
        };
        self.in_time(deadline, Box::pin(read)).await
    }

    /// The Services of a namespace.
    pub(crate) async fn services(
        &self,
        namespace: &str,
        deadline: Instant,
    ) -> Result<Vec<Service>, CannotLook> {
        self.in_time(deadline, self.list(namespace, "services", None))
            .await
    }

    async fn in_time<T>(
        &self,
        deadline: Instant,
        read: impl Future<Output = Result<T, CannotLook>>,
    ) -> Result<T, CannotLook> {
        let Ok(permit) = timeout_at(deadline, self.permits.acquire()).await else {
            return Err(CannotLook::Busy);
        };
        // The semaphore is never closed; if it were, there would be no more lookups.
        let _permit = permit.map_err(|_| CannotLook::Busy)?;
        timeout_at(deadline, read)
            .await
            .unwrap_or(Err(CannotLook::TooLate))
    }

    async fn namespace(&self, name: &str) -> Result<Option<Namespace>, CannotLook> {
        let namespaces: Api<Namespace> = Api::all(self.client.clone());
        self.read("namespaces", namespaces.get_opt(name)).await
    }

    /// The pods that either selector matches, in one list where the two have something in common.
    async fn pods(
        &self,
        namespace: &str,
        old: &Labels,
        new: &Labels,
    ) -> Result<Vec<Pod>, CannotLook> {
        let list = |labels: String| self.list::<Pod>(namespace, "pods", Some(labels));
        match (old.is_empty(), new.is_empty()) {
            (true, true) => return Ok(Vec::new()),
            (false, true) => return list(selector::query(old)).await,
            (true, false) => return list(selector::query(new)).await,
            (false, false) => {}
        }
        if let Some(both) = selector::either(old, new) {
            return list(both).await;
        }
        let (mut pods, others) =
            futures::try_join!(list(selector::query(old)), list(selector::query(new)))?;
        let others = others.into_iter().filter(|pod| {
            !selector::matches(old, selector::or_empty(pod.metadata.labels.as_ref()))
        });
        pods.extend(others);
        Ok(pods)
    }

    async fn list<K>(
        &self,
        namespace: &str,
        resource: &'static str,
        labels: Option<String>,
    ) -> Result<Vec<K>, CannotLook>
    where
        K: Resource<Scope = k8s_openapi::NamespaceResourceScope, DynamicType = ()>
            + Clone
            + std::fmt::Debug
            + DeserializeOwned,
    {
        let api: Api<K> = Api::namespaced(self.client.clone(), namespace);
        let mut page = ListParams {
            label_selector: labels,
            limit: Some(PAGE),
            ..ListParams::default()
        };
        let mut all = Vec::new();
        loop {
            let list = self.read(resource, api.list(&page)).await?;
            // Who wrote which field is most of an object's memory, and no verdict looks at it.
            all.extend(list.items.into_iter().map(|mut item| {
                item.meta_mut().managed_fields = None;
                item
            }));
            match list.metadata.continue_.filter(|token| !token.is_empty()) {
                Some(token) => page.continue_token = Some(token),
                None => return Ok(all),
            }
        }
    }

    async fn read<T>(
        &self,
        resource: &'static str,
        request: impl Future<Output = kube::Result<T>>,
    ) -> Result<T, CannotLook> {
        let result = request.await;
        self.metrics.read(resource, result.is_ok());
        result.map_err(|source| CannotLook::Failed {
            resource,
            source: Box::new(source),
        })
    }
}
