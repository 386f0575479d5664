//! Programs of this machine that check an environment.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Result, ensure};
use bluegreen_e2e::eventually::eventually;

use crate::fixture::running::Running;
use crate::fixture::served::{QUICK, pods, served};
use crate::shop::{Shop, deployment, service};

use super::recorded;

const SOON: Duration = Duration::from_secs(10);

/// Asks the address four times, each on a connection of its own.
const ASK: &str = r#"
for turn in 1 2 3 4; do
  exec 3<>/dev/tcp/$BLUEGREEN_HOST/$BLUEGREEN_PORT
  printf 'GET / HTTP/1.1\r\nHost: web\r\nConnection: close\r\n\r\n' >&3
  grep -ao 'version 1 pod .*' <&3
  exec 3>&-
done | sort | uniq -c | awk '{print $1, $5}'
echo "$BLUEGREEN_URL $BLUEGREEN_ROLE $BLUEGREEN_APPLICATION $BLUEGREEN_NAMESPACE" >&2
exit $1
"#;

#[tokio::test]
async fn a_program_reaches_every_pod_by_a_port_of_this_machine() {
    let shop = served("program").await;
    let verify = [&["verify", "web"][..], &QUICK].concat();
    let with = |code: &'static str| [&verify[..], &["--", "bash", "-c", ASK, "ask", code]].concat();
    let pods = pods(&shop).await;
    let namespace = &shop.namespace.name;
    let address = format!("green web {namespace}");
    let words = [
        "command bash did not pass",
        "command bash: exit code 7",
        &*format!("| 2 {}", pods[0]),
        &*format!("| 2 {}", pods[1]),
        "| http://127.0.0.1:",
        &*address,
        // The pods were asked too.
        "yes, 3 of 3",
    ];
    shop.expect(&with("7"), 5, &words).await;
    assert_eq!(recorded(&shop).await, "");

    let passed = ["2 pods passed 3 times in a row, command bash passed"];
    shop.expect(&with("0"), 0, &passed).await;
    let recorded = recorded(&shop).await;
    for word in ["GET http :8080/", "command bash"] {
        assert!(recorded.contains(word), "{recorded}");
    }
    assert!(!recorded.contains("ask"), "arguments: {recorded}");
}

#[tokio::test]
async fn a_program_alone_decides_where_no_pod_is_to_be_asked() {
    let shop = served("alone").await;
    let alone = ["verify", "web", "--http=false", "-o", "json", "--", "true"];
    let output = shop.expect(&alone, 0, &[]).await;
    let shown: serde_json::Value = serde_json::from_str(&output.stdout).unwrap();
    assert_eq!(shown["pods"], serde_json::json!([]));
    assert_eq!(shown["checks"][0]["name"], "true");
    assert_eq!(shown["recorded"], true);
    let recorded = recorded(&shop).await;
    assert!(!recorded.contains("GET"), "{recorded}");

    let missing = ["verify", "web", "--http=false", "--", "./no-such-program"];
    shop.expect(&missing, 1, &["can't run ./no-such-program"])
        .await;
}

#[tokio::test]
async fn without_a_ready_pod_there_is_no_address() {
    let shop = Shop::unguarded("nobody").await;
    let mut green = deployment("green", 1);
    let metadata = &mut green["spec"]["template"]["metadata"];
    metadata["annotations"] = serde_json::json!({"simulate/pod": "never-ready"});
    shop.apply(&[service("web", "blue"), deployment("blue", 1), green])
        .await;
    eventually(SOON, || async {
        let verify = ["verify", "web", "--http=false", "--", "true"];
        let output = shop.run(&verify).await;
        let words = "no pod of green is ready to be reached";
        ensure!(
            output.code == 5 && output.stderr.contains(words),
            "{output:?}"
        );
        anyhow::Ok(())
    })
    .await
    .unwrap();
}

/// Says which processes it consists of, and stays.
const STAY: &str = r#"
trap '' TERM
sleep 600 & echo $! > "$0.new"; echo $$ >> "$0.new"
mv "$0.new" "$0"
echo it stays
wait; wait
"#;

#[tokio::test]
async fn a_program_that_does_not_end_is_killed_with_all_that_it_started() {
    let shop = served("staying").await;
    let file = file("late");
    let path = file.to_str().unwrap();
    let verify = ["verify", "web", "--timeout", "3s"];
    let verify = [&verify[..], &QUICK, &["--", "bash", "-c", STAY, path]].concat();
    let words = [
        "command bash had neither passed nor failed within 3s",
        "was still running, and was killed",
        "| it stays",
    ];
    shop.expect(&verify, 6, &words).await;
    all_have_ended(&file).await;
}

#[tokio::test]
async fn whoever_stops_a_verification_stops_its_program() {
    let shop = served("stopped").await;
    for signal in ["INT", "TERM"] {
        let file = file(signal);
        let path = file.to_str().unwrap();
        let verify = [
            "verify",
            "web",
            "--http=false",
            "--",
            "bash",
            "-c",
            STAY,
            path,
        ];
        let mut running = Running::start(&shop, &verify);
        running.says("command bash: running").await;
        started(&file).await;
        assert_eq!(running.end_by(signal).await, 130, "{signal}");
        all_have_ended(&file).await;
    }
}

#[tokio::test]
async fn what_a_program_leaves_running_holds_nobody_up() {
    let shop = served("leaving-behind").await;
    let file = file("behind");
    let path = file.to_str().unwrap();
    let leave = r#"sleep 600 & echo $! > "$0""#;
    let verify = [
        "verify",
        "web",
        "--http=false",
        "--",
        "bash",
        "-c",
        leave,
        path,
    ];
    shop.expect(&verify, 0, &["command bash passed"]).await;
    all_have_ended(&file).await;
}

/// A file that is not there yet.
fn file(name: &str) -> PathBuf {
    let file = std::env::temp_dir().join(format!("bluegreen-{name}-{}", std::process::id()));
    let _ = std::fs::remove_file(&file);
    file
}

async fn started(file: &Path) {
    eventually(SOON, || async {
        ensure!(file.exists(), "it has not started");
        anyhow::Ok(())
    })
    .await
    .unwrap();
}

/// The processes whose numbers are in the file are no more.
async fn all_have_ended(file: &Path) {
    let numbers = std::fs::read_to_string(file).unwrap();
    assert!(!numbers.is_empty());
    eventually(SOON, || async {
        for number in numbers.lines() {
            ensure!(has_ended(number)?, "{number} runs on");
        }
        anyhow::Ok(())
    })
    .await
    .unwrap();
    std::fs::remove_file(file).unwrap();
}

/// Whether it is gone, or waits for nothing but its parent.
fn has_ended(number: &str) -> Result<bool> {
    match std::fs::read_to_string(format!("/proc/{number}/stat")) {
        Ok(stat) => Ok(stat.contains(") Z ")),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(true),
        Err(error) => Err(error.into()),
    }
}
