//! When the two requests were under way, as the API server's audit log has it.

use crate::audit::Event;

use super::contender::Contender;
use super::race::Race;

/// From when the API server received a request to when it had answered, in microseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) from: i64,
    pub(super) to: i64,
}

impl Span {
    fn meets(self, other: Self) -> bool {
        self.from <= other.to && other.from <= self.to
    }
}

/// The requests of one contender, in their order.
pub(super) fn of(contender: &Contender, events: &[Event]) -> Vec<Span> {
    let mut spans: Vec<Span> = events
        .iter()
        .filter(|event| event.stage == "ResponseComplete" && event.verb == "patch")
        .filter(|event| is_of(contender, event))
        .map(|event| Span {
            from: event.received.0.as_microsecond(),
            to: event.answered.0.as_microsecond(),
        })
        .collect();
    spans.sort_by_key(|span| span.from);
    spans
}

fn is_of(contender: &Contender, event: &Event) -> bool {
    let object = event.object_ref.clone().unwrap_or_default();
    let (resource, subresource) = (object.resource.as_str(), object.subresource.as_str());
    match contender {
        Contender::Switch { group, .. } => {
            let whom = event.impersonated_user.as_ref();
            resource == "services" && whom.is_some_and(|whom| whom.groups.contains(group))
        }
        Contender::Flip => resource == "services" && event.impersonated_user.is_none(),
        Contender::Scale => (resource, subresource) == ("deployments", "scale"),
    }
}

/// The part of a switch that a bare request is to meet: from its announcement to the end of its
/// flip, which is its second patch.
pub(super) fn heart(switch: &[Span]) -> Option<Span> {
    let (first, last) = (switch.first()?, switch.get(1).or(switch.first())?);
    Some(Span {
        from: first.from,
        to: last.to,
    })
}

/// Whether the two were under way together, as the race counts that.
pub(super) fn counts(race: Race, one: &[Span], other: &[Span]) -> bool {
    let met = |span: &Span| other.iter().any(|theirs| span.meets(*theirs));
    match race {
        Race::Scale => heart(one).as_ref().is_some_and(met),
        Race::Flip => one.get(1).is_some_and(met),
        Race::Switch | Race::Control => one.iter().any(met),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spans<const N: usize>(all: [(i64, i64); N]) -> [Span; N] {
        all.map(|(from, to)| Span { from, to })
    }

    #[test]
    fn a_scale_counts_from_the_announcement_to_the_end_of_the_flip() {
        let switch = spans([(10, 20), (30, 40), (70, 80)]);
        for (scale, met) in [
            ((0, 9), false),
            ((0, 10), true),
            ((22, 28), true),
            ((40, 50), true),
            ((41, 75), false),
        ] {
            assert_eq!(counts(Race::Scale, &switch, &spans([scale])), met);
        }
    }

    #[test]
    fn a_flip_counts_during_the_flip_alone() {
        let switch = spans([(10, 20), (30, 40)]);
        for (flip, met) in [((10, 29), false), ((29, 30), true), ((41, 42), false)] {
            assert_eq!(counts(Race::Flip, &switch, &spans([flip])), met);
        }
        assert!(!counts(Race::Flip, &switch[..1], &spans([(10, 20)])));
    }

    #[test]
    fn what_nobody_asked_meets_nothing() {
        for race in Race::ALL {
            assert!(!counts(race, &[], &spans([(1, 2)])));
            assert!(!counts(race, &spans([(1, 2)]), &[]));
        }
    }
}
