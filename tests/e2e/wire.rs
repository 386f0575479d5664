//! That a list of pods read as protobuf says what it says as JSON.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::{Context, Result, anyhow, ensure};
use bluegreen_e2e::eventually::eventually;
use bluegreen_shared::pod_list::{self, PodList};
use http::Request;
use http::header::ACCEPT;
use http_body_util::BodyExt;
use k8s_openapi::api::core::v1::Pod;
use kube::client::Body;
use serde_json::{Value, json};

use crate::shop::{Shop, real};

const SOON: Duration = Duration::from_mins(1);

/// What is read of a pod: everything at or below these places. `*` is any place in a list, and any
/// key of a map.
const READ: [&str; 34] = [
    "metadata.name",
    "metadata.namespace",
    "metadata.uid",
    "metadata.resourceVersion",
    "metadata.creationTimestamp",
    "metadata.deletionTimestamp",
    "metadata.deletionGracePeriodSeconds",
    "metadata.labels",
    "metadata.annotations",
    "metadata.ownerReferences",
    "spec.nodeName",
    "spec.readinessGates",
    "spec.containers.*.name",
    "spec.containers.*.image",
    "spec.containers.*.ports",
    "spec.containers.*.livenessProbe.tcpSocket",
    "spec.containers.*.readinessProbe.httpGet",
    "spec.containers.*.startupProbe.exec",
    "spec.containers.*.startupProbe.grpc",
    "spec.initContainers.*.name",
    "spec.initContainers.*.image",
    "spec.initContainers.*.restartPolicy",
    "status.phase",
    "status.message",
    "status.reason",
    "status.podIP",
    "status.podIPs",
    "status.startTime",
    "status.conditions.*.type",
    "status.conditions.*.status",
    "status.conditions.*.reason",
    "status.conditions.*.message",
    "status.conditions.*.lastTransitionTime",
    "status.containerStatuses",
];
/// Of those, what is left out all the same.
const NOT_READ: [&str; 5] = [
    "status.containerStatuses.*.volumeMounts",
    "status.containerStatuses.*.resources",
    "status.containerStatuses.*.allocatedResources",
    "status.containerStatuses.*.user",
    "status.containerStatuses.*.allocatedResourcesStatus",
];

/// One side with everything in it that a pod can say of itself.
fn talkative() -> Value {
    let mut side = real("green", 1);
    let pod = &mut side["spec"]["template"]["spec"];
    pod["initContainers"] = json!([{
        "name": "helper", "image": "bluegreen.dev/test-server:1", "imagePullPolicy": "Never",
        "restartPolicy": "Always", "env": [{"name": "PORT", "value": "8081"}]
    }]);
    pod["readinessGates"] = json!([{"conditionType": "example.com/gate"}]);
    let web = &mut pod["containers"][0];
    web["ports"] = json!([{"name": "http", "containerPort": 8080}]);
    web["readinessProbe"]["httpGet"] = json!({
        "path": "/healthz", "port": "http", "scheme": "HTTP",
        "httpHeaders": [{"name": "Host", "value": "shop.example"}]
    });
    web["livenessProbe"] = json!({"tcpSocket": {"port": 8080}});
    let mut crashing = web.clone();
    crashing["name"] = json!("crashing");
    crashing["ports"] = json!([]);
    crashing["readinessProbe"] = Value::Null;
    crashing["livenessProbe"] = Value::Null;
    crashing["env"] = json!([
        {"name": "PORT", "value": "8082"},
        {"name": "CRASH_AFTER", "value": "0"},
        {"name": "EXIT_CODE", "value": "3"}
    ]);
    let mut missing = crashing.clone();
    missing["name"] = json!("missing");
    missing["image"] = json!("bluegreen.dev/no-such-image:1");
    missing["startupProbe"] = json!({"grpc": {"port": 9, "service": "shop"}});
    pod["containers"] = json!([web.clone(), crashing, missing]);
    side
}

#[tokio::test]
async fn pods_read_as_protobuf_are_those_that_are_read_as_json() {
    let shop = Shop::unguarded("wire").await;
    let mut nowhere = real("blue", 1);
    nowhere["spec"]["template"]["spec"]["nodeSelector"] = json!({"no": "such-node"});
    shop.apply(&[talkative(), nowhere]).await;
    eventually(SOON, || async {
        let (binary, text) = both(&shop).await?;
        let crashed = |pod: &Value| {
            let statuses = pod["status"]["containerStatuses"].as_array();
            statuses.is_some_and(|all| all.iter().any(|one| one["restartCount"] != json!(0)))
        };
        ensure!(
            text.len() == 2 && text.values().any(crashed),
            "nothing has crashed yet"
        );
        for (name, pod) in &text {
            ensure!(
                binary[name]["metadata"]["resourceVersion"] == pod["metadata"]["resourceVersion"],
                "{name} has changed between the two lists"
            );
        }
        Ok((binary, text))
    })
    .await
    .map(|(binary, text)| {
        for (name, pod) in text {
            let (read, whole) = (leaves(&binary[&name]), leaves(&pod));
            let is_read = |path: &str| {
                let is_at = |places: &[&str]| places.iter().any(|place| is_below(path, place));
                is_at(&READ) && !is_at(&NOT_READ)
            };
            for (path, value) in whole.iter().filter(|(path, _)| is_read(path)) {
                assert_eq!(read.get(path), Some(value), "{name}: {path} as protobuf");
            }
            for (path, value) in &read {
                assert_eq!(whole.get(path), Some(value), "{name}: {path} as JSON");
            }
        }
    })
    .unwrap();
}

/// The pods by their names, from one list in each form.
async fn both(shop: &Shop) -> Result<(BTreeMap<String, Value>, BTreeMap<String, Value>)> {
    let uri = format!("/api/v1/namespaces/{}/pods", shop.namespace.name);
    let client = &shop.namespace.client;
    let request = Request::get(&uri).header(ACCEPT, pod_list::ACCEPT);
    let answer = client.send(request.body(Body::empty())?).await?;
    let code = answer.status().as_u16();
    let body = answer.into_body().collect().await?.to_bytes();
    ensure!(
        body.starts_with(b"k8s\0"),
        "the API server answered in another form"
    );
    let binary = PodList::answered(code, &body).map_err(|denied| anyhow!("{denied:?}"))?;
    let binary = binary.pods;
    let json: Value = client.request(Request::get(&uri).body(Vec::new())?).await?;
    let text: Vec<Pod> = serde_json::from_value(json["items"].clone())?;
    Ok((by_name(binary)?, by_name(text)?))
}

fn by_name(pods: Vec<Pod>) -> Result<BTreeMap<String, Value>> {
    pods.into_iter()
        .map(|pod| {
            let name = pod.metadata.name.clone().context("a pod without a name")?;
            Ok((name, serde_json::to_value(pod)?))
        })
        .collect()
}

/// Every value that is no object and no list, by its path.
fn leaves(value: &Value) -> BTreeMap<String, Value> {
    let mut found = BTreeMap::new();
    let mut open = vec![(String::new(), value)];
    while let Some((path, value)) = open.pop() {
        let below = |key: &str| {
            if path.is_empty() {
                key.to_owned()
            } else {
                format!("{path}.{key}")
            }
        };
        match value {
            Value::Object(fields) => open.extend(
                fields
                    .iter()
                    .map(|(key, it)| (below(&key.replace('.', "_")), it)),
            ),
            Value::Array(items) => {
                open.extend(
                    items
                        .iter()
                        .enumerate()
                        .map(|(place, it)| (below(&place.to_string()), it)),
                );
            }
            _ => {
                found.insert(path, value.clone());
            }
        }
    }
    found
}

fn is_below(path: &str, place: &str) -> bool {
    let mut steps = path.split('.');
    place.split('.').all(|wanted| {
        steps
            .next()
            .is_some_and(|step| wanted == "*" || wanted == step)
    })
}
