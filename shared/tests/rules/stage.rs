//! What is staged, and what is never touched.

use crate::applied;
use crate::situation;

use std::str::FromStr;

use applied::{NOW, applied, cluster, set};
use bluegreen_shared::application::Active;
use bluegreen_shared::discover::{self, Hints};
use bluegreen_shared::mutate;
use bluegreen_shared::objects::Objects;
use bluegreen_shared::plan::minimum;
use bluegreen_shared::plan::stage::{self, ImageWish, Wanted};
use bluegreen_shared::plan::{Declined, Why};
use serde_json::json;

fn wanted(images: &[&str], replicas: Option<i32>) -> Wanted {
    let images = images.iter().map(|text| ImageWish::from_str(text).unwrap());
    Wanted {
        images: images.collect(),
        replicas,
        match_active: false,
    }
}

/// The operations for each workload, one a line.
fn planned(objects: &Objects, wanted: &Wanted) -> Result<String, Declined> {
    let application = discover::find(objects, "web", &Hints::default()).unwrap();
    let patches = stage::plan(&application, objects, wanted, NOW.parse().unwrap())?;
    let mut lines = Vec::new();
    for patch in &patches {
        lines.push(format!("{}:", patch.workload.reference()));
        lines.extend(patch.patch.iter().map(ToString::to_string));
        lines.extend(
            patch
                .warnings
                .iter()
                .map(|warning| format!("warning: {warning}")),
        );
    }
    Ok(lines.join("\n"))
}

fn refused(objects: &Objects, wanted: &Wanted) -> Declined {
    planned(objects, wanted).unwrap_err()
}

fn said(refused: &Declined) -> String {
    format!("{}\nhint: {}", refused.message, refused.hint)
}

#[test]
fn an_image_brings_the_probe_that_the_webhook_would_add() {
    insta::assert_snapshot!(planned(&cluster(), &wanted(&["web:2"], None)).unwrap(), @r#"
        Deployment/web-green:
        {"op":"test","path":"/metadata/uid","value":"uid-green"}
        {"op":"test","path":"/spec/template/spec/containers/0/name","value":"app"}
        {"op":"test","path":"/spec/template/spec/containers/0/image","value":"web:1"}
        {"op":"replace","path":"/spec/template/spec/containers/0/image","value":"web:2"}
        {"op":"add","path":"/spec/template/spec/containers/0/readinessProbe","value":{"tcpSocket":{"port":8080}}}
        "#);
}

#[test]
fn nothing_is_left_for_the_webhook_to_add() {
    let objects = cluster();
    let application = discover::find(&objects, "web", &Hints::default()).unwrap();
    let now = NOW.parse().unwrap();
    let patches = stage::plan(&application, &objects, &wanted(&["web:2"], Some(3)), now).unwrap();
    let [patch] = patches.as_slice() else {
        panic!("{patches:?}");
    };
    let after = applied(patch.workload, &patch.patch);
    let again = mutate::workload(&after, Some(patch.workload), &objects.services, now);
    assert_eq!(again.patch, []);
    assert_eq!(after.replicas(), 3);
    assert_eq!(after.images().collect::<Vec<_>>(), ["web:2"]);
}

#[test]
fn replicas_alone_leave_the_template_alone() {
    insta::assert_snapshot!(planned(&cluster(), &wanted(&[], Some(5))).unwrap(), @r#"
        Deployment/web-green:
        {"op":"test","path":"/metadata/uid","value":"uid-green"}
        {"op":"add","path":"/spec/replicas","value":5}
        "#);
}

/// As many as production has.
fn as_active(images: &[&str]) -> Wanted {
    Wanted {
        match_active: true,
        ..wanted(images, None)
    }
}

#[test]
fn the_idle_side_gets_as_many_pods_as_production_has_or_wants() {
    let mut objects = cluster();
    assert_eq!(planned(&objects, &as_active(&[])).unwrap(), "");
    set(&mut objects, "web-blue", "/spec/replicas", &json!(5));
    insta::assert_snapshot!(planned(&objects, &as_active(&["web:2"])).unwrap(), @r#"
        Deployment/web-green:
        {"op":"test","path":"/metadata/uid","value":"uid-green"}
        {"op":"test","path":"/spec/template/spec/containers/0/name","value":"app"}
        {"op":"test","path":"/spec/template/spec/containers/0/image","value":"web:1"}
        {"op":"replace","path":"/spec/template/spec/containers/0/image","value":"web:2"}
        {"op":"add","path":"/spec/replicas","value":5}
        {"op":"add","path":"/spec/template/spec/containers/0/readinessProbe","value":{"tcpSocket":{"port":8080}}}
        "#);
    // An autoscaler has just lowered what is wanted, and the pods are still there.
    set(&mut objects, "web-blue", "/spec/replicas", &json!(1));
    objects.pods = (0..3).map(|_| serving_pod("web-blue")).collect();
    insta::assert_snapshot!(planned(&objects, &as_active(&[])).unwrap(), @r#"
        Deployment/web-green:
        {"op":"test","path":"/metadata/uid","value":"uid-green"}
        {"op":"add","path":"/spec/replicas","value":3}
        "#);
    // Whoever has none serves nobody, and one must be there to be switched to.
    objects.pods.clear();
    set(&mut objects, "web-blue", "/spec/replicas", &json!(0));
    insta::assert_snapshot!(planned(&objects, &as_active(&[])).unwrap(), @r#"
        Deployment/web-green:
        {"op":"test","path":"/metadata/uid","value":"uid-green"}
        {"op":"add","path":"/spec/replicas","value":1}
        "#);
}

#[test]
fn an_autoscaler_that_would_make_fewer_is_raised_and_none_is_lowered() {
    let mut objects = cluster();
    set(&mut objects, "web-blue", "/spec/replicas", &json!(5));
    let application = discover::find(&objects, "web", &Hints::default()).unwrap();
    let matches = stage::matching(&application, &objects, NOW.parse().unwrap()).unwrap();
    let scaler = |target: &str, minimum: serde_json::Value, maximum: i32| {
        serde_json::from_value(json!({
            "metadata": {"name": format!("of-{target}"), "uid": "1"},
            "spec": {
                "scaleTargetRef": {"kind": "Deployment", "name": target},
                "minReplicas": minimum, "maxReplicas": maximum,
            },
        }))
        .unwrap()
    };
    let raised = |scalers: &[_]| {
        let patches = stage::scalers(&matches, scalers);
        patches.map(|patches| {
            let lines = patches
                .iter()
                .map(|one| format!("{:?} {}", one.minimum, one.patch));
            lines.collect::<Vec<_>>().join("\n")
        })
    };
    let few = [
        scaler("web-green", json!(null), 9),
        scaler("web-green", json!(3), 5),
        scaler("web-green", json!(6), 9),
        scaler("web-blue", json!(1), 2),
    ];
    insta::assert_snapshot!(raised(&few).unwrap(), @r#"
        (1, 5) [{"op":"test","path":"/metadata/uid","value":"1"},{"op":"add","path":"/spec/minReplicas","value":5},{"op":"add","path":"/metadata/annotations","value":{}},{"op":"add","path":"/metadata/annotations/bluegreen.dev~1min-replicas","value":"{\"had\":1,\"raised\":5}"}]
        (3, 5) [{"op":"test","path":"/metadata/uid","value":"1"},{"op":"add","path":"/spec/minReplicas","value":5},{"op":"add","path":"/metadata/annotations","value":{}},{"op":"add","path":"/metadata/annotations/bluegreen.dev~1min-replicas","value":"{\"had\":3,\"raised\":5}"}]
        "#);
    let small = raised(&[scaler("web-green", json!(1), 4)]).unwrap_err();
    assert_eq!(small.why, Why::NoRoom);
    insta::assert_snapshot!(said(&small), @r#"
        HorizontalPodAutoscaler/of-web-green allows 4 pods of Deployment/web-green at most, and production has 5 pods
        hint: raise its spec.maxReplicas to 5 or more first
        "#);
}

#[test]
fn an_autoscaler_gets_back_what_it_had_unless_somebody_has_set_it_since() {
    let objects = cluster();
    let application = discover::find(&objects, "web", &Hints::default()).unwrap();
    let scaler = |target: &str, minimum: i32, kept: &str| {
        serde_json::from_value(json!({
            "metadata": {
                "name": format!("of-{target}"), "uid": "1",
                "annotations": {"bluegreen.dev/min-replicas": kept},
            },
            "spec": {
                "scaleTargetRef": {"kind": "Deployment", "name": target},
                "minReplicas": minimum, "maxReplicas": 9,
            },
        }))
        .unwrap()
    };
    let kept = r#"{"had":1,"raised":5}"#;
    let scalers = [
        scaler("web-green", 5, kept),
        scaler("web-blue", 4, kept),
        scaler("web-blue", 5, "five"),
        scaler("other", 5, kept),
    ];
    let lowered = minimum::lowered(&application, &scalers);
    let lines: Vec<String> = lowered
        .iter()
        .map(|one| format!("{:?} {}", one.minimum, one.patch))
        .collect();
    insta::assert_snapshot!(lines.join("\n"), @r#"(5, 1) [{"op":"test","path":"/metadata/uid","value":"1"},{"op":"test","path":"/spec/minReplicas","value":5},{"op":"replace","path":"/spec/minReplicas","value":1},{"op":"remove","path":"/metadata/annotations/bluegreen.dev~1min-replicas"}]"#);
}

/// A pod of the workload that a Service routes to.
fn serving_pod(workload: &str) -> k8s_openapi::api::core::v1::Pod {
    serde_json::from_value(json!({
        "metadata": {
            "labels": {"pod-template-hash": "1"},
            "ownerReferences": [{
                "apiVersion": "apps/v1", "kind": "ReplicaSet", "name": format!("{workload}-1"),
                "uid": "1", "controller": true,
            }],
        },
        "status": {"conditions": [{"type": "Ready", "status": "True"}]},
    }))
    .unwrap()
}

#[test]
fn what_is_so_already_is_not_changed() {
    let objects = cluster();
    assert_eq!(planned(&objects, &wanted(&["web:1"], Some(2))).unwrap(), "");
    assert_eq!(planned(&objects, &Wanted::default()).unwrap(), "");
}

#[test]
fn one_of_several_containers_is_named_or_serves() {
    let mut objects = cluster();
    let sidecar = json!({ "name": "agent", "image": "agent:1" });
    set(
        &mut objects,
        "web-green",
        "/spec/template/spec/containers/1",
        &sidecar,
    );
    let image = |images: &[&str]| {
        let wanted = wanted(images, None);
        planned(&objects, &wanted).map(|text| text.contains("containers/0/image"))
    };
    assert_eq!(image(&["web:2"]), Ok(true));
    assert_eq!(image(&["app=web:2"]), Ok(true));
    assert_eq!(image(&["agent=agent:2"]), Ok(false));
    insta::assert_snapshot!(planned(&objects, &wanted(&["agent=agent:2", "web:2"], None)).unwrap(), @r#"
        Deployment/web-green:
        {"op":"test","path":"/metadata/uid","value":"uid-green"}
        {"op":"test","path":"/spec/template/spec/containers/0/name","value":"app"}
        {"op":"test","path":"/spec/template/spec/containers/0/image","value":"web:1"}
        {"op":"test","path":"/spec/template/spec/containers/1/name","value":"agent"}
        {"op":"test","path":"/spec/template/spec/containers/1/image","value":"agent:1"}
        {"op":"replace","path":"/spec/template/spec/containers/0/image","value":"web:2"}
        {"op":"replace","path":"/spec/template/spec/containers/1/image","value":"agent:2"}
        {"op":"add","path":"/spec/template/spec/containers/0/readinessProbe","value":{"tcpSocket":{"port":8080}}}
        "#);
    let init = json!([{ "name": "setup", "image": "setup:1" }]);
    set(
        &mut objects,
        "web-green",
        "/spec/template/spec/initContainers",
        &init,
    );
    let text = planned(&objects, &wanted(&["setup=setup:2"], None)).unwrap();
    assert!(text.contains("initContainers/0/image"), "{text}");
}

#[test]
fn an_image_that_may_be_meant_for_several_is_refused() {
    let mut objects = cluster();
    let second = json!({ "name": "api", "image": "api:1", "ports": [{ "containerPort": 9000 }] });
    set(
        &mut objects,
        "web-green",
        "/spec/template/spec/containers/1",
        &second,
    );
    let port = json!({ "name": "api", "port": 81, "targetPort": 9000 });
    let ports = &mut objects.services[0].spec.as_mut().unwrap().ports;
    ports
        .as_mut()
        .unwrap()
        .push(serde_json::from_value(port).unwrap());
    let which = refused(&objects, &wanted(&["web:2"], None));
    assert_eq!(which.why, Why::Usage);
    insta::assert_snapshot!(said(&which), @r#"
        "web:2" may be for any container of green: Deployment/web-green has app, api
        hint: --image app=web:2
        "#);
    let none = refused(&objects, &wanted(&["web=web:2"], None));
    insta::assert_snapshot!(said(&none), @r#"
        no container "web" in green: Deployment/web-green has app, api
        hint: --image app=web:2
        "#);
    let two = refused(&objects, &wanted(&["api=api:2", "api=api:3"], None));
    insta::assert_snapshot!(said(&two), @r#"
        two images for container api: api:2 and api:3
        hint: --image api=api:3
        "#);
    assert!(planned(&objects, &wanted(&["api=api:2", "api=api:2"], None)).is_ok());
}

#[test]
fn without_pods_there_is_nothing_to_switch_to() {
    let zero = refused(&cluster(), &wanted(&[], Some(0)));
    assert_eq!(zero.why, Why::Usage);
    insta::assert_snapshot!(said(&zero), @r#"
        without pods, green could not be switched to
        hint: ask for one replica or more
        "#);
}

#[test]
fn the_target_of_a_switch_under_way_is_not_staged() {
    let mut objects = cluster();
    let intent = |to: &str, until: &str| {
        let value = json!({ "to": to, "by": "ann", "until": until }).to_string();
        Some([("bluegreen.dev/intent".to_owned(), value)].into())
    };
    objects.services[0].metadata.annotations = intent("green", "2026-05-01T12:01:00Z");
    let under_way = refused(&objects, &wanted(&["web:2"], None));
    assert_eq!(under_way.why, Why::UnderWay);
    insta::assert_snapshot!(said(&under_way), @r#"
        a switch of web to green by ann is under way until 2026-05-01T12:01:00Z
        hint: wait until it is done, or until that time
        "#);
    objects.services[0].metadata.annotations = intent("green", "2026-05-01T11:59:00Z");
    assert!(planned(&objects, &wanted(&["web:2"], None)).is_ok());
    objects.services[0].metadata.annotations = intent("blue", "2026-05-01T12:01:00Z");
    assert!(planned(&objects, &wanted(&["web:2"], None)).is_ok());
}

#[test]
fn a_split_production_has_no_idle_side() {
    let mut objects = cluster();
    let mut second = objects.services[0].clone();
    second.metadata.name = Some("web-admin".to_owned());
    let selector = second.spec.as_mut().unwrap().selector.as_mut().unwrap();
    selector.insert("role".to_owned(), "green".to_owned());
    for service in [&mut objects.services[0], &mut second] {
        service.metadata.annotations =
            Some([("bluegreen.dev/production".to_owned(), "true".to_owned())].into());
    }
    objects.services.push(second);
    let split = refused(&objects, &wanted(&["web:2"], None));
    assert_eq!(split.why, Why::NothingIdle);
    insta::assert_snapshot!(said(&split), @r#"
        no side of web is idle: Service/web selects blue, Service/web-admin selects green
        hint: bring production to one side first: kubectl bluegreen switch web --to blue (or green)
        "#);
}

#[test]
fn the_active_side_is_never_touched() {
    let mut staged = 0;
    for situation in situation::all("discover") {
        for application in discover::all(&situation.objects, &Hints::default()).0 {
            let wanted = wanted(&[], Some(77));
            let now = NOW.parse().unwrap();
            let Ok(patches) = stage::plan(&application, &situation.objects, &wanted, now) else {
                continue;
            };
            let Active::Role(active) = application.active() else {
                panic!("{} has no active side", situation.sentence());
            };
            let serving = &application.environment(active).unwrap().workloads;
            for patch in patches {
                staged += 1;
                let name = patch.workload.name();
                assert!(
                    serving.iter().all(|workload| workload.name() != name),
                    "{name}"
                );
            }
        }
    }
    assert!(staged > 10, "{staged}");
}
