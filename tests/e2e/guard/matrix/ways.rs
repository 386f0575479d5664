//! The rows, by the place that they are tried in.

use serde_json::{Value, json};

use super::way::{Way, allowed, deletable, kept, refused};
use crate::guard::to;

const WEB: &str = "service/web";
const LIVE: &str = "deployment/web-blue";
const IDLE: &str = "deployment/web-green";

fn spec(spec: impl Into<Value>) -> Value {
    json!({"spec": spec.into()})
}

fn annotation(key: &str, value: impl Into<Value>) -> Value {
    json!({"metadata": {"annotations": {format!("bluegreen.dev/{key}"): value.into()}}})
}

fn overridden(reason: &str) -> Value {
    let mut flip = to("green");
    flip["metadata"] = annotation("override", json!(reason))["metadata"].take();
    flip
}

/// Where production is blue, and not one pod of green is ready.
#[rustfmt::skip]
pub(super) fn where_green_is_not_ready() -> Vec<Way> {
    vec![
        refused("flip to a side that is not ready", "NotReady", WEB, to("green"))
            .verb("set selector", "kubectl set selector service web $DRY app=web,role=green").or_by_rollback("2"),
        refused("flip to a side that does not exist", "NoEnvironment", WEB, to("gren"))
            .verb("set selector", "kubectl set selector service web $DRY app=web,role=gren"),
        refused("drop the role from the selector", "NoEnvironment", WEB, to_nothing("role"))
            .verb("set selector", "kubectl set selector service web $DRY app=web"),
        refused("drop the selector", "NoEnvironment", WEB, spec(json!({"selector": null}))),
        refused("select another application's pods", "NoEnvironment", WEB, spec(json!({"selector": {"app": "other", "role": null}})))
            .verb("set selector", "kubectl set selector service web $DRY app=other"),
        refused("ExternalName", "NoEnvironment", WEB, spec(json!({"type": "ExternalName", "externalName": "example.com"}))),
        refused("a named target port that no pod has", "PortMismatch", WEB, spec(json!({"ports": [{"port": 80, "targetPort": "nobody"}]}))),
        refused("publishNotReadyAddresses", "Protected", WEB, spec(json!({"publishNotReadyAddresses": true}))),
        refused("externalIPs", "Protected", WEB, spec(json!({"externalIPs": ["192.0.2.7"]}))),
        refused("mark production as a test", "Protected", WEB, annotation("test", json!("true")))
            .verb("annotate", "kubectl annotate service web $DRY bluegreen.dev/test=true").or_by_status(),
        refused("mark it as not production", "Protected", WEB, annotation("production", json!("false")))
            .verb("annotate", "kubectl annotate service web $DRY bluegreen.dev/production=false").or_by_status(),
        refused("label it as a side's test Service", "Protected", WEB, json!({"metadata": {"labels": {"role": "test-blue"}}}))
            .verb("label", "kubectl label service web $DRY role=test-blue").or_by_status(),
        refused("override without the verb", "NotReady", WEB, overridden("I want to")).by("releaser"),
        refused("override with last week's reason", "NotReady", WEB, to("green")).by("captain")
            .after(WEB, annotation("override", json!("last week's"))),
        allowed("override by a holder of the verb", "a reason in the same update, recorded in the history", WEB, overridden("tonight"))
            .by("captain"),
        refused("say that it is to go, without the verb", "Protected", WEB, annotation("takedown", json!("moved"))).by("releaser")
            .verb("annotate", "kubectl annotate service web $DRY bluegreen.dev/takedown=moved"),
        refused("forge the history", "Protected", WEB, annotation("history", json!(r#"[{"at":"2026-01-01T00:00:00Z","to":"green"}]"#)))
            .or_by_status(),
        refused("announce a switch in somebody else's name", "Protected", WEB, annotation("intent", json!(r#"{"to":"blue","by":"somebody"}"#)))
            .or_by_status(),
        refused("verify in somebody else's name", "Protected", WEB, annotation("verified-green", json!(r#"{"by":"somebody"}"#)))
            .or_by_status(),
        refused("scale what serves to 0", "Protected", LIVE, spec(json!({"replicas": 0})))
            .verb("scale", "kubectl scale deployment web-blue $DRY --replicas=0")
            .verb("patch /scale", r#"kubectl patch deployment web-blue $DRY --subresource=scale --type=merge -p "$PATCH""#),
        refused("relabel the pods that it makes", "Protected", LIVE, spec(json!({"template": {"metadata": {"labels": {"role": "gone"}}}}))),
        refused("give it an owner that does not exist", "Protected", LIVE, owner()).or_by_status(),
        kept("delete the workload that serves", LIVE),
        kept("delete the production Service", WEB),
        kept("delete a protected Namespace", "namespace/?")
            .after("namespace/?", json!({"metadata": {"labels": {"bluegreen.dev/protect": "true"}}})),
    ]
}

/// Where one pod serves, and the Service asks for more than is the default.
#[rustfmt::skip]
pub(super) fn where_rules_are_strict() -> Vec<Way> {
    vec![
        refused("flip unannounced, unverified, to fewer pods", "Drift", WEB, to("green"))
            .verb("set selector", "kubectl set selector service web $DRY app=web,role=green"),
        refused("lower min-capacity", "Protected", WEB, annotation("min-capacity", json!("100%")))
            .verb("annotate", "kubectl annotate service web $DRY --overwrite bluegreen.dev/min-capacity=100%").or_by_status(),
        refused("drop min-capacity", "Protected", WEB, annotation("min-capacity", Value::Null))
            .verb("annotate", "kubectl annotate service web $DRY bluegreen.dev/min-capacity-").or_by_status(),
        refused("garble min-capacity", "InvalidSetting", WEB, annotation("min-capacity", json!("lots")))
            .verb("annotate", "kubectl annotate service web $DRY --overwrite bluegreen.dev/min-capacity=lots").or_by_status(),
        refused("drop require-verified", "Protected", WEB, annotation("require-verified", Value::Null))
            .verb("annotate", "kubectl annotate service web $DRY bluegreen.dev/require-verified-").or_by_status(),
        refused("loosen on-drift", "Protected", WEB, annotation("on-drift", json!("allow")))
            .verb("annotate", "kubectl annotate service web $DRY --overwrite bluegreen.dev/on-drift=allow").or_by_status(),
        refused("drop the mark of production", "Protected", WEB, annotation("production", Value::Null))
            .verb("annotate", "kubectl annotate service web $DRY bluegreen.dev/production-").or_by_status(),
        refused("drop the mark of the role key", "Protected", WEB, annotation("role-key", Value::Null))
            .verb("annotate", "kubectl annotate service web $DRY bluegreen.dev/role-key-").or_by_status(),
        refused("drop the mark of a test Service", "Protected", "service/next", annotation("test", Value::Null))
            .verb("annotate", "kubectl annotate service next $DRY bluegreen.dev/test-").or_by_status(),
        refused("relabel the last ready pod", "Protected", "pod/?", json!({"metadata": {"labels": {"role": "gone"}}}))
            .verb("label", r#"kubectl label "$OBJECT" $DRY --overwrite role=gone"#).or_by_status(),
    ]
}

/// Where both sides are ready, two pods each.
#[rustfmt::skip]
pub(super) fn where_all_is_ready() -> Vec<Way> {
    vec![
        allowed("flip to a side that is ready", "the gate finds nothing against it", WEB, to("green"))
            .verb("set selector", "kubectl set selector service web $DRY app=web,role=green").or_by_rollback("2"),
        allowed("annotate the production Service", "nothing that routes changes", WEB, json!({"metadata": {"annotations": {"note": "1"}}}))
            .verb("annotate", "kubectl annotate service web $DRY note=1").or_by_status(),
        allowed("annotate the workload that serves", "its pods stay what they are", LIVE, json!({"metadata": {"annotations": {"note": "1"}}}))
            .verb("annotate", "kubectl annotate deployment web-blue $DRY note=1").or_by_status(),
        allowed("a new image for what serves", "a rolling update, with a warning that names `stage`", LIVE, image())
            .verb("set image", "kubectl set image deployment web-blue $DRY web=web:2"),
        allowed("scale what serves down to 1", "it serves on", LIVE, spec(json!({"replicas": 1})))
            .verb("scale", "kubectl scale deployment web-blue $DRY --replicas=1")
            .verb("patch /scale", r#"kubectl patch deployment web-blue $DRY --subresource=scale --type=merge -p "$PATCH""#),
        allowed("scale the idle side to 0", "nothing serves from it", IDLE, spec(json!({"replicas": 0})))
            .verb("scale", "kubectl scale deployment web-green $DRY --replicas=0"),
        allowed("relabel one of two ready pods", "another ready one remains", "pod/?", json!({"metadata": {"labels": {"note": "1", "role": "taken-out"}}}))
            .verb("label", r#"kubectl label "$OBJECT" $DRY --overwrite role=taken-out"#),
        allowed("take the guard off the Namespace", "the platform team's right to its label", "namespace/?", json!({"metadata": {"labels": {"bluegreen.dev/policy": "off"}}}))
            .verb("label", r#"kubectl label "$OBJECT" $DRY bluegreen.dev/policy=off"#),
        deletable("delete the idle workload", "nothing serves from it", IDLE),
        deletable("delete a test Service", "it is not production", "service/web-test-green"),
        deletable("delete a pod that serves", "its controller makes it anew; disruption budgets", "pod/?"),
        deletable("delete the workload, taken down", "a holder of `override` has said that it goes", LIVE)
            .after(LIVE, annotation("takedown", json!("moved"))),
        deletable("delete the Service, taken down", "a holder of `override` has said that it goes", WEB)
            .after(WEB, annotation("takedown", json!("moved"))),
    ]
}

/// Where green serves, grown beyond blue, which served before.
#[rustfmt::skip]
pub(super) fn where_green_serves() -> Vec<Way> {
    vec![
        allowed("the way back, to fewer pods", "it served last, and still runs what it ran", WEB, to("blue"))
            .verb("set selector", "kubectl set selector service web $DRY app=web,role=blue").or_by_rollback("1"),
    ]
}

fn to_nothing(key: &str) -> Value {
    spec(json!({"selector": {key: null}}))
}

fn owner() -> Value {
    json!({"metadata": {"ownerReferences": [{
        "apiVersion": "v1", "kind": "ConfigMap", "name": "gone",
        "uid": "0b5e1f0e-0000-4000-8000-000000000000"
    }]}})
}

fn image() -> Value {
    // The whole container, since a merge patch replaces lists.
    let mut containers =
        crate::shop::deployment("blue", 2)["spec"]["template"]["spec"]["containers"].take();
    containers[0]["image"] = json!("web:2");
    spec(json!({"template": {"spec": {"containers": containers}}}))
}
