//! Who flipped what, kept on the production Service itself.

use jiff::Timestamp;
use k8s_openapi::api::core::v1::Service;
use serde::{Deserialize, Serialize};

use crate::keys;
use crate::refusal::cut;

/// Entries kept at most.
pub(crate) const ENTRIES: usize = 10;
/// Bytes of the annotation at most.
const BYTES: usize = 16 * 1024;
/// Bytes of a reason at most.
const REASON_BYTES: usize = 512;

/// One flip.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// When.
    pub at: Timestamp,
    /// The role that served before; absent for the entry of an `init`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// The role that serves since.
    pub to: String,
    /// What both ran then.
    #[serde(default)]
    pub revision: Revisions,
    /// How many pods of each were ready then.
    #[serde(default)]
    pub ready: Ready,
    /// The images of the role that serves since.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub images: Vec<String>,
    /// The user.
    pub by: String,
    /// Why, in the user's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Whether the guard was overridden.
    #[serde(
        default,
        rename = "override",
        skip_serializing_if = "std::ops::Not::not"
    )]
    pub overridden: bool,
}

/// What the two environments ran at a flip: the pod-template-hash of each workload, joined by `+`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Revisions {
    /// Of the environment that was left.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// Of the environment that serves since.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
}

/// Ready pods of the two environments at a flip.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ready {
    /// Of the environment that was left.
    #[serde(default)]
    pub from: usize,
    /// Of the environment that serves since.
    #[serde(default)]
    pub to: usize,
}

/// The Service's history, newest first. What can't be read is left out: history never makes a flip fail.
#[must_use]
pub fn of(service: &Service) -> Vec<Entry> {
    service
        .metadata
        .annotations
        .as_ref()
        .and_then(|annotations| annotations.get(keys::HISTORY))
        .and_then(|text| serde_json::from_str::<Vec<serde_json::Value>>(text).ok())
        .unwrap_or_default()
        .into_iter()
        .filter_map(|entry| serde_json::from_value(entry).ok())
        .collect()
}

/// The annotation's value with one more entry, within the bounds of number and size.
#[must_use]
pub fn with(mut entry: Entry, before: Vec<Entry>) -> String {
    if let Some(reason) = &mut entry.reason {
        cut(reason, REASON_BYTES);
    }
    // One that does not fit alone would stay for good: nobody takes such a text for an entry.
    if !fits(&entry) {
        entry.images.clear();
    }
    if !fits(&entry) {
        entry.reason = None;
    }
    let mut entries = vec![entry];
    entries.extend(before);
    entries.truncate(ENTRIES);
    loop {
        let text = serde_json::to_string(&entries).unwrap_or_default();
        if text.len() <= BYTES || entries.len() <= 1 {
            return text;
        }
        entries.pop();
    }
}

/// Whether it fits where there is no other.
fn fits(entry: &Entry) -> bool {
    serde_json::to_string(&[entry]).is_ok_and(|text| text.len() <= BYTES)
}

/// The annotation's value without its newest entry; `None` where none is left.
#[must_use]
pub fn without_newest(service: &Service) -> Option<String> {
    let left: Vec<Entry> = of(service).into_iter().skip(1).collect();
    (!left.is_empty()).then(|| serde_json::to_string(&left).unwrap_or_default())
}

/// Whether the newest flip took back the one before, which itself took back none.
///
/// Such a flip is not one that could be taken back in turn: going there again is a release. `None`
/// where production went back and forth for as long as is remembered: nothing tells which of the two
/// it was.
#[must_use]
pub fn is_taken_back(entries: &[Entry]) -> Option<bool> {
    let pairs = entries.iter().zip(entries.iter().skip(1));
    let undone = pairs.take_while(|(last, before)| undoes(last, before));
    let undone = undone.count();
    let is_known = undone + 1 < entries.len() || entries.len() < ENTRIES;
    is_known.then_some(undone % 2 == 1)
}

/// Whether the flip went back to what the one before has left. The revisions tell, which the guard has
/// checked; what the roles are called counts only where one of them is not known.
fn undoes(last: &Entry, before: &Entry) -> bool {
    match (&last.revision.to, &before.revision.from) {
        (Some(to), Some(left)) => to == left,
        _ => Some(&last.to) == before.from.as_ref() && last.from.as_ref() == Some(&before.to),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// Flips between two sides that stay what they are, the newest first.
    fn back_and_forth(flips: usize) -> Vec<Entry> {
        let entry = |number: usize| {
            let (from, to) = [("blue", "green"), ("green", "blue")][number % 2];
            let entry = json!({
                "at": "2026-05-01T12:00:00Z", "from": from, "to": to, "by": "ann",
                "revision": {"from": from, "to": to}, "ready": {"from": 1, "to": 1}
            });
            serde_json::from_value(entry).unwrap()
        };
        (0..flips).rev().map(entry).collect()
    }

    #[test]
    fn every_second_flip_back_and_forth_takes_one_back() {
        for flips in 0..ENTRIES {
            let taken_back = flips > 0 && flips % 2 == 0;
            assert_eq!(
                is_taken_back(&back_and_forth(flips)),
                Some(taken_back),
                "{flips}"
            );
        }
    }

    #[test]
    fn what_a_side_is_called_does_not_hide_that_it_was_taken_back() {
        let mut entries = back_and_forth(2);
        entries[0].from = Some("grene".to_owned());
        assert_eq!(is_taken_back(&entries), Some(true));
        entries[0].revision.to = None;
        assert_eq!(is_taken_back(&entries), Some(false));
    }

    #[test]
    fn an_entry_that_does_not_fit_says_less() {
        let before = back_and_forth(2);
        let mut entry = before[0].clone();
        entry.reason = Some("why".to_owned());
        entry.images = vec!["web:1".repeat(1000); 10];
        let stored: Vec<Entry> =
            serde_json::from_str(&with(entry.clone(), before.clone())).unwrap();
        assert_eq!(stored.len(), 3, "the others stay");
        assert!(stored[0].images.is_empty() && stored[0].reason.is_some());
        entry.by = "a".repeat(BYTES - 200);
        entry.reason = Some("x".repeat(300));
        let text = with(entry, before);
        assert!(
            text.len() <= BYTES && text.contains("aaa"),
            "{}",
            text.len()
        );
    }

    #[test]
    fn what_is_no_longer_remembered_is_not_taken_for_a_way_back() {
        for flips in [ENTRIES, ENTRIES + 1] {
            let mut entries = back_and_forth(flips);
            entries.truncate(ENTRIES);
            assert_eq!(is_taken_back(&entries), None, "{flips}");
        }
        let mut entries = back_and_forth(ENTRIES);
        entries[5].revision.to = Some("other".to_owned());
        assert_eq!(
            is_taken_back(&entries),
            Some(true),
            "five take one back each"
        );
    }
}
