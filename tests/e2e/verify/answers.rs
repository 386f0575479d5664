//! What an answer must be like beside its status.

use crate::fixture::served::{QUICK, pods, served};

use super::recorded;

#[tokio::test]
async fn a_body_and_headers_must_be_as_expected() {
    let shop = served("answers").await;
    let pods = pods(&shop).await;
    let verify = [&["verify", "web"][..], &QUICK].concat();
    let with = |more: &[&'static str]| [&verify[..], more].concat();

    let other = with(&["--expect-body", r"version [23]\b"]);
    let words = [
        &*format!("Pod/{}: status 200, a body without", pods[0]),
        "2 of 2 pods of green did not pass",
    ];
    shop.expect(&other, 5, &words).await;
    let older = with(&["--expect-header", "X-Version: ^0$"]);
    shop.expect(&older, 5, &["without a header x-version ~ \"^0$\""])
        .await;
    let lacking = with(&["--expect-header", "Strict-Transport-Security"]);
    let words = ["without a header strict-transport-security"];
    shop.expect(&lacking, 5, &words).await;
    assert_eq!(recorded(&shop).await, "");

    let right = with(&[
        "--expect-body",
        r"^version 1 pod web-",
        "--expect-header",
        "X-Version: ^1$",
    ]);
    shop.expect(&right, 0, &["2 pods passed 3 times in a row"])
        .await;
    let recorded = recorded(&shop).await;
    for word in ["^version 1 pod web-", "x-version"] {
        assert!(recorded.contains(word), "{recorded}");
    }
}

#[tokio::test]
async fn tls_is_spoken_where_it_is_asked_for() {
    let shop = served("scheme").await;
    let verify = [&["verify", "web", "--scheme", "https"][..], &QUICK].concat();
    let asked = ["GET https :8080/", "no, 0 of 3"];
    let output = shop.expect(&verify, 5, &asked).await;
    // A server that speaks no TLS answers and hangs up: whichever of the two is seen first.
    let seen = ["TLS: ", "broken pipe", "connection reset"];
    let text = output.stdout;
    assert!(seen.iter().any(|words| text.contains(words)), "{text}");
}

#[tokio::test]
async fn headers_are_sent_and_recorded_nowhere() {
    let shop = served("headers").await;
    let secret = "Cookie: session=s3cr3t";
    let verify = [&["verify", "web", "--header", secret][..], &QUICK].concat();
    let output = shop.expect(&verify, 0, &[]).await;
    let all = format!(
        "{}{}{}",
        output.stdout,
        output.stderr,
        recorded(&shop).await
    );
    assert!(!all.contains("s3cr3t"), "{all}");
}
