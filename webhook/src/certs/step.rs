//! What is to be done next about the certificate: a function of what is stored, what is published
//! and the time.

use std::time::Duration;

use jiff::Timestamp;

use super::identity::Identity;
use super::issue::{self, Issued};
use super::names::Names;
use super::published::Published;
use super::stored::Stored;
use super::trust;

/// How long things last.
#[derive(Clone, Copy, Debug)]
pub(super) struct Times {
    /// From making a certificate to its end.
    pub(super) lifetime: Duration,
    /// How long before its end the next one is made.
    pub(super) renew_before: Duration,
    /// How long a CA is published before it is relied on.
    pub(super) settle: Duration,
}

/// The next thing to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// Nothing, for now.
    Nothing,
    /// There is no certificate that can be served: make one and serve it.
    Issue,
    /// The end is in sight: make the next one and publish its CA beside the old one.
    Announce,
    /// The next one's CA has been honoured: serve it.
    Switch,
    /// No certificate of the old CA can be valid any more: take it out.
    Retire,
}

/// Decides.
pub(super) fn next(
    stored: Option<&Stored>,
    published: &Published,
    names: &Names,
    times: Times,
    now: Timestamp,
) -> Step {
    let Some(stored) = stored else {
        return Step::Issue;
    };
    let vouches = |identity: &Identity, at| trust::vouches(&stored.ca, identity, names, at);
    let next = stored.next.as_ref().filter(|next| vouches(next, now));
    if !vouches(&stored.tls, now) {
        return if next.is_some() {
            Step::Switch
        } else {
            Step::Issue
        };
    }
    if let Some(next) = next {
        let settled = made(&stored.ca, next, names).is_some_and(|made| made + times.settle <= now);
        return if settled && published.vouches(next, names, now) {
            Step::Switch
        } else {
            Step::Nothing
        };
    }
    if !vouches(&stored.tls, now + times.renew_before) {
        return Step::Announce;
    }
    // The one before was made when its predecessor had this long to live, at the most.
    let outlived = made(&stored.ca, &stored.tls, names)
        .is_some_and(|made| made + times.renew_before + times.settle < now);
    if outlived && trust::certificates(&stored.ca).len() > 1 {
        return Step::Retire;
    }
    Step::Nothing
}

/// Does it to a copy of what is stored; `None` where nothing is to be written.
pub(super) fn take(
    step: Step,
    stored: Option<&Stored>,
    names: &Names,
    times: Times,
    now: Timestamp,
) -> Result<Option<Stored>, rcgen::Error> {
    let make = || issue::issue(names, now, times.lifetime);
    Ok(match (step, stored) {
        (Step::Issue, _) => {
            let Issued { ca, identity } = make()?;
            Some(Stored {
                ca,
                tls: identity,
                next: None,
            })
        }
        (Step::Announce, Some(stored)) => {
            let Issued { ca, identity } = make()?;
            Some(Stored {
                ca: ca + &vouching(stored, names),
                tls: stored.tls.clone(),
                next: Some(identity),
            })
        }
        (Step::Switch, Some(stored)) => stored.next.clone().map(|next| Stored {
            ca: stored.ca.clone(),
            tls: next,
            next: None,
        }),
        (Step::Retire, Some(stored)) => Some(Stored {
            ca: vouching(stored, names),
            ..stored.clone()
        }),
        (Step::Nothing, _) | (_, None) => None,
    })
}

/// Those CAs of the bundle that vouch for what is served.
fn vouching(stored: &Stored, names: &Names) -> String {
    let mut kept = String::new();
    for ca in stored.ca.split_inclusive("-----END CERTIFICATE-----") {
        if trust::validity(ca, &stored.tls, names).is_some() {
            kept.push_str(ca.trim());
            kept.push('\n');
        }
    }
    kept
}

/// When an identity was made.
fn made(ca: &str, identity: &Identity, names: &Names) -> Option<Timestamp> {
    trust::validity(ca, identity, names).map(|(from, _)| from + issue::BACKDATED)
}
