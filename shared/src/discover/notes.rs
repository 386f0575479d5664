//! What a person should know of an application, though no verdict depends on it.

use std::collections::BTreeSet;

use k8s_openapi::api::core::v1::Service;

use crate::application::Application;
use crate::refusal;
use crate::words;

use super::aside::Aside;
use super::group::Group;
use super::survey::Survey;
use super::undecided::{self, reference, selects};

/// Notes at most.
const MOST: usize = 10;

/// The notes of an application, in a fixed order.
pub(super) fn of(
    application: &Application<'_>,
    group: &Group<'_>,
    survey: &Survey<'_>,
) -> Vec<String> {
    let mut notes = blind(application, survey);
    notes.extend(dead(application, survey));
    notes.extend(left_behind(application, group, survey));
    notes.extend(misnamed(application));
    notes.truncate(MOST);
    notes
}

/// Services in front of both environments: a flip changes nothing for who comes that way.
fn blind(application: &Application<'_>, survey: &Survey<'_>) -> Vec<String> {
    let [one, two] = &application.environments;
    survey
        .bystanders
        .in_front_of(&one.workloads, &two.workloads)
        .into_iter()
        .filter(|service| !is_production(application, service))
        .take(MOST)
        .map(|service| {
            format!(
                "{} selects both {} and {}{}",
                reference(service),
                one.role,
                two.role,
                through(service, survey, "so a flip moves nothing there")
            )
        })
        .collect()
}

fn dead(application: &Application<'_>, survey: &Survey<'_>) -> Vec<String> {
    survey
        .bystanders
        .dead_called(&application.name)
        .iter()
        .filter(|service| !is_production(application, service))
        .take(MOST)
        .map(|service| {
            format!(
                "{} selects {}, which the pods of no workload carry{}",
                reference(service),
                selects(service),
                through(service, survey, "so nothing answers there")
            )
        })
        .collect()
}

/// Services that select one role, and that nothing says to be bound or for tests.
fn left_behind(
    application: &Application<'_>,
    group: &Group<'_>,
    survey: &Survey<'_>,
) -> Vec<String> {
    group
        .members
        .iter()
        .filter(|member| member.aside.is_none() && !is_production(application, member.service))
        .filter(|member| {
            let view = survey.view(member.service);
            view.is_some_and(|view| !view.here.is_empty())
        })
        .take(MOST)
        .map(|member| {
            let why = if member.is_switchable {
                "it is not marked as production"
            } else {
                "no workload would answer it on the other side"
            };
            format!(
                "{} selects {} and is not flipped: {why}{}",
                reference(member.service),
                selects(member.service),
                through(member.service, survey, "so a flip moves nothing there")
            )
        })
        .collect()
}

/// Services whose name or label speaks of the role that they don't select.
fn misnamed(application: &Application<'_>) -> Vec<String> {
    let roles: BTreeSet<&str> = application
        .environments
        .iter()
        .map(|environment| environment.role.as_str())
        .collect();
    application
        .bound
        .iter()
        .filter_map(|bound| {
            let said = match Aside::of(bound.service)? {
                Aside::Colour(colour) => colour,
                Aside::Label(_, value) => words::colour(&value)?,
                Aside::Marked(..) | Aside::TestWord => return None,
            };
            (said != bound.role && roles.contains(said)).then(|| {
                format!(
                    "{} is for {said} by its name or label, and selects {}",
                    reference(bound.service),
                    bound.role
                )
            })
        })
        .collect()
}

fn is_production(application: &Application<'_>, service: &Service) -> bool {
    application
        .production
        .iter()
        .any(|production| production.name() == undecided::name(service))
}

/// The Ingresses that use a Service, and what follows from it.
fn through(service: &Service, survey: &Survey<'_>, consequence: &str) -> String {
    match survey.ingresses_of(service) {
        [] => String::new(),
        names => format!("; {} uses it, {consequence}", refusal::three(names)),
    }
}
