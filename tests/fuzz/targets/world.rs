//! Objects of a namespace out of bytes: few names and labels, so that they meet each other.

use bluegreen_shared::objects::Objects;
use bluegreen_shared::workload::Workload;
use k8s_openapi::api::apps::v1::{Deployment, StatefulSet};
use k8s_openapi::api::core::v1::{Namespace, Pod, Service};
use libfuzzer_sys::arbitrary::{self, Arbitrary};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

/// When everything is judged.
pub const NOW: &str = "2026-05-01T12:00:00Z";

const KEYS: [&str; 6] = [
    "app",
    "role",
    "version",
    "slot",
    "pod-template-hash",
    "tier",
];
const VALUES: [&str; 14] = [
    "web",
    "blue",
    "green",
    "BLUE",
    "web-blue",
    "web-green",
    "test-green",
    "evergreen",
    "1.10",
    "1.11",
    "",
    "blue-green",
    "h1",
    "h2",
];
const NAMES: [&str; 8] = [
    "web",
    "web-blue",
    "web-green",
    "web-test-green",
    "api",
    "a-b-c",
    "",
    "Ünicode/~1",
];
const OURS: [&str; 17] = [
    "production",
    "test",
    "role-key",
    "role",
    "intent",
    "overlap",
    "history",
    "verified-blue",
    "verified-green",
    "min-capacity",
    "min-ready",
    "require-verified",
    "on-drift",
    "override",
    "takedown",
    "probe-path",
    "probe-port",
];
const SAID: [&str; 16] = [
    "true",
    "false",
    "100%",
    "-1%",
    "lots",
    "300%",
    "keep",
    "deny",
    "role",
    "role,version",
    "",
    r#"{"to":"green","until":"2026-05-01T12:01:00Z"}"#,
    r#"{"from":"blue","to":"green"}"#,
    r#"[{"at":"2026-05-01T11:00:00Z","from":"green","to":"blue","revision":{"from":"h2","to":"h1"},"ready":{"from":2,"to":2},"by":"ann"}]"#,
    r#"{"revision":{"Deployment/web-green":"h2"},"images":[],"at":"2026-05-01T11:00:00Z","by":"ann","checks":[]}"#,
    "[[[[",
];
const PORTS: [&str; 5] = ["http", "https", "", "8080", "x-y"];

/// Labels or annotations: a place in the list of keys, and one in that of values.
type Pairs = Vec<(u8, u8)>;

/// A namespace.
#[derive(Arbitrary, Debug)]
pub struct World {
    namespace: Option<Meta>,
    services: Vec<AnyService>,
    workloads: Vec<AnyWorkload>,
    pods: Vec<AnyPod>,
}

/// What all objects have.
#[derive(Arbitrary, Debug)]
pub struct Meta {
    name: u8,
    labels: Pairs,
    annotations: Pairs,
    deleting: bool,
    owner: Option<(u8, u8, bool)>,
}

/// A Service.
#[derive(Arbitrary, Debug)]
pub struct AnyService {
    meta: Meta,
    selector: Option<Pairs>,
    external: bool,
    unready: Option<bool>,
    addresses: Option<u8>,
    families: Option<u8>,
    ports: Vec<(i32, Option<i32>, u8, u8)>,
}

/// A Deployment or a StatefulSet.
#[derive(Arbitrary, Debug)]
pub struct AnyWorkload {
    meta: Meta,
    is_set: bool,
    replicas: Option<i32>,
    generation: Option<i64>,
    observed: Option<i64>,
    counts: [Option<i32>; 5],
    template: Option<Pairs>,
    containers: Vec<AnyContainer>,
    init: Vec<AnyContainer>,
    partition: Option<i32>,
    condition: Option<(u8, bool)>,
}

#[derive(Arbitrary, Debug)]
struct AnyContainer {
    name: u8,
    ports: Vec<(i32, u8, u8)>,
    ready: Option<u8>,
    live: Option<u8>,
    sidecar: bool,
}

/// A pod.
#[derive(Arbitrary, Debug)]
pub struct AnyPod {
    meta: Meta,
    ready: Option<bool>,
    phase: u8,
    waiting: Option<u8>,
    exit: Option<i32>,
    restarts: i32,
    containers: Vec<AnyContainer>,
    grace: Option<i64>,
}

fn pick<'a>(all: &[&'a str], place: u8) -> &'a str {
    all[usize::from(place) % all.len()]
}

fn labels(pairs: &Pairs) -> Value {
    let pairs = pairs.iter().take(6);
    let labels: Map<String, Value> = pairs
        .map(|(key, value)| (pick(&KEYS, *key).to_owned(), pick(&VALUES, *value).into()))
        .collect();
    labels.into()
}

impl Meta {
    fn json(&self) -> Value {
        let annotations = self.annotations.iter().take(6);
        let annotations: Map<String, Value> = annotations
            .map(|(key, value)| {
                (
                    format!("bluegreen.dev/{}", pick(&OURS, *key)),
                    pick(&SAID, *value).into(),
                )
            })
            .collect();
        let mut meta = json!({
            "name": pick(&NAMES, self.name), "namespace": "shop", "uid": "u",
            "labels": labels(&self.labels), "annotations": annotations,
        });
        if self.deleting {
            meta["deletionTimestamp"] = json!("2026-05-01T11:59:50Z");
        }
        if let Some((kind, name, controls)) = self.owner {
            meta["ownerReferences"] = json!([{
                "apiVersion": "apps/v1", "uid": "o", "controller": controls,
                "kind": pick(&["ReplicaSet", "StatefulSet", "Job"], kind),
                "name": pick(&["web-blue-h1", "web-green-h2", "web-blue", "-", ""], name),
            }]);
        }
        meta
    }
}

impl AnyService {
    /// The Service.
    pub fn object(&self) -> Option<Service> {
        let ports = self.ports.iter().take(3).map(|(port, number, name, protocol)| {
            let target = match number {
                Some(number) => json!(number),
                None => json!(pick(&PORTS, *name)),
            };
            json!({ "port": port, "targetPort": target, "protocol": pick(&["TCP", "UDP", "SCTP"], *protocol) })
        });
        let mut spec = json!({ "ports": ports.collect::<Vec<_>>() });
        if let Some(selector) = &self.selector {
            spec["selector"] = labels(selector);
        }
        if self.external {
            spec["type"] = json!("ExternalName");
        }
        if let Some(unready) = self.unready {
            spec["publishNotReadyAddresses"] = json!(unready);
        }
        if let Some(address) = self.addresses {
            spec["externalIPs"] = json!([format!("192.0.2.{address}")]);
        }
        if let Some(family) = self.families {
            spec["ipFamilies"] = json!([pick(&["IPv4", "IPv6"], family)]);
        }
        read(json!({ "metadata": self.meta.json(), "spec": spec }))
    }
}

impl AnyContainer {
    fn json(&self) -> Value {
        let ports = self.ports.iter().take(3).map(|(number, name, protocol)| {
            json!({ "containerPort": number, "name": pick(&PORTS, *name),
                    "protocol": pick(&["TCP", "UDP", "SCTP"], *protocol) })
        });
        let mut container = json!({ "name": pick(&NAMES, self.name), "image": "web:1", "ports": ports.collect::<Vec<_>>() });
        let probe = |kind: u8| match kind % 4 {
            0 => json!({ "tcpSocket": { "port": 8080 } }),
            1 => json!({ "httpGet": { "port": "http", "path": "/" } }),
            2 => json!({ "exec": { "command": ["true"] } }),
            _ => json!({}),
        };
        if let Some(kind) = self.ready {
            container["readinessProbe"] = probe(kind);
        }
        if let Some(kind) = self.live {
            container["livenessProbe"] = probe(kind);
        }
        if self.sidecar {
            container["restartPolicy"] = json!("Always");
        }
        container
    }
}

fn containers(all: &[AnyContainer]) -> Vec<Value> {
    all.iter().take(3).map(AnyContainer::json).collect()
}

impl AnyWorkload {
    /// The workload as JSON, and whether it is a StatefulSet.
    pub fn json(&self) -> (Value, bool) {
        let mut meta = self.meta.json();
        meta["generation"] = json!(self.generation);
        let mut spec = json!({
            "replicas": self.replicas, "selector": { "matchLabels": {} },
            "template": { "spec": { "containers": containers(&self.containers), "initContainers": containers(&self.init) } },
        });
        if let Some(template) = &self.template {
            spec["template"]["metadata"] = json!({ "labels": labels(template) });
        }
        if self.is_set {
            spec["serviceName"] = json!("web");
            if let Some(partition) = self.partition {
                spec["updateStrategy"] =
                    json!({ "type": "RollingUpdate", "rollingUpdate": { "partition": partition } });
            }
        }
        let [replicas, updated, ready, available, unavailable] = self.counts;
        let mut status = json!({
            "observedGeneration": self.observed, "replicas": replicas.unwrap_or(0), "updatedReplicas": updated,
            "readyReplicas": ready, "availableReplicas": available, "unavailableReplicas": unavailable,
        });
        if let Some((kind, holds)) = self.condition {
            status["conditions"] = json!([{
                "type": pick(&["Progressing", "ReplicaFailure", "Available"], kind),
                "status": if holds { "True" } else { "False" },
                "reason": "ProgressDeadlineExceeded", "message": "quota",
            }]);
        }
        (
            json!({ "metadata": meta, "spec": spec, "status": status }),
            self.is_set,
        )
    }

    /// The workload.
    pub fn object(&self) -> Option<Workload> {
        let (json, is_set) = self.json();
        if is_set {
            return read::<StatefulSet>(json).map(Workload::from);
        }
        read::<Deployment>(json).map(Workload::from)
    }
}

impl AnyPod {
    /// The pod.
    pub fn object(&self) -> Option<Pod> {
        let mut meta = self.meta.json();
        meta["deletionGracePeriodSeconds"] = json!(self.grace);
        let mut status = json!({ "phase": pick(&["Running", "Pending", "Failed", "Succeeded", "?"], self.phase) });
        if let Some(ready) = self.ready {
            status["conditions"] = json!([
                { "type": "Ready", "status": if ready { "True" } else { "False" } },
                { "type": "PodScheduled", "status": "False", "message": "0/1 nodes.\n" },
            ]);
        }
        let state = match (self.waiting, self.exit) {
            (Some(reason), _) => {
                json!({ "waiting": { "reason": pick(&["CrashLoopBackOff", "ImagePullBackOff", ""], reason) } })
            }
            (None, Some(code)) => json!({ "terminated": { "exitCode": code } }),
            (None, None) => json!({ "running": {} }),
        };
        status["containerStatuses"] = json!([{
            "name": pick(&NAMES, self.meta.name), "image": "", "imageID": "", "ready": false,
            "restartCount": self.restarts, "state": state.clone(), "lastState": state,
        }]);
        read(
            json!({ "metadata": meta, "spec": { "containers": containers(&self.containers) }, "status": status }),
        )
    }
}

impl World {
    /// Its objects.
    pub fn objects(&self) -> Objects {
        let namespace = self.namespace.as_ref();
        Objects {
            namespace: namespace
                .and_then(|meta| read::<Namespace>(json!({ "metadata": meta.json() }))),
            services: self
                .services
                .iter()
                .take(4)
                .filter_map(AnyService::object)
                .collect(),
            workloads: self
                .workloads
                .iter()
                .take(4)
                .filter_map(AnyWorkload::object)
                .collect(),
            pods: self
                .pods
                .iter()
                .take(8)
                .filter_map(AnyPod::object)
                .collect(),
            ..Objects::default()
        }
    }
}

fn read<K: DeserializeOwned>(json: Value) -> Option<K> {
    serde_json::from_value(json).ok()
}
