//! `status --watch`.

use std::time::Duration;

use crate::cluster::Cluster;
use crate::context::Context;
use crate::failure::Failure;
use crate::flags::Target;
use crate::look::{A_WHILE, patiently};
use crate::outcome::Outcome;
use crate::render::{Format, View};

/// Between two looks.
const INTERVAL: Duration = Duration::from_secs(1);

/// Looks again and again, until the reader goes away or Ctrl-C.
///
/// On a terminal the screen is drawn anew, with its ages; elsewhere it is printed when the data
/// have changed.
pub(super) async fn watch(
    cluster: &Cluster,
    target: &Target,
    format: &Format,
    context: &Context,
) -> Result<Outcome, Failure> {
    let redraws = context.output.redraws() && matches!(format, Format::Text | Format::Wide);
    let mut shown = None;
    let mut beats = tokio::time::interval(INTERVAL);
    beats.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    while !context.output.is_closed() {
        beats.tick().await;
        let look = async || super::look(cluster, target).await;
        let status = match shown {
            Some(_) => patiently(A_WHILE, look).await?,
            None => look().await?,
        };
        let value = status.value();
        if !redraws && shown.as_ref() == Some(&value) {
            continue;
        }
        let text = context.output.render(&status, format)?;
        if redraws {
            context.output.screen(&text);
        } else if shown.is_some() && matches!(format, Format::Text | Format::Wide) {
            context.output.data(&format!("\n{text}"));
        } else if shown.is_some() && *format == Format::Yaml {
            context.output.data(&format!("---\n{text}"));
        } else {
            context.output.data(&text);
        }
        shown = Some(value);
    }
    Ok(Outcome::Done)
}
