//! What a Service's selector routes to: workloads and their pods, whatever they are called.

use std::collections::{BTreeMap, HashMap};

use jiff::Timestamp;
use k8s_openapi::api::core::v1::{Pod, Service};

use crate::objects::Objects;
use crate::pod;
use crate::selector::{self, Labels};
use crate::workload::Workload;

/// What one selector matches.
#[derive(Debug)]
pub(super) struct Side<'a> {
    /// Each workload whose template the selector matches, or one of whose pods; by name.
    pub(super) members: Vec<Member<'a>>,
    /// Pods that no such workload made; by name.
    pub(super) strays: Vec<&'a Pod>,
}

/// A workload and those of its pods that the selector matches.
#[derive(Debug)]
pub(super) struct Member<'a> {
    pub(super) workload: &'a Workload,
    /// All that have not ended, by name; those that are being deleted too.
    pub(super) pods: Vec<&'a Pod>,
    /// Whether the selector matches the pods that the workload makes now.
    pub(super) is_matched: bool,
}

impl<'a> Side<'a> {
    /// What the selector of the Service matches.
    pub(super) fn of(service: &Service, objects: &'a Objects) -> Self {
        let selector = routes_by(service);
        let workloads: HashMap<_, _> = objects
            .workloads
            .iter()
            .map(|workload| ((workload.kind(), workload.name()), workload))
            .collect();
        let mut members: BTreeMap<(&str, &str), Member<'a>> = workloads
            .values()
            .filter(|workload| selector::matches(selector, workload.pod_labels()))
            .map(|workload| (place(workload), Member::new(workload, true)))
            .collect();
        let mut strays = Vec::new();
        for pod in &objects.pods {
            if pod::is_finished(pod) || !selector::matches(selector, pod::labels(pod)) {
                continue;
            }
            let maker = pod::maker(pod)
                .and_then(|maker| workloads.get(&maker))
                .filter(|workload| workload.owns(pod));
            match maker {
                Some(workload) => members
                    .entry(place(workload))
                    .or_insert_with(|| Member::new(workload, false))
                    .pods
                    .push(pod),
                None => strays.push(pod),
            }
        }
        let mut members: Vec<Member<'a>> = members.into_values().collect();
        for member in &mut members {
            member.pods.sort_by_key(|pod| pod::name(pod));
        }
        strays.sort_by_key(|pod| pod::name(pod));
        Self { members, strays }
    }

    /// Leaves out what another selector matches as well.
    pub(super) fn leave_out(&mut self, selector: &Labels) {
        let stays = |pod: &&Pod| !selector::matches(selector, pod::labels(pod));
        self.strays.retain(stays);
        self.members.retain_mut(|member| {
            let all = member.pods.len();
            member.pods.retain(stays);
            let is_shared = all > member.pods.len()
                || selector::matches(selector, member.workload.pod_labels());
            !(is_shared && member.pods.is_empty())
        });
    }

    /// All pods that have not ended.
    pub(super) fn pods(&self) -> impl Iterator<Item = &'a Pod> {
        self.members
            .iter()
            .flat_map(|member| member.pods.iter())
            .chain(&self.strays)
            .copied()
    }

    /// All pods that nobody is deleting.
    pub(super) fn live(&self) -> impl Iterator<Item = &'a Pod> {
        self.pods().filter(|pod| !pod::is_terminating(pod))
    }

    /// Ready and available pods of the workloads.
    pub(super) fn ready(&self, service: &Service) -> usize {
        self.members
            .iter()
            .map(|member| member.ready(service))
            .sum()
    }

    /// Pods that the workloads want.
    pub(super) fn wanted(&self) -> usize {
        self.members.iter().map(Member::wanted).sum()
    }

    /// Pods that the workloads want, without those that nobody could expect to be ready yet.
    pub(super) fn established(&self, now: Timestamp) -> usize {
        let members = self.members.iter();
        members.map(|member| member.established(now)).sum()
    }
}

impl<'a> Member<'a> {
    fn new(workload: &'a Workload, is_matched: bool) -> Self {
        Self {
            workload,
            pods: Vec::new(),
            is_matched,
        }
    }

    /// Pods that the workload wants.
    pub(super) fn wanted(&self) -> usize {
        usize::try_from(self.workload.replicas()).unwrap_or(0)
    }

    /// Pods that it wants, without those that are starting and those that no node has room for: to ask
    /// for more of them breaks nothing.
    pub(super) fn established(&self, now: Timestamp) -> usize {
        let pods = self.pods.iter();
        let is_there = |pod: &&&Pod| !pod::is_starting(pod, now) && !pod::has_no_node(pod);
        self.wanted().min(pods.filter(is_there).count())
    }

    /// Whether most of its pods are starting: it was made anew, or they were.
    pub(super) fn is_starting(&self, now: Timestamp) -> bool {
        let pods = self.pods.iter();
        let starting = pods.filter(|pod| pod::is_starting(pod, now)).count();
        starting * 2 > self.pods.len()
    }

    /// Its pods that nobody is deleting.
    pub(super) fn live(&self) -> impl Iterator<Item = &'a Pod> {
        self.pods
            .iter()
            .copied()
            .filter(|pod| !pod::is_terminating(pod))
    }

    /// Pods that the Service would route to.
    pub(super) fn serving(&self, service: &Service) -> usize {
        self.pods.iter().filter(|pod| serves(pod, service)).count()
    }

    /// Pods that the Service would route to, as far as the controller counts them as available:
    /// how long each has been ready is for it to say, since a verdict knows no time.
    pub(super) fn ready(&self, service: &Service) -> usize {
        let serving = self.serving(service);
        if self.workload.min_ready_seconds() > 0 {
            let available = usize::try_from(self.workload.counts().available).unwrap_or(0);
            return serving.min(available);
        }
        serving
    }
}

/// The selector that the Service routes by; none for an `ExternalName`, whatever it carries.
pub(super) fn routes_by(service: &Service) -> &Labels {
    static NONE: Labels = Labels::new();
    if is_external(service) {
        return &NONE;
    }
    selector::of(service)
}

/// Whether the Service is a name in the DNS and routes to no pod.
pub(super) fn is_external(service: &Service) -> bool {
    let kind = service.spec.as_ref().and_then(|spec| spec.type_.as_deref());
    kind == Some("ExternalName")
}

/// Whether the Service would route to the pod if it selected it.
pub(super) fn serves(pod: &Pod, service: &Service) -> bool {
    pod::is_serving(pod) && lacks_family(pod, service).is_none()
}

/// The IP family that the pod would need and has no address of.
///
/// A pod that has an address of one of the Service's families is in an `EndpointSlice` of it.
pub(super) fn lacks_family<'s>(pod: &Pod, service: &'s Service) -> Option<&'s str> {
    let families = service.spec.as_ref()?.ip_families.as_ref()?;
    let addresses = pod.status.as_ref()?.pod_ips.as_ref()?;
    let has = |family: &str| {
        addresses
            .iter()
            .any(|address| address.ip.contains(':') == (family == "IPv6"))
    };
    if addresses.is_empty() || families.iter().any(|family| has(family)) {
        return None;
    }
    families.first().map(String::as_str)
}

/// By name, so that an order in the answer never depends on one in the cluster.
fn place(workload: &Workload) -> (&str, &str) {
    (workload.name(), workload.kind())
}
