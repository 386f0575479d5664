//! How much of a denial is told.

use bluegreen_shared::refusal::{Cause, Code, Refusal};
use serde_json::Value;

use super::{Answer, Review};

const REVIEW: &str = r#"{
    "apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview",
    "request": {
        "uid": "1", "kind": {"kind": "Service"}, "name": "web", "namespace": "shop",
        "operation": "UPDATE", "userInfo": {"username": "jane"}
    }
}"#;

/// The `Status` that is sent.
fn denied(refusals: Vec<Refusal>) -> Value {
    let review = Review::decode(REVIEW.as_bytes()).unwrap();
    let sent = review.encode(&Answer::Deny(refusals)).unwrap();
    let mut sent: Value = serde_json::from_slice(&sent).unwrap();
    sent["response"]["status"].take()
}

fn not_ready(pods: usize) -> Refusal {
    let causes = (0..pods).map(|pod| Cause::new(format!("Pod/web-{pod}"), "running, not ready"));
    Refusal::new(Code::NotReady, "pods are not ready", "wait").because(causes.collect())
}

fn few() -> Refusal {
    Refusal::new(Code::BelowCapacity, "1 pod is ready, not 2", "scale")
}

#[test]
fn fourteen_pods_and_two_sentences_are_told_whole() {
    let status = denied(vec![not_ready(14), few()]);
    assert_eq!(
        status["message"],
        "NotReady: pods are not ready\nBelowCapacity: 1 pod is ready, not 2\nhint: wait"
    );
    let causes = status["details"]["causes"].as_array().unwrap();
    assert_eq!(causes.len(), 16);
    assert_eq!(causes[1]["reason"], "BelowCapacity");
    assert_eq!(causes[15]["field"], "Pod/web-13");
}

#[test]
fn of_more_causes_there_are_sixteen_and_their_number() {
    let status = denied(vec![not_ready(5000), few()]);
    let causes = status["details"]["causes"].as_array().unwrap();
    assert_eq!(causes.len(), 16);
    assert_eq!(causes[1]["reason"], "BelowCapacity", "no sentence is lost");
    let message = status["message"].as_str().unwrap();
    let last = message.lines().last().unwrap();
    assert_eq!(last, "4986 more causes than the details have room for");
    let status = denied(vec![not_ready(15), few()]);
    let message = status["message"].as_str().unwrap();
    assert!(message.contains("\n1 more cause than"), "{message}");
}

#[test]
fn of_a_message_without_end_the_first_reasons_are_told_and_the_others_named() {
    let long = |code| Refusal::new(code, &"word ".repeat(400), "look");
    let codes = [Code::RollingOut, Code::Stalled, Code::NotReady];
    let mut refusals: Vec<Refusal> = codes.into_iter().cycle().take(6).map(long).collect();
    refusals.push(few());
    let status = denied(refusals);
    let message = status["message"].as_str().unwrap();
    assert!(message.len() < 4096 + 100, "{}", message.len());
    let lines: Vec<&str> = message.lines().collect();
    assert_eq!(lines.len(), 6, "{message}");
    assert_eq!(lines[4], "hint: look");
    assert_eq!(lines[5], "3 more reasons: BelowCapacity, NotReady, Stalled");
    let refusals = vec![Refusal::new(Code::NotReady, "no", "look"); 2000];
    let message = denied(refusals)["message"].as_str().unwrap().len();
    assert!(message < 4096 + 200, "{message}");
}

#[test]
fn the_words_of_one_cause_are_cut() {
    let cause = Cause::new("Pod/web-0", "ü".repeat(10_000));
    let status = denied(vec![few().because(vec![cause])]);
    let told = status["details"]["causes"][1]["message"].as_str().unwrap();
    assert_eq!(told.chars().count(), 512);
    assert!(told.ends_with("ü…"));
}
