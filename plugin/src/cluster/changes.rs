//! Wakes a verb that waits as soon as something has changed that its verdict depends on.

use std::fmt::Debug;
use std::pin::Pin;
use std::time::Duration;

use futures::future::pending;
use futures::stream::{SelectAll, select_all};
use futures::{FutureExt, Stream, StreamExt, future};
use k8s_openapi::NamespaceResourceScope;
use k8s_openapi::api::apps::v1::{Deployment, StatefulSet};
use k8s_openapi::api::core::v1::Pod;
use kube::Resource;
use kube::api::{WatchEvent, WatchParams};
use serde::de::DeserializeOwned;
use tokio::time::{Instant, sleep, timeout};

use crate::failure::Failure;

use super::list::resource_of;
use super::{Call, Cluster};

/// Between two looks in the long run, however much changes: fifty pods that start together say something
/// every few milliseconds.
const GAP: Duration = Duration::from_millis(100);
/// What may be looked at without a gap, after as much time without a look: the last pod is seldom alone.
const AHEAD: Duration = Duration::from_millis(500);
/// After which nothing more of what is there already is to come.
const QUIET: Duration = Duration::from_millis(10);

/// Something has changed; what, a look tells.
type Stirs = Pin<Box<dyn Stream<Item = ()>>>;

/// What goes on among the pods and the workloads of a namespace.
pub(crate) struct Changes<'c> {
    cluster: &'c Cluster,
    namespace: &'c str,
    query: Option<String>,
    watches: Watches,
    /// When the looks until now would have been due, a gap between each two.
    due: Instant,
}

enum Watches {
    /// Not begun, or ended by the server, as it ends every one after a while.
    Ended,
    Open(SelectAll<Stirs>),
    /// They may not be had. Whoever waits then looks from time to time, as without them.
    Denied,
}

impl Cluster {
    /// Changes of the workloads, and of the pods that a label selector finds, from the next wait on.
    pub(crate) fn changes<'c>(&'c self, namespace: &'c str, query: Option<String>) -> Changes<'c> {
        Changes {
            cluster: self,
            namespace,
            query,
            watches: Watches::Ended,
            due: Instant::now(),
        }
    }
}

impl Changes<'_> {
    /// Waits until something changes, at most that long. The first time it returns at once, for there may
    /// have been changes before.
    pub(crate) async fn next(&mut self, at_most: Duration) {
        // In time or not: it is looked again.
        let _ = timeout(at_most, self.stir()).await;
        let now = Instant::now();
        self.due = self.due.max(now) + GAP;
        let ahead = self.due.saturating_duration_since(now);
        sleep(ahead.saturating_sub(AHEAD)).await;
        // What has come until now, the next look sees.
        if let Watches::Open(stirs) = &mut self.watches {
            while let Some(Some(())) = stirs.next().now_or_never() {}
        }
    }

    async fn stir(&mut self) {
        if matches!(self.watches, Watches::Ended) {
            self.watches = match Box::pin(self.open()).await {
                Ok(stirs) => Watches::Open(stirs),
                Err(failure) if failure.server.as_deref() == Some("Forbidden") => Watches::Denied,
                Err(_) => Watches::Ended,
            };
            if let Watches::Open(stirs) = &mut self.watches {
                // First of all comes what is there already.
                while let Ok(Some(())) = timeout(QUIET, stirs.next()).await {}
                return;
            }
        }
        if let Watches::Open(stirs) = &mut self.watches
            && stirs.next().await.is_some()
        {
            return;
        }
        if matches!(self.watches, Watches::Open(_)) {
            self.watches = Watches::Ended;
        }
        pending::<()>().await;
    }

    async fn open(&self) -> Result<SelectAll<Stirs>, Failure> {
        let (pods, deployments, sets) = tokio::try_join!(
            self.watch::<Pod>(self.query.as_deref()),
            self.watch::<Deployment>(None),
            self.watch::<StatefulSet>(None),
        )?;
        Ok(select_all([pods, deployments, sets]))
    }

    /// Watches the metadata of a kind: that is enough to see that something is new.
    async fn watch<K>(&self, query: Option<&str>) -> Result<Stirs, Failure>
    where
        K: Resource<Scope = NamespaceResourceScope> + Clone + Debug + DeserializeOwned + 'static,
        K::DynamicType: Default,
    {
        let resource = resource_of::<K>();
        let call = Call {
            verb: "watch",
            resource: &resource,
            name: "",
            namespace: self.namespace,
        };
        let params = WatchParams {
            label_selector: query.map(str::to_owned),
            ..WatchParams::default()
        };
        let api = self.cluster.api::<K>(self.namespace);
        let events = self
            .cluster
            .call(&call, api.watch_metadata(&params, ""))
            .await?;
        let stirs = events
            .take_while(|event| future::ready(matches!(event, Ok(event) if !is_error(event))))
            .map(drop);
        Ok(Box::pin(stirs))
    }
}

fn is_error<K>(event: &WatchEvent<K>) -> bool {
    matches!(event, WatchEvent::Error(_))
}
