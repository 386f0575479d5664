//! What becomes of the side that production has left.

use crate::cluster::Cluster;
use crate::failure::Failure;
use crate::flags::DryRun;
use crate::render::{Output, Style, View};
use crate::verbs::{retire, sync};

use super::Args;
use super::flags::Then;

/// Scales it down or makes it a hot backup, as the flags ask for.
pub(super) async fn after(
    args: &Args,
    cluster: &Cluster,
    output: &Output,
) -> Result<((), String), Failure> {
    let target = args.target.clone();
    let (drain, dry_run) = (args.after.drain(), DryRun::None);
    let text = if args.after.after == Then::Sync {
        let sync = sync::Args {
            target,
            drain,
            timeout: args.stage.timeout,
            dry_run,
            output: None,
        };
        let synced = sync::backed(&sync, cluster, output).await?;
        synced.text(Style::new(false), false)
    } else {
        let retire = retire::Args {
            target,
            drain,
            dry_run,
            output: None,
        };
        let retired = retire::retired(&retire, cluster, output).await?;
        retired.text(Style::new(false), false)
    };
    Ok(((), text.trim_end().to_owned()))
}
