//! What is there under a name that no application has.

use std::collections::BTreeSet;

use k8s_openapi::api::core::v1::Service;

use crate::selector;
use crate::words;

use super::group::Group;
use super::lack;
use super::name;
use super::survey::Survey;
use super::undecided::{self, Undecided};

/// Services that are looked at closely, at most.
const MOST: usize = 10;

/// Why there is no application of that name.
pub(super) fn unknown(wanted: &str, groups: &[Group<'_>], survey: &Survey<'_>) -> Undecided {
    let mut called = survey
        .services
        .iter()
        .copied()
        .filter(|service| is_called(service, wanted));
    let meant: Vec<&Service> = called.by_ref().take(MOST).collect();
    match meant.as_slice() {
        [] => {
            let known: BTreeSet<&str> = groups.iter().map(Group::name).collect();
            Undecided::unknown(wanted, known)
        }
        [one] => of_service(one, survey),
        _ => {
            let whys: Vec<Undecided> = meant.iter().map(|one| of_service(one, survey)).collect();
            let hint = whys
                .iter()
                .find(|why| {
                    why.hint
                        .as_deref()
                        .is_some_and(|hint| hint.starts_with("kubectl"))
                })
                .or(whys.first())
                .and_then(|why| why.hint.clone());
            let several = meant.len() + called.count();
            let message = format!(
                "none of the {several} Services of {wanted:?} selects one of two environments"
            );
            Undecided {
                hint,
                ..Undecided::new(message)
                    .list(whys.iter().map(|why| &why.message))
                    .between(meant)
            }
        }
    }
}

/// The Services that select both sides of an application, where no Service selects one of them.
pub(super) fn colour_blind(groups: &[Group<'_>], survey: &Survey<'_>) -> Vec<Undecided> {
    let known: BTreeSet<&str> = groups
        .iter()
        .flat_map(|group| &group.members)
        .map(|member| member.identity.name())
        .collect();
    survey
        .bystanders
        .blind()
        .into_iter()
        .filter(|service| {
            let mut names = name::labels(selector::of(service)).peekable();
            names.peek().is_some() && !names.any(|name| known.contains(name.as_str()))
        })
        .map(|service| of_service(service, survey))
        .collect()
}

/// Why a Service has nothing to do with any release.
fn of_service(service: &Service, survey: &Survey<'_>) -> Undecided {
    let mut why = lack::of_service(service, survey);
    if let [ingress, ..] = survey.ingresses_of(service) {
        why.message = format!("{}, and {ingress} uses it", why.message);
    }
    why
}

fn is_called(service: &Service, wanted: &str) -> bool {
    undecided::name(service) == wanted
        || name::labels(selector::of(service))
            .any(|value| value == wanted || words::without_colour(value) == wanted)
}
