//! What the kubelet and the scheduler have reported of the pods that a reason blames.

use std::collections::BTreeMap;

use jiff::Timestamp;
use k8s_openapi::api::core::v1::Event;

use crate::render::age;

use super::model::Status;

/// Pods that are told of at most, as in the reasons themselves.
const PODS: usize = 3;
/// Characters of an event at most: some carry a whole page that a probe was answered with.
const LENGTH: usize = 300;

/// Puts the newest warning about each blamed pod beside the reason.
pub(super) fn add(status: &mut Status, events: &[Event]) {
    let mut newest: BTreeMap<&str, &Event> = BTreeMap::new();
    for event in events.iter().filter(|event| !is_about_dns(event)) {
        let Some(pod) = event.involved_object.name.as_deref() else {
            continue;
        };
        let known = newest.entry(pod).or_insert(event);
        if last_seen(event) > last_seen(known) {
            *known = event;
        }
    }
    for reason in status.reasons() {
        let mut told: Vec<String> = Vec::new();
        for words in reason
            .pods()
            .filter_map(|pod| newest.get(pod))
            .map(|event| sentence(event))
        {
            if !told.contains(&words) {
                told.push(words);
            }
        }
        told.truncate(PODS);
        reason.events = told;
    }
}

/// What the kubelet says of many clusters, again and again, and of no pod in particular.
fn is_about_dns(event: &Event) -> bool {
    matches!(
        event.reason.as_deref(),
        Some("MissingClusterDNS" | "DNSConfigForming")
    )
}

/// `Readiness probe failed: connection refused, 6 times in 14s`.
fn sentence(event: &Event) -> String {
    let message = event.message.as_deref().unwrap_or_default();
    let mut text: String = message
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
        .chars()
        .take(LENGTH)
        .collect();
    text.truncate(text.trim_end_matches(['.', ' ']).len());
    let count = event
        .series
        .as_ref()
        .and_then(|series| series.count)
        .or(event.count)
        .unwrap_or(1);
    if count > 1 {
        text.extend([", ", &count.to_string(), " times"]);
        if let (Some(first), Some(last)) = (first_seen(event), last_seen(event))
            && last > first
        {
            text.extend([" in ", &age(first, last)]);
        }
    }
    text
}

fn first_seen(event: &Event) -> Option<Timestamp> {
    event
        .first_timestamp
        .as_ref()
        .map(|time| time.0)
        .or(event.event_time.as_ref().map(|time| time.0))
}

fn last_seen(event: &Event) -> Option<Timestamp> {
    event
        .series
        .as_ref()
        .and_then(|series| series.last_observed_time.as_ref())
        .map(|time| time.0)
        .or(event.last_timestamp.as_ref().map(|time| time.0))
        .or(event.event_time.as_ref().map(|time| time.0))
}
