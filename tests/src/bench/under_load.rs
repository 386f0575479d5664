//! Constant load through a hundred flips, and through a rolling update of the same application.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use k8s_openapi::api::core::v1::Service;
use kube::{Api, Client};
use tokio::net::TcpStream;

use super::application;
use super::figure::{Figure, Series};
use super::runs::{kubectl, process};
use crate::eventually::eventually;
use crate::load::{Connections, Load, Plan, Report};
use crate::progress::say;

const FLIPS: usize = 100;
/// After each flip, for the last answers of the side that was left.
const REST: Duration = Duration::from_millis(200);
/// Before and after what is measured.
const AROUND: Duration = Duration::from_secs(1);
/// kube-proxy follows within a second, a busy machine's later.
const SOON: Duration = Duration::from_secs(30);
const NAMESPACE: &str = "load";
const SIDES: [&str; 2] = ["blue", "green"];

/// What clients saw: failed requests, and how long the side that was left still answered.
pub(super) async fn flips_and_a_rolling_update() -> Result<Vec<Figure>> {
    application::two_a_side(NAMESPACE).await?;
    let address = address().await?;
    answering(address).await?;
    say(&format!("{FLIPS} flips under load"));
    let load = Load::start(&plan(address));
    tokio::time::sleep(AROUND).await;
    let mut flips = Vec::with_capacity(FLIPS);
    for flip in 0..FLIPS {
        let (from, to) = (SIDES[flip % 2], SIDES[(flip + 1) % 2]);
        let switch = ["switch", "web", "-n", NAMESPACE, "--to", to];
        let began = Instant::now();
        process(&[&["kubectl-bluegreen"][..], &switch].concat()).await?;
        flips.push((from, began, Instant::now()));
        tokio::time::sleep(REST).await;
    }
    let flipped = load.stop().await?;
    let mut lags = Series::new();
    for (place, (from, began, done)) in flips.iter().enumerate() {
        let until = flips
            .get(place + 1)
            .map_or_else(Instant::now, |next| next.1);
        let last = last_between(&flipped, from, *began, until);
        lags.add(last.map_or(Duration::ZERO, |last| last.saturating_duration_since(*done)));
    }
    let kept = flipped.answers_of(SIDES[0], Connections::Kept)
        + flipped.answers_of(SIDES[1], Connections::Kept);
    say(&format!(
        "{} requests through {FLIPS} flips, {kept} of them on kept connections: {} failed",
        flipped.requests(),
        flipped.failures().len()
    ));

    why(&flipped);

    let load = Load::start(&plan(address));
    tokio::time::sleep(AROUND).await;
    let serving = format!("deployment/web-real-{}", SIDES[FLIPS % 2]);
    kubectl(&["rollout", "restart", &serving, "-n", NAMESPACE]).await?;
    let wait = [
        "rollout",
        "status",
        &serving,
        "-n",
        NAMESPACE,
        "--timeout=120s",
    ];
    kubectl(&wait).await?;
    tokio::time::sleep(AROUND).await;
    let rolled = load.stop().await?;
    say(&format!(
        "{} requests through a rolling update: {} failed",
        rolled.requests(),
        rolled.failures().len()
    ));
    why(&rolled);
    Ok(vec![
        Figure::share(
            &format!("failed requests of a million, {FLIPS} flips under load"),
            &flipped,
            "a rolling update",
            &rolled,
        ),
        Figure::alone(
            "last answer of the side that was left on a new connection, after switch has ended",
            &lags,
        ),
    ])
}

/// Says what the failed requests met, each kind once, and when.
fn why(report: &Report) {
    let mut kinds: BTreeMap<String, Vec<f32>> = BTreeMap::new();
    for failed in report.failures() {
        if let Err(why) = &failed.side {
            let at = failed.began.duration_since(report.started).as_secs_f32();
            let kind = format!("{:?}: {why}", failed.connections);
            kinds.entry(kind).or_default().push(at);
        }
    }
    for (kind, at) in kinds {
        let first = at.iter().copied().fold(f32::INFINITY, f32::min);
        let last = at.iter().copied().fold(0.0, f32::max);
        let times = at.len();
        say(&format!(
            "{times} times, {first:.1} to {last:.1} s after the start: {kind}"
        ));
    }
}

/// Waits until the nodes know the Service: its slices are complete up to a second before that, as
/// kube-proxy gathers changes, and what is refused then is no flip's doing.
async fn answering(address: SocketAddr) -> Result<()> {
    eventually(SOON, || TcpStream::connect(address)).await?;
    Ok(())
}

/// When this side gave its last answer to a request on a new connection.
fn last_between(report: &Report, side: &str, from: Instant, until: Instant) -> Option<Instant> {
    let answers = report.answers.iter().filter(|answer| {
        answer.connections == Connections::New
            && answer.side.as_deref() == Ok(side)
            && (from..until).contains(&answer.began)
    });
    answers.map(|answer| answer.ended).max()
}

fn plan(address: SocketAddr) -> Plan {
    Plan {
        address,
        path: "/".to_owned(),
        sides: SIDES
            .iter()
            .map(|side| ((*side).to_owned(), (*side).to_owned()))
            .collect(),
        on_new_connections: 4,
        on_kept_connections: 2,
        pause: Duration::from_millis(2),
        longest: Duration::from_mins(5),
    }
}

async fn address() -> Result<SocketAddr> {
    let services: Api<Service> = Api::namespaced(Client::try_default().await?, NAMESPACE);
    let service = services.get("web").await?;
    let ip = service.spec.and_then(|spec| spec.cluster_ip);
    let ip = ip.context("the Service has no address")?;
    Ok(SocketAddr::new(ip.parse()?, 80))
}
