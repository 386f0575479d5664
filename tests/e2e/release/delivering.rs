//! `stage -f`: manifests to the idle side.

use std::time::Duration;

use anyhow::ensure;
use bluegreen_e2e::eventually::eventually;
use bluegreen_e2e::kubectl::Output;
use serde_json::{Value, json};

use crate::fixture::folder::Folder;
use crate::fixture::policy::Policy;
use crate::shop::{Shop, deployment, real, says, service};

/// Until the API server knows of a policy.
const SOON: Duration = Duration::from_secs(30);

/// The idle side of `web` as people write it, with the pods simulated.
const GREEN: &str = "\
# Source: web/templates/deployment.yaml
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web-${TARGET_ROLE}
  labels: &labels {app: web, role: $TARGET_ROLE}
spec:
  replicas: ${REPLICAS:-2}
  selector: {matchLabels: *labels}
  template:
    metadata: {labels: *labels}
    spec:
      terminationGracePeriodSeconds: 1
      nodeSelector: {type: simulated}
      tolerations: [{key: simulated, operator: Exists}]
      containers:
      - name: web
        image: web:${VERSION}
        args: [$(POD), $$HOME]
        ports: [{containerPort: 8080}]
";
/// What comes with it.
const MORE: &str = "\
---
# nothing
---
apiVersion: v1
kind: List
items:
- {apiVersion: v1, kind: ConfigMap, metadata: {name: web-config-$TARGET_ROLE}, data: {version: '$VERSION'}}
- apiVersion: v1
  kind: Service
  metadata: {name: web-test-$TARGET_ROLE}
  spec: {selector: {app: web, role: $TARGET_ROLE}, ports: [{port: 80, targetPort: 8080}]}
";

/// Runs `stage web -f -` with more arguments, which must end with this exit code and say these words.
async fn stage(shop: &Shop, input: &str, more: &[&str], code: i32, words: &[&str]) -> Output {
    let arguments = [&["bluegreen", "stage", "web", "-f", "-"], more].concat();
    let run = shop.namespace.kubectl_reading(&arguments, input);
    let output = run.await.unwrap();
    says(&arguments, &output, code, words);
    output
}

/// A field of an object.
async fn field(shop: &Shop, object: &str, path: &str) -> String {
    let path = format!("jsonpath={path}");
    shop.kubectl(&["get", object, "-o", &path]).await
}

/// What serves: its generation tells whether anybody wrote to it.
async fn active(shop: &Shop) -> String {
    let path = "{.metadata.generation} {.spec.template.spec.containers[0].image}";
    field(shop, "deployment/web-blue", path).await
}

const VERSION: [&str; 2] = ["--set", "VERSION=2"];

#[tokio::test]
async fn a_side_that_is_not_there_yet_comes_from_its_manifests() {
    let shop = Shop::guarded("first").await;
    shop.apply(&[deployment("blue", 3), service("web", "blue")])
        .await;
    shop.ready().await;
    let image = ["stage", "web", "--image", "web:2"];
    let words = ["there is only one environment", "stage web -f FILE"];
    shop.expect(&image, 1, &words).await;
    let before = shop.state().await;
    let all = [&VERSION[..], &["--match-active"]].concat();
    let rehearsed = [&all[..], &["--dry-run=server"]].concat();
    let created = "Deployment/web-green: created";
    stage(&shop, GREEN, &rehearsed, 0, &[created]).await;
    let astray = GREEN.replace("role: $TARGET_ROLE", "role: red");
    let words = [
        "there is only one environment",
        "the pods of Deployment/web-green would carry app=web,role=red",
    ];
    stage(&shop, &astray, &VERSION, 3, &words).await;
    assert_eq!(shop.state().await, before);
    let small = [
        "green of web came up, and is too small to serve",
        "the same command with --match-active",
    ];
    stage(&shop, GREEN, &VERSION, 3, &small).await;
    let ready = "green of web is staged and ready; blue serves";
    stage(&shop, GREEN, &all, 0, &[ready]).await;
    let replicas = field(&shop, "deployment/web-green", "{.spec.replicas}").await;
    assert_eq!(replicas, "3");
    shop.expect(&["switch", "web"], 0, &["web is green now"])
        .await;
    // Whoever deletes what was left stages it anew.
    shop.kubectl(&["delete", "deployment", "web-blue"]).await;
    let created = "Deployment/web-blue: created";
    let ready = "blue of web is staged and ready; green serves";
    stage(&shop, GREEN, &all, 0, &[created, ready]).await;
}

#[tokio::test]
async fn manifests_with_variables_go_to_the_idle_side() {
    let shop = Shop::web("manifests").await;
    let folder = Folder::of(
        &shop,
        &[
            ("green.yaml", &format!("{GREEN}{MORE}")),
            ("prod.env", "VERSION=1\n"),
            ("notes.txt", "$NONE"),
        ],
    );
    let env = format!("{}/prod.env", folder.path());
    let all = ["stage", "web", "-f", folder.path(), "--env-file", &env];
    let before = shop.state().await;
    // Whoever made it owns its fields, until they are taken over.
    let owned = [&all[..], &VERSION].concat();
    let words = [
        "so nothing was applied",
        "green.yaml:2: Deployment/web-green: .spec.template.spec.containers[name=\"web\"].image \
         is kubectl-client-side-apply's",
        "--force-conflicts",
    ];
    shop.expect(&owned, 1, &words).await;
    assert_eq!(shop.state().await, before);
    let rehearsed = [&owned[..], &["--force-conflicts", "--dry-run=server"]].concat();
    let words = [
        "web:1 → web:2",
        "ConfigMap/web-config-green: created (server dry run)",
    ];
    shop.expect(&rehearsed, 0, &words).await;
    assert_eq!(shop.state().await, before);
    let forced = [
        &owned[..],
        &["--force-conflicts", "--reason", "two", "--set", "X=1"],
    ]
    .concat();
    let words = [
        "no manifest names the variable X",
        "Service/web-test-green: created",
        "Deployment/web-green: web web:1 → web:2",
        "green of web is staged and ready; blue serves",
    ];
    shop.expect(&forced, 0, &words).await;
    assert_eq!(active(&shop).await, "1 web:1");
    let arguments = "{.spec.template.spec.containers[0].args}";
    let arguments = field(&shop, "deployment/web-green", arguments).await;
    assert_eq!(arguments, r#"["$(POD)","$HOME"]"#);
    let cause = r"{.metadata.annotations.kubernetes\.io/change-cause}";
    assert_eq!(field(&shop, "deployment/web-green", cause).await, "two");
    assert_eq!(
        field(&shop, "configmap/web-config-green", "{.data.version}").await,
        "2"
    );

    let after = shop.state().await;
    let again = [&owned[..], &["--reason", "two"]].concat();
    shop.expect(&again, 0, &["so already"]).await;
    assert_eq!(shop.state().await, after);
    // What another verb of ours has changed is taken over without a word.
    let image = ["stage", "web", "--image", "web:3"];
    shop.expect(&image, 0, &["web:2 → web:3"]).await;
    shop.expect(&again, 0, &["web:3 → web:2"]).await;
}

#[tokio::test]
async fn what_is_not_of_the_idle_side_alone_keeps_all_of_it_from_being_applied() {
    let shop = Shop::web("refused").await;
    let mut blue = deployment("blue", 2);
    let config = json!([{"name": "a", "configMap": {"name": "web-config", "optional": true}}]);
    blue["spec"]["template"]["spec"]["volumes"] = config;
    shop.apply(&[blue.clone()]).await;
    shop.ready().await;
    let before = shop.state().await;
    let objects = [
        deployment("green", 3),
        blue,
        service("web", "green"),
        service("web-api", "green"),
        json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "other"}}),
        json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "web-config"}}),
        json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "x", "namespace": "other"}}),
    ];
    let text = objects
        .map(|object| object.to_string() + "\n")
        .join("---\n");
    let words = [
        "the manifests are not of green of web alone, so nothing was applied",
        "-:3: Deployment/web-blue is of blue, which serves",
        "-:5: Service/web is production, which only a switch changes",
        "-:7: Service/web-api could pass for production",
        "-:9: Namespace/other is of the whole cluster",
        "-:11: ConfigMap/web-config is used by Deployment/web-blue, which serves",
        "-:13: Secret/x is in namespace other",
    ];
    stage(&shop, &text, &["--force-conflicts"], 3, &words).await;
    assert_eq!(shop.state().await, before);
    let none = shop.namespace.kubectl(&["get", "configmap", "web-config"]);
    assert_eq!(none.await.unwrap().code, 1);
}

#[tokio::test]
async fn a_variable_without_a_value_or_the_wrong_role_stops_it() {
    let shop = Shop::web("variables").await;
    let before = shop.state().await;
    let words = ["-:18:20: undefined variable VERSION", "--set VAR=VALUE"];
    stage(&shop, GREEN, &[], 2, &words).await;
    let blue = [&VERSION[..], &["--set", "TARGET_ROLE=blue"]].concat();
    let words = ["TARGET_ROLE is set to \"blue\", and the side that is meant is green"];
    stage(&shop, GREEN, &blue, 3, &words).await;
    stage(&shop, "a: [", &[], 2, &["-:1", "it is no YAML"]).await;
    stage(&shop, "# nothing\n", &[], 2, &["no object"]).await;
    let missing = ["stage", "web", "-f", "/nonexistent.yaml"];
    shop.expect(&missing, 1, &["can't read /nonexistent.yaml"])
        .await;
    let both = [
        "stage",
        "web",
        "-f",
        "/nonexistent.yaml",
        "--image",
        "web:2",
    ];
    shop.expect(&both, 2, &["--image"]).await;
    // A field that the API doesn't have, in the second of two objects.
    let wrong = format!("{MORE}---\n{}", GREEN.replace("replicas:", "replica:"));
    let words = ["replica", "nothing was applied"];
    let forced = [&VERSION[..], &["--force-conflicts"]].concat();
    stage(&shop, &wrong, &forced, 1, &words).await;
    assert_eq!(shop.state().await, before);
}

#[tokio::test]
async fn the_webhooks_additions_are_made_without_it() {
    let shop = Shop::unguarded("completed").await;
    let mut green = deployment("green", 2);
    let container = &mut green["spec"]["template"]["spec"]["containers"][0];
    container.as_object_mut().unwrap().remove("readinessProbe");
    shop.apply(&[service("web", "blue"), deployment("blue", 2), green])
        .await;
    shop.ready().await;
    let probe = "{.spec.template.spec.containers[0].readinessProbe.tcpSocket.port}";
    assert_eq!(field(&shop, "deployment/web-green", probe).await, "");
    let forced = [&VERSION[..], &["--force-conflicts"]].concat();
    stage(&shop, GREEN, &forced, 0, &["is staged and ready"]).await;
    assert_eq!(field(&shop, "deployment/web-green", probe).await, "8080");
    let generation = field(&shop, "deployment/web-green", "{.metadata.generation}").await;
    stage(&shop, GREEN, &forced, 0, &["so already"]).await;
    let after = field(&shop, "deployment/web-green", "{.metadata.generation}").await;
    assert_eq!(after, generation, "pods must not restart for a probe");
    assert_eq!(field(&shop, "deployment/web-green", probe).await, "8080");
    shop.expect(&["switch", "web"], 0, &["web is green now"])
        .await;
}

#[tokio::test]
async fn manifests_are_printed_as_they_would_be_applied() {
    let shop = Shop::web("printed").await;
    let before = shop.state().await;
    let dry = [
        &VERSION[..],
        &["--dry-run=client", "-o", "json", "--replicas", "5"],
    ]
    .concat();
    let output = stage(&shop, &format!("{GREEN}{MORE}"), &dry, 0, &[]).await;
    let list: Value = serde_json::from_str(&output.stdout).unwrap();
    let names: Vec<&str> = list["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|object| object["metadata"]["name"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["web-config-green", "web-test-green", "web-green"]);
    assert_eq!(list["items"][2]["spec"]["replicas"], 5);
    assert_eq!(
        list["items"][0]["metadata"]["namespace"],
        shop.namespace.name
    );
    let plain = ["--substitute=false", "--dry-run=client"];
    stage(&shop, GREEN, &plain, 3, &["nothing was applied"]).await;
    assert_eq!(shop.state().await, before);
}

#[tokio::test]
async fn published_manifests_are_converted_when_that_is_asked_for() {
    let shop = Shop::web("published").await;
    let published = GREEN
        .replace("apps/v1", "extensions/v1beta1")
        .replace("  selector: {matchLabels: *labels}\n", "");
    let words = [
        "of extensions/v1beta1, which is served no more: write apps/v1",
        r#"{"matchLabels":{"app":"web","role":"green"}}"#,
        "--convert does that",
    ];
    stage(&shop, &published, &VERSION, 3, &words).await;
    let convert = [&VERSION[..], &["--convert", "--force-conflicts"]].concat();
    let words = [
        "apiVersion extensions/v1beta1 → apps/v1",
        "spec.selector",
        "green of web is staged and ready",
    ];
    stage(&shop, &published, &convert, 0, &words).await;
}

#[tokio::test]
async fn manifests_that_will_not_come_up_are_told_early() {
    let shop = Shop::unguarded("broken").await;
    shop.apply(&[service("web", "blue"), real("blue", 1), real("green", 1)])
        .await;
    shop.ready().await;
    let mut green = real("green", 1);
    let image = json!("bluegreen.dev/test-server:crash");
    green["spec"]["template"]["spec"]["containers"][0]["image"] = image;
    let words = ["green of web will not come up", "exit code 7"];
    stage(&shop, &green.to_string(), &["--force-conflicts"], 3, &words).await;
    assert_eq!(active(&shop).await, "1 bluegreen.dev/test-server:1");
}

#[tokio::test]
async fn what_another_policy_refuses_keeps_all_of_it_from_being_applied() {
    let shop = Shop::web("forbidden").await;
    let is_known = "object.spec.template.spec.containers.all(one, one.image != 'web:9')";
    let policy = Policy::new(&shop, "apps/deployments", is_known, "nobody knows web:9").await;
    let all = format!("{GREEN}{MORE}");
    let nine = ["--set", "VERSION=9", "--force-conflicts", "--wait=false"];
    let before = shop.state().await;
    let refused = || async {
        // A policy takes a moment to hold, in which a rehearsal changes nothing.
        let dry_run = [&nine[..], &["--dry-run=server"]].concat();
        let arguments = [&["bluegreen", "stage", "web", "-f", "-"], &dry_run[..]].concat();
        let output = shop.namespace.kubectl_reading(&arguments, &all).await?;
        ensure!(output.code == 1, "{output:?}");
        anyhow::Ok(())
    };
    eventually(SOON, refused).await.unwrap();
    let words = ["nobody knows web:9", "nothing was applied"];
    stage(&shop, &all, &nine, 1, &words).await;
    assert_eq!(shop.state().await, before);
    policy.end().await;
}

#[tokio::test]
async fn the_idle_side_gets_as_many_pods_as_production() {
    let shop = Shop::web("matched").await;
    let scaler = json!({
        "apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler",
        "metadata": {"name": "web-green"},
        "spec": {
            "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web-green"},
            "minReplicas": 1, "maxReplicas": 3,
        }
    });
    shop.apply(&[scaler]).await;
    shop.kubectl(&["scale", "deployment/web-blue", "--replicas=4"])
        .await;
    shop.ready().await;
    let matched = ["stage", "web", "--match-active", "--image", "web:2"];
    let words = ["allows 3 pods of Deployment/web-green at most, and production has 4 pods"];
    shop.expect(&matched, 3, &words).await;
    let maximum = r#"{"spec": {"maxReplicas": 9}}"#;
    shop.kubectl(&["patch", "hpa", "web-green", "--type=merge", "-p", maximum])
        .await;
    let words = [
        "HorizontalPodAutoscaler/web-green: 1 → 4 replicas at least",
        "web:1 → web:2, 2 → 4 replicas",
        "green of web: 4 pods are ready",
    ];
    shop.expect(&matched, 0, &words).await;
    assert_eq!(
        field(&shop, "hpa/web-green", "{.spec.minReplicas}").await,
        "4"
    );
    shop.expect(&matched, 0, &["so already"]).await;
    let both = [&matched[..], &["--replicas", "2"]].concat();
    shop.expect(&both, 2, &["--replicas"]).await;

    shop.kubectl(&["scale", "deployment/web-blue", "--replicas=5"])
        .await;
    shop.ready().await;
    let more = [&VERSION[..], &["--match-active", "--force-conflicts"]].concat();
    let words = ["4 → 5 replicas at least", "5 pods are ready"];
    stage(&shop, GREEN, &more, 0, &words).await;

    // Once the other side has drained it is as it was before.
    shop.expect(&["switch", "web"], 0, &[]).await;
    let retire = ["retire", "web", "--drain", "0"];
    let words = ["HorizontalPodAutoscaler/web-green: 5 → 1 replicas at least"];
    shop.expect(&retire, 0, &words).await;
    let minimum = field(&shop, "hpa/web-green", "{.spec.minReplicas}").await;
    assert_eq!(minimum, "1");
    let kept = r"{.metadata.annotations.bluegreen\.dev/min-replicas}";
    assert_eq!(field(&shop, "hpa/web-green", kept).await, "");
}
