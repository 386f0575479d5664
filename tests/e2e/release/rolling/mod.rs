//! `deploy --strategy rolling`: the one Deployment that serves, updated in place.

mod changed;
mod cut_off;
mod refused;
mod undone;
mod updated;

use std::net::SocketAddr;
use std::time::Duration;

use bluegreen_e2e::eventually::eventually;
use bluegreen_e2e::load::{Load, Plan};
use serde_json::{Value, json};
use tokio::net::TcpStream;

use crate::shop::Shop;

const SOON: Duration = Duration::from_secs(30);
const ONE: &str = "bluegreen.dev/test-server:1";
const TWO: &str = "bluegreen.dev/test-server:2";
const CRASHES: &str = "bluegreen.dev/test-server:crash";
const DEPLOYMENT: &str = "deployment/tomcat-deployment";

/// The production Service of the pattern.
fn production() -> Value {
    let labels = json!({"app": "tomcat", "role": "rolling-update"});
    json!({
        "apiVersion": "v1", "kind": "Service",
        "metadata": {"name": "tomcat-service", "labels": labels},
        "spec": {"selector": labels, "ports": [{"port": 80, "targetPort": 8080}]},
    })
}

/// Its Deployment. Pods that leave go on answering until every node has heard of it.
fn deployment(image: &str) -> Value {
    let labels = json!({"app": "tomcat", "role": "rolling-update"});
    json!({
        "apiVersion": "apps/v1", "kind": "Deployment",
        "metadata": {"name": "tomcat-deployment", "labels": labels},
        "spec": {
            "replicas": 2,
            "selector": {"matchLabels": labels},
            "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": "50%"}},
            "template": {
                "metadata": {"labels": labels},
                "spec": {
                    "terminationGracePeriodSeconds": 5,
                    "containers": [{
                        "name": "tomcat-container", "image": image, "imagePullPolicy": "Never",
                        "ports": [{"containerPort": 8080}],
                        "readinessProbe": {"httpGet": {"path": "/", "port": 8080}, "periodSeconds": 1},
                        "lifecycle": {"preStop": {"sleep": {"seconds": 2}}},
                    }],
                },
            },
        },
    })
}

/// The pattern with Tomcat 7, so to speak, all of it ready.
async fn pattern(name: &str) -> Shop {
    let shop = Shop::unguarded(name).await;
    shop.apply(&[production(), deployment(ONE)]).await;
    shop.ready().await;
    shop
}

/// The arguments that release an image.
fn deploy(image: &str, more: &[&str]) -> Vec<String> {
    rolling(&[&["--image", image][..], more].concat())
}

fn rolling(more: &[&str]) -> Vec<String> {
    let first = ["deploy", "tomcat", "--strategy", "rolling", "--yes"];
    let quick = ["--interval", "100ms"];
    let all = first.iter().chain(&quick).chain(more);
    all.map(|one| (*one).to_owned()).collect()
}

/// The image that its pods are to run.
async fn image(shop: &Shop) -> String {
    let path = "jsonpath={.spec.template.spec.containers[0].image}";
    shop.kubectl(&["get", DEPLOYMENT, "-o", path]).await
}

/// All pods run this, and nothing of a release is left.
async fn is_settled(shop: &Shop, wanted: &str) {
    shop.ready().await;
    assert_eq!(image(shop).await, wanted);
    let path = "jsonpath={.metadata.annotations}";
    let annotations = shop
        .kubectl(&["get", "service", "tomcat-service", "-o", path])
        .await;
    assert!(!annotations.contains("bluegreen.dev/"), "{annotations}");
    let leases = shop.kubectl(&["get", "leases", "-o", "name"]).await;
    assert_eq!(leases, "");
}

/// What the Deployment's spec is, as the API server has it.
async fn spec(shop: &Shop) -> String {
    shop.kubectl(&["get", DEPLOYMENT, "-o", "jsonpath={.spec}"])
        .await
}

/// New connections all the time, which is what a Service decides about.
async fn load(shop: &Shop) -> Load {
    let path = "jsonpath={.spec.clusterIP}:{.spec.ports[0].port}";
    let address = ["get", "service", "tomcat-service", "-o", path];
    let address = shop.kubectl(&address).await;
    let address: SocketAddr = address.parse().unwrap();
    // Nodes hear of a Service a moment after its pods are ready.
    eventually(SOON, || async { TcpStream::connect(address).await })
        .await
        .unwrap();
    let side = |name: &str| (name.to_owned(), format!("version {name} "));
    Load::start(&Plan {
        address,
        path: "/".to_owned(),
        sides: vec![side("1"), side("2")],
        on_new_connections: 3,
        on_kept_connections: 0,
        pause: Duration::from_millis(3),
        longest: Duration::from_mins(3),
    })
}
