//! The environment that may be changed: the one that production does not select.

use jiff::Timestamp;

use crate::application::{Active, Application, Environment};
use crate::intent::Intent;

use super::{Declined, Why};

/// The environment that production does not select and no switch goes to.
///
/// # Errors
/// Production selects both or neither, or a switch to the idle side is under way.
pub fn idle<'e, 'a>(
    application: &'e Application<'a>,
    now: Timestamp,
) -> Result<&'e Environment<'a>, Declined> {
    let idle = match application.active() {
        Active::Role(active) => application.other(active),
        Active::Split(_) | Active::Neither(_) | Active::Overlap(_) => None,
    };
    let idle = idle.ok_or_else(|| nothing_idle(application))?;
    let under_way = application
        .production
        .iter()
        .filter_map(|production| Intent::of(production.service))
        .find(|intent| intent.holds(now) && intent.to == idle.role);
    match under_way {
        Some(intent) => Err(under_way_already(application, &intent)),
        None => Ok(idle),
    }
}

fn nothing_idle(application: &Application<'_>) -> Declined {
    let name = &application.name;
    let [one, two] = &application.environments;
    let hint = match application.overlap() {
        Some(_) => format!(
            "kubectl bluegreen switch {name} ends the overlap in the new side, kubectl bluegreen rollback {name} in the old one"
        ),
        None => format!(
            "bring production to one side first: kubectl bluegreen switch {name} --to {} (or {})",
            one.role, two.role
        ),
    };
    let why = match application.active() {
        Active::Split(seen) => seen
            .iter()
            .map(|(service, role)| format!("Service/{service} selects {role}"))
            .collect::<Vec<_>>()
            .join(", "),
        Active::Neither(service) => format!(
            "Service/{service} selects neither {} nor {} alone",
            one.role, two.role
        ),
        Active::Overlap(overlap) => format!("{} serve, in an overlap", overlap.both()),
        Active::Role(role) => format!("{role} is the only side"),
    };
    Declined {
        why: Why::NothingIdle,
        message: format!("no side of {name} is idle: {why}"),
        hint,
    }
}

fn under_way_already(application: &Application<'_>, intent: &Intent) -> Declined {
    let by = intent.by.as_deref().unwrap_or("somebody");
    Declined {
        why: Why::UnderWay,
        message: format!(
            "a switch of {} to {} by {by} is under way until {}",
            application.name, intent.to, intent.until
        ),
        hint: "wait until it is done, or until that time".to_owned(),
    }
}
