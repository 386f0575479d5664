//! A release that is under way in another terminal: asked to end, and waited for.

use std::time::{Duration, Instant};

use bluegreen_shared::application::Application;
use bluegreen_shared::lease::{self, Abort, Holder, Standing};
use k8s_openapi::api::coordination::v1::Lease;

use crate::cluster::{Cluster, Written};
use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::release::renewed;
use crate::render::{Output, Progress};

use super::Args;

/// Between two looks at a release that is to end.
const PAUSE: Duration = Duration::from_millis(500);
/// Attempts to write on what its holder renews at the same time.
const ATTEMPTS: usize = 5;

/// Ends the release that is under way, if there is one; who held it.
///
/// # Errors
/// It has not ended in time (exit code 6).
pub(super) async fn end_release(
    args: &Args,
    cluster: &Cluster,
    application: &Application<'_>,
    output: &Output,
) -> Result<Option<Holder>, Failure> {
    let holder = ask_to_end(args, cluster, application).await?;
    if let Some(holder) = &holder {
        await_end(args, cluster, application, holder, output).await?;
    }
    Ok(holder)
}

/// Writes the wish on the Lease of a release that is under way; who holds it.
async fn ask_to_end(
    args: &Args,
    cluster: &Cluster,
    application: &Application<'_>,
) -> Result<Option<Holder>, Failure> {
    let name = lease::name(application);
    let mut wish: Option<Abort> = None;
    for _ in 0..ATTEMPTS {
        let Some((lease, holder)) = held(cluster, &name).await? else {
            return Ok(None);
        };
        let abort = match wish.take() {
            Some(wish) => wish,
            None => Abort {
                by: cluster.whoami().await?,
                reason: args.reason.clone(),
            },
        };
        let asked = lease::aborted(&lease, &abort);
        if let Written::Stored(_) = cluster.write_lease(&asked).await? {
            return Ok(Some(holder));
        }
        wish = Some(abort);
    }
    Err(Failure::new(
        Exit::Busy,
        format!("others write Lease/{name} all the time"),
    ))
}

/// The Lease that somebody renews, whatever clock that goes by.
async fn held(cluster: &Cluster, name: &str) -> Result<Option<(Lease, Holder)>, Failure> {
    let Some(lease) = cluster.lease(name).await? else {
        return Ok(None);
    };
    match lease::standing(&lease, Context::now()) {
        Standing::Held(holder) => Ok(Some((lease, holder))),
        Standing::Free => Ok(None),
        Standing::Ended(holder) => {
            let renewed = renewed(cluster, &lease).await?;
            Ok(renewed.map(|lease| (lease, holder)))
        }
    }
}

async fn await_end(
    args: &Args,
    cluster: &Cluster,
    application: &Application<'_>,
    holder: &Holder,
    output: &Output,
) -> Result<(), Failure> {
    let began = Instant::now();
    let mut progress = Progress::new(output);
    progress.show(vec![format!(
        "waiting for the end of the release by {holder}"
    )]);
    let name = lease::name(application);
    while held(cluster, &name)
        .await?
        .is_some_and(|(_, now)| now.identity == holder.identity)
    {
        let limit = args.timeout.limit();
        if limit.is_some_and(|limit| began.elapsed() >= limit) {
            progress.clear();
            return Err(Failure::new(
                Exit::TimedOut,
                format!(
                    "the release of {} by {holder} has not ended within {}",
                    application.name, args.timeout
                ),
            )
            .hint(format!(
                "where nobody releases any more: kubectl delete lease {name} -n {}",
                cluster.namespace()
            )));
        }
        tokio::time::sleep(PAUSE).await;
    }
    progress.clear();
    Ok(())
}
