//! One look over a namespace: every Service with what it sees, in a fixed order.

use std::collections::HashMap;

use k8s_openapi::api::core::v1::Service;

use crate::objects::Objects;
use crate::selector::{self, Labels};

use super::Hints;
use super::bystanders::Bystanders;
use super::chosen_keys::Chooser;
use super::group::{self, Group};
use super::index::Index;
use super::ingress;
use super::member::Member;
use super::undecided;
use super::view::View;

/// A namespace, read.
pub(super) struct Survey<'a> {
    pub(super) index: Index<'a>,
    /// By name.
    pub(super) services: Vec<&'a Service>,
    pub(super) bystanders: Bystanders<'a>,
    views: HashMap<&'a Labels, View<'a>>,
    /// `Ingress/NAME` by the Service that it uses.
    ingresses: HashMap<&'a str, Vec<String>>,
}

impl<'a> Survey<'a> {
    pub(super) fn of(objects: &'a Objects) -> Self {
        let index = Index::new(&objects.workloads);
        let mut services: Vec<&Service> = objects.services.iter().collect();
        services.sort_by_key(|service| undecided::name(service));
        let mut views = HashMap::new();
        for service in services.iter().copied().filter(|service| routes(service)) {
            let selector = selector::of(service);
            views
                .entry(selector)
                .or_insert_with(|| View::of(selector, &index));
        }
        let mut survey = Self {
            index,
            services,
            views,
            ingresses: ingress::by_service(&objects.ingresses),
            bystanders: Bystanders::default(),
        };
        survey.bystanders = Bystanders::of(&survey);
        survey
    }

    /// What a Service of this namespace sees; `None` for one that selects nothing.
    pub(super) fn view(&self, service: &Service) -> Option<&View<'a>> {
        routes(service).then(|| self.views.get(selector::of(service)))?
    }

    /// The Ingresses that use a Service, as people write them.
    pub(super) fn ingresses_of(&self, service: &Service) -> &[String] {
        self.ingresses
            .get(undecided::name(service))
            .map_or(&[], Vec::as_slice)
    }

    /// The Services that have to do with releases, each application's together.
    pub(super) fn groups(&self, hints: &Hints) -> Vec<Group<'a>> {
        let mut chooser = Chooser::new(&self.index);
        let members = self
            .services
            .iter()
            .filter_map(|service| Member::of(service, self, &mut chooser, hints))
            .collect();
        group::of(members, self)
    }
}

/// Whether the Service routes to pods that it selects (`v1.ServiceSpec`: the selector is ignored
/// for `ExternalName`).
pub(super) fn routes(service: &Service) -> bool {
    let kind = service.spec.as_ref().and_then(|spec| spec.type_.as_deref());
    kind != Some("ExternalName") && !selector::of(service).is_empty()
}
