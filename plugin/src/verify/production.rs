//! Asks what production serves, right after a flip.

mod endpoints;
mod served;

use std::fmt;
use std::time::{Duration, Instant};

use bluegreen_shared::application::Application;
use clap::Args;
use serde::Serialize;

use crate::cluster::Cluster;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::flags::{Span, Unechoed, checked};
use crate::render::Output;

use endpoints::Endpoints;

use super::ask::Manner;
use super::expected::Expected;
use super::url::Url;

/// Checks that all must pass.
const CHECKS: usize = 5;
/// Between two of them.
const INTERVAL: Duration = Duration::from_millis(500);
/// Between two further ones, while production bakes.
const BAKING: Duration = Duration::from_secs(2);
/// For one answer.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(5);

/// How production is checked after a flip.
#[derive(Args, Clone, Debug, Default)]
#[group(skip)]
pub(crate) struct Flags {
    /// Check production after the flip, and flip back if a check fails or can't be made
    ///
    /// Five times, half a second apart, every endpoint that the production Services list as ready, or
    /// have listed since the flip, is asked what the readiness probe asks: GET of its path and port,
    /// else of / on the Service's target port; 2xx passes. On a port that the Services lead to and no
    /// container declares, somebody must listen too. Pods that are deleted or evicted meanwhile
    /// don't count, and those that come do. It is asked by port-forward, so that it works from outside the
    /// cluster; load balancers, Ingresses and kube-proxy are not on that way. To have them checked
    /// too, name an address with --verify-url.
    #[arg(
        long = "verify-prod",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "true",
        value_name = "true|false",
        hide_possible_values = true
    )]
    pub(crate) production: Option<bool>,
    /// Check this address instead, from here: http://… or https://…; implies --verify-prod
    #[arg(id = "verify_url", long = "verify-url", value_name = "URL", value_parser = Unechoed(str::parse::<Url>))]
    url: Option<Url>,
    /// The path to check instead of the readiness probe's; implies --verify-prod
    #[arg(id = "verify_path", long = "verify-path", value_name = "PATH", value_parser = checked::path, conflicts_with = "verify_url")]
    path: Option<String>,
    /// Go on checking for so long, and flip back at the first check that fails; implies --verify-prod
    #[arg(long, value_name = "DURATION")]
    bake: Option<Span>,
}

impl Flags {
    /// Whether production is to be checked at all.
    pub(crate) fn wanted(&self) -> bool {
        let implied = self.url.is_some() || self.path.is_some() || self.bake.is_some();
        self.production.unwrap_or(implied)
    }

    /// That no check is asked for where none is wanted.
    ///
    /// # Errors
    /// The flags contradict each other.
    pub(crate) fn agree(&self) -> Result<(), Failure> {
        let implied = self.url.is_some() || self.path.is_some() || self.bake.is_some();
        if self.production == Some(false) && implied {
            return Err(Failure::usage(
                "--verify-prod=false asks for no checks, and --verify-url, --verify-path and --bake for some",
            ));
        }
        Ok(())
    }

    /// When the next check is due, counted from the first one; `None` after the last.
    fn next(&self, checks: usize, since: Duration) -> Option<Duration> {
        let bake = self.bake.unwrap_or_default().0;
        if checks < CHECKS {
            return Some(INTERVAL);
        }
        // The last one at the end of the time, not up to an interval before.
        let left = bake.saturating_sub(since);
        (!left.is_zero()).then(|| BAKING.min(left))
    }
}

/// Checks of production that all passed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Checked {
    /// How many.
    pub(crate) checks: usize,
    /// What was asked.
    pub(crate) of: String,
    /// From the first to the last.
    pub(crate) took_ms: u64,
}

impl fmt::Display for Checked {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { checks, of, .. } = self;
        write!(out, "{checks} of {checks} checks passed: {of}")
    }
}

/// Checks production, where that is wanted, and says how it went; `goes_on` is asked after each check.
///
/// # Errors
/// A check failed (exit code 5), production could not be looked at, or it is not to go on.
pub(crate) async fn check(
    cluster: &Cluster,
    application: &Application<'_>,
    role: &str,
    flags: &Flags,
    goes_on: impl AsyncFn() -> Result<(), Failure>,
    output: &Output,
) -> Result<Option<Checked>, Failure> {
    if !flags.wanted() {
        return Ok(None);
    }
    let manner = Manner {
        expect: Expected::default(),
        request_timeout: REQUEST_TIMEOUT,
    };
    if let Some(bake) = flags.bake {
        output.step(
            "baking",
            format_args!("production is checked for {bake}, and goes back if a check fails"),
        );
    }
    let mut endpoints = Endpoints::new(cluster, application, role, flags, &manner);
    let began = Instant::now();
    let mut checks = 0;
    loop {
        checks += 1;
        let what = match &flags.url {
            Some(url) => of_url(url, &manner).await,
            None => endpoints.check().await,
        };
        let what = what.map_err(|failure| numbered(failure, checks, began, flags))?;
        goes_on().await?;
        let Some(pause) = flags.next(checks, began.elapsed()) else {
            let passed = Checked {
                checks,
                of: what,
                took_ms: u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX),
            };
            output.step("production", &passed);
            return Ok(Some(passed));
        };
        tokio::time::sleep(pause).await;
    }
}

async fn of_url(url: &Url, manner: &Manner) -> Result<String, Failure> {
    let check = manner.check(url.ask()).await;
    if check.passed {
        return Ok(url.to_string());
    }
    Err(failed([format!("{url}: {}", check.words)]))
}

fn failed(details: impl IntoIterator<Item = String>) -> Failure {
    Failure::new(Exit::Unverified, "a check of production failed").details(details)
}

/// Says which check it was, where it is one that failed.
fn numbered(failure: Failure, number: usize, began: Instant, flags: &Flags) -> Failure {
    let message = match flags.bake {
        _ if failure.exit != Exit::Unverified => return failure,
        Some(_) if number > CHECKS => format!(
            "check {number} of production failed, after {} s",
            began.elapsed().as_secs()
        ),
        _ => format!("check {number} of {CHECKS} of production failed"),
    };
    Failure { message, ..failure }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_check_is_made_when_the_time_is_up() {
        let flags = |bake| Flags {
            bake: Some(Span(Duration::from_secs(bake))),
            ..Flags::default()
        };
        let next = |bake, checks, since| flags(bake).next(checks, Duration::from_millis(since));
        assert_eq!(next(0, 4, 9000), Some(INTERVAL));
        assert_eq!(next(0, 5, 2000), None);
        assert_eq!(next(60, 5, 2000), Some(BAKING));
        assert_eq!(next(60, 30, 59_000), Some(Duration::from_secs(1)));
        assert_eq!(next(60, 31, 60_000), None);
    }
}
