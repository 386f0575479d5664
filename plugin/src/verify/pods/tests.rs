use std::future::pending;

use serde_json::{Value, json};

use super::*;

fn rounds(passes: u32, time: Duration) -> Rounds {
    Rounds {
        passes,
        interval: Duration::from_millis(1),
        end: Some(Instant::now() + time),
    }
}

fn passed() -> Check {
    Check {
        passed: true,
        status: Some(200),
        words: "status 200".to_owned(),
        took: Duration::ZERO,
    }
}

#[tokio::test]
async fn the_time_is_up_in_the_midst_of_a_question() {
    let rounds = rounds(3, Duration::from_millis(50));
    let tried = in_time(Tally::new("web-1", 3), &rounds, async || pending().await);
    let tried = tokio::time::timeout(Duration::from_secs(5), tried)
        .await
        .expect("it waits for an answer that does not come")
        .unwrap();
    assert!(tried.late && !tried.passed);
    assert_eq!(tried.words, "had not answered yet");
}

#[tokio::test]
async fn the_time_is_up_between_two_questions() {
    let mut rounds = rounds(3, Duration::from_millis(50));
    rounds.interval = Duration::from_hours(1);
    let tried = in_time(Tally::new("web-1", 3), &rounds, async || Ok(passed()));
    let tried = tokio::time::timeout(Duration::from_secs(5), tried)
        .await
        .expect("it waits for the next question")
        .unwrap();
    assert!(tried.late && tried.asked == 1, "{tried:?}");
}

#[tokio::test]
async fn who_passes_in_time_is_not_late() {
    let rounds = rounds(3, Duration::from_mins(1));
    let tried = in_time(Tally::new("web-1", 3), &rounds, async || Ok(passed()));
    let tried = tried.await.unwrap();
    assert!(tried.passed && !tried.late && tried.asked == 3, "{tried:?}");
}

fn pod(status: &Value) -> Pod {
    serde_json::from_value(json!({ "status": status })).unwrap()
}

#[test]
fn a_pod_that_does_not_run_is_not_asked() {
    assert_eq!(
        not_running(&pod(&json!({ "phase": "Pending" }))).as_deref(),
        Some("not running: phase Pending")
    );
    let crashed = json!({
        "phase": "Running",
        "containerStatuses": [{
            "name": "web", "image": "", "imageID": "", "ready": false, "restartCount": 3,
            "state": { "waiting": { "reason": "CrashLoopBackOff" } },
        }],
    });
    assert_eq!(
        not_running(&pod(&crashed)).as_deref(),
        Some("not running: container web: CrashLoopBackOff")
    );
    assert_eq!(not_running(&pod(&json!({ "phase": "Running" }))), None);
}
