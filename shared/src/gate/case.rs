//! What one flip comes down to: the environment that it routes to, and the one that it leaves.

use jiff::Timestamp;
use k8s_openapi::api::core::v1::{Service, ServicePort};

use crate::objects::Objects;
use crate::overlap::Step;
use crate::selector;
use crate::serving;
use crate::settings::Settings;

use super::Flip;
use super::change::Change;
use super::side::{self, Side};

/// Everything that the rules look at.
#[derive(Debug)]
pub(super) struct Case<'a> {
    pub(super) before: &'a Service,
    pub(super) after: &'a Service,
    pub(super) change: Change,
    /// Which part of an overlap it comes from.
    pub(super) step: Step,
    /// What the side that is left ran when it served alone, where an overlap says so.
    pub(super) served: Option<String>,
    /// What the new selector routes to.
    pub(super) target: Side<'a>,
    /// What the old selector routes to and the new one does not.
    pub(super) left: Side<'a>,
    pub(super) settings: Settings,
    pub(super) objects: &'a Objects,
    pub(super) now: Timestamp,
}

impl<'a> Case<'a> {
    pub(super) fn new(flip: &Flip<'a>, objects: &'a Objects, settings: Settings) -> Self {
        let Flip { before, after, now } = *flip;
        let mut target = Side::of(after, objects);
        // Of a workload that was given other labels, pods that are on their way out don't count.
        target
            .members
            .retain(|member| member.is_matched || member.live().next().is_some());
        let mut left = Side::of(before, objects);
        let change = Change::of(flip, &target, &left);
        left.leave_out(side::routes_by(after));
        Self {
            before,
            after,
            change,
            step: Step::Flip,
            served: None,
            target,
            left,
            settings,
            objects,
            now,
        }
    }

    /// The Service as people write it.
    pub(super) fn service(&self) -> String {
        let name = self.after.metadata.name.as_deref().unwrap_or_default();
        format!("Service/{name}")
    }

    /// A kubectl command in the Service's namespace.
    pub(super) fn kubectl(&self, command: &str) -> String {
        match self.after.metadata.namespace.as_deref() {
            Some(namespace) => format!("kubectl {command} -n {namespace}"),
            None => format!("kubectl {command}"),
        }
    }

    /// The new selector in the form that `kubectl -l` takes.
    pub(super) fn query(&self) -> String {
        selector::query(side::routes_by(self.after))
    }

    /// Whether the update can break this port: where the environment stays, only one that is new.
    pub(super) fn touches(&self, port: &ServicePort) -> bool {
        self.change != Change::Routing
            || !serving::ports(self.before).any(|old| {
                serving::target(old) == serving::target(port)
                    && serving::protocol(old) == serving::protocol(port)
            })
    }
}
