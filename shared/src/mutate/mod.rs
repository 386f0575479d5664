//! What is added to a workload when it is created or its template changes.
//!
//! Only workloads of a role are touched, and an existing one only by an update that changes its
//! pod template: nothing that is added here ever restarts pods on its own. Each rule puts its
//! operations into one [`Mutation`]; applied to the object, they leave nothing to add.

mod annotations;
mod change;
pub(crate) mod front;
mod handler;
mod labels;
mod probe;
mod record;
mod restore;
pub(crate) mod role;
pub(crate) mod served;
mod stamp;

use jiff::Timestamp;
use json_patch::jsonptr::{PointerBuf, Token};
use json_patch::{AddOperation, PatchOperation};
use k8s_openapi::api::core::v1::Service;
use serde_json::Value;

use crate::workload::Workload;
use change::Change;

pub use record::record;
pub use restore::restore;
pub use stamp::{Announced, announced, stamp};

/// Characters of a warning at most: what the API server promises to hand on.
const WARNING: usize = 120;

/// What is to be added, and what could not be.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Mutation {
    /// Explicit operations on the object as it was sent.
    pub patch: Vec<PatchOperation>,
    /// Short sentences for the user, 120 characters each.
    pub warnings: Vec<String>,
}

/// The readiness probes and role labels that a workload is to get.
///
/// `before` is the stored object of an update, and `services` are those of the namespace.
#[must_use]
pub fn workload(
    after: &Workload,
    before: Option<&Workload>,
    services: &[Service],
    now: Timestamp,
) -> Mutation {
    let mut mutation = Mutation::default();
    let is_ours = role::is_of_a_role(after) || before.is_some_and(role::is_of_a_role);
    let changes = before.is_none_or(|before| before.template() != after.template());
    if is_ours && changes {
        let pod_labels = labels::add(&mut mutation, after, before);
        let change = Change {
            after,
            before,
            pod_labels: &pod_labels,
        };
        probe::add(&mut mutation, &change, services, now);
        in_place(&mut mutation, &change, services, now);
    }
    mutation
}

/// Says what the change of a template that serves is: the pattern's other strategy. Where all pods
/// stop first, it is not, and the guard has its say.
fn in_place(mutation: &mut Mutation, change: &Change<'_>, services: &[Service], now: Timestamp) {
    if change.before.is_some()
        && change.is_live(services, now)
        && !change.drops_nothing_but_probes()
        && change.after.recreates().is_none()
    {
        mutation.warn(&format!(
            "{} serves: this rolls production; kubectl bluegreen stage updates the idle side",
            change.after.reference()
        ));
    }
}

impl Mutation {
    fn add(&mut self, path: PointerBuf, value: Value) {
        self.patch
            .push(PatchOperation::Add(AddOperation { path, value }));
    }

    fn warn(&mut self, warning: &str) {
        let mut text: String = warning.chars().take(WARNING).collect();
        if text.len() < warning.len() {
            text.pop();
            text.push('…');
        }
        self.warnings.push(text);
    }
}

/// The path of a container's field; the tokens are escaped.
pub(crate) fn container_field(kind: &'static str, index: usize, field: &'static str) -> PointerBuf {
    let mut path = PointerBuf::from_tokens(["spec", "template", "spec", kind]);
    path.push_back(index);
    path.push_back(Token::from(field));
    path
}
