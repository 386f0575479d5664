//! Puts an application together, once its production Services are known.

use std::collections::BTreeSet;
use std::rc::Rc;

use crate::application::{Application, Bound, Environment, Production, Rule};
use crate::workload::Workload;

use super::bystanders::{Id, id};
use super::group::Group;
use super::member::Member;
use super::notes;
use super::pair::Pair;
use super::survey::Survey;
use super::undecided::{self, Undecided};

/// The application of these production Services.
///
/// # Errors
/// They don't choose between the same two environments.
pub(super) fn application<'a>(
    rule: Rule,
    production: &[(&Member<'a>, Rc<Pair<'a>>)],
    group: &Group<'a>,
    survey: &Survey<'a>,
) -> Result<Application<'a>, Undecided> {
    let Some(((first, pair), rest)) = production.split_first() else {
        return Err(Undecided::no_production(group, survey));
    };
    let roles = roles(pair);
    for (member, other) in rest {
        if self::roles(other) != roles {
            return Err(Undecided::other_roles(
                (first.service, roles),
                (member.service, self::roles(other)),
            ));
        }
    }
    let environments = [0, 1].map(|at| environment(at, roles[at], production));
    if let Some(both) = environments[0]
        .workloads
        .iter()
        .find(|workload| names(&environments[1].workloads).contains(&id(workload)))
    {
        return Err(Undecided::in_both(group, both, roles));
    }
    let mut application = Application {
        name: first.identity.name().to_owned(),
        rule,
        production: production
            .iter()
            .map(|(member, pair)| Production {
                service: member.service,
                overlap: member.overlap.clone(),
                selectors: pair
                    .sides
                    .iter()
                    .map(|side| (side.role.clone(), side.selector.clone()))
                    .collect(),
            })
            .collect(),
        bound: bound(&environments, production, survey),
        environments,
        notes: Vec::new(),
    };
    application.notes = notes::of(&application, group, survey);
    Ok(application)
}

fn roles<'p>(pair: &'p Pair<'_>) -> [&'p str; 2] {
    [0, 1].map(|at| pair.sides[at].role.as_str())
}

fn environment<'a>(
    at: usize,
    role: &str,
    production: &[(&Member<'a>, Rc<Pair<'a>>)],
) -> Environment<'a> {
    let mut workloads: Vec<&Workload> = production
        .iter()
        .flat_map(|(_, pair)| pair.sides[at].workloads.iter().copied())
        .collect();
    workloads.sort_by_key(|workload| id(workload));
    workloads.dedup_by_key(|workload| id(workload));
    Environment {
        role: role.to_owned(),
        workloads,
    }
}

fn bound<'a>(
    environments: &[Environment<'a>; 2],
    production: &[(&Member<'a>, Rc<Pair<'a>>)],
    survey: &Survey<'a>,
) -> Vec<Bound<'a>> {
    let flipped: BTreeSet<&str> = production
        .iter()
        .map(|(member, _)| undecided::name(member.service))
        .collect();
    let mut bound = Vec::new();
    for environment in environments {
        for service in survey.bystanders.inside(&environment.workloads) {
            if !flipped.contains(undecided::name(service)) {
                bound.push(Bound {
                    service,
                    role: environment.role.clone(),
                });
            }
        }
    }
    bound.sort_by_key(|bound| undecided::name(bound.service));
    bound
}

fn names<'w>(workloads: &[&'w Workload]) -> BTreeSet<Id<'w>> {
    workloads.iter().copied().map(id).collect()
}
