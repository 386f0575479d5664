//! How many requests a switch makes, as the API server's audit log has it.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use super::figure::Figure;
use super::runs::process;
use crate::sandbox::AUDIT_LOG;

/// What a switch may ask for at most, the intent and the watch of the slices included.
const MOST: u32 = 8;
/// The API server writes its log a moment after it answers.
const LONGEST: Duration = Duration::from_secs(5);

/// Switches an application to green and counts.
pub(super) async fn of_a_switch(namespace: &str, pods: u32) -> Result<Figure> {
    let log = PathBuf::from(std::env::var("BLUEGREEN_SANDBOX")?).join(AUDIT_LOG);
    let before = std::fs::metadata(&log)?.len();
    process(&[
        "kubectl-bluegreen",
        "switch",
        "web",
        "-n",
        namespace,
        "--to",
        "green",
    ])
    .await?;
    let deadline = Instant::now() + LONGEST;
    loop {
        let text = std::fs::read(&log).with_context(|| format!("cannot read {}", log.display()))?;
        let new = String::from_utf8_lossy(&text[usize::try_from(before)?..]).into_owned();
        let seen = ours(&new);
        // The last of the requests is the watch, which is written when it ends.
        if seen.iter().any(|uri| uri.contains("watch")) {
            let count = u32::try_from(seen.len())?;
            return Ok(Figure::count(
                &format!("API requests of a switch, {pods} pods a side"),
                count,
                MOST,
            ));
        }
        if Instant::now() > deadline {
            bail!("the audit log does not show the switch: {seen:?}");
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// The addresses that our plugin asked for, each request once.
fn ours(log: &str) -> Vec<String> {
    let mut seen = std::collections::BTreeMap::new();
    for line in log.lines() {
        let Ok(event) = serde_json::from_str::<Value>(line) else {
            continue;
        };
        let agent = event["userAgent"].as_str().unwrap_or_default();
        if agent.starts_with("kubectl-bluegreen/") {
            let id = event["auditID"].as_str().unwrap_or_default().to_owned();
            let uri = event["requestURI"].as_str().unwrap_or_default().to_owned();
            seen.insert(id, uri);
        }
    }
    seen.into_values().collect()
}
