//! From the first certificate to the third, one step at a time.

use jiff::Timestamp;

use crate::certs::configuration::{Configuration, Hook, Kind};
use crate::certs::identity::Identity;
use crate::certs::issue::issue;
use crate::certs::names::Names;
use crate::certs::published::Published;
use crate::certs::step::{self, Step};
use crate::certs::stored::Stored;
use crate::certs::trust;

use super::{hours, names, start, times};

/// Both configurations with this bundle.
fn published(bundle: &str) -> Published {
    let mut published = Published::default();
    for kind in Kind::ALL {
        let hooks = vec![Hook {
            name: "flip.bluegreen.dev".to_owned(),
            bundle: bundle.to_owned(),
        }];
        let owners = Vec::new();
        published.see(kind, Some(Configuration { hooks, owners }));
    }
    published
}

fn next(stored: Option<&Stored>, bundle: &str, now: Timestamp) -> Step {
    step::next(stored, &published(bundle), &names(), times(), now)
}

fn take(step: Step, stored: Option<&Stored>, now: Timestamp) -> Stored {
    let taken = step::take(step, stored, &names(), times(), now);
    taken.unwrap().unwrap()
}

fn first() -> Stored {
    assert_eq!(next(None, "", start()), Step::Issue);
    take(Step::Issue, None, start())
}

#[test]
fn a_renewal_goes_the_one_safe_way() {
    let first = first();
    assert_eq!(next(Some(&first), &first.ca, start()), Step::Nothing);
    assert_eq!(
        next(Some(&first), &first.ca, start() + hours(59)),
        Step::Nothing
    );
    let due = start() + hours(61);
    assert_eq!(next(Some(&first), &first.ca, due), Step::Announce);

    let announced = take(Step::Announce, Some(&first), due);
    assert_eq!(announced.tls, first.tls, "what is served stays");
    assert_eq!(trust::certificates(&announced.ca).len(), 2);
    let settled = std::time::Duration::from_secs(91);
    assert_eq!(
        next(Some(&announced), &announced.ca, due),
        Step::Nothing,
        "not settled"
    );
    assert_eq!(
        next(Some(&announced), &first.ca, due + settled),
        Step::Nothing,
        "not published"
    );
    assert_eq!(
        next(Some(&announced), &announced.ca, due + settled),
        Step::Switch
    );

    let switched = take(Step::Switch, Some(&announced), due + settled);
    assert_eq!(Some(&switched.tls), announced.next.as_ref());
    assert_eq!(
        switched.ca, announced.ca,
        "who serves the old one yet is trusted"
    );
    let at = |later| next(Some(&switched), &switched.ca, due + later);
    assert_eq!(
        at(hours(29)),
        Step::Nothing,
        "the old certificate may be valid still"
    );
    assert_eq!(at(hours(31)), Step::Retire);

    let retired = take(Step::Retire, Some(&switched), due + hours(31));
    assert_eq!(trust::certificates(&retired.ca).len(), 1);
    assert!(trust::vouches(
        &retired.ca,
        &retired.tls,
        &names(),
        due + hours(31)
    ));
    assert_eq!(
        next(Some(&retired), &retired.ca, due + hours(31)),
        Step::Nothing
    );
    assert_eq!(
        next(Some(&retired), &retired.ca, due + hours(61)),
        Step::Announce
    );
}

#[test]
fn at_no_time_is_something_served_that_the_published_bundle_does_not_vouch_for() {
    let mut stored = first();
    let mut served = stored.tls.clone();
    for quarter in 1..4 * 24 * 40 {
        let now = start() + std::time::Duration::from_secs(quarter * 900);
        let before = stored.ca.clone();
        let step = next(Some(&stored), &before, now);
        assert_ne!(step, Step::Issue, "at {now}");
        if step != Step::Nothing {
            stored = take(step, Some(&stored), now);
        }
        // API servers and replicas that are behind: the old bundle with either certificate that
        // is served at that moment, and the new bundle with either.
        for bundle in [&before, &stored.ca] {
            for identity in [&served, &stored.tls] {
                assert!(
                    trust::vouches(bundle, identity, &names(), now),
                    "{step:?} at {now}"
                );
            }
        }
        served = stored.tls.clone();
    }
}

#[test]
fn a_next_one_that_was_slept_through_is_made_again_or_served() {
    let first = first();
    let due = start() + hours(61);
    let announced = take(Step::Announce, Some(&first), due);
    assert_eq!(
        next(Some(&announced), &announced.ca, start() + hours(100)),
        Step::Switch,
        "the first has ended, its successor has not"
    );
    assert_eq!(
        next(Some(&announced), &announced.ca, due + hours(100)),
        Step::Issue
    );
}

#[test]
fn what_cannot_be_served_is_replaced() {
    let (one, other) = (first(), first());
    let swapped = Stored {
        tls: Identity {
            key: other.tls.key.clone(),
            ..one.tls.clone()
        },
        ..one.clone()
    };
    let foreign = Stored {
        ca: other.ca.clone(),
        ..one.clone()
    };
    let garbled = Stored {
        tls: Identity {
            certificate: "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----".to_owned(),
            key: String::new(),
        },
        ..one.clone()
    };
    for broken in [swapped, foreign, garbled] {
        assert_eq!(next(Some(&broken), &broken.ca, start()), Step::Issue);
    }
    assert_eq!(next(Some(&one), "", start() + hours(91)), Step::Issue);
}

#[test]
fn a_ca_vouches_for_our_names_alone() {
    let issued = issue(&names(), start(), hours(1)).unwrap();
    assert!(trust::vouches(
        &issued.ca,
        &issued.identity,
        &names(),
        start()
    ));
    let elsewhere = Names::new("webhook", "green").unwrap();
    assert!(!trust::vouches(
        &issued.ca,
        &issued.identity,
        &elsewhere,
        start()
    ));
    let (from, to) = trust::validity(&issued.ca, &issued.identity, &names()).unwrap();
    assert_eq!(from, start() - crate::certs::issue::BACKDATED);
    assert_eq!(to, start() + hours(1));
    assert!(!format!("{:?}", issued.identity).contains("PRIVATE"));
}

#[test]
fn nothing_is_known_before_both_configurations_were_looked_for() {
    let stored = first();
    let mut published = Published::default();
    assert!(!published.vouches(&stored.tls, &names(), start()));
    published.see(Kind::Mutating, None);
    assert!(!published.vouches(&stored.tls, &names(), start()));
    published.see(Kind::Validating, None);
    assert!(
        published.vouches(&stored.tls, &names(), start()),
        "nobody calls"
    );
}
