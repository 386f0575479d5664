//! The one file that reads the cluster: at the time of the request, never from a cache of ours.

use std::sync::Arc;

use bluegreen_shared::objects::Objects;
use bluegreen_shared::pod;
use bluegreen_shared::selector::{self, Labels};
use bluegreen_shared::workload::Workload;
use k8s_openapi::NamespaceResourceScope;
use k8s_openapi::api::apps::v1::{Deployment, StatefulSet};
use k8s_openapi::api::core::v1::{Namespace, Pod, Service};
use kube::api::{GetParams, Request};
use kube::{Api, Client, Resource};
use serde::de::DeserializeOwned;
use tokio::sync::Semaphore;
use tokio::time::{Instant, timeout_at};

use crate::cannot_look::CannotLook;
use crate::metrics::Metrics;
use crate::pages::{Freshness, Pages};
use crate::pods;

/// Reads what a decision needs.
pub(crate) struct Lookup {
    client: Client,
    permits: Semaphore,
    metrics: Arc<Metrics>,
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
        let fresh = Freshness::Live;
        let read = async {
            let (floors, workloads, pods) = futures::try_join!(
                self.floors(namespace),
                self.list_workloads(namespace, fresh),
                self.list_pods(namespace, selector::of(before), selector::of(after), fresh),
            )?;
            Ok(Objects {
                namespace: floors,
                workloads,
                pods,
                ..Objects::default()
            })
        };
        self.in_time(deadline, Box::pin(read)).await
    }

    /// What discovery needs, and the Namespace; the pods are left empty.
    pub(crate) async fn application(
        &self,
        namespace: &str,
        fresh: Freshness,
        deadline: Instant,
    ) -> Result<Objects, CannotLook> {
        let read = async {
            let (floors, services, workloads) = futures::try_join!(
                self.floors(namespace),
                self.list::<Service>(namespace, "services", fresh),
                self.list_workloads(namespace, fresh),
            )?;
            Ok(Objects {
                namespace: floors,
                services,
                workloads,
                ..Objects::default()
            })
        };
        self.in_time(deadline, Box::pin(read)).await
    }

    /// The pods that either selector matches.
    pub(crate) async fn pods(
        &self,
        namespace: &str,
        old: &Labels,
        new: &Labels,
        fresh: Freshness,
        deadline: Instant,
    ) -> Result<Vec<Pod>, CannotLook> {
        let read = Box::pin(self.list_pods(namespace, old, new, fresh));
        self.in_time(deadline, read).await
    }

    /// The Services of a namespace.
    pub(crate) async fn services(
        &self,
        namespace: &str,
        deadline: Instant,
    ) -> Result<Vec<Service>, CannotLook> {
        self.in_time(deadline, self.list(namespace, "services", Freshness::Live))
            .await
    }

    /// The Deployments and `StatefulSets` of a namespace.
    pub(crate) async fn workloads(
        &self,
        namespace: &str,
        deadline: Instant,
    ) -> Result<Vec<Workload>, CannotLook> {
        let read = Box::pin(self.list_workloads(namespace, Freshness::Live));
        self.in_time(deadline, read).await
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

    /// The Namespace, whose settings are the platform team's; `None` where it isn't there. As the API
    /// server has it at hand, which is how it decided by its labels to ask at all.
    async fn floors(&self, name: &str) -> Result<Option<Namespace>, CannotLook> {
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
    async fn list_pods(
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

    async fn list_workloads(
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
            pages.add(self.read("pods", page).await?)?;
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
            let mut page = self.read(resource, api.list(&params)).await?;
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
