//! Requests on workloads, as the API server would send them, and what becomes of them.

pub(crate) mod any;

use bluegreen_shared::mutate::{self, Mutation};
use bluegreen_shared::workload::Workload;
use jiff::Timestamp;
use k8s_openapi::api::apps::v1::{Deployment, StatefulSet};
use k8s_openapi::api::core::v1::Service;
use serde_json::Value;

use crate::situation::Situation;

/// When everything happens.
const NOW: &str = "2026-05-01T12:00:00Z";

/// A workload as it was sent, and what it meets.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) after: Value,
    pub(crate) before: Option<Value>,
    pub(crate) services: Vec<Service>,
}

impl Request {
    pub(crate) fn of(situation: &Situation) -> Self {
        Self {
            after: sent(situation, "after").expect("after.yaml"),
            before: sent(situation, "before"),
            services: situation.objects.services.clone(),
        }
    }

    pub(crate) fn mutate(&self) -> Mutation {
        let now: Timestamp = NOW.parse().unwrap();
        let before = self.before.as_ref().map(workload);
        mutate::workload(&workload(&self.after), before.as_ref(), &self.services, now)
    }

    /// The same request with what was added to it.
    pub(crate) fn mutated(&self) -> Self {
        let mut mutated = self.clone();
        json_patch::patch(&mut mutated.after, &self.mutate().patch).unwrap();
        mutated
    }
}

/// The object, read once in its own type so that a misspelt field is an error.
fn sent(situation: &Situation, file: &str) -> Option<Value> {
    let object: Value = situation.request(file)?;
    match object["kind"].as_str() {
        Some("Deployment") => drop(situation.request::<Deployment>(file)),
        _ => drop(situation.request::<StatefulSet>(file)),
    }
    Some(object)
}

fn workload(object: &Value) -> Workload {
    let kind = object["kind"].as_str();
    if kind == Some("Deployment") {
        let deployment: Deployment = serde_json::from_value(object.clone()).unwrap();
        deployment.into()
    } else {
        let set: StatefulSet = serde_json::from_value(object.clone()).unwrap();
        set.into()
    }
}
