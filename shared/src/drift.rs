//! A flip that nobody announced: a stale manifest that a delivery tool applies, or a bare patch.

use json_patch::PatchOperation;
use k8s_openapi::api::core::v1::Namespace;
use serde_json::json;

use crate::gate::Flip;
use crate::intent::Intent;
use crate::keys;
use crate::metadata::{annotation, namespace_flag};
use crate::patch;
use crate::refusal::{Code, Refusal};
use crate::selector::{self, Labels};
use crate::settings::{self, OnDrift};
use crate::words;

/// Who asks for a flip, and with which tool.
#[derive(Clone, Copy, Debug)]
pub struct Requester<'a> {
    /// The user's name.
    pub user: &'a str,
    /// The field manager of the request.
    pub manager: &'a str,
    /// The field managers of the tools that apply what stands in a repository, for which `keep` keeps what is live.
    pub delivery_tools: &'a [String],
}

/// The refusal of a flip that was not announced, where that is asked for. Whether another environment
/// would be selected is the gate's to know.
pub(crate) fn check(
    flip: &Flip<'_>,
    on_drift: OnDrift,
    requester: &Requester<'_>,
) -> Option<Refusal> {
    if on_drift == OnDrift::Allow || is_announced(flip, requester.user) {
        return None;
    }
    let service = flip.after.metadata.name.as_deref().unwrap_or_default();
    let message = format!(
        "Service/{service} would select {} without an announced switch, which {} forbids",
        selector::query(selector::of(flip.after)),
        keys::ON_DRIFT
    );
    let flag = namespace_flag(&flip.after.metadata);
    let remedy = format!("kubectl bluegreen switch {service}{flag}");
    Some(Refusal::new(Code::Drift, &message, remedy))
}

/// What keeps the live role where such a tool would flip it unannounced: the operations on the
/// object as it was sent; nothing where that is not asked for, or the flip was announced.
#[must_use]
pub fn keep(
    flip: &Flip<'_>,
    namespace: Option<&Namespace>,
    requester: &Requester<'_>,
) -> Vec<PatchOperation> {
    if selector::of(flip.after).is_empty() {
        // There is nothing to set a role in: the gate refuses what selects nothing.
        return Vec::new();
    }
    let (settings, _) = settings::of(namespace, &[flip.before, flip.after]);
    let is_tool = requester
        .delivery_tools
        .iter()
        .any(|tool| tool == requester.manager);
    if settings.on_drift != OnDrift::Keep || !is_tool || is_announced(flip, requester.user) {
        return Vec::new();
    }
    let was = selector::or_empty(flip.before.metadata.labels.as_ref());
    let own = selector::or_empty(flip.after.metadata.labels.as_ref());
    let is_another = selector::of(flip.before) != selector::of(flip.after);
    if is_another && annotation(&flip.before.metadata, keys::OVERLAP).is_some() {
        return both_stay(flip);
    }
    let mut operations = Vec::new();
    for (key, value) in changed_roles(flip) {
        operations.push(patch::add(["spec", "selector", key], value));
        // As in the pattern, the Service's own label says which role is live.
        let said_so = was.get(key).is_some_and(|own| own == value);
        if said_so && own.get(key).is_some_and(|own| own != value) {
            operations.push(patch::add(["metadata", "labels", key], value));
        }
    }
    operations
}

/// The selector and the mark of a Service that is in an overlap.
fn both_stay(flip: &Flip<'_>) -> Vec<PatchOperation> {
    let (was, is) = (&flip.before.metadata, &flip.after.metadata);
    let mark = annotation(was, keys::OVERLAP).unwrap_or_default();
    let selector = patch::replace(["spec", "selector"], json!(selector::of(flip.before)));
    let mut operations: Vec<PatchOperation> =
        patch::annotate(is, keys::OVERLAP, mark.to_owned()).collect();
    operations.push(selector);
    operations
}

/// The old values of the keys whose role the flip changes.
fn changed_roles<'a>(flip: &Flip<'a>) -> impl Iterator<Item = (&'a str, &'a str)> {
    let new = selector::of(flip.after);
    let annotations = selector::or_empty(flip.before.metadata.annotations.as_ref());
    let marked = annotations.get(keys::ROLE_KEY).map(String::as_str);
    let is_marked = move |key: &str| {
        let mut keys = marked.into_iter().flat_map(|keys| keys.split(','));
        keys.any(|marked| marked.trim() == key)
    };
    selector::of(flip.before)
        .iter()
        .filter(move |(key, value)| {
            let other = new.get(*key);
            other != Some(*value)
                && (is_marked(key)
                    || words::has_colour(value)
                    || other.is_some_and(|other| words::has_colour(other)))
        })
        .map(|(key, value)| (key.as_str(), value.as_str()))
}

/// Whether an unexpired intent of the same user in the old object names the flip.
fn is_announced(flip: &Flip<'_>, user: &str) -> bool {
    Intent::of(flip.before).is_some_and(|intent| {
        intent.holds(flip.now)
            && intent.by.as_deref() == Some(user)
            && names(&intent, selector::of(flip.before), selector::of(flip.after))
    })
}

/// Whether the values that a flip changes are of the role that the intent names.
fn names(intent: &Intent, old: &Labels, new: &Labels) -> bool {
    let is_named =
        |value: &String| *value == intent.to || words::colour(value) == Some(intent.to.as_str());
    let mut changed = new
        .iter()
        .filter(|(key, value)| old.get(*key) != Some(*value));
    // A side without a colour word in its name is told by the other one.
    changed.all(|(key, value)| {
        let left = old.get(key).is_some_and(is_named);
        is_named(value) || (words::colour(value).is_none() && !left)
    })
}
