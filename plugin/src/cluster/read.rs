//! Live reads, in as few requests as there can be.

use bluegreen_shared::objects::Objects;
use bluegreen_shared::workload::Workload;
use futures::future::{try_join, try_join3};
use k8s_openapi::api::apps::v1::{Deployment, StatefulSet};
use k8s_openapi::api::core::v1::{Event, Namespace, Pod, Service};
use k8s_openapi::api::networking::v1::Ingress;
use k8s_openapi::api::policy::v1::PodDisruptionBudget;
use kube::api::{GetParams, ListParams, Request};
use kube::{Api, Resource};

use crate::failure::Failure;

use super::list::{Freshness, PAGE};
use super::{Call, Cluster, pods};

impl Cluster {
    /// What discovery needs of a namespace: three requests, all at once. Namespace and pods are left
    /// empty.
    pub(crate) async fn read_objects(
        &self,
        namespace: &str,
        freshness: Freshness,
    ) -> Result<Objects, Failure> {
        // On the heap: all three together are too large a state to be copied around.
        let all = Box::pin(try_join3(
            self.list_as::<Service>(namespace, None, freshness),
            self.list_as::<Deployment>(namespace, None, freshness),
            self.list_as::<StatefulSet>(namespace, None, freshness),
        ));
        let (services, deployments, sets) = all.await?;
        Ok(Objects {
            services,
            workloads: deployments
                .into_iter()
                .map(Workload::from)
                .chain(sets.into_iter().map(Workload::from))
                .collect(),
            ..Objects::default()
        })
    }

    /// What a verdict needs beside: the Namespace, and the pods that a label selector finds; all of
    /// them without one.
    pub(crate) async fn read_rest(
        &self,
        namespace: &str,
        query: Option<&str>,
        freshness: Freshness,
    ) -> Result<(Option<Namespace>, Vec<Pod>), Failure> {
        Box::pin(try_join(
            self.read_namespace(namespace, freshness),
            self.read_pods(namespace, query, freshness),
        ))
        .await
    }

    /// The pods of a namespace that a label selector finds; all of them without one.
    pub(crate) async fn read_pods(
        &self,
        namespace: &str,
        query: Option<&str>,
        freshness: Freshness,
    ) -> Result<Vec<Pod>, Failure> {
        let request = Request::new(Pod::url_path(&(), Some(namespace)));
        self.pages("pods", namespace, query, freshness, async |params| {
            pods::page(&self.client, &request, params).await
        })
        .await
    }

    /// The Ingresses of a namespace; none where they may not be read, for no verdict needs them.
    pub(crate) async fn read_ingresses(&self, namespace: &str) -> Result<Vec<Ingress>, Failure> {
        optional(self.list::<Ingress>(namespace, None).await)
    }

    /// The disruption budgets of a namespace; none where they may not be read, for nothing depends on them.
    pub(crate) async fn read_budgets(
        &self,
        namespace: &str,
    ) -> Result<Vec<PodDisruptionBudget>, Failure> {
        optional(self.list::<PodDisruptionBudget>(namespace, None).await)
    }

    /// The warnings about pods that the cluster remembers; none where they may not be read.
    pub(crate) async fn read_pod_warnings(&self, namespace: &str) -> Result<Vec<Event>, Failure> {
        let api = self.api::<Event>(namespace);
        let params = ListParams::default()
            .fields("involvedObject.kind=Pod,type=Warning")
            .limit(PAGE);
        let call = Call {
            verb: "list",
            resource: "events",
            name: "",
            namespace,
        };
        // One page: what stands in it is only ever told beside a reason that holds without it.
        optional(
            self.call(&call, api.list(&params))
                .await
                .map(|page| page.items),
        )
    }

    /// The Namespace; `None` where it may not be read, or the server says that it isn't there: the
    /// platform team's floors are then not known.
    async fn read_namespace(
        &self,
        name: &str,
        freshness: Freshness,
    ) -> Result<Option<Namespace>, Failure> {
        let api: Api<Namespace> = Api::all(self.client.clone());
        let call = Call {
            verb: "get",
            resource: "namespaces",
            name,
            namespace: "",
        };
        let params = match freshness {
            Freshness::Live => GetParams::default(),
            Freshness::Recent => GetParams::any(),
        };
        let request = async {
            match api.get_with(name, &params).await {
                Ok(found) => Ok(Some(found)),
                Err(kube::Error::Api(status)) if status.code == 403 || status.code == 404 => {
                    Ok(None)
                }
                Err(error) => Err(error),
            }
        };
        self.call(&call, request).await
    }
}

/// Nothing, where the user may not look.
fn optional<T>(answer: Result<Vec<T>, Failure>) -> Result<Vec<T>, Failure> {
    match answer {
        Err(failure) if failure.server.as_deref() == Some("Forbidden") => Ok(Vec::new()),
        other => other,
    }
}
