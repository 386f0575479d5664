//! What is no review, or none that the hook knows.

use axum::body::Body;
use axum::http::{Request, StatusCode};
use serde_json::{Value, json};

use crate::fake_cluster::{app, empty};

use super::{creation, flip, request, send, service};

async fn refused(path: &str, body: &str) -> String {
    let (status, said) = send(&app(empty()), request(path, body.to_owned())).await;
    assert_eq!(status, StatusCode::BAD_REQUEST, "{said}");
    said.as_str().expect("a sentence").to_owned()
}

#[tokio::test]
async fn a_body_that_is_no_review_is_a_bad_request() {
    for path in ["/flip", "/mutate"] {
        assert!(refused(path, "").await.contains("body is empty"));
        assert!(
            refused(path, "kind: AdmissionReview")
                .await
                .contains("not an AdmissionReview")
        );
        assert!(refused(path, "[]").await.contains("not an AdmissionReview"));
        assert!(refused(path, "{}").await.contains("missing field"));
        let pod = r#"{"apiVersion":"v1","kind":"Pod"}"#;
        assert!(refused(path, pod).await.contains("\"Pod\" of \"v1\""));
        let old = r#"{"apiVersion":"admission.k8s.io/v1beta1","kind":"AdmissionReview"}"#;
        assert!(refused(path, old).await.contains("v1beta1"));
        let none = r#"{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview"}"#;
        assert!(refused(path, none).await.contains("no request"));
    }
}

#[tokio::test]
async fn a_field_that_is_there_twice_is_a_bad_request() {
    let twice = flip(&service("blue"), &service("green"))
        .to_string()
        .replacen("\"uid\":", "\"uid\":\"1\",\"uid\":", 1);
    assert!(
        refused("/flip", &twice)
            .await
            .contains("duplicate field `uid`")
    );
}

#[tokio::test]
async fn a_review_that_was_cut_off_anywhere_is_a_bad_request() {
    let whole = flip(&service("blue"), &service("green")).to_string();
    let app = app(empty());
    for length in 0..whole.len() {
        let (status, said) =
            send(&app, request("/flip", whole.as_bytes()[..length].to_vec())).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{length}: {said}");
    }
}

#[tokio::test]
async fn depth_is_bounded() {
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let body = flip(&service("blue"), &json!("HERE"))
        .to_string()
        .replace("\"HERE\"", &deep);
    assert!(
        refused("/flip", &body)
            .await
            .contains("object can't be read")
    );
    let nested = json!({ "metadata": { "managedFields": [{ "fieldsV1": "HERE" }] } });
    let body = creation(&nested).to_string().replace("\"HERE\"", &deep);
    let (status, said) = send(&app(empty()), request("/mutate", body)).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(said["response"]["allowed"], true);
    let warning = said["response"]["warnings"][0].as_str().unwrap();
    assert!(
        warning.contains("Deployment/web-blue is stored as it was sent"),
        "{warning}"
    );
}

#[tokio::test]
async fn the_guard_says_what_it_has_no_rule_for() {
    let deployment = creation(&json!({})).to_string();
    let said = refused("/flip", &deployment).await;
    assert!(said.contains("CREATE of Deployment lacks"), "{said}");
    let mut job = creation(&json!({}));
    job["request"]["kind"] = json!({ "group": "batch", "version": "v1", "kind": "Job" });
    let said = refused("/live", &job.to_string()).await;
    assert!(said.contains("no rule for the CREATE of Job"), "{said}");
    let half = flip(&service("blue"), &Value::Null).to_string();
    let said = refused("/flip", &half).await;
    assert!(said.contains("UPDATE of Service lacks"), "{said}");
}

#[tokio::test]
async fn the_mutating_hook_leaves_what_it_does_not_know_as_it_is() {
    let mut review = creation(&json!({ "spec": 7 }));
    review["request"]["kind"] = json!({ "group": "batch", "version": "v1", "kind": "Job" });
    let (status, said) = send(&app(empty()), request("/mutate", review.to_string())).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(said["response"], json!({ "uid": "2", "allowed": true }));
}

#[tokio::test]
async fn a_namespace_that_is_none_does_not_become_a_path() {
    for namespace in ["../secrets", "shop/pods?x=", "Shop", &"x".repeat(64)] {
        let mut review = flip(&service("blue"), &service("green"));
        review["request"]["namespace"] = json!(namespace);
        assert!(
            refused("/flip", &review.to_string())
                .await
                .contains("namespace")
        );
    }
}

#[tokio::test]
async fn path_method_and_content_type_must_be_right() {
    let app = app(empty());
    let body = || flip(&service("blue"), &service("green")).to_string();
    let status = async |request| send(&app, request).await.0;
    assert_eq!(status(request("/", body())).await, StatusCode::NOT_FOUND);
    assert_eq!(
        status(request("/flip/", body())).await,
        StatusCode::NOT_FOUND
    );
    let get = Request::get("/flip").body(Body::empty()).unwrap();
    assert_eq!(status(get).await, StatusCode::METHOD_NOT_ALLOWED);
    let untyped = Request::post("/flip").body(Body::from(body())).unwrap();
    assert_eq!(status(untyped).await, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    let typed = |media| {
        let request = Request::post("/flip").header("content-type", media);
        request.body(Body::from(body())).unwrap()
    };
    assert_eq!(
        status(typed("text/json")).await,
        StatusCode::UNSUPPORTED_MEDIA_TYPE
    );
    assert_eq!(
        status(typed("Application/JSON; charset=utf-8")).await,
        StatusCode::OK
    );
}
