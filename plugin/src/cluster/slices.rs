//! The `EndpointSlices` of a Service, followed as they change.

use std::collections::BTreeMap;
use std::pin::Pin;

use futures::{Stream, StreamExt};
use k8s_openapi::api::discovery::v1::EndpointSlice;
use kube::api::{WatchEvent, WatchParams};

use crate::failure::Failure;

use super::translate;
use super::{Call, Cluster};

/// The label that ties a slice to its Service.
const SERVICE_NAME: &str = "kubernetes.io/service-name";

/// The slices of some Services as they are known so far, by name.
type Slices = BTreeMap<String, EndpointSlice>;

/// A watch in progress.
pub(crate) struct Watched<'c> {
    cluster: &'c Cluster,
    namespace: String,
    services: String,
    slices: Slices,
    events: Pin<Box<dyn Stream<Item = kube::Result<WatchEvent<EndpointSlice>>> + Send>>,
}

impl Cluster {
    /// The slices of these Services as they are now.
    pub(crate) async fn read_slices(
        &self,
        namespace: &str,
        services: &[&str],
    ) -> Result<Vec<EndpointSlice>, Failure> {
        self.list(namespace, Some(&of_services(services))).await
    }

    /// Watches the slices of these Services with a single request.
    ///
    /// Without a resource version the server first sends what there is, then what changes
    /// ("Get State and Start at Most Recent" of the API's watch semantics), so that no list goes before it.
    pub(crate) async fn follow(
        &self,
        namespace: &str,
        services: &[&str],
    ) -> Result<Watched<'_>, Failure> {
        let params = WatchParams {
            label_selector: Some(of_services(services)),
            ..WatchParams::default()
        };
        let call = watching(namespace);
        let api = self.api::<EndpointSlice>(namespace);
        let events = self.call(&call, api.watch(&params, "")).await?;
        Ok(Watched {
            cluster: self,
            namespace: namespace.to_owned(),
            services: of_services(services),
            slices: Slices::new(),
            // Whoever asks again after the end is told so again.
            events: Box::pin(events.fuse()),
        })
    }
}

impl Watched<'_> {
    /// The slices that are known so far.
    pub(crate) fn slices(&self) -> &Slices {
        &self.slices
    }

    /// Reads the slices anew, after the watch has ended.
    pub(crate) async fn read_again(&mut self) -> Result<(), Failure> {
        let list = self.cluster.list(&self.namespace, Some(&self.services));
        let named = |slice: EndpointSlice| (slice.metadata.name.clone().unwrap_or_default(), slice);
        self.slices = list.await?.into_iter().map(named).collect();
        Ok(())
    }

    /// Waits for the next change and takes it in; `false` when the server has ended the watch.
    pub(crate) async fn next(&mut self) -> Result<bool, Failure> {
        let Some(event) = self.events.next().await else {
            return Ok(false);
        };
        let place = &self.cluster.place;
        match event {
            Ok(WatchEvent::Added(slice) | WatchEvent::Modified(slice)) => {
                let name = slice.metadata.name.clone().unwrap_or_default();
                self.slices.insert(name, slice);
            }
            Ok(WatchEvent::Deleted(slice)) => {
                self.slices
                    .remove(slice.metadata.name.as_deref().unwrap_or_default());
            }
            Ok(WatchEvent::Bookmark(_)) => {}
            Ok(WatchEvent::Error(status)) => {
                let error = kube::Error::Api(status);
                return Err(translate::failure(
                    &error,
                    &watching(&self.namespace),
                    place,
                ));
            }
            Err(error) => {
                return Err(translate::failure(
                    &error,
                    &watching(&self.namespace),
                    place,
                ));
            }
        }
        Ok(true)
    }
}

fn of_services(services: &[&str]) -> String {
    format!("{SERVICE_NAME} in ({})", services.join(","))
}

fn watching(namespace: &str) -> Call<'_> {
    Call {
        verb: "watch",
        resource: "endpointslices.discovery.k8s.io",
        name: "",
        namespace,
    }
}
