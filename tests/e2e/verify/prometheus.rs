//! What a real Prometheus says of an environment.

use std::path::PathBuf;
use std::process::Stdio;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, ensure};
use bluegreen_e2e::eventually::eventually;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::process::{Child, Command};

use crate::fixture::served::{QUICK, served};

use super::recorded;

const SOON: Duration = Duration::from_secs(30);

/// A Prometheus that looks at itself, and at a port where nobody is, every second. It ends when this
/// is dropped.
struct Prometheus {
    _child: Child,
    folder: PathBuf,
    address: String,
}

impl Prometheus {
    async fn start(name: &str) -> Self {
        let (own, closed) = (free_port().await, free_port().await);
        let address = format!("127.0.0.1:{own}");
        let folder = std::env::temp_dir().join(format!("bluegreen-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let config = format!(
            "global: {{scrape_interval: 1s}}\n\
             scrape_configs:\n\
             - {{job_name: own, static_configs: [{{targets: ['{address}']}}]}}\n\
             - {{job_name: closed, static_configs: [{{targets: ['127.0.0.1:{closed}']}}]}}\n"
        );
        std::fs::write(folder.join("prometheus.yml"), config).unwrap();
        let child = Command::new("prometheus")
            .arg("--config.file=prometheus.yml")
            .arg("--storage.tsdb.path=data")
            .arg(format!("--web.listen-address={address}"))
            .current_dir(&folder)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .expect("prometheus is not on the PATH");
        let prometheus = Self {
            _child: child,
            folder,
            address,
        };
        eventually(SOON, || async {
            for (job, up) in [("own", "\"1\""), ("closed", "\"0\"")] {
                let path = format!("/api/v1/query?query=up%7Bjob%3D%22{job}%22%7D");
                let answer = get(&prometheus.address, &path).await?;
                ensure!(answer.contains(up), "{answer}");
            }
            anyhow::Ok(())
        })
        .await
        .unwrap();
        prometheus
    }

    fn url(&self) -> String {
        format!("http://{}", self.address)
    }
}

impl Drop for Prometheus {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

async fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    listener.local_addr().unwrap().port()
}

async fn get(address: &str, path: &str) -> Result<String> {
    let mut stream = TcpStream::connect(address).await.context("not there yet")?;
    let request = format!("GET {path} HTTP/1.1\r\nHost: p\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    Ok(answer)
}

#[tokio::test]
async fn every_sample_of_a_query_must_be_as_expected() {
    let shop = served("measured").await;
    let prometheus = Prometheus::start("measured").await;
    let url = prometheus.url();
    let verify = |query: &'static str, expect: &'static str| {
        let verify = ["verify", "web", "--http=false", "--prometheus", &url];
        [&verify[..], &["--query", query, "--expect", expect]].concat()
    };
    for (query, expect, words) in [
        ("up", "== 1", "0 of {__name__=\"up\""),
        ("up{job=\"closed\"}", "> 0.5", "is not > 0.5"),
        ("no_such_metric", "< 1", "there is no sample"),
        ("up[1m]", "== 1", "it is a matrix"),
        ("0 / 0", "< 1", "NaN is not < 1"),
        ("sum(", "< 1", "bad_data: "),
    ] {
        shop.expect(&verify(query, expect), 5, &[words, "did not pass"])
            .await;
    }
    assert_eq!(recorded(&shop).await, "");
    for (query, expect) in [
        ("up{job=\"own\"}", "== 1"),
        ("up", ">= 0"),
        ("scalar(up{job=\"own\"})", "!= 0"),
    ] {
        shop.expect(&verify(query, expect), 0, &["passed"]).await;
    }
    let recorded = recorded(&shop).await;
    assert!(recorded.contains("query scalar(up"), "{recorded}");
}

#[tokio::test]
async fn what_is_expected_must_hold_for_as_long_as_is_asked_for() {
    let shop = served("lasting").await;
    let prometheus = Prometheus::start("lasting").await;
    let url = prometheus.url();
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let age = format!("time() - {}", now.as_secs());
    let lasting = ["--for", "6s", "--query-interval", "500ms"];
    let verify = |query: &str, expect: &str| {
        let verify = ["verify", "web", "--prometheus", &url, "--query", query];
        [&verify[..], &QUICK, &["--expect", expect], &lasting]
            .concat()
            .into_iter()
            .map(str::to_owned)
            .collect::<Vec<String>>()
    };
    // It holds at first.
    let soon = verify(&age, "< 5");
    let soon: Vec<&str> = soon.iter().map(String::as_str).collect();
    shop.expect(&soon, 5, &["is not < 5", "yes, 3 of 3"]).await;
    let lasts = verify("up{job=\"own\"}", "== 1");
    let lasts: Vec<&str> = lasts.iter().map(String::as_str).collect();
    let began = SystemTime::now();
    shop.expect(&lasts, 0, &["2 pods passed", "query up"]).await;
    assert!(began.elapsed().unwrap() >= Duration::from_secs(6));
}

#[tokio::test]
async fn several_queries_stand_side_by_side() {
    let shop = served("several-queries").await;
    let prometheus = Prometheus::start("several").await;
    let url = prometheus.url();
    let verify = ["verify", "web", "--http=false", "--prometheus", &url];
    let both = [
        &verify[..],
        &["--query", "up{job=\"own\"}", "--expect", "== 1"],
        &["--query", "up{job=\"closed\"}", "--expect", "== 1"],
        &["-o", "json", "--", "true"],
    ]
    .concat();
    let output = shop.expect(&both, 5, &["did not pass"]).await;
    let shown: serde_json::Value = serde_json::from_str(&output.stdout).unwrap();
    let checks = shown["checks"].as_array().unwrap();
    let passed: Vec<bool> = checks
        .iter()
        .map(|check| check["passed"].as_bool().unwrap())
        .collect();
    assert_eq!(passed, [true, true, false], "{shown}");
}

#[tokio::test]
async fn a_prometheus_that_never_answers_is_not_waited_for() {
    let shop = served("silent").await;
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", silent.local_addr().unwrap());
    let verify = ["verify", "web", "--http=false", "--prometheus", &url];
    let how = ["--query", "up", "--expect", "== 1"];
    let quick = ["--answer-timeout", "500ms", "--query-interval", "100ms"];
    let given_up = [&verify[..], &how, &quick].concat();
    shop.expect(&given_up, 5, &["no answer within 500ms"]).await;
    let late = [&verify[..], &how, &["--timeout", "2s"]].concat();
    shop.expect(&late, 6, &["had not answered yet"]).await;
    drop(silent);
    let gone = [&verify[..], &how, &quick].concat();
    shop.expect(&gone, 5, &["can't connect: Connection refused"])
        .await;
}
