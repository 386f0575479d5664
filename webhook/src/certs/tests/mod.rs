//! The certificate through its whole life, by a clock that the tests turn.

mod life;
mod replicas;

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use rustls::RootCertStore;

use super::issue::issue;
use super::names::Names;
use super::served::Served;
use super::step::Times;
use super::trust;

/// Serves a new certificate for `webhook.blue.svc`, and says whom to trust.
pub(crate) fn certificate(served: &Arc<Served>) -> RootCertStore {
    let issued = issue(&names(), Timestamp::now(), hours(1)).unwrap();
    served.swap(issued.identity.certified().unwrap());
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(trust::certificates(&issued.ca));
    roots
}

fn names() -> Names {
    Names::new("webhook", "blue").unwrap()
}

fn times() -> Times {
    Times {
        lifetime: hours(90),
        renew_before: hours(30),
        settle: Duration::from_secs(90),
    }
}

fn hours(hours: u64) -> Duration {
    Duration::from_secs(hours * 3600)
}

fn start() -> Timestamp {
    "2026-11-24T08:00:00Z".parse().unwrap()
}
