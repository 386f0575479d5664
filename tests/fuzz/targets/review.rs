//! No body makes a review that can't be answered, and every answer is JSON.
#![no_main]

#[path = "../../../webhook/src/review/mod.rs"]
#[allow(dead_code, unused_imports)]
mod review;

use bluegreen_shared::refusal::{Cause, Code, Refusal};
use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::Service;
use libfuzzer_sys::arbitrary::{self, Arbitrary};
use libfuzzer_sys::fuzz_target;

use review::{Answer, Review};

/// Bytes as they come, or in an envelope, where they would otherwise bounce.
#[derive(Arbitrary, Debug)]
enum Body<'a> {
    Raw(&'a [u8]),
    Wrapped {
        uid: &'a str,
        name: &'a str,
        user: &'a str,
        object: &'a str,
        old: &'a str,
        update: bool,
    },
}

fuzz_target!(|body: Body<'_>| {
    match body {
        Body::Raw(bytes) => answer(bytes),
        Body::Wrapped {
            uid,
            name,
            user,
            object,
            old,
            update,
        } => {
            let quoted = |text: &str| serde_json::to_string(text).unwrap();
            let operation = if update { "UPDATE" } else { "DELETE" };
            let text = format!(
                r#"{{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":{{"uid":{},"kind":{{"group":"","version":"v1","kind":"Service"}},"name":{},"namespace":"shop","operation":"{operation}","userInfo":{{"username":{}}},"object":{{"metadata":{object}}},"oldObject":{old}}}}}"#,
                quoted(uid),
                quoted(name),
                quoted(user),
            );
            answer(text.as_bytes());
        }
    }
});

fn answer(body: &[u8]) {
    let Ok(review) = Review::decode(body) else {
        return;
    };
    let _ = review.object::<Service>();
    let _ = review.old_object::<Deployment>();
    let _ = (review.manager().len(), review.resource().len());
    let said = String::from_utf8_lossy(body);
    let refusal = Refusal::new(Code::NotReady, &said, said.as_ref())
        .because(vec![Cause::new(said.as_ref(), said.as_ref())]);
    let warned = Answer::Allow {
        patch: Vec::new(),
        warnings: vec![said.into_owned()],
    };
    for answer in [Answer::Deny(vec![refusal]), warned] {
        let json = review.encode(&answer).expect("an answer");
        let _: serde_json::Value = serde_json::from_slice(&json).expect("JSON");
    }
}
