//! What serves production now, or is about to.

use jiff::Timestamp;
use k8s_openapi::api::core::v1::Service;

use crate::discover::Aside;
use crate::intent::Intent;
use crate::keys;
use crate::mutate::front::Front;
use crate::overlap;
use crate::selector;

/// Why something is live.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Live<'s> {
    /// This Service selects it.
    Selected(&'s Service),
    /// An unexpired intent on this Service names its role.
    Intended(&'s Service),
}

/// Why pods are live: a Service selects them which is neither bound nor for tests, or an unexpired
/// intent names their role. A Service that is being taken down on purpose counts no more.
///
/// Where the role can't be known, an intent of a Service in front of them names them too.
pub(crate) fn live<'s>(
    front: &Front<'_>,
    role: Option<&str>,
    services: &'s [Service],
    now: Timestamp,
) -> Option<Live<'s>> {
    all(front, role, services, now).next()
}

/// All that makes pods live, those Services first that select them: one may do both.
pub(crate) fn all<'s>(
    front: &Front<'_>,
    role: Option<&str>,
    services: &'s [Service],
    now: Timestamp,
) -> impl Iterator<Item = Live<'s>> {
    let selected = standing(services)
        .filter(|service| selects(service, front))
        .map(Live::Selected);
    let intended = standing(services)
        .filter(move |service| intends(service, front, role, now))
        .map(Live::Intended);
    selected.chain(intended)
}

impl Live<'_> {
    /// Whether the same Service would make these pods live too, in the same way; in an overlap as the
    /// side that they were of.
    pub(crate) fn holds_of(
        self,
        was: &Front<'_>,
        is: &Front<'_>,
        role: Option<&str>,
        now: Timestamp,
    ) -> bool {
        match self {
            Self::Selected(service) => {
                let side = overlap::narrowed(service, was.pod_labels);
                selector::matches(&side, is.pod_labels) && selects(service, is)
            }
            Self::Intended(service) => intends(service, is, role, now),
        }
    }
}

fn selects(service: &Service, front: &Front<'_>) -> bool {
    selector::matches(selector::of(service), front.pod_labels) && !is_aside(service)
}

fn intends(service: &Service, front: &Front<'_>, role: Option<&str>, now: Timestamp) -> bool {
    Intent::of(service)
        .is_some_and(|intent| intent.holds(now) && role.is_none_or(|role| role == intent.to))
        && front.may_have(service)
}

fn standing(services: &[Service]) -> impl Iterator<Item = &Service> {
    services
        .iter()
        .filter(|service| !is_taken_down(service.metadata.annotations.as_ref()))
}

/// Whether the Service is bound to one role or for tests; a mark that only production carries
/// outweighs what its name says.
pub(crate) fn is_aside(service: &Service) -> bool {
    let annotations = selector::or_empty(service.metadata.annotations.as_ref());
    match Aside::of(service) {
        None => false,
        Some(Aside::Marked(..)) => true,
        Some(Aside::Label(..) | Aside::Colour(_) | Aside::TestWord) => {
            !annotations.contains_key(keys::OVERLAP) && !annotations.contains_key(keys::ROLE_KEY)
        }
    }
}

/// Whether somebody who may override the guard has said that it is to go.
pub(crate) fn is_taken_down(annotations: Option<&selector::Labels>) -> bool {
    selector::or_empty(annotations)
        .get(keys::TAKEDOWN)
        .is_some_and(|reason| !reason.is_empty())
}
