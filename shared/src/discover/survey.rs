//! One look over a namespace: every Service with what it sees, in a fixed order.

use std::collections::HashMap;

use k8s_openapi::api::core::v1::Service;

use crate::objects::Objects;
use crate::selector::{self, Labels};
use crate::workload::Workload;

use super::Hints;
use super::aside::Aside;
use super::build;
use super::group::{self, Group};
use super::index::Index;
use super::ingress;
use super::member::Member;
use super::name::Identity;
use super::sight::Sight;
use super::undecided;

/// A namespace, read.
pub(super) struct Survey<'a> {
    pub(super) index: Index<'a>,
    /// By name.
    pub(super) services: Vec<&'a Service>,
    /// Services in front of both sides of something.
    pub(super) blind: Vec<&'a Service>,
    sights: HashMap<&'a Labels, Sight<'a>>,
    dead: HashMap<String, Vec<&'a Service>>,
    /// Services that are never flipped, by the first workload that they route to.
    asides: HashMap<(&'a str, &'static str), Vec<&'a Service>>,
    /// `Ingress/NAME` by the Service that it uses.
    ingresses: HashMap<&'a str, Vec<String>>,
}

impl<'a> Survey<'a> {
    pub(super) fn of(objects: &'a Objects) -> Self {
        let index = Index::new(&objects.workloads);
        let mut services: Vec<&Service> = objects.services.iter().collect();
        services.sort_by_key(|service| undecided::name(service));
        let mut sights = HashMap::new();
        for service in &services {
            let selector = selector::of(service);
            sights
                .entry(selector)
                .or_insert_with(|| Sight::through(selector, &index));
        }
        let mut survey = Self {
            index,
            services,
            blind: Vec::new(),
            sights,
            dead: HashMap::new(),
            asides: HashMap::new(),
            ingresses: ingress::by_service(&objects.ingresses),
        };
        survey.sort_out();
        survey
    }

    fn sort_out(&mut self) {
        for service in self.services.clone() {
            if let Some(first) = self.here(service).first().copied().map(build::id)
                && Aside::of(service).is_some()
            {
                self.asides.entry(first).or_default().push(service);
            }
            match self.sight(service) {
                Some(Sight::Blind(_)) => self.blind.push(service),
                Some(Sight::Dead(beside)) => {
                    let selector = selector::of(service);
                    let identity = Identity::of(service, selector, None, beside);
                    self.dead.entry(identity.name).or_default().push(service);
                }
                _ => {}
            }
        }
    }

    /// The Services of an application of this name that select nothing that is there.
    pub(super) fn dead_called(&self, name: &str) -> &[&'a Service] {
        self.dead.get(name).map_or(&[], Vec::as_slice)
    }

    /// The Services that are never flipped and that route to this workload before all others.
    pub(super) fn asides_at(&self, workload: &'a Workload) -> &[&'a Service] {
        self.asides
            .get(&(workload.name(), workload.kind()))
            .map_or(&[], Vec::as_slice)
    }

    /// The Ingresses that use a Service, as people write them.
    pub(super) fn ingresses_of(&self, service: &Service) -> &[String] {
        self.ingresses
            .get(undecided::name(service))
            .map_or(&[], Vec::as_slice)
    }

    /// What a Service of this namespace sees; `None` for one without a selector.
    pub(super) fn sight(&self, service: &Service) -> Option<&Sight<'a>> {
        routes(service).then(|| self.sights.get(selector::of(service)))?
    }

    /// The workloads that a Service of this namespace routes to.
    pub(super) fn here(&self, service: &Service) -> &[&'a Workload] {
        self.sight(service)
            .map_or(&[], |sight| sight.here(selector::of(service)))
    }

    /// The Services that have to do with releases, each application's together.
    pub(super) fn groups(&self, hints: &Hints) -> Vec<Group<'a>> {
        let nothing = Sight::Plain(Vec::new());
        let members = self
            .services
            .iter()
            .filter_map(|service| {
                let sight = self.sight(service).unwrap_or(&nothing);
                Member::of(service, sight, &self.index, hints)
            })
            .collect();
        group::of(members)
    }
}

/// Whether the Service routes to pods that it selects (`v1.ServiceSpec`: the selector is ignored
/// for `ExternalName`).
pub(super) fn routes(service: &Service) -> bool {
    let kind = service.spec.as_ref().and_then(|spec| spec.type_.as_deref());
    kind != Some("ExternalName") && !selector::of(service).is_empty()
}
