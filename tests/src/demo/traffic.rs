//! Load on production while it is flipped, and what its clients saw.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use super::screen::{Ran, Screen, quietly};
use crate::load::{Connections, Load, Plan};

/// Before and after a flip.
const AROUND: Duration = Duration::from_secs(2);
/// The old side's last answer on a new connection has come by then, or something is wrong.
const LONGEST_LAG: Duration = Duration::from_secs(1);

/// Types a command under constant load and tells what the clients saw of the flip from one side to the other.
pub(super) async fn under_load(
    screen: &mut Screen,
    line: &str,
    from: &str,
    to: &str,
) -> Result<Ran> {
    let plan = Plan {
        address: address().await?,
        path: "/".to_owned(),
        sides: [from, to]
            .iter()
            .map(|version| ((*version).to_owned(), format!("Apache Tomcat/{version}")))
            .collect(),
        on_new_connections: 4,
        on_kept_connections: 2,
        pause: Duration::from_millis(2),
        longest: Duration::from_mins(1),
    };
    let load = Load::start(&plan);
    tokio::time::sleep(AROUND).await;
    let began = Instant::now();
    let ran = screen.must(line).await?;
    tokio::time::sleep(AROUND).await;
    let report = load.stop().await?;

    let failures = report.failures();
    if let Some(first) = failures.first() {
        screen.say(&format!("  the first failure: {:?}", first.side));
    }
    screen.claim(
        failures.is_empty(),
        &format!(
            "{} requests during it, {} failed",
            report.requests(),
            failures.len()
        ),
    );
    let lag = report.last_of(from, Connections::New, began);
    let first = report.first_of(to, Connections::New, began);
    if let (Some(lag), Some(first)) = (lag, first) {
        screen.claim(
            lag < LONGEST_LAG,
            &format!(
                "on new connections, from the start of the command: first answer of {to} after {} ms, last of {from} after {} ms",
                first.as_millis(),
                lag.as_millis()
            ),
        );
        let late = report.begun_after(from, Connections::New, began + lag);
        screen.claim(
            late == 0 && report.answers_of(to, Connections::New) > 0,
            &format!("none of {from} on a new connection after that"),
        );
    } else {
        screen.claim(false, &format!("new connections went from {from} to {to}"));
    }
    Ok(ran)
}

async fn address() -> Result<SocketAddr> {
    let ran = quietly(
        "kubectl get service tomcat-service -n shop -o jsonpath='{.spec.clusterIP}:{.spec.ports[0].port}'",
    )
    .await?;
    ran.text
        .trim()
        .parse()
        .with_context(|| format!("no address of the production Service: {}", ran.text))
}
