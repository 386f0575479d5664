//! What of manifests may be applied.

use crate::applied;

use applied::{NOW, cluster, set};
use bluegreen_shared::discover::{self, Hints};
use bluegreen_shared::manifests::{
    Candidate, Judged, Piece, Scene, convert, documents, judge, pieces,
};
use bluegreen_shared::objects::Objects;
use bluegreen_shared::workload::Workload;
use serde_json::{Value, json};

/// Judges manifests against production that is blue; the cluster has the workloads and Services, and
/// `others` besides.
fn judged(objects: &Objects, others: &[Value], text: &str) -> Judged {
    let application = discover::find(objects, "web", &Hints::default()).unwrap();
    let scene = Scene::of(&application, objects, NOW.parse().unwrap()).unwrap();
    let documents = documents("green.yaml", text).unwrap();
    let (pieces, findings) = pieces(documents, "shop");
    let candidates = pieces.into_iter().map(|piece| Candidate {
        stored: stored(&piece, objects, others),
        piece,
    });
    let mut judged = judge(candidates.collect(), &scene);
    judged.findings.extend(findings);
    judged
}

fn stored(piece: &Piece, objects: &Objects, others: &[Value]) -> Option<Value> {
    let workloads = objects.workloads.iter().map(|workload| match workload {
        Workload::Deployment(deployment) => ("Deployment", json!(deployment)),
        Workload::StatefulSet(set) => ("StatefulSet", json!(set)),
    });
    let services = objects.services.iter();
    let services = services.map(|service| ("Service", json!(service)));
    let others = others.iter();
    let others = others.map(|other| (other["kind"].as_str().unwrap(), other.clone()));
    let mut all = workloads.chain(services).chain(others);
    all.find(|(kind, object)| {
        *kind == piece.kind.as_str() && object["metadata"]["name"] == piece.name
    })
    .map(|(_, object)| object)
}

/// What is said of manifests in an ordinary cluster.
fn said(text: &str) -> String {
    said_in(&cluster(), &[], text)
}

fn said_in(objects: &Objects, others: &[Value], text: &str) -> String {
    let judged = judged(objects, others, text);
    let findings = judged.findings.iter().map(ToString::to_string);
    let apply = judged.apply.iter();
    let apply = apply.map(|candidate| format!("apply {}", candidate.piece.reference()));
    let left = judged.left.iter();
    let left = left.map(|piece| format!("leave {}", piece.reference()));
    findings
        .chain(apply)
        .chain(left)
        .collect::<Vec<_>>()
        .join("\n")
}

/// A Deployment as people write it, its labels for the workload, the selector and the pods.
fn deployment(name: &str, labels: &str) -> String {
    format!(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: {name}, labels: {labels}}}\nspec:\n  \
         selector: {{matchLabels: {labels}}}\n  template:\n    metadata: {{labels: {labels}}}\n    \
         spec: {{containers: [{{name: app, image: web:2}}]}}\n"
    )
}

fn service(name: &str, selector: &str) -> String {
    format!(
        "apiVersion: v1\nkind: Service\nmetadata: {{name: {name}}}\n\
         spec: {{selector: {selector}, ports: [{{port: 80}}]}}\n"
    )
}

const GREEN: &str = "{app: web, role: green}";
const BLUE: &str = "{app: web, role: blue}";

#[test]
fn what_is_of_the_idle_side_is_applied_in_the_order_in_which_it_is_needed() {
    let text = [
        "apiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata: {name: web-green}\n\
         spec: {selector: {matchLabels: {role: green}}}\n",
        "apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {name: web-green}\n\
         spec: {scaleTargetRef: {kind: Deployment, name: web-green}, maxReplicas: 3}\n",
        &deployment("web-green", GREEN),
        &deployment("worker-green", "{app: worker, role: green}"),
        &service("web-test-green", GREEN),
        &service("worker-test", "{app: worker, role: green}"),
        "apiVersion: v1\nkind: Secret\nmetadata: {name: web-key}\n",
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: web-green, namespace: shop}\n",
        "apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: web}\n",
        "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: web-data}\n",
    ]
    .join("---\n");
    insta::assert_snapshot!(said(&text), @r"
    apply ServiceAccount/web
    apply ConfigMap/web-green
    apply Secret/web-key
    apply PersistentVolumeClaim/web-data
    apply Service/web-test-green
    apply Service/worker-test
    apply Deployment/web-green
    apply Deployment/worker-green
    apply HorizontalPodAutoscaler/web-green
    apply PodDisruptionBudget/web-green
    ");
}

#[test]
fn workloads_of_the_other_side_or_of_none_are_refused() {
    let text = [
        deployment("web-blue", BLUE),
        deployment("web-green", BLUE),
        deployment("web-other", BLUE),
        deployment("web-more", "{app: web}"),
        deployment("worker-blue", "{app: worker, role: green}"),
        deployment("worker", "{app: worker, role: green, tier: blue}"),
    ]
    .join("---\n");
    insta::assert_snapshot!(said(&text), @r#"
        green.yaml:1: Deployment/web-blue is of blue, which serves
        green.yaml:10: Deployment/web-green has a template whose labels don't say green: app=web,role=blue
        green.yaml:10: Deployment/web-green has another spec.selector than in the cluster, where it can't change: {"matchLabels":{"app":"web","role":"green"}}
        green.yaml:19: Deployment/web-other has a template whose labels don't say green: app=web,role=blue
        green.yaml:19: Deployment/web-other has a spec.selector that matches the pods of Deployment/web-blue too, which serve
        green.yaml:28: Deployment/web-more has a template whose labels don't say green: app=web
        green.yaml:28: Deployment/web-more has a spec.selector that matches the pods of Deployment/web-blue too, which serve
        green.yaml:37: Deployment/worker-blue has blue in its name, which serves
        green.yaml:46: Deployment/worker has a template whose labels don't say green: app=worker,role=green,tier=blue
        "#);
}

#[test]
fn pods_that_would_serve_at_once_or_never_are_refused() {
    let mut objects = cluster();
    let all = json!({"metadata": {"name": "all"}, "spec": {"selector": {"tier": "web"}}});
    objects.services.push(serde_json::from_value(all).unwrap());
    let text = [
        deployment("worker-green", "{app: worker, role: green, tier: web}"),
        deployment("web-green", "{app: other, role: green}"),
    ]
    .join("---\n");
    insta::assert_snapshot!(said_in(&objects, &[], &text), @r#"
        green.yaml:1: Deployment/worker-green would serve at once: Service/all selects its labels
        green.yaml:10: Deployment/web-green would make pods that Service/web can't be switched to: it selects app=web,role=green
        green.yaml:10: Deployment/web-green has another spec.selector than in the cluster, where it can't change: {"matchLabels":{"app":"web","role":"green"}}
        "#);
}

#[test]
fn a_workload_that_is_there_and_of_no_side_is_left_alone() {
    let others = [json!({"kind": "Deployment", "metadata": {"name": "other"}})];
    let text = deployment("other", "{app: other, role: green}");
    insta::assert_snapshot!(said_in(&cluster(), &others, &text), @"green.yaml:1: Deployment/other is there already, and is not of green of web");
}

#[test]
fn a_field_of_another_type_is_named() {
    let text = [
        deployment("web-green", GREEN).replace(
            "labels: {app: web, role: green}}\n    spec",
            "labels: [app]}\n    spec",
        ),
        deployment("web-green-2", GREEN).replace(
            "{matchLabels: {app: web, role: green}}",
            "{matchLabels: {app: yes}}",
        ),
        service("web-test-green", "{app: web, role: 1}"),
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x, labels: {a: 1}}\n".to_owned(),
    ]
    .join("---\n");
    insta::assert_snapshot!(said(&text), @r#"
        green.yaml:1: Deployment/web-green has a spec.template.metadata.labels that can't be read: invalid type: sequence, expected a map
        green.yaml:10: Deployment/web-green-2 has a spec.selector that can't be read: invalid type: boolean `true`, expected a string
        green.yaml:19: Service/web-test-green has a spec.selector that can't be read: invalid type: integer `1`, expected a string
        green.yaml:24: ConfigMap/x has a metadata.labels that can't be read: invalid type: integer `1`, expected a string
        "#);
}

#[test]
fn a_selector_that_takes_what_serves_is_refused() {
    let wide = deployment("web-more-green", GREEN).replace(
        "selector: {matchLabels: {app: web, role: green}}",
        "selector: {matchLabels: {app: web}}",
    );
    let other = deployment("web-green", GREEN).replace(
        "selector: {matchLabels: {app: web, role: green}}",
        "selector: {matchLabels: {app: web, role: green, x: z}}",
    );
    let none = deployment("worker-green", "{app: worker, role: green}").replace(
        "  selector: {matchLabels: {app: worker, role: green}}\n",
        "",
    );
    insta::assert_snapshot!(said(&[wide, other, none].join("---\n")), @r#"
        green.yaml:1: Deployment/web-more-green has a spec.selector that matches the pods of Deployment/web-blue too, which serve
        green.yaml:10: Deployment/web-green has another spec.selector than in the cluster, where it can't change: {"matchLabels":{"app":"web","role":"green"}}
        green.yaml:19: Deployment/worker-green has no spec.selector: write the labels of its template (app=worker,role=green); --convert does that
        "#);
}

#[test]
fn production_and_what_could_pass_for_it_are_refused() {
    let bound = |name: &str, role: &str| -> Value {
        json!({
            "kind": "Service", "metadata": {"name": name},
            "spec": {"selector": {"app": "web", "role": role}, "ports": [{"port": 80}]},
        })
    };
    let mut objects = cluster();
    for service in [
        bound("web-test-blue", "blue"),
        bound("web-test-green", "green"),
    ] {
        objects
            .services
            .push(serde_json::from_value(service).unwrap());
    }
    let text = [
        service("web", GREEN),
        service("web-test-blue", GREEN),
        service("web-test-green", BLUE),
        service("web-preview", GREEN),
        service("web-api", GREEN),
        service("web-green-api", "{app: web}"),
        service("blue-preview", GREEN),
        service("web-test-none", "{app: other}"),
        service("web-test-any", "{}"),
    ]
    .join("---\n");
    insta::assert_snapshot!(said_in(&objects, &[], &text), @r#"
        green.yaml:1: Service/web is production, which only a switch changes: leave it out (kubectl bluegreen switch web)
        green.yaml:6: Service/web-test-blue routes to Deployment/web-blue now, which serves
        green.yaml:11: Service/web-test-green would route to Deployment/web-blue, which serves
        green.yaml:21: Service/web-api could pass for production: give its name the role or a word such as test, or mark it bluegreen.dev/test: "true"
        green.yaml:26: Service/web-green-api would route to Deployment/web-blue, which serves
        green.yaml:31: Service/blue-preview has blue in its name, which serves
        green.yaml:36: Service/web-test-none would route to no pod of green of web: app=other
        green.yaml:41: Service/web-test-any selects no pods, so that it is not of green for sure
        apply Service/web-preview
        "#);
}

#[test]
fn what_others_use_too_is_refused_unless_it_is_so_already() {
    let mut objects = cluster();
    let volumes = json!([{"name": "a", "configMap": {"name": "web-config"}}]);
    for name in ["web-blue", "web-green"] {
        set(&mut objects, name, "/spec/template/spec/volumes", &volumes);
    }
    let config = |value: &str| {
        format!(
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: web-config}}\ndata: {{a: {value}}}\n"
        )
    };
    let stored = json!({
        "apiVersion": "v1", "kind": "ConfigMap",
        "metadata": {"name": "web-config", "namespace": "shop", "uid": "1"}, "data": {"a": "x", "b": "y"},
    });
    let others = [stored];
    insta::assert_snapshot!(said_in(&objects, &others, &config("new")), @"green.yaml:1: ConfigMap/web-config is used by Deployment/web-blue, which serves: give it a name of its own, such as web-config-green");
    insta::assert_snapshot!(said_in(&objects, &[], &config("x")), @"green.yaml:1: ConfigMap/web-config is used by Deployment/web-blue, which serves: give it a name of its own, such as web-config-green");
    assert_eq!(
        said_in(&objects, &others, &config("x")),
        "leave ConfigMap/web-config"
    );
    let account = "apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: default}\n";
    insta::assert_snapshot!(said(account), @"green.yaml:1: ServiceAccount/default is used by Deployment/web-blue, which serves: give it a name of its own, such as default-green");
}

#[test]
fn scalers_and_budgets_of_what_serves_are_refused() {
    let scaler = |name: &str, target: &str| {
        json!({
            "apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler", "metadata": {"name": name},
            "spec": {"scaleTargetRef": {"kind": "Deployment", "name": target}, "maxReplicas": 3},
        })
    };
    let budget = |name: &str, labels: Value| {
        json!({
            "apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": {"name": name},
            "spec": {"selector": {"matchLabels": labels}},
        })
    };
    let others = [
        scaler("web", "web-blue"),
        budget("web", json!({"app": "web"})),
    ];
    let text = [
        scaler("web", "web-green"),
        scaler("new", "web-blue"),
        scaler("any", "other"),
        budget("web", json!({"role": "green"})),
        budget("new", json!({"app": "web"})),
        budget("all", json!({})),
    ]
    .map(|object| object.to_string() + "\n")
    .join("---\n");
    insta::assert_snapshot!(said_in(&cluster(), &others, &text), @r#"
        green.yaml:1: HorizontalPodAutoscaler/web scales Deployment/web-blue now, which is not of green of web
        green.yaml:3: HorizontalPodAutoscaler/new would scale Deployment/web-blue, which is not of green of web
        green.yaml:5: HorizontalPodAutoscaler/any would scale Deployment/other, which is not of green of web
        green.yaml:7: PodDisruptionBudget/web counts the pods of Deployment/web-blue, which serve
        green.yaml:9: PodDisruptionBudget/new would count the pods of Deployment/web-blue, which serve
        green.yaml:11: PodDisruptionBudget/all would count the pods of Deployment/web-blue, which serve
        "#);
}

#[test]
fn what_is_of_no_side_is_refused() {
    let text = "\
apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n---
apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {name: shop}\n---
apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: web}\n---
apiVersion: v1\nkind: ConfigMap\nmetadata: {name: web, namespace: other}\n---
apiVersion: v1\nkind: ConfigMap\nmetadata: {generateName: web-}\n---
apiVersion: v1\nkind: ConfigMap\nmetadata: {name: web}\n---
apiVersion: v1\nkind: ConfigMap\nmetadata: {name: web}\n---
apiVersion: v1\nkind: ConfigMap\nmetadata: {name: web-blue}\n---
apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x, labels: {role: blue}}\n---
apiVersion: v1\nmetadata: {name: x}\n---
kind: ConfigMap\nmetadata: x\n---
apiVersion: batch/v1\nkind: Job\nmetadata: {name: test, annotations: {helm.sh/hook: test}}\n";
    insta::assert_snapshot!(said(text), @r#"
        green.yaml:29: ConfigMap/web-blue has blue in its name, which serves
        green.yaml:33: ConfigMap/x says by its labels that it is of blue, which serves
        green.yaml:1: Namespace/shop is of the whole cluster, and not of one side
        green.yaml:5: ClusterRole/shop is of the whole cluster, and not of one side
        green.yaml:9: Ingress/web is of no kind that is known to be of one side alone: leave it out, and apply it by itself
        green.yaml:13: ConfigMap/web is in namespace other, and the application in shop
        green.yaml:17: ConfigMap has no metadata.name
        green.yaml:25: ConfigMap/web stands at green.yaml:21 already
        green.yaml:37: an object without kind/x is of no kind that is known to be of one side alone: leave it out, and apply it by itself
        green.yaml:40: ConfigMap is of no kind that is known to be of one side alone: leave it out, and apply it by itself
        green.yaml:43: Job/test is a hook of a Helm chart: helm template --no-hooks leaves it out
        apply ConfigMap/web
        "#);
}

/// The pattern's Deployment as it was published.
const PUBLISHED: &str = "\
apiVersion: extensions/v1beta1
kind: Deployment
metadata:
  name: web-more-green
spec:
  replicas: 2
  rollbackTo: {revision: 1}
  template:
    metadata:
      labels: {app: web, role: green}
    spec:
      containers: [{name: app, image: web:2}]
";

const OLD: &str =
    "apiVersion: autoscaling/v2beta1\nkind: HorizontalPodAutoscaler\nmetadata: {name: x}\n";

#[test]
fn published_manifests_are_refused_with_what_to_change() {
    insta::assert_snapshot!(said(&format!("{PUBLISHED}---\n{OLD}")), @r#"
        green.yaml:1: Deployment/web-more-green is of extensions/v1beta1, which is served no more: write apps/v1, and spec.selector with the labels of its template, {"matchLabels":{"app":"web","role":"green"}}; --convert does that
        green.yaml:14: HorizontalPodAutoscaler/x is of autoscaling/v2beta1, which is served no more: write autoscaling/v2, whose metrics are written in another way
        "#);
}

#[test]
fn published_manifests_can_be_converted() {
    let objects = cluster();
    let text = format!(
        "{PUBLISHED}---\n{}---\n{OLD}",
        PUBLISHED.replace("-more", "")
    );
    let mut all = documents("green.yaml", &text).unwrap();
    let changes: Vec<String> = convert(&mut all, &objects)
        .into_iter()
        .map(|one| format!("{} {}: {}", one.place, one.object, one.changes.join("; ")))
        .collect();
    insta::assert_snapshot!(changes.join("\n"), @r#"
        green.yaml:1 Deployment/web-more-green: apiVersion extensions/v1beta1 → apps/v1; spec.selector {"matchLabels":{"app":"web","role":"green"}} of its template's labels; spec.rollbackTo left out, which is no more
        green.yaml:14 Deployment/web-green: apiVersion extensions/v1beta1 → apps/v1; spec.selector {"matchLabels":{"app":"web","role":"green"}} as it has it in the cluster; spec.rollbackTo left out, which is no more
        "#);
    let object = &all[0].object;
    assert_eq!(object["apiVersion"], "apps/v1");
    let labels = json!({"app": "web", "role": "green"});
    assert_eq!(object["spec"]["selector"], json!({"matchLabels": labels}));
    assert_eq!(object["spec"]["rollbackTo"], Value::Null);
    assert_eq!(convert(&mut all, &objects), [], "once is enough");
    let converted = all[0].object.to_string();
    assert_eq!(said(&converted), "apply Deployment/web-more-green");
}
