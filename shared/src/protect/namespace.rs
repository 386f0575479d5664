//! A Namespace that is marked as protected and would be deleted while something in it serves.

use jiff::Timestamp;
use k8s_openapi::api::core::v1::Namespace;

use crate::keys;
use crate::live::is_taken_down;
use crate::objects::Objects;
use crate::refusal::{Code, Refusal, three};
use crate::workload::Workload;

pub(super) fn delete(namespace: &Namespace, objects: &Objects, now: Timestamp) -> Vec<Refusal> {
    let labels = namespace.metadata.labels.as_ref();
    let asks = labels.and_then(|labels| labels.get(keys::PROTECT));
    if asks.is_none_or(|value| value != "true")
        || is_taken_down(namespace.metadata.annotations.as_ref())
    {
        return Vec::new();
    }
    let live = objects
        .workloads
        .iter()
        .filter(|workload| super::live(workload, objects, now).is_some());
    let mut serving: Vec<String> = live.map(Workload::reference).collect();
    if serving.is_empty() {
        return Vec::new();
    }
    serving.sort();
    let name = namespace.metadata.name.as_deref().unwrap_or_default();
    let message = format!(
        "Namespace/{name} is protected ({}=true), and {} in it serve{}",
        keys::PROTECT,
        three(&serving),
        if serving.len() == 1 { "s" } else { "" }
    );
    let remedy = format!(
        "kubectl label namespace/{name} {}- if everything in it may go",
        keys::PROTECT
    );
    vec![Refusal::new(Code::Protected, &message, remedy)]
}
