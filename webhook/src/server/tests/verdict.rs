//! What the API server is told.

use axum::http::StatusCode;
use k8s_openapi::ByteString;
use serde_json::{Value, json};

use crate::fake_cluster::{app, client, empty};

use super::{creation, flip, request, send, service};

#[tokio::test]
async fn a_flip_to_nothing_is_forbidden_with_reasons_as_data() {
    let app = app(empty());
    let review = flip(&service("blue"), &service("gren"));
    let (status, said) = send(&app, request("/flip?timeout=5s", review.to_string())).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(said["apiVersion"], "admission.k8s.io/v1");
    assert_eq!(said["kind"], "AdmissionReview");
    let response = &said["response"];
    assert_eq!(response["uid"], review["request"]["uid"]);
    assert_eq!(response["allowed"], false);
    assert_eq!(response["status"]["code"], 403);
    assert_eq!(response["status"]["reason"], "Forbidden");
    let message = response["status"]["message"].as_str().unwrap();
    assert!(
        message.starts_with("NoEnvironment: ") && message.contains("\nhint: "),
        "{message}"
    );
    assert_eq!(
        response["status"]["details"]["causes"][0]["reason"],
        "NoEnvironment"
    );
    let text = app.metrics.text().unwrap();
    let counted = r#"bluegreen_refusals_total{hook="flip",code="NoEnvironment"} 1"#;
    assert!(text.contains(counted), "{text}");
}

#[tokio::test]
async fn an_update_that_flips_nothing_is_allowed() {
    let review = flip(&service("blue"), &service("blue")).to_string();
    let (_, said) = send(&app(empty()), request("/flip", review)).await;
    assert_eq!(said["response"]["allowed"], true);
    assert_eq!(said["response"]["status"], Value::Null);
}

#[tokio::test]
async fn a_dry_run_is_judged_the_same() {
    let mut review = flip(&service("blue"), &service("gren"));
    review["request"]["dryRun"] = json!(true);
    let app = app(empty());
    let (_, said) = send(&app, request("/flip", review.to_string())).await;
    assert_eq!(said["response"]["allowed"], false);
    assert!(app.metrics.text().unwrap().contains(r#"dry_run="true""#));
}

#[tokio::test]
async fn a_patch_is_base64_of_explicit_operations() {
    let object = json!({
        "metadata": { "name": "web-blue", "labels": { "app": "web", "role": "blue" } },
        "spec": {
            "selector": { "matchLabels": { "app": "web", "role": "blue" } },
            "template": {
                "metadata": { "labels": { "app": "web", "role": "blue" } },
                "spec": { "containers": [{ "name": "web", "ports": [{ "containerPort": 80 }] }] },
            },
        },
    });
    let app = app(client(async |_, _, _| {
        let mut service = service("blue");
        service["spec"]["ports"] = json!([{ "port": 80, "targetPort": 80 }]);
        (
            StatusCode::OK,
            json!({ "metadata": {}, "items": [service] }),
        )
    }));
    let (_, said) = send(&app, request("/mutate", creation(&object).to_string())).await;
    assert_eq!(said["response"]["patchType"], "JSONPatch");
    let patch: ByteString = serde_json::from_value(said["response"]["patch"].clone()).unwrap();
    let patch: json_patch::Patch = serde_json::from_slice(&patch.0).unwrap();
    let mut patched = object.clone();
    json_patch::patch(&mut patched, &patch).unwrap();
    let container = &patched["spec"]["template"]["spec"]["containers"][0];
    assert_eq!(
        container["readinessProbe"]["tcpSocket"]["port"], 80,
        "{patched}"
    );
}

#[tokio::test]
async fn an_intent_gets_the_name_of_whoever_wrote_it() {
    let mut after = service("blue");
    let intent = r#"{"to":"green","until":"2026-11-24T08:00:00Z"}"#;
    after["metadata"]["annotations"] = json!({ "bluegreen.dev/intent": intent });
    let review = flip(&service("blue"), &after).to_string();
    let (_, said) = send(&app(empty()), request("/mutate", review)).await;
    let patch: ByteString = serde_json::from_value(said["response"]["patch"].clone()).unwrap();
    let patch = String::from_utf8(patch.0).unwrap();
    assert!(patch.contains(r#"\"by\":\"jane\""#), "{patch}");
}
