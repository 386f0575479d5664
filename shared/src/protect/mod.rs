//! What would take away the environment that serves, whoever asks for it.
//!
//! Only what is live is protected: an environment that a Service selects which is neither bound nor
//! for tests, or that an unexpired intent names. Scaling it down but not to 0 stays allowed, and so
//! does everything about a side that is idle.

mod namespace;
mod owner;
mod pod;
mod service;
mod workload;

use jiff::Timestamp;
use k8s_openapi::api::core::v1::{Namespace, Pod, Service};

use crate::live::Live;
use crate::metadata::namespace_flag;
use crate::mutate::front::Front;
use crate::objects::Objects;
use crate::refusal::{Code, Refusal};
use crate::workload::Workload;

pub use pod::is_left;

/// What is about to happen to something that may be live.
#[derive(Clone, Copy, Debug)]
pub enum Change<'a> {
    /// A workload is updated; scaling it is an update too.
    Workload {
        /// As it is stored.
        before: &'a Workload,
        /// As it would be stored.
        after: &'a Workload,
    },
    /// A workload is deleted, whatever becomes of its pods.
    DeleteWorkload(&'a Workload),
    /// A pod's labels change.
    Pod {
        /// As it is stored.
        before: &'a Pod,
        /// As it would be stored.
        after: &'a Pod,
    },
    /// A Service is updated.
    Service {
        /// As it is stored.
        before: &'a Service,
        /// As it would be stored.
        after: &'a Service,
    },
    /// A Service is deleted.
    DeleteService(&'a Service),
    /// A Namespace is deleted, and everything in it.
    DeleteNamespace(&'a Namespace),
}

/// Why it may not happen, all reasons at once; nothing where it may.
///
/// `objects` must hold the Services of the namespace. Deleting a Service or a Namespace is judged by
/// the workloads as well, and a pod by the pods that its Services select.
#[must_use]
pub fn judge(change: &Change<'_>, objects: &Objects, now: Timestamp) -> Vec<Refusal> {
    match change {
        Change::Workload { before, after } => workload::update(before, after, objects, now),
        Change::DeleteWorkload(workload) => workload::delete(workload, objects, now),
        Change::Pod { before, after } => pod::update(before, after, objects),
        Change::Service { before, after } => service::update(before, after),
        Change::DeleteService(service) => service::delete(service, objects),
        Change::DeleteNamespace(namespace) => namespace::delete(namespace, objects, now),
    }
}

/// Why a workload is live; nothing for one that has no role, whoever selects it.
fn live<'o>(workload: &Workload, objects: &'o Objects, now: Timestamp) -> Option<Live<'o>> {
    use crate::mutate::role;

    if !role::is_of_a_role(workload) {
        return None;
    }
    let front = Front::of(workload);
    crate::live::live(&front, role::of(workload), &objects.services, now)
}

impl Live<'_> {
    fn service(&self) -> &Service {
        match self {
            Self::Selected(service) | Self::Intended(service) => service,
        }
    }

    /// `serves through Service/web`.
    fn why(&self) -> String {
        let name = service::name(self.service());
        match self {
            Self::Selected(_) => format!("serves through Service/{name}"),
            Self::Intended(_) => format!("is about to serve through Service/{name}"),
        }
    }
}

/// The refusal, with the two ways on: production elsewhere first, or the application taken down.
fn protected(message: &str, service: &Service) -> Refusal {
    let name = service::name(service);
    let namespace = namespace_flag(&service.metadata);
    let remedy = format!(
        "kubectl bluegreen switch {name}{namespace} first; or, to take the application down: \
         kubectl annotate service/{name}{namespace} bluegreen.dev/takedown=REASON"
    );
    Refusal::new(Code::Protected, message, remedy)
}
