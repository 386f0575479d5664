//! Requests on what may be live, as the API server would send them, and what is said of them.

pub(crate) mod any;

use bluegreen_shared::objects::Objects;
use bluegreen_shared::protect::{self, Change};
use bluegreen_shared::refusal::Refusal;
use bluegreen_shared::workload::Workload;
use k8s_openapi::api::apps::v1::{Deployment, StatefulSet};
use k8s_openapi::api::core::v1::{Namespace, Pod, Service};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::situation::{self, Situation};

/// What is stored, and what it becomes; nothing where it is deleted.
#[derive(Clone, Debug)]
pub(crate) enum Object {
    Workload(Box<Workload>, Option<Box<Workload>>),
    Pod(Box<Pod>, Box<Pod>),
    Service(Box<Service>, Option<Box<Service>>),
    Namespace(Box<Namespace>),
}

/// A request and the cluster that it meets.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) object: Object,
    pub(crate) objects: Objects,
}

impl Request {
    pub(crate) fn of(situation: &Situation) -> Self {
        let before: Value = situation.request("before").expect("before.yaml");
        let object = match before["kind"].as_str() {
            Some("Deployment") => workloads::<Deployment>(situation),
            Some("StatefulSet") => workloads::<StatefulSet>(situation),
            Some("Pod") => {
                let (before, after) = both(situation);
                Object::Pod(before, after.expect("after.yaml"))
            }
            Some("Service") => {
                let (before, after) = both(situation);
                Object::Service(before, after)
            }
            Some("Namespace") => Object::Namespace(Box::new(only(situation))),
            other => panic!("nothing protects a {other:?}"),
        };
        Self {
            object,
            objects: situation.objects.clone(),
        }
    }

    pub(crate) fn judge(&self) -> Vec<Refusal> {
        let change = match &self.object {
            Object::Workload(before, Some(after)) => Change::Workload { before, after },
            Object::Workload(before, None) => Change::DeleteWorkload(before),
            Object::Pod(before, after) => Change::Pod { before, after },
            Object::Service(before, Some(after)) => Change::Service { before, after },
            Object::Service(service, None) => Change::DeleteService(service),
            Object::Namespace(namespace) => Change::DeleteNamespace(namespace),
        };
        protect::judge(&change, &self.objects, situation::now())
    }
}

fn workloads<K>(situation: &Situation) -> Object
where
    K: DeserializeOwned + Serialize,
    Workload: From<K>,
{
    let (before, after) = both::<K>(situation);
    let read = |object: Box<K>| Box::new(Workload::from(*object));
    Object::Workload(read(before), after.map(read))
}

fn both<K: DeserializeOwned + Serialize>(situation: &Situation) -> (Box<K>, Option<Box<K>>) {
    let read = |file: &str| situation.request::<K>(file).map(Box::new);
    (read("before").expect("before.yaml"), read("after"))
}

fn only<K: DeserializeOwned + Serialize>(situation: &Situation) -> K {
    let (before, after) = both(situation);
    assert!(after.is_none(), "only its deletion is judged");
    *before
}
