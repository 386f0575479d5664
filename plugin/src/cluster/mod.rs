//! The one place that sees the API server.

mod address;
mod changes;
mod connect;
mod dynamic;
mod events;
mod forward;
mod kubeconfig;
mod leases;
mod list;
mod logs;
mod pods;
mod proxy;
mod read;
mod secrets;
mod server_apply;
mod slices;
mod translate;
mod transport;
mod who;
mod workloads;
mod write;

use std::fmt;
use std::time::Duration;

use k8s_openapi::NamespaceResourceScope;
use kube::{Api, Client, Resource};

use crate::failure::Failure;
use crate::flags::Connection;

pub(crate) use changes::Changes;
pub(crate) use dynamic::Manifest;
pub(crate) use forward::NoForward;
pub(crate) use leases::{Deleted, Written};
pub(crate) use list::Freshness;
pub(crate) use logs::Tail;
pub(crate) use server_apply::{NotApplied, Owned};
pub(crate) use slices::Watched;
pub(crate) use translate::Call;
pub(crate) use write::Rejected;

/// A connection to one API server; a clone is the same connection.
#[derive(Clone)]
pub(crate) struct Cluster {
    client: Client,
    namespace: String,
    place: Place,
    /// For one request; `None` waits for ever.
    timeout: Option<Duration>,
}

/// Where the API server is said to be, for people to find the mistake.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    /// The address that is dialled.
    pub(crate) server: String,
    /// Who says so: a context of a kubeconfig, a flag, the pod's environment.
    pub(crate) source: String,
}

impl fmt::Display for Place {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} ({})", self.server, self.source)
    }
}

impl Cluster {
    /// Reads the kubeconfig and prepares the client; nothing is sent yet.
    pub(crate) async fn connect(flags: &Connection) -> Result<Self, Failure> {
        connect::connect(flags).await
    }

    /// The namespace that the user means.
    pub(crate) fn namespace(&self) -> &str {
        &self.namespace
    }

    /// The objects of one kind in a namespace.
    fn api<K>(&self, namespace: &str) -> Api<K>
    where
        K: Resource<Scope = NamespaceResourceScope>,
        K::DynamicType: Default,
    {
        Api::namespaced(self.client.clone(), namespace)
    }

    /// Waits for a request as long as one may take, and says what went wrong with it.
    async fn call<T>(
        &self,
        call: &Call<'_>,
        request: impl Future<Output = kube::Result<T>>,
    ) -> Result<T, Failure> {
        match self.raw_call(request).await {
            Ok(Ok(value)) => Ok(value),
            Ok(Err(error)) => Err(translate::failure(&error, call, &self.place)),
            Err(Expired(after)) => Err(translate::expired(after, call, &self.place)),
        }
    }

    async fn raw_call<T>(
        &self,
        request: impl Future<Output = kube::Result<T>>,
    ) -> Result<kube::Result<T>, Expired> {
        match self.timeout {
            Some(limit) => tokio::time::timeout(limit, request)
                .await
                .map_err(|_| Expired(limit)),
            None => Ok(request.await),
        }
    }
}

/// A request took longer than it may.
struct Expired(Duration);
