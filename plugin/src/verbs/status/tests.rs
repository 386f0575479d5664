//! From objects to the whole screen.

mod world;

use bluegreen_shared::workload::Workload;
use k8s_openapi::api::core::v1::Event;
use serde_json::{Value, json};

use crate::render::{Format, Style, View, to_text};

use super::events;
use world::{down, history, objects, screen, service, status};

#[test]
fn a_side_that_is_not_ready_is_refused_with_what_the_kubelet_says() {
    let production = service(
        "tomcat-service",
        "blue",
        &history("green", "another", "blue"),
    );
    let objects = objects(vec![production], false);
    let mut status = status(&objects);
    let event: Event = serde_json::from_value(json!({
        "metadata": {},
        "involvedObject": {"kind": "Pod", "name": "tomcat-deployment-green-hash5-kv8jt"},
        "message": "Readiness probe failed: Get \"http://10.244.0.4:8080/\":\n connection refused.",
        "count": 6,
        "firstTimestamp": "2026-11-24T11:59:40Z",
        "lastTimestamp": "2026-11-24T11:59:54Z",
    }))
    .unwrap();
    let mut noise = event.clone();
    noise.reason = Some("MissingClusterDNS".to_owned());
    noise.last_timestamp = None;
    noise.event_time = serde_json::from_value(json!("2026-11-24T11:59:59.000000Z")).unwrap();
    noise.message = Some("kubelet does not have ClusterDNS IP configured".to_owned());
    events::add(&mut status, &[event, noise]);
    assert_eq!(
        screen(&status),
        "\
tomcat in shop: production is blue, since 3d4h (ci@shop: \"release 7.0.109\")

  ROLE    WORKLOAD                  IMAGE      READY   VERIFIED   SWITCH TO IT
● blue    tomcat-deployment-blue    tomcat:7   2/2     no         serves now
○ green   tomcat-deployment-green   tomcat:8   1/2     no         refused: NotReady, BelowCapacity

  NotReady       1 of 2 pods is not ready: tomcat-deployment-green-hash5-kv8jt (container tomcat-container: running, not ready)
                 Readiness probe failed: Get \"http://10.244.0.4:8080/\": connection refused, 6 times in 14s
  BelowCapacity  1 pod is ready, Service/tomcat-service has 2 now (min-capacity 100%)

hint: kubectl rollout status deployment/tomcat-deployment-green
"
    );
}

#[test]
fn a_side_that_was_left_is_the_way_back() {
    let production = service(
        "tomcat-service",
        "green",
        &history("blue", "hash4", "green"),
    );
    assert_eq!(
        screen(&status(&objects(vec![production], true))),
        "\
tomcat in shop: production is green, since 3d4h (ci@shop: \"release 7.0.109\")

  ROLE    WORKLOAD                  IMAGE      READY   VERIFIED   SWITCH TO IT
○ blue    tomcat-deployment-blue    tomcat:7   2/2     no         allowed: way back
● green   tomcat-deployment-green   tomcat:8   2/2     no         serves now

hint: back to blue: kubectl bluegreen rollback tomcat
"
    );
}

#[test]
fn services_that_select_different_sides_are_split() {
    let mark = json!({"bluegreen.dev/production": "true"});
    let services = vec![
        service("tomcat", "blue", &mark),
        service("tomcat-internal", "green", &mark),
    ];
    assert_eq!(
        screen(&status(&objects(services, true))),
        "\
tomcat in shop: production is split: tomcat selects blue, tomcat-internal selects green

  ROLE    WORKLOAD                  IMAGE      READY   VERIFIED   SWITCH TO IT
● blue    tomcat-deployment-blue    tomcat:7   2/2     no         allowed
● green   tomcat-deployment-green   tomcat:8   2/2     no         allowed

hint: kubectl bluegreen switch tomcat --to blue (or --to green)
"
    );
}

#[test]
fn a_switch_that_did_not_end_is_interrupted_and_one_that_may_is_under_way() {
    let header = |until: &str| {
        let intent = json!({"to": "green", "by": "ci@shop", "until": until}).to_string();
        let annotations = json!({"bluegreen.dev/intent": intent});
        let production = service("tomcat-service", "blue", &annotations);
        let text = screen(&status(&objects(vec![production], true)));
        text.lines().take(2).collect::<Vec<_>>().join("\n")
    };
    assert_eq!(
        header("2026-11-24T11:50:00Z"),
        "tomcat in shop: production is blue\n\
         interrupted: a switch to green by ci@shop did not end, 10m ago; the next switch or rollback settles it"
    );
    assert_eq!(
        header("2026-11-24T12:01:30Z"),
        "tomcat in shop: production is blue\n\
         under way: a switch to green by ci@shop, for 90s at most"
    );
}

#[test]
fn what_was_verified_is_told_apart_from_what_runs_now() {
    let verified = |hash: &str| {
        let record = json!({
            "revision": {"Deployment/tomcat-deployment-green": hash},
            "at": "2026-11-24T11:59:19Z", "by": "ci@shop",
        });
        let annotations = json!({"bluegreen.dev/verified-green": record.to_string()});
        let production = service("tomcat-service", "blue", &annotations);
        let text = screen(&status(&objects(vec![production], true)));
        text.lines().skip(4).map(str::to_owned).collect::<Vec<_>>()
    };
    let current = verified("hash5");
    assert!(
        current[0].ends_with("2/2     41s ago    allowed"),
        "{current:?}"
    );
    assert_eq!(current[2], "hint: kubectl bluegreen switch tomcat");
    let outdated = verified("another");
    assert!(
        outdated[0].ends_with("2/2     outdated   allowed"),
        "{outdated:?}"
    );
    assert_eq!(outdated[2], "hint: kubectl bluegreen verify tomcat");
}

#[test]
fn wide_names_the_rule_and_the_keys() {
    let services = vec![
        service("tomcat-service", "blue", &json!({})),
        service("tomcat-test-green", "green", &json!({})),
    ];
    let text = status(&objects(services, true)).text(Style::new(false), true);
    let services: Vec<&str> = text.lines().skip(6).take(3).collect();
    assert_eq!(
        services,
        [
            "SERVICE             SELECTS   FOUND BY      ROLE KEY",
            "tomcat-service      blue      colour pair   role",
            "tomcat-test-green   green     bound",
        ]
    );
    assert!(text.contains("VERIFIED   REVISION   SWITCH TO IT"));
}

#[test]
fn scripts_get_the_role_that_serves_and_the_codes() {
    let production = service("tomcat-service", "blue", &json!({}));
    let status = status(&objects(vec![production], false));
    let of = |format: &str| {
        let format: Format = format.parse().unwrap();
        to_text(&status, &format, Style::new(false)).unwrap()
    };
    assert_eq!(of("jsonpath={.active}"), "blue");
    assert_eq!(
        of("jsonpath={.environments[1].switch.refusals[*].code}"),
        "NotReady BelowCapacity"
    );
    assert_eq!(of("name"), "service/tomcat-service\n");
    let data: Value = serde_json::from_str(&of("json")).unwrap();
    assert_eq!(data["environments"][1]["workloads"][0]["ready"], 1);
    let yaml: Value = serde_saphyr::from_str(&of("yaml")).unwrap();
    assert_eq!(yaml, data);
}

#[test]
fn an_overlap_that_nobody_ends_is_told_with_the_ways_out() {
    let annotations = json!({"bluegreen.dev/overlap": r#"{"from":"blue","to":"green"}"#});
    let mut production = service("tomcat-service", "blue", &annotations);
    let selector = &mut production.spec.as_mut().unwrap().selector;
    selector.as_mut().unwrap().remove("role");
    let mut status = status(&objects(vec![production], true));
    assert_eq!(
        screen(&status),
        "\
tomcat in shop: production is blue and green, in an overlap
interrupted in an overlap: blue and green serve until somebody ends it

  ROLE    WORKLOAD                  IMAGE      READY   VERIFIED   SWITCH TO IT
● blue    tomcat-deployment-blue    tomcat:7   2/2     no         allowed: way back
● green   tomcat-deployment-green   tomcat:8   2/2     no         allowed

hint: green alone: kubectl bluegreen switch tomcat; blue alone: kubectl bluegreen rollback tomcat
"
    );
    assert_eq!(status.value()["active"], "blue");
    status.overlap.as_mut().unwrap().interrupted = false;
    let shown = screen(&status);
    let told = "under way: blue and green serve, until green does alone\n";
    assert!(shown.contains(told) && !shown.contains("hint:"), "{shown}");
}

/// The idle side's line and the hint.
fn of_idle(text: &str, role: &str) -> (String, String) {
    let of = |start: &str| {
        let mut lines = text.lines();
        let line = lines.find(|line| line.starts_with(start));
        line.unwrap_or_default().to_owned()
    };
    (of(&format!("○ {role}")), of("hint: "))
}

#[test]
fn what_was_taken_back_has_to_be_named_to_go_there_again() {
    let entry = |from: &str, to: &str, hour: u8| {
        json!({
            "at": format!("2026-11-21T0{hour}:00:00Z"), "from": from, "to": to, "by": "ci@shop",
            "revision": {"from": format!("hash{}", from.len()), "to": format!("hash{}", to.len())},
            "ready": {"from": 2, "to": 2},
        })
    };
    let history = json!([entry("green", "blue", 9), entry("blue", "green", 8)]).to_string();
    let annotations = json!({"bluegreen.dev/history": history});
    let production = service("tomcat-service", "blue", &annotations);
    let mut objects = objects(vec![production], true);
    let (line, hint) = of_idle(&screen(&status(&objects)), "green");
    assert!(line.ends_with("allowed with --to green"), "{line}");
    assert_eq!(
        hint,
        "hint: stage another revision, or release that one again: kubectl bluegreen switch tomcat --to green"
    );
    down(&mut objects, "blue");
    let (line, hint) = of_idle(&screen(&status(&objects)), "green");
    assert!(line.ends_with("allowed: rescue"), "{line}");
    assert_eq!(hint, "hint: kubectl bluegreen switch tomcat --to green");
}

#[test]
fn where_production_is_down_the_hint_is_what_ends_that() {
    let down_green = |annotations: &Value| {
        let production = service("tomcat-service", "green", annotations);
        let mut objects = objects(vec![production], true);
        down(&mut objects, "green");
        objects
    };
    // Never verified, and nothing is known of it but that it is ready.
    let text = screen(&status(&down_green(&json!({}))));
    let (line, hint) = of_idle(&text, "blue");
    assert!(line.ends_with("allowed: rescue"), "{line}");
    assert_eq!(hint, "hint: kubectl bluegreen switch tomcat");
    let served = down_green(&history("blue", "hash4", "green"));
    let back = "hint: back to blue: kubectl bluegreen rollback tomcat";
    assert_eq!(of_idle(&screen(&status(&served)), "blue").1, back);
    // It was retired, and a rollback lets it grow first.
    let mut retired = served;
    retired
        .pods
        .retain(|pod| pod.metadata.labels.as_ref().unwrap()["role"] == "green");
    let Workload::Deployment(blue) = &mut retired.workloads[0] else {
        unreachable!("only Deployments were made")
    };
    blue.spec.as_mut().unwrap().replicas = Some(0);
    assert_eq!(of_idle(&screen(&status(&retired)), "blue").1, back);
}

#[test]
fn where_one_side_of_an_overlap_is_down_only_the_other_one_is_offered() {
    let annotations = json!({"bluegreen.dev/overlap": r#"{"from":"blue","to":"green"}"#});
    let mut production = service("tomcat-service", "blue", &annotations);
    let selector = &mut production.spec.as_mut().unwrap().selector;
    selector.as_mut().unwrap().remove("role");
    let hint = |role: &str| {
        let mut objects = objects(vec![production.clone()], true);
        down(&mut objects, role);
        of_idle(&screen(&status(&objects)), "").1
    };
    assert_eq!(
        hint("blue"),
        "hint: green alone: kubectl bluegreen switch tomcat"
    );
    assert_eq!(
        hint("green"),
        "hint: blue alone: kubectl bluegreen rollback tomcat"
    );
}

#[test]
fn a_code_is_said_once_however_many_services_it_is_said_of() {
    let mark = json!({"bluegreen.dev/production": "true"});
    let services = ["tomcat", "tomcat-internal"].map(|name| service(name, "blue", &mark));
    let text = screen(&status(&objects(services.into(), false)));
    let (line, _) = of_idle(&text, "green");
    assert!(line.ends_with("refused: NotReady, BelowCapacity"), "{line}");
    assert_eq!(text.matches("\n  BelowCapacity ").count(), 2, "{text}");
}
