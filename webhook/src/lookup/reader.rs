//! The requests that lookups are made of; each is counted.

use std::sync::Arc;

use bluegreen_shared::pod;
use bluegreen_shared::selector::{self, Labels};
use bluegreen_shared::workload::Workload;
use k8s_openapi::NamespaceResourceScope;
use k8s_openapi::api::apps::v1::{Deployment, StatefulSet};
use k8s_openapi::api::core::v1::{Namespace, Pod, Service};
use kube::api::{GetParams, ListParams, Request};
use kube::{Api, Client, Resource};
use serde::de::DeserializeOwned;

use crate::cannot_look::CannotLook;
use crate::metrics::Metrics;

use super::pages::{Freshness, Pages};
use super::pods;

/// Reads objects, for as long as that takes.
pub(super) struct Reader {
    client: Client,
    metrics: Arc<Metrics>,
}

impl Reader {
    /// Reads with this client.
    pub(super) fn new(client: Client, metrics: Arc<Metrics>) -> Self {
        Self { client, metrics }
    }

    /// The Namespace, whose settings are the platform team's; `None` where it isn't there. As the API
    /// server has it at hand, which is how it decided by its labels to ask at all.
    pub(super) async fn floors(&self, name: &str) -> Result<Option<Namespace>, CannotLook> {
        let namespaces: Api<Namespace> = Api::all(self.client.clone());
        let found = async {
            match namespaces.get_with(name, &GetParams::any()).await {
                Err(kube::Error::Api(status)) if status.code == 404 => Ok(None),
                result => result.map(Some),
            }
        };
        self.read("namespaces", found).await
    }

    /// The pods that either selector matches: two lists, which the API server encodes side by side.
    /// That takes most of the time of a decision.
    pub(super) async fn pods(
        &self,
        namespace: &str,
        old: &Labels,
        new: &Labels,
        fresh: Freshness,
    ) -> Result<Vec<Pod>, CannotLook> {
        if fresh == Freshness::Recent
            && let Some(both) = selector::either(old, new)
        {
            // What is at hand is encoded in no time: to go through all pods of the namespace once counts
            // for more.
            return self.pods_by(namespace, both, fresh).await;
        }
        let (mut pods, others) = futures::try_join!(
            self.pods_of(namespace, old, fresh),
            self.pods_of(namespace, new, fresh)
        )?;
        let others = others
            .into_iter()
            .filter(|pod| !selector::matches(old, pod::labels(pod)));
        pods.extend(others);
        Ok(pods)
    }

    /// The Deployments and `StatefulSets` of a namespace.
    pub(super) async fn workloads(
        &self,
        namespace: &str,
        fresh: Freshness,
    ) -> Result<Vec<Workload>, CannotLook> {
        let (deployments, sets) = futures::try_join!(
            self.list::<Deployment>(namespace, "deployments", fresh),
            self.list::<StatefulSet>(namespace, "statefulsets", fresh),
        )?;
        let deployments = deployments.into_iter().map(Workload::from);
        let sets = sets.into_iter().map(Workload::from);
        Ok(deployments.chain(sets).collect())
    }

    /// The workload of this name, if it is there: a list of it alone, which takes no right of its own.
    pub(super) async fn workload<K>(
        &self,
        namespace: &str,
        resource: &'static str,
        name: &str,
    ) -> Result<Option<Workload>, CannotLook>
    where
        K: Resource<Scope = NamespaceResourceScope, DynamicType = ()>
            + Clone
            + std::fmt::Debug
            + DeserializeOwned,
        Workload: From<K>,
    {
        let api: Api<K> = Api::namespaced(self.client.clone(), namespace);
        let only = ListParams::default().fields(&format!("metadata.name={name}"));
        let found = self.read(resource, api.list(&only)).await?;
        Ok(found.items.into_iter().next().map(Workload::from))
    }

    /// The Services of a namespace.
    pub(super) async fn services(
        &self,
        namespace: &str,
        fresh: Freshness,
    ) -> Result<Vec<Service>, CannotLook> {
        self.list(namespace, "services", fresh).await
    }

    async fn pods_of(
        &self,
        namespace: &str,
        selector: &Labels,
        fresh: Freshness,
    ) -> Result<Vec<Pod>, CannotLook> {
        if selector.is_empty() {
            return Ok(Vec::new());
        }
        self.pods_by(namespace, selector::query(selector), fresh)
            .await
    }

    async fn pods_by(
        &self,
        namespace: &str,
        query: String,
        fresh: Freshness,
    ) -> Result<Vec<Pod>, CannotLook> {
        let list = Request::new(Pod::url_path(&(), Some(namespace)));
        let mut pages = Pages::new("pods", Some(query), fresh);
        while let Some(params) = pages.next() {
            let page = pods::page(&self.client, &list, &params);
            match self.read("pods", page).await {
                Err(why) if why.is_too_long() => pages = pages.by_pages().ok_or(why)?,
                page => pages.add(page?)?,
            }
        }
        Ok(pages.all)
    }

    async fn list<K>(
        &self,
        namespace: &str,
        resource: &'static str,
        fresh: Freshness,
    ) -> Result<Vec<K>, CannotLook>
    where
        K: Resource<Scope = NamespaceResourceScope, DynamicType = ()>
            + Clone
            + std::fmt::Debug
            + DeserializeOwned,
    {
        let api: Api<K> = Api::namespaced(self.client.clone(), namespace);
        let mut pages = Pages::new(resource, None, fresh);
        while let Some(params) = pages.next() {
            let mut page = match self.read(resource, api.list(&params)).await {
                Err(why) if why.is_too_long() => {
                    pages = pages.by_pages().ok_or(why)?;
                    continue;
                }
                page => page?,
            };
            for item in &mut page.items {
                // Who wrote which field is most of an object's memory, and no verdict looks at it.
                item.meta_mut().managed_fields = None;
            }
            pages.add((page.metadata.continue_, page.items))?;
        }
        Ok(pages.all)
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
