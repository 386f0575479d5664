//! The Lease by which two releases of one application exclude each other: `bluegreen-NAME`.
//!
//! While it is held its name stands on the production Services, so that nobody has to ask for a Lease
//! that is not there.

mod abort;
mod mark;

use std::fmt;

use jiff::{SignedDuration, Timestamp};
use k8s_openapi::api::coordination::v1::{Lease, LeaseSpec};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{MicroTime, ObjectMeta};

use crate::application::Application;
use crate::history::Entry;
use crate::refusal::cut;

pub use abort::{Abort, abort, aborted};
pub use mark::{mark, marked, unmark};

/// How long a Lease holds that is not renewed.
pub const DURATION: SignedDuration = SignedDuration::from_secs(15);
/// The seconds for which one holds that is left behind: the least that the API server takes
/// (`ValidateLeaseSpec`).
const LEFT: i32 = 1;
/// How far the clocks of who wrote it and who reads it may lie apart.
const SKEW: SignedDuration = SignedDuration::from_secs(30);

/// Bytes of what others wrote that are repeated.
const SAID: usize = 128;

/// Whether somebody holds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Nobody does.
    Free,
    /// Somebody renews it.
    Held(Holder),
    /// Whoever held it renews it no more, by the reader's clock.
    Ended(Holder),
}

/// Who holds it, and since when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    /// The user and what tells this run from others: `ci (4711-18f2a3)`.
    pub identity: String,
    /// When it was taken.
    pub since: Option<Timestamp>,
}

impl fmt::Display for Holder {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&said(&self.identity))?;
        match self.since {
            Some(since) => write!(out, ", since {}", since.strftime("%Y-%m-%d %H:%M:%S UTC")),
            None => Ok(()),
        }
    }
}

/// What others wrote, on one line and not without end.
fn said(text: &str) -> String {
    let mut line: String = text
        .chars()
        .map(|one| if one.is_control() { ' ' } else { one })
        .collect();
    cut(&mut line, SAID);
    line
}

/// The name of an application's Lease.
///
/// An application may be called what no object can be (`Web_Shop`); its Lease is then called after
/// the first of its production Services.
#[must_use]
pub fn name(application: &Application<'_>) -> String {
    let fits = |name: &str| {
        name.len() <= 63
            && name
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
            && !name.ends_with('-')
    };
    let first = application.production.first();
    let service = first.map_or("", |production| production.name());
    let name = &application.name;
    format!("bluegreen-{}", if fits(name) { name } else { service })
}

/// Who holds the Lease, by the time of the reader's clock.
#[must_use]
pub fn standing(lease: &Lease, now: Timestamp) -> Standing {
    let spec = lease.spec.clone().unwrap_or_default();
    let Some(identity) = spec.holder_identity.filter(|holder| !holder.is_empty()) else {
        return Standing::Free;
    };
    let holder = Holder {
        identity,
        since: spec.acquire_time.map(|MicroTime(time)| time),
    };
    let seconds = spec.lease_duration_seconds.unwrap_or(0);
    let holds = spec.renew_time.is_some_and(|MicroTime(renewed)| {
        let since = now.duration_since(renewed);
        -SKEW <= since && since < SignedDuration::from_secs(seconds.into())
    });
    if holds && !is_left(lease) {
        return Standing::Held(holder);
    }
    Standing::Ended(holder)
}

/// The Lease as its next holder writes it: over `before`, as it was read, where there is one.
#[must_use]
pub fn taken(name: &str, identity: &str, before: Option<&Lease>, now: Timestamp) -> Lease {
    let was = before.and_then(|lease| lease.spec.as_ref());
    let transitions = was.and_then(|spec| spec.lease_transitions).unwrap_or(0);
    Lease {
        metadata: ObjectMeta {
            name: Some(name.to_owned()),
            // Whoever else writes in between wins.
            resource_version: before.and_then(|lease| lease.metadata.resource_version.clone()),
            ..ObjectMeta::default()
        },
        spec: Some(LeaseSpec {
            holder_identity: Some(identity.to_owned()),
            lease_duration_seconds: i32::try_from(DURATION.as_secs()).ok(),
            acquire_time: Some(MicroTime(now)),
            renew_time: Some(MicroTime(now)),
            lease_transitions: Some(transitions.saturating_add(i32::from(before.is_some()))),
            ..LeaseSpec::default()
        }),
    }
}

/// The Lease as its holder renews it.
#[must_use]
pub fn renewed(lease: &Lease, now: Timestamp) -> Lease {
    let mut lease = lease.clone();
    lease.spec.get_or_insert_default().renew_time = Some(MicroTime(now));
    lease
}

/// When it was taken.
#[must_use]
pub fn begun(lease: &Lease) -> Option<Timestamp> {
    let MicroTime(time) = lease.spec.as_ref()?.acquire_time.as_ref()?;
    Some(*time)
}

/// The Lease as its holder leaves it behind who renews it no more, and says so; `begun` is when that was begun
/// which the next release has to know of.
#[must_use]
pub fn ended(lease: &Lease, begun: Timestamp) -> Lease {
    let mut lease = lease.clone();
    let spec = lease.spec.get_or_insert_default();
    spec.lease_duration_seconds = Some(LEFT);
    spec.acquire_time = Some(MicroTime(begun));
    lease
}

/// Whether its holder has said so, and no clock has to.
#[must_use]
pub fn is_left(lease: &Lease) -> bool {
    let spec = lease.spec.as_ref();
    spec.and_then(|spec| spec.lease_duration_seconds) == Some(LEFT)
}

/// The role that a release has flipped production to, by the history of the Service, newest first; nothing
/// where it has not, or where somebody has flipped it again since.
#[must_use]
pub fn flipped_since(holder: &Holder, history: &[Entry]) -> Option<String> {
    // The time of an entry has no fractions.
    let begun = holder.since?.as_second();
    let mut since = history.iter().filter(|one| one.at.as_second() >= begun);
    match (since.next(), since.next()) {
        (Some(one), None) => Some(one.to.clone()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn it_is_held_while_it_is_renewed() {
        let lease = taken(
            "bluegreen-web",
            "ann (1-2)",
            None,
            at("2026-05-01T12:00:00Z"),
        );
        let holds = |lease: &Lease, now: &str| matches!(standing(lease, at(now)), Standing::Held(holder) if holder.identity == "ann (1-2)");
        assert!(holds(&lease, "2026-05-01T12:00:14Z"));
        assert!(!holds(&lease, "2026-05-01T12:00:15Z"));
        // The holder's clock is ahead, and one that is a day ahead means nothing.
        assert!(holds(&lease, "2026-05-01T11:59:30Z"));
        assert!(!holds(&lease, "2026-04-30T12:00:00Z"));
        let lease = renewed(&lease, at("2026-05-01T12:00:10Z"));
        assert!(holds(&lease, "2026-05-01T12:00:24Z"));
        let left = ended(&lease, at("2026-05-01T11:00:00Z"));
        assert!(is_left(&left) && !is_left(&lease));
        assert!(matches!(
            standing(&left, at("2026-05-01T12:00:10Z")),
            Standing::Ended(holder) if holder.since == begun(&left)
        ));
    }

    #[test]
    fn what_a_release_has_flipped_is_in_the_history_alone() {
        let holder = Holder {
            identity: "ann (1-2)".to_owned(),
            since: Some(at("2026-05-01T12:00:00.5Z")),
        };
        let entry = |time: &str, role: &str| -> Entry {
            serde_json::from_value(serde_json::json!({"at": time, "to": role, "by": "ann"}))
                .unwrap()
        };
        let before = entry("2026-05-01T11:59:59Z", "blue");
        let flipped = entry("2026-05-01T12:00:00Z", "green");
        let back = entry("2026-05-01T12:00:09Z", "blue");
        let since = |history: &[&Entry]| {
            let history: Vec<Entry> = history.iter().map(|&one| one.clone()).collect();
            flipped_since(&holder, &history)
        };
        assert_eq!(since(&[&before]), None);
        assert_eq!(since(&[&flipped, &before]), Some("green".to_owned()));
        assert_eq!(since(&[&back, &flipped, &before]), None);
    }

    #[test]
    fn without_a_holder_it_is_free() {
        assert_eq!(
            standing(&Lease::default(), at("2026-05-01T12:00:00Z")),
            Standing::Free
        );
        let mut lease = taken("bluegreen-web", "", None, at("2026-05-01T12:00:00Z"));
        assert_eq!(standing(&lease, at("2026-05-01T12:00:00Z")), Standing::Free);
        lease.spec.get_or_insert_default().holder_identity = None;
        assert_eq!(standing(&lease, at("2026-05-01T12:00:00Z")), Standing::Free);
    }

    #[test]
    fn what_others_wrote_stays_on_one_line() {
        let holder = Holder {
            identity: format!("ann\nhint: kubectl delete\u{1b}[2J{}", "x".repeat(9999)),
            since: None,
        };
        let line = holder.to_string();
        assert!(line.starts_with("ann hint: kubectl delete [2Jx"), "{line}");
        assert!(line.len() <= SAID + 3, "{line}");
        let abort = Abort {
            by: "bob\r".to_owned(),
            reason: Some("no\nyes".to_owned()),
        };
        assert_eq!(abort.to_string(), "bob : \"no yes\"");
    }

    #[test]
    fn who_takes_it_over_writes_over_what_was_read_and_drops_its_wishes() {
        let mut before = taken("bluegreen-web", "ann", None, at("2026-05-01T12:00:00Z"));
        before.metadata.resource_version = Some("7".to_owned());
        let abort = Abort {
            by: "bob".to_owned(),
            reason: None,
        };
        let before = aborted(&before, &abort);
        assert_eq!(super::abort(&before), Some(abort));
        let after = taken(
            "bluegreen-web",
            "bob",
            Some(&before),
            at("2026-05-01T13:00:00Z"),
        );
        assert_eq!(after.metadata.resource_version.as_deref(), Some("7"));
        assert_eq!(super::abort(&after), None);
        assert_eq!(after.spec.unwrap().lease_transitions, Some(1));
    }
}
