//! A policy of the Namespace that does not exist counts as the strictest, and is said.

use crate::keys;
use crate::refusal::{Code, Refusal};

use super::case::Case;

const KNOWN: [&str; 3] = ["enforce", "warn", "off"];

pub(super) fn remark(case: &Case<'_>) -> Option<Refusal> {
    let namespace = &case.objects.namespace.as_ref()?.metadata;
    let policy = namespace.labels.as_ref()?.get(keys::POLICY)?;
    if KNOWN.contains(&policy.as_str()) {
        return None;
    }
    let name = namespace.name.as_deref().unwrap_or_default();
    let message = format!(
        "Namespace/{name} is labelled {}={policy}, which is none of enforce, warn and off, and counts as enforce",
        keys::POLICY
    );
    let remedy = format!(
        "kubectl label namespace/{name} --overwrite {}=enforce",
        keys::POLICY
    );
    Some(Refusal::new(Code::InvalidSetting, &message, remedy))
}
