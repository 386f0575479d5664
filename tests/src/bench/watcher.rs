//! The one watcher that takes the time for everybody.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::hash::Hash;
use std::pin::pin;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use futures::StreamExt;
use k8s_openapi::api::core::v1::Service;
use k8s_openapi::api::discovery::v1::EndpointSlice;
use kube::Client;
use kube::Resource;
use kube::api::Api;
use kube::runtime::WatchStreamExt;
use kube::runtime::watcher::{Config, watcher};
use serde::de::DeserializeOwned;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

/// Longer than any flip takes.
const LONGEST: Duration = Duration::from_secs(20);

/// When what was seen.
#[derive(Clone, Copy, Debug)]
pub(super) struct Seen {
    pub(super) selector: Instant,
    pub(super) slices: Instant,
}

enum Event {
    Role(Instant, String),
    Slice(Instant, String, Vec<String>),
}

/// Watches the Service `web` of a namespace and its endpoint slices.
pub(super) struct Watcher {
    events: UnboundedReceiver<Event>,
    role: String,
    slices: BTreeMap<String, Vec<String>>,
}

impl Watcher {
    /// `key` is the one of the selector's labels that says which side is selected.
    pub(super) fn begin(client: &Client, namespace: &str, key: &'static str) -> Self {
        let (send, events) = unbounded_channel();
        let services: Api<Service> = Api::namespaced(client.clone(), namespace);
        let web = Config::default().fields("metadata.name=web");
        let to = send.clone();
        tokio::spawn(pass_on(services, web, move |service: Service| {
            let role = service.spec.and_then(|spec| spec.selector?.remove(key));
            let event = Event::Role(Instant::now(), role.unwrap_or_default());
            to.send(event).is_ok()
        }));
        let slices: Api<EndpointSlice> = Api::namespaced(client.clone(), namespace);
        let of_web = Config::default().labels("kubernetes.io/service-name=web");
        tokio::spawn(pass_on(slices, of_web, move |slice: EndpointSlice| {
            let now = Instant::now();
            let pods = slice
                .endpoints
                .into_iter()
                .filter_map(|endpoint| endpoint.target_ref?.name)
                .collect();
            let name = slice.metadata.name.unwrap_or_default();
            send.send(Event::Slice(now, name, pods)).is_ok()
        }));
        Self {
            events,
            role: String::new(),
            slices: BTreeMap::new(),
        }
    }

    /// When the Service selected the role, and when every endpoint of it belonged to the role's pods. The pods'
    /// names have the role in them, as the `ReplicaSets` of a Rollout have its hash.
    pub(super) async fn wait_for(&mut self, role: &str) -> Result<Seen> {
        let mut selector = None;
        loop {
            let event = tokio::time::timeout(LONGEST, self.events.recv())
                .await
                .with_context(|| format!("{role} was not seen within {LONGEST:?}"))?
                .context("the watch ended")?;
            let now = match event {
                Event::Role(at, seen) => {
                    if seen == role && self.role != role {
                        selector = Some(at);
                    }
                    self.role = seen;
                    at
                }
                Event::Slice(at, name, pods) => {
                    self.slices.insert(name, pods);
                    at
                }
            };
            if self.role == role && self.follow(role) {
                let Some(selector) = selector else {
                    bail!("production was {role} before anything was done");
                };
                return Ok(Seen {
                    selector,
                    slices: now,
                });
            }
        }
    }

    /// Takes in what has been there from the start.
    pub(super) async fn settle(&mut self, role: &str) -> Result<()> {
        let was = std::mem::take(&mut self.role);
        let seen = self.wait_for(role).await;
        if seen.is_err() {
            self.role = was;
        }
        seen.map(drop)
    }

    fn follow(&self, role: &str) -> bool {
        let part = format!("-{role}-");
        let mut pods = self.slices.values().flatten().peekable();
        pods.peek().is_some() && pods.all(|pod| pod.contains(&part))
    }
}

/// Hands on what is there and what changes, until nobody takes it. The API server ends every watch after
/// some minutes; it goes on where it was then.
pub(super) async fn pass_on<K>(api: Api<K>, of: Config, mut take: impl FnMut(K) -> bool)
where
    K: Resource + Clone + Debug + DeserializeOwned + Send + 'static,
    K::DynamicType: Clone + Default + Debug + Eq + Hash,
{
    let mut stream = pin!(watcher(api, of).default_backoff().applied_objects());
    while let Some(seen) = stream.next().await {
        if let Ok(object) = seen
            && !take(object)
        {
            return;
        }
    }
}
