//! What the ways are tried on.

use std::fs;

use serde_json::{Value, json};

use super::place::Place;
use super::run::helm;
use crate::fixture::rights::{OVERRIDE, Right, grant};
use crate::guard::never_ready;
use crate::shop::{Shop, deployment, service};

/// What any client needs to change a Service.
const CHANGE: [Right; 4] = [
    ("get", "", "services"),
    ("list", "", "services"),
    ("patch", "", "services"),
    ("update", "", "services"),
];

/// Not one pod of green is ready, which served once.
pub(super) async fn green_is_not_ready() -> Place {
    let shop = Shop::guarded("unready").await;
    grant(&shop, "releaser", &CHANGE).await;
    grant(&shop, "captain", &[&CHANGE[..], &[OVERRIDE]].concat()).await;
    let mut other = deployment("other", 2);
    let labels = json!({"app": "other"});
    other["metadata"] = json!({"name": "other", "labels": labels});
    other["spec"]["selector"]["matchLabels"] = labels.clone();
    other["spec"]["template"]["metadata"]["labels"] = labels;
    let all = vec![
        service("web", "blue"),
        service("web-test-green", "green"),
        freely_labelled(deployment("blue", 2)),
        all_at_once(deployment("green", 2)),
        other,
    ];
    let mut place = Place::open(shop, all).await;
    release(&mut place, "service/web", &there_and_back()).await;
    release(
        &mut place,
        "deployment/web-blue",
        &[freely_labelled(deployment("blue", 2))],
    )
    .await;
    let green = never_ready(all_at_once(deployment("green", 2)));
    place.shop.apply(std::slice::from_ref(&green)).await;
    place
        .manifests
        .insert("deployment/web-green".to_owned(), green);
    place.settle().await;
    place
}

/// What a client applies of the Service that it flipped once, and back.
fn there_and_back() -> [Value; 3] {
    ["blue", "green", "blue"].map(|role| service("web", role))
}

/// One pod a side, and a Service that asks for more than is the default.
pub(super) async fn rules_are_strict() -> Place {
    let shop = Shop::guarded("strict").await;
    let mut web = service("web", "blue");
    web["metadata"]["annotations"] = json!({
        "bluegreen.dev/min-capacity": "150%",
        "bluegreen.dev/require-verified": "true",
        "bluegreen.dev/on-drift": "deny",
        "bluegreen.dev/production": "true",
        "bluegreen.dev/role-key": "role",
    });
    let mut next = service("next", "green");
    next["metadata"]["annotations"] = json!({"bluegreen.dev/test": "true"});
    let all = vec![
        web.clone(),
        next,
        deployment("blue", 1),
        deployment("green", 1),
    ];
    let mut place = Place::open(shop, all).await;
    release(&mut place, "service/web", &[web]).await;
    place
}

/// Two ready pods a side.
pub(super) async fn all_is_ready() -> Place {
    let shop = Shop::guarded("ready").await;
    let all = vec![
        service("web", "blue"),
        service("web-test-green", "green"),
        deployment("blue", 2),
        deployment("green", 2),
    ];
    let mut place = Place::open(shop, all).await;
    release(&mut place, "service/web", &there_and_back()).await;
    release(&mut place, "deployment/web-blue", &[deployment("blue", 2)]).await;
    place
}

/// Green serves with more pods than blue has, which served before.
pub(super) async fn green_serves() -> Place {
    let shop = Shop::guarded("back").await;
    let all = vec![
        service("web", "blue"),
        deployment("blue", 2),
        deployment("green", 2),
    ];
    let mut place = Place::open(shop, all).await;
    release(
        &mut place,
        "service/web",
        &[service("web", "blue"), service("web", "green")],
    )
    .await;
    let green = [service("web", "green"), deployment("green", 3)];
    place.shop.apply(&green).await;
    let [web, side] = green;
    place.manifests.insert("service/web".to_owned(), web);
    place
        .manifests
        .insert("deployment/web-green".to_owned(), side);
    place.settle().await;
    place
}

/// A side whose pods all go when its template changes: the old ones would stay beside what never gets ready.
fn all_at_once(mut side: Value) -> Value {
    side["spec"]["strategy"] = json!({"type": "Recreate"});
    side
}

/// A workload that may give its pods another role: the API server lets nobody change what its own selector names.
fn freely_labelled(mut side: Value) -> Value {
    let role = side["spec"]["selector"]["matchLabels"]["role"].take();
    side["spec"]["selector"]["matchLabels"] = json!({"app": "web", "side": role});
    side["spec"]["template"]["metadata"]["labels"]["side"] = role;
    side
}

/// Makes a release of Helm's of what is there, and takes it through these revisions.
async fn release(place: &mut Place, object: &str, revisions: &[Value]) {
    let (_, name) = object.split_once('/').unwrap();
    let templates = place.folder.join("chart/templates");
    fs::create_dir_all(&templates).unwrap();
    let chart = "apiVersion: v2\nname: one\nversion: 1.0.0\n";
    fs::write(place.folder.join("chart/Chart.yaml"), chart).unwrap();
    fs::write(templates.join("object.yaml"), "{{ toYaml .Values }}\n").unwrap();
    for revision in revisions {
        let values = place.folder.join("values.json");
        fs::write(&values, revision.to_string()).unwrap();
        let chart = place.folder.join("chart");
        let (values, chart) = (values.to_str().unwrap(), chart.to_str().unwrap());
        let flags = ["--install", "--take-ownership", "--force-conflicts"];
        let arguments = [&["upgrade", name, chart, "--values", values][..], &flags].concat();
        let output = helm(place).args(&arguments).output().await.unwrap();
        assert!(output.status.success(), "{arguments:?}: {output:?}");
    }
    place.released.insert(object.to_owned());
}
