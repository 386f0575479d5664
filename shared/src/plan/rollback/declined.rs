//! Why there is no way back, and the verb that goes there all the same.

use crate::application::{Active, Application, Environment, Production};
use crate::history::Entry;
use crate::plan::{Declined, Why};

/// A rollback that is said again and again must not send production back and forth.
pub(super) fn nothing_tells(application: &Application<'_>, last: &Entry) -> Declined {
    let name = &application.name;
    declined(
        format!(
            "production of {name} went back and forth as long as is remembered, so that nothing tells whether its last flip was taken back already"
        ),
        match &last.from {
            Some(from) => names(application, from),
            None => names_a_side(application),
        },
    )
}

/// Somebody has flipped the Service since, and nobody wrote it down.
pub(super) fn of_something_else(
    application: &Application<'_>,
    production: &Production<'_>,
    role: &str,
    last: &Entry,
) -> Declined {
    let (name, service) = (&application.name, production.name());
    declined(
        format!(
            "Service/{service} of {name} selects {role}, and its last recorded flip went to {}",
            last.to
        ),
        names_a_side(application),
    )
}

/// The old side was changed since it was left.
pub(super) fn no_longer(
    application: &Application<'_>,
    target: &Environment<'_>,
    runs: &str,
    served: &str,
) -> Declined {
    let (name, role) = (&application.name, &target.role);
    declined(
        format!("{role} no longer runs what served before: revision {runs}, it was {served}"),
        format!("to release what it runs now: kubectl bluegreen switch {name} --to {role}"),
    )
}

/// Nothing is written down, or not which side was left.
pub(super) fn no_way_back(application: &Application<'_>) -> Declined {
    let name = &application.name;
    declined(
        format!("no flip of {name} is recorded that could be taken back"),
        names_a_side(application),
    )
}

fn declined(message: String, hint: String) -> Declined {
    Declined {
        why: Why::NoWayBack,
        message,
        hint,
    }
}

/// The other side than the one that serves, or either where that is not one.
fn names_a_side(application: &Application<'_>) -> String {
    let [one, two] = &application.environments;
    match application.active() {
        Active::Role(active) => {
            let side = application.other(active).unwrap_or(one);
            names(application, &side.role)
        }
        _ => format!("{} (or {})", names(application, &one.role), two.role),
    }
}

fn names(application: &Application<'_>, role: &str) -> String {
    let name = &application.name;
    format!("name the side that is to serve: kubectl bluegreen switch {name} --to {role}")
}
