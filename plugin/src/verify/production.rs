//! Asks what production serves, right after a flip.

mod endpoints;
mod served;

use std::time::Duration;

use bluegreen_shared::application::Application;
use clap::Args;

use crate::cluster::Cluster;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::flags::checked;
use crate::render::Output;

use super::ask::Manner;
use super::expected::Expected;
use super::url::Url;

/// Checks that all must pass.
const CHECKS: usize = 5;
/// Between two of them.
const INTERVAL: Duration = Duration::from_millis(500);
/// For one answer.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(5);

/// How production is checked after a flip.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct Flags {
    /// Check production after the flip, and flip back if a check fails or can't be made
    ///
    /// Five times, half a second apart, every endpoint that the production Services list as ready, or
    /// have listed since the flip, is asked what the readiness probe asks: GET of its path and port,
    /// else of / on the Service's target port; 2xx passes. Pods that are deleted or evicted meanwhile
    /// don't count, and those that come do. It is asked by port-forward, so that it works from outside the
    /// cluster; load balancers, Ingresses and kube-proxy are not on that way. To have them checked
    /// too, name an address with --verify-url.
    #[arg(long = "verify-prod")]
    production: bool,
    /// Check this address instead, from here: http://… or https://…; implies --verify-prod
    #[arg(long = "verify-url", value_name = "URL")]
    url: Option<Url>,
    /// The path to check instead of the readiness probe's; implies --verify-prod
    #[arg(long = "verify-path", value_name = "PATH", value_parser = checked::path, conflicts_with = "url")]
    path: Option<String>,
}

impl Flags {
    /// Whether production is to be checked at all.
    pub(crate) fn wanted(&self) -> bool {
        self.production || self.url.is_some() || self.path.is_some()
    }
}

/// Checks production, where that is wanted, and says how it went.
///
/// # Errors
/// A check failed (exit code 5), or production could not be looked at.
pub(crate) async fn check(
    cluster: &Cluster,
    application: &Application<'_>,
    role: &str,
    flags: &Flags,
    output: &Output,
) -> Result<(), Failure> {
    if !flags.wanted() {
        return Ok(());
    }
    let manner = Manner {
        expect: Expected::default(),
        request_timeout: REQUEST_TIMEOUT,
    };
    let what = match &flags.url {
        Some(url) => of_url(url, &manner).await?,
        None => endpoints::check(cluster, application, role, flags, &manner).await?,
    };
    output.step(
        "production",
        format_args!("{CHECKS} of {CHECKS} checks passed: {what}"),
    );
    Ok(())
}

async fn of_url(url: &Url, manner: &Manner) -> Result<String, Failure> {
    for number in 1..=CHECKS {
        let check = manner.check(url.ask()).await;
        if !check.passed {
            return Err(failed(number, [format!("{url}: {}", check.words)]));
        }
        if number < CHECKS {
            tokio::time::sleep(INTERVAL).await;
        }
    }
    Ok(url.to_string())
}

fn failed(number: usize, details: impl IntoIterator<Item = String>) -> Failure {
    Failure::new(
        Exit::Unverified,
        format!("check {number} of {CHECKS} of production failed"),
    )
    .details(details)
}
