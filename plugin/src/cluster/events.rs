//! What the cluster remembers of one object.

use k8s_openapi::api::core::v1::Event;
use kube::api::ListParams;

use crate::failure::Failure;

use super::{Call, Cluster};

/// Events of one object at most.
const MOST: u32 = 100;

impl Cluster {
    /// The events about an object of that kind and name.
    pub(crate) async fn events_of(
        &self,
        namespace: &str,
        kind: &str,
        name: &str,
    ) -> Result<Vec<Event>, Failure> {
        let call = Call {
            verb: "list",
            resource: "events",
            name: "",
            namespace,
        };
        let params = ListParams::default()
            .fields(&format!(
                "involvedObject.kind={kind},involvedObject.name={name}"
            ))
            .limit(MOST);
        let api = self.api::<Event>(namespace);
        let events = self.call(&call, api.list(&params)).await?;
        Ok(events.items)
    }
}
