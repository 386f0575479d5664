//! The one place that reads the cluster: at the time of the request, never from a cache of ours.

mod pages;
mod pods;
mod reader;

use std::sync::Arc;

use bluegreen_shared::objects::Objects;
use bluegreen_shared::selector::{self, Labels};
use bluegreen_shared::workload::Workload;
use k8s_openapi::api::apps::v1::{Deployment, StatefulSet};
use k8s_openapi::api::core::v1::{Pod, Service};
use kube::Client;
use tokio::sync::Semaphore;
use tokio::time::{Instant, timeout_at};

use crate::cannot_look::CannotLook;
use crate::metrics::Metrics;

use reader::Reader;

pub(crate) use pages::{Freshness, MOST};

/// Reads what a decision needs.
pub(crate) struct Lookup {
    reader: Reader,
    permits: Semaphore,
}

impl Lookup {
    /// Reads with this client, so many decisions at once.
    pub(crate) fn new(client: Client, most: usize, metrics: Arc<Metrics>) -> Self {
        Self {
            reader: Reader::new(client, metrics),
            permits: Semaphore::new(most),
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
                self.reader.floors(namespace),
                self.reader.workloads(namespace, fresh),
                self.reader
                    .pods(namespace, selector::of(before), selector::of(after), fresh),
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
                self.reader.floors(namespace),
                self.reader.services(namespace, fresh),
                self.reader.workloads(namespace, fresh),
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
        let read = Box::pin(self.reader.pods(namespace, old, new, fresh));
        self.in_time(deadline, read).await
    }

    /// The Services of a namespace.
    pub(crate) async fn services(
        &self,
        namespace: &str,
        deadline: Instant,
    ) -> Result<Vec<Service>, CannotLook> {
        self.in_time(deadline, self.reader.services(namespace, Freshness::Live))
            .await
    }

    /// The Deployments and `StatefulSets` of a namespace.
    pub(crate) async fn workloads(
        &self,
        namespace: &str,
        deadline: Instant,
    ) -> Result<Vec<Workload>, CannotLook> {
        let read = Box::pin(self.reader.workloads(namespace, Freshness::Live));
        self.in_time(deadline, read).await
    }

    /// The workload that a `Scale` is of, if it is there; `None` also for what is neither a Deployment nor a
    /// `StatefulSet`.
    pub(crate) async fn workload(
        &self,
        namespace: &str,
        resource: &str,
        name: &str,
        deadline: Instant,
    ) -> Result<Option<Workload>, CannotLook> {
        let reader = &self.reader;
        let read = async {
            match resource {
                "deployments" => {
                    let read = reader.workload::<Deployment>(namespace, "deployments", name);
                    read.await
                }
                "statefulsets" => {
                    let read = reader.workload::<StatefulSet>(namespace, "statefulsets", name);
                    read.await
                }
                _ => Ok(None),
            }
        };
        self.in_time(deadline, Box::pin(read)).await
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
}
