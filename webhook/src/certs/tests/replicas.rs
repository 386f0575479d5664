//! Two replicas and an API server that remembers.

use std::sync::{Arc, Mutex};

use axum::http::{Method, StatusCode};
use jiff::Timestamp;
use k8s_openapi::ByteString;
use k8s_openapi::api::core::v1::Secret;
use kube::Client;
use serde_json::{Value, json};

use crate::app::App;
use crate::certs::configuration::{Configuration, Hook, Kind};
use crate::certs::issue::issue;
use crate::certs::keeper::Keeper;
use crate::certs::served::Served;
use crate::fake_cluster::{app, args, client};

use super::{hours, names};

/// A Secret with optimistic locking, and what was applied to the configurations.
#[derive(Default)]
struct Cluster {
    secret: Option<Value>,
    version: u64,
    applied: Vec<Value>,
}

type Shared = Arc<Mutex<Cluster>>;

fn failure(status: StatusCode) -> (StatusCode, Value) {
    let json = json!({
        "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure",
        "message": "no", "reason": "Conflict", "code": status.as_u16(),
    });
    (status, json)
}

fn answer(cluster: &mut Cluster, method: &Method, path: &str, body: &[u8]) -> (StatusCode, Value) {
    if path.contains("webhookconfigurations") {
        let applied: Value = serde_json::from_slice(body).unwrap();
        let mut whole = applied.clone();
        for hook in whole["webhooks"].as_array_mut().unwrap() {
            hook["admissionReviewVersions"] = json!(["v1"]);
            hook["sideEffects"] = json!("None");
        }
        cluster.applied.push(applied);
        return (StatusCode::OK, whole);
    }
    if path.ends_with("/namespaces/bluegreen-system")
        || path.contains("/namespaces/bluegreen-system?")
    {
        let metadata = json!({ "name": "bluegreen-system", "uid": "home" });
        return (StatusCode::OK, json!({ "metadata": metadata }));
    }
    let mut secret: Value = serde_json::from_slice(body).unwrap();
    let stored = cluster.secret.as_ref();
    let version = stored.map(|stored| stored["metadata"]["resourceVersion"].clone());
    match (method, version) {
        (&Method::POST, Some(_)) => return failure(StatusCode::CONFLICT),
        (&Method::PUT, None) => return failure(StatusCode::NOT_FOUND),
        (&Method::PUT, Some(version)) if version != secret["metadata"]["resourceVersion"] => {
            return failure(StatusCode::CONFLICT);
        }
        _ => {}
    }
    cluster.version += 1;
    secret["metadata"]["resourceVersion"] = json!(cluster.version.to_string());
    cluster.secret = Some(secret.clone());
    (StatusCode::OK, secret)
}

fn connect(cluster: &Shared) -> Client {
    let cluster = cluster.clone();
    client(move |method, path, body| {
        let said = answer(&mut cluster.lock().unwrap(), &method, &path, &body);
        async move { said }
    })
}

struct Replica {
    keeper: Keeper,
    app: Arc<App>,
}

impl Replica {
    fn new(cluster: &Shared) -> Self {
        let app = app(connect(cluster));
        let args = args(&[]).certificates;
        let served = Arc::new(Served::default());
        let keeper = Keeper::new(connect(cluster), args, served, &app).unwrap();
        Self { keeper, app }
    }

    /// Sees what the watch would show, and acts.
    async fn round(&mut self, cluster: &Shared) {
        let secret = cluster.lock().unwrap().secret.clone();
        let secret = secret.map(|json| serde_json::from_value(json).unwrap());
        self.keeper.see_secret(secret);
        self.keeper.act().await.unwrap();
    }

    fn overwritten(&self) -> bool {
        let text = self.app.metrics.text().unwrap();
        text.contains("bluegreen_bundles_overwritten_total{")
    }

    /// The line of the metrics about the certificate that is served.
    fn served(&self) -> Option<String> {
        let text = self.app.metrics.text().unwrap();
        let mut lines = text.lines();
        let line = lines.find(|line| line.contains(r#"{certificate="served"}"#));
        line.map(str::to_owned)
    }
}

fn installed(bundle: &str) -> Configuration {
    Configuration {
        hooks: vec![Hook {
            name: "flip.bluegreen.dev".to_owned(),
            bundle: bundle.to_owned(),
        }],
        owners: Vec::new(),
    }
}

fn data(cluster: &Shared, key: &str) -> String {
    let secret = cluster.lock().unwrap().secret.clone().unwrap();
    let secret: Secret = serde_json::from_value(secret).unwrap();
    let ByteString(bytes) = secret.data.unwrap()[key].clone();
    String::from_utf8(bytes).unwrap()
}

#[tokio::test]
async fn the_loser_of_the_first_write_serves_what_the_winner_wrote() {
    let cluster = Shared::default();
    let (mut one, mut other) = (Replica::new(&cluster), Replica::new(&cluster));
    one.keeper.see_secret(None);
    other.keeper.see_secret(None);
    one.keeper.act().await.unwrap();
    let written = data(&cluster, "tls.crt");
    other.keeper.act().await.unwrap();
    assert_eq!(data(&cluster, "tls.crt"), written);
    other.round(&cluster).await;
    assert_eq!(data(&cluster, "tls.crt"), written);
    assert_eq!(cluster.lock().unwrap().version, 1);
}

#[tokio::test]
async fn a_secret_that_was_deleted_or_emptied_is_written_again_as_it_was() {
    let cluster = Shared::default();
    let mut replica = Replica::new(&cluster);
    replica.round(&cluster).await;
    replica.round(&cluster).await;
    let (certificate, ca) = (data(&cluster, "tls.crt"), data(&cluster, "ca.crt"));
    cluster.lock().unwrap().secret = None;
    replica.round(&cluster).await;
    assert_eq!(data(&cluster, "tls.crt"), certificate);
    cluster.lock().unwrap().secret.as_mut().unwrap()["data"] = json!({});
    replica.round(&cluster).await;
    assert_eq!(data(&cluster, "tls.crt"), certificate);
    assert_eq!(data(&cluster, "ca.crt"), ca);
}

#[tokio::test]
async fn the_bundle_is_published_alone_with_the_namespace_as_owner_and_only_where_it_differs() {
    let cluster = Shared::default();
    let mut replica = Replica::new(&cluster);
    replica.keeper.see_configuration(Kind::Mutating, None);
    replica
        .keeper
        .see_configuration(Kind::Validating, Some(installed("")));
    replica.round(&cluster).await;
    let applied = cluster.lock().unwrap().applied.clone();
    let bundle = ByteString(data(&cluster, "ca.crt").into_bytes());
    let expected = json!({
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": "ValidatingWebhookConfiguration",
        "metadata": {
            "name": "bluegreen",
            "ownerReferences": [
                { "apiVersion": "v1", "kind": "Namespace", "name": "bluegreen-system", "uid": "home" },
            ],
        },
        "webhooks": [{ "name": "flip.bluegreen.dev", "clientConfig": { "caBundle": bundle } }],
    });
    assert_eq!(applied, [expected]);
    replica.round(&cluster).await;
    assert_eq!(
        cluster.lock().unwrap().applied.len(),
        1,
        "compared before writing"
    );
    assert!(!replica.overwritten());
}

#[tokio::test]
async fn a_bundle_that_somebody_else_changed_is_published_again_and_counted() {
    let cluster = Shared::default();
    let mut replica = Replica::new(&cluster);
    replica.keeper.see_configuration(Kind::Mutating, None);
    replica
        .keeper
        .see_configuration(Kind::Validating, Some(installed("")));
    replica.round(&cluster).await;
    assert!(!replica.overwritten());
    replica
        .keeper
        .see_configuration(Kind::Validating, Some(installed("theirs")));
    replica.round(&cluster).await;
    assert_eq!(cluster.lock().unwrap().applied.len(), 2);
    assert!(replica.overwritten());
    assert!(
        replica.app.phase.is_ready(),
        "taking a replica away helps nobody"
    );
}

#[tokio::test]
async fn the_metric_is_of_the_certificate_that_is_served_not_of_the_one_that_is_stored() {
    let cluster = Shared::default();
    let mut replica = Replica::new(&cluster);
    for kind in Kind::ALL {
        replica.keeper.see_configuration(kind, Some(installed("")));
    }
    replica.round(&cluster).await;
    let served = replica.served();
    assert!(served.is_some());

    // A certificate that nobody trusts, which another replica is just about to replace.
    let foreign = issue(&names(), Timestamp::now(), hours(1)).unwrap();
    let mut secret = cluster.lock().unwrap().secret.clone().unwrap();
    let encode = |text: String| json!(ByteString(text.into_bytes()));
    secret["data"]["tls.crt"] = encode(foreign.identity.certificate);
    secret["data"]["tls.key"] = encode(foreign.identity.key);
    secret["metadata"]["resourceVersion"] = json!("0");
    replica
        .keeper
        .see_secret(Some(serde_json::from_value(secret).unwrap()));
    replica.keeper.act().await.unwrap();
    assert_eq!(cluster.lock().unwrap().version, 1, "the other one writes");
    assert_eq!(replica.served(), served);
}
