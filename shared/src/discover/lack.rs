//! Why a Service does not choose between two sides. Asked only of what is shown, since it is costly.

use k8s_openapi::api::core::v1::Service;

use crate::keys;
use crate::selector;
use crate::words;
use crate::workload::Workload;

use super::chosen_keys;
use super::member::Member;
use super::sight::{self, Sight};
use super::suggest;
use super::survey::Survey;
use super::undecided::Undecided;

/// What a member lacks.
pub(super) fn of(member: &Member<'_>, survey: &Survey<'_>) -> Undecided {
    if let Some(fault) = &member.fault {
        return fault.clone();
    }
    if member.chosen_keys.is_empty() {
        of_service(member.service, survey)
    } else {
        chosen_keys::why(member.service, &member.chosen_keys, &survey.index)
    }
}

/// What a Service lacks, with the mark that would help where one would.
pub(super) fn of_service(service: &Service, survey: &Survey<'_>) -> Undecided {
    let Some(view) = survey.view(service) else {
        return Undecided::without_selector(service);
    };
    let selector = selector::of(service);
    let or_by_mark = |otherwise: Undecided, least: usize| {
        let mut keys = suggest::role_keys(selector, &survey.index);
        keys.retain(|keys| keys.len() >= least);
        if keys.is_empty() {
            return otherwise;
        }
        let identity = view.identity.clone().or_of(service);
        Undecided::unknown_role_key(identity.name(), service, &keys)
    };
    match &view.sight {
        Sight::Plain(here) | Sight::Blind(here) if is_half_adopted(here) => {
            Undecided::half_adopted(service, here)
        }
        Sight::Pair(_) => Undecided::new("there are two sides"),
        Sight::Mixed(_, names) => Undecided::mixed(service, names),
        Sight::Tangled(_, others) => Undecided::tangled(service, others.iter()),
        Sight::Blind(here) => Undecided::blind(service, here),
        Sight::Alone(here) => {
            let other = sight::recoloured(selector);
            let identity = view.identity.clone().or_of(service);
            let alone = Undecided::alone(identity.name(), service, other.as_ref(), here);
            or_by_mark(alone, 2)
        }
        Sight::Plain(_) => or_by_mark(Undecided::without_role(service), 1),
        Sight::Dead(beside) => Undecided::dead(service, beside),
    }
}

/// Whether a copy with a role stands beside what it was made like.
fn is_half_adopted(here: &[&Workload]) -> bool {
    let is_copy = |one: &&Workload| one.annotation(keys::ADOPTED).is_some();
    let has_role = |one: &&Workload| {
        one.pod_labels()
            .values()
            .any(|value| words::has_colour(value))
    };
    here.iter().any(is_copy) && !here.iter().all(has_role)
}
