//! What serves, since when and by whom; and what is under way.

use crate::render::{Style, age};

use super::super::model::{Announced, OverlapLine, State, Status};

pub(super) fn text(status: &Status, style: Style) -> String {
    let mut line = format!(
        "{} in {}: {}",
        style.strong(&status.application),
        status.namespace,
        production(status, style)
    );
    if let Some(flip) = &status.last_flip {
        let since = age(flip.at, status.now);
        let reason = match &flip.reason {
            Some(reason) => format!(": {reason:?}"),
            None => String::new(),
        };
        line = format!("{line}, since {since} ({}{reason})", flip.by);
    }
    line.push('\n');
    if let Some(overlap) = &status.overlap {
        line.push_str(&overlapping(overlap, style));
    }
    if let Some(intent) = &status.intent {
        line.push_str(&announced(intent, status, style));
    }
    line
}

fn production(status: &Status, style: Style) -> String {
    let roles = status.roles();
    match (&status.active, status.production) {
        (Some(_), State::Overlap) => {
            format!("production is {}, in an overlap", roles.join(" and "))
        }
        (Some(role), _) => format!("production is {}", style.strong(role)),
        (None, State::Split) => {
            let parts: Vec<String> = roles
                .iter()
                .map(|role| format!("{} selects {role}", selecting(status, role)))
                .collect();
            format!("production is split: {}", parts.join(", "))
        }
        (None, _) => format!("production selects neither {}", roles.join(" nor ")),
    }
}

/// The production Services that select a role.
fn selecting(status: &Status, role: &str) -> String {
    let names: Vec<&str> = status
        .services
        .iter()
        .filter(|service| service.production && service.role.as_deref() == Some(role))
        .map(|service| service.name.as_str())
        .collect();
    names.join(", ")
}

fn overlapping(overlap: &OverlapLine, style: Style) -> String {
    let OverlapLine { from, to, .. } = overlap;
    if overlap.interrupted {
        let word = style.warning("interrupted in an overlap:");
        format!("{word} {from} and {to} serve until somebody ends it\n")
    } else {
        let word = style.warning("under way:");
        format!("{word} {from} and {to} serve, until {to} does alone\n")
    }
}

fn announced(intent: &Announced, status: &Status, style: Style) -> String {
    let by = match &intent.by {
        Some(by) => format!(" by {by}"),
        None => String::new(),
    };
    let to = &intent.to;
    if intent.interrupted {
        let word = style.warning("interrupted:");
        let ago = age(intent.until, status.now);
        format!(
            "{word} a switch to {to}{by} did not end, {ago} ago; the next switch or rollback settles it\n"
        )
    } else {
        let word = style.warning("under way:");
        let left = age(status.now, intent.until);
        format!("{word} a switch to {to}{by}, for {left} at most\n")
    }
}
