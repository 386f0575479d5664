//! Jobs in the cluster that check an environment.

use std::time::Duration;

use anyhow::ensure;
use bluegreen_e2e::eventually::eventually;
use serde_json::json;

use crate::fixture::job_file::{JobFile, job};
use crate::fixture::running::Running;
use crate::fixture::served::{QUICK, served};
use crate::shop::{Shop, service};

use super::recorded;

const SOON: Duration = Duration::from_secs(30);

/// No Job is left, and no pod of one.
async fn nothing_is_left(shop: &Shop) {
    eventually(SOON, || async {
        let jobs = shop.kubectl(&["get", "jobs", "-o", "name"]).await;
        let label = "batch.kubernetes.io/job-name";
        let pods = shop
            .kubectl(&["get", "pods", "-l", label, "-o", "name"])
            .await;
        ensure!(jobs.is_empty() && pods.is_empty(), "{jobs}{pods}");
        anyhow::Ok(())
    })
    .await
    .unwrap();
}

#[tokio::test]
async fn a_job_is_told_the_test_service_and_its_end_counts() {
    let shop = served("job").await;
    shop.apply(&[
        service("web-test-green", "green"),
        service("web-test-blue", "blue"),
    ])
    .await;
    let path = "jsonpath={.spec.clusterIP}";
    let address = ["get", "service", "web-test-green", "-o", path];
    let address = shop.kubectl(&address).await;

    let failing = JobFile::of("failing", &job(Some(3)));
    let verify = |file: &JobFile| {
        let verify = [&["verify", "web"][..], &QUICK].concat();
        let verify = verify.into_iter().map(str::to_owned);
        verify
            .chain(["--job".to_owned(), file.path().to_owned()])
            .collect::<Vec<String>>()
    };
    let words = [
        "job smoke did not pass",
        "BackoffLimitExceeded",
        "container smoke ended with exit code 3",
        &*format!("| asked http://{address}:80 of green"),
        "yes, 3 of 3",
    ];
    expect(&shop, &verify(&failing), 5, &words).await;
    assert_eq!(recorded(&shop).await, "");
    nothing_is_left(&shop).await;

    let passing = JobFile::of("passing", &job(Some(0)));
    let words = ["2 pods passed 3 times in a row, job smoke passed"];
    expect(&shop, &verify(&passing), 0, &words).await;
    assert!(recorded(&shop).await.contains("job smoke"));
    nothing_is_left(&shop).await;
}

#[tokio::test]
async fn without_a_test_service_a_job_is_told_a_pod() {
    let shop = served("job-pod").await;
    let failing = JobFile::of("pod", &job(Some(1)));
    let path = "jsonpath={.items[*].status.podIP}";
    let addresses = ["get", "pods", "-l", "role=green", "-o", path];
    let addresses = shop.kubectl(&addresses).await;
    let verify = ["verify", "web", "--http=false", "--job", failing.path()];
    let output = shop.expect(&verify, 5, &["of green"]).await;
    let told = |address: &str| output.stderr.contains(&format!("http://{address}:8080 of"));
    assert!(addresses.split(' ').any(told), "{addresses}: {output:?}");
}

#[tokio::test]
async fn a_job_that_never_ends_is_deleted_when_the_time_is_up() {
    let shop = served("job-late").await;
    let endless = JobFile::of("late", &job(None));
    let verify = ["verify", "web", "--http=false", "--timeout", "5s"];
    let verify = [&verify[..], &["--job", endless.path()]].concat();
    let words = [
        "job smoke had neither passed nor failed within 5s",
        "listens on port 8080",
    ];
    shop.expect(&verify, 6, &words).await;
    nothing_is_left(&shop).await;
}

#[tokio::test]
async fn a_job_that_can_not_start_says_why() {
    let shop = served("job-image").await;
    let mut job = job(Some(0));
    job["spec"]["template"]["spec"]["containers"][0]["image"] = json!("bluegreen.dev/none:1");
    let file = JobFile::of("image", &job);
    let verify = ["verify", "web", "--http=false", "--timeout", "5s"];
    let verify = [&verify[..], &["--job", file.path()]].concat();
    shop.expect(&verify, 6, &["ErrImageNeverPull"]).await;
    nothing_is_left(&shop).await;
}

#[tokio::test]
async fn whoever_stops_a_verification_leaves_no_job_behind() {
    let shop = served("job-stopped").await;
    let endless = JobFile::of("stopped", &job(None));
    let verify = ["verify", "web", "--http=false", "--job", endless.path()];
    for signal in ["INT", "TERM"] {
        let running = Running::start(&shop, &verify);
        eventually(SOON, || async {
            let jobs = shop.kubectl(&["get", "jobs", "-o", "name"]).await;
            ensure!(jobs.contains("smoke-"), "no Job yet");
            anyhow::Ok(())
        })
        .await
        .unwrap();
        assert_eq!(running.end_by(signal).await, 130, "{signal}");
        nothing_is_left(&shop).await;
    }
}

#[tokio::test]
async fn a_job_whose_pods_would_serve_is_not_run() {
    let shop = served("job-served").await;
    let mut job = job(Some(0));
    job["spec"]["template"]["metadata"] = json!({"labels": {"app": "web", "role": "blue"}});
    let file = JobFile::of("served", &job);
    let verify = ["verify", "web", "--http=false", "--job", file.path()];
    shop.expect(&verify, 2, &["Service/web would route to its pods"])
        .await;
    nothing_is_left(&shop).await;
}

async fn expect(shop: &Shop, arguments: &[String], code: i32, words: &[&str]) {
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    shop.expect(&arguments, code, words).await;
}
