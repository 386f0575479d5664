//! Services that are no party to any flip, by what they stand beside.

use std::collections::{BTreeSet, HashMap};

use k8s_openapi::api::core::v1::Service;

use crate::selector::{self, Labels};
use crate::workload::Workload;

use super::aside::Aside;
use super::sight::Sight;
use super::survey::Survey;

/// What makes a workload one of its namespace.
pub(super) type Id<'a> = (&'a str, &'static str);

/// The name and the kind of a workload.
pub(super) fn id(workload: &Workload) -> Id<'_> {
    (workload.name(), workload.kind())
}

/// The Services that have one selector.
struct Alike<'a> {
    here: Vec<&'a Workload>,
    services: Vec<&'a Service>,
}

/// Where to find the Services that stand beside an application.
#[derive(Default)]
pub(super) struct Bystanders<'a> {
    /// Those that are never flipped.
    asides: Vec<Alike<'a>>,
    /// Those in front of both sides of something.
    blind: Vec<Alike<'a>>,
    /// Positions in both by a workload that the Services route to.
    asides_by_first: HashMap<Id<'a>, Vec<usize>>,
    blind_by_any: HashMap<Id<'a>, Vec<usize>>,
    /// Those that select nothing that is there, by the name of their application.
    dead: HashMap<String, Vec<&'a Service>>,
}

impl<'a> Bystanders<'a> {
    pub(super) fn of(survey: &Survey<'a>) -> Self {
        let mut asides: HashMap<&Labels, Alike<'a>> = HashMap::new();
        let mut blind: HashMap<&Labels, Alike<'a>> = HashMap::new();
        let mut dead: HashMap<String, Vec<&'a Service>> = HashMap::new();
        for service in survey.services.iter().copied() {
            let Some(view) = survey.view(service) else {
                continue;
            };
            let selector = selector::of(service);
            let put = |into: &mut HashMap<&'a Labels, Alike<'a>>| {
                let new = || Alike {
                    here: view.here.clone(),
                    services: Vec::new(),
                };
                into.entry(selector)
                    .or_insert_with(new)
                    .services
                    .push(service);
            };
            if Aside::of(service).is_some() {
                put(&mut asides);
            }
            match view.sight {
                Sight::Blind(_) => put(&mut blind),
                Sight::Dead(_) => {
                    let identity = view.identity.clone().or_of(service);
                    dead.entry(identity.name().to_owned())
                        .or_default()
                        .push(service);
                }
                _ => {}
            }
        }
        let asides: Vec<Alike<'a>> = asides.into_values().collect();
        let blind: Vec<Alike<'a>> = blind.into_values().collect();
        Self {
            asides_by_first: positions(&asides, 1),
            blind_by_any: positions(&blind, usize::MAX),
            asides,
            blind,
            dead,
        }
    }

    /// The Services that are never flipped and route to these workloads and no others, by name.
    pub(super) fn inside(&self, workloads: &[&'a Workload]) -> Vec<&'a Service> {
        let own: BTreeSet<Id<'_>> = workloads.iter().copied().map(id).collect();
        let found = workloads
            .iter()
            .filter_map(|workload| self.asides_by_first.get(&id(workload)))
            .flatten()
            .filter_map(|position| self.asides.get(*position))
            .filter(|alike| alike.here.iter().all(|there| own.contains(&id(there))));
        by_name(found)
    }

    /// The Services that route to workloads of both, by name.
    pub(super) fn in_front_of(
        &self,
        one: &[&'a Workload],
        other: &[&'a Workload],
    ) -> Vec<&'a Service> {
        let seen_by = |workloads: &[&'a Workload]| -> BTreeSet<usize> {
            workloads
                .iter()
                .filter_map(|workload| self.blind_by_any.get(&id(workload)))
                .flatten()
                .copied()
                .collect()
        };
        let (one, other) = (seen_by(one), seen_by(other));
        by_name(
            one.intersection(&other)
                .filter_map(|position| self.blind.get(*position)),
        )
    }

    /// All Services in front of both sides of something, by name.
    pub(super) fn blind(&self) -> Vec<&'a Service> {
        by_name(self.blind.iter())
    }

    /// The Services of an application of this name that select nothing that is there, by name.
    pub(super) fn dead_called(&self, name: &str) -> &[&'a Service] {
        self.dead.get(name).map_or(&[], Vec::as_slice)
    }
}

fn positions<'a>(all: &[Alike<'a>], most: usize) -> HashMap<Id<'a>, Vec<usize>> {
    let mut positions: HashMap<_, Vec<usize>> = HashMap::new();
    for (position, alike) in all.iter().enumerate() {
        for workload in alike.here.iter().take(most) {
            positions.entry(id(workload)).or_default().push(position);
        }
    }
    positions
}

fn by_name<'b, 'a: 'b>(alike: impl Iterator<Item = &'b Alike<'a>>) -> Vec<&'a Service> {
    let mut services: Vec<&Service> = alike
        .flat_map(|alike| alike.services.iter().copied())
        .collect();
    services.sort_by_key(|service| super::undecided::name(service));
    services
}
