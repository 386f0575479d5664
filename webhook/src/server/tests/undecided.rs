//! Where there is no verdict, there is none in either direction.

use axum::http::StatusCode;
use serde_json::json;

use crate::fake_cluster::{app, client, empty, failing, silent};
use crate::phase::Phase;

use super::{creation, flip, request, respond, send, service};

fn review() -> String {
    flip(&service("blue"), &service("green")).to_string()
}

#[tokio::test]
async fn a_flip_that_cannot_be_looked_at_is_sent_to_another_replica() {
    for client in [silent(), failing(StatusCode::FORBIDDEN)] {
        let response = respond(&app(client), request("/flip?timeout=300ms", review())).await;
        assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(response.headers()["retry-after"], "1");
        assert_eq!(response.headers()["connection"], "close");
    }
}

#[tokio::test]
async fn the_sentence_names_what_could_not_be_read() {
    let app = app(failing(StatusCode::FORBIDDEN));
    let (_, said) = send(&app, request("/flip", review())).await;
    let said = said.as_str().unwrap();
    assert!(
        said.starts_with("CannotLook: ") && said.contains("could not be read"),
        "{said}"
    );
    let text = app.metrics.text().unwrap();
    assert!(text.contains(r#"decision="undecided""#), "{text}");
}

#[tokio::test]
async fn more_lookups_than_allowed_are_not_queued_beyond_the_deadline() {
    let app = app(silent());
    let four = (0..4).map(|_| send(&app, request("/flip?timeout=10s", review())));
    let mut four = futures::future::join_all(four);
    let fifth = send(&app, request("/flip?timeout=300ms", review()));
    let (status, said) = tokio::select! {
        biased;
        _ = &mut four => panic!("the API server is silent"),
        fifth = fifth => fifth,
    };
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(said.to_string().contains("too many lookups"), "{said}");
}

#[tokio::test]
async fn applies_that_wait_for_services_keep_no_flip_waiting() {
    let app = app(client(async |_, path, _| {
        if path.contains("/services") {
            std::future::pending::<()>().await;
        }
        let items = path.contains("/namespaces/shop/").then(Vec::<i32>::new);
        let metadata = json!({ "name": "shop" });
        (
            StatusCode::OK,
            json!({ "metadata": metadata, "items": items }),
        )
    }));
    let object =
        json!({ "metadata": { "name": "web-blue" }, "spec": { "selector": {}, "template": {} } });
    let apply = || send(&app, request("/mutate", creation(&object).to_string()));
    let mut applies = futures::future::join_all((0..10).map(|_| apply()));
    let flip = send(&app, request("/flip?timeout=300ms", review()));
    let (status, said) = tokio::select! {
        biased;
        _ = &mut applies => panic!("the API server is silent about services"),
        flip = flip => flip,
    };
    assert_eq!(status, StatusCode::OK, "{said}");
}

#[tokio::test]
async fn nothing_is_decided_before_the_certificate_is_trusted() {
    let mut app = app(empty());
    std::sync::Arc::get_mut(&mut app).unwrap().phase = Phase::default().into();
    let (status, _) = send(&app, request("/flip", review())).await;
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
}

#[tokio::test]
async fn an_object_is_stored_as_it_was_sent_when_the_services_cannot_be_read() {
    let object = json!({
        "metadata": { "name": "web-blue" },
        "spec": { "selector": {}, "template": { "spec": { "containers": [{ "name": "web" }] } } },
    });
    let review = creation(&object).to_string();
    let (status, said) = send(&app(silent()), request("/mutate?timeout=300ms", review)).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(said["response"]["allowed"], true);
    assert_eq!(said["response"]["patch"], serde_json::Value::Null);
    let warning = said["response"]["warnings"][0].as_str().unwrap();
    assert!(warning.contains("did not answer in time"), "{warning}");
}
