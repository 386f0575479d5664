//! The history that an update leaves out, as `kubectl replace` of a plain manifest does.

use json_patch::PatchOperation;
use k8s_openapi::api::core::v1::Service;

use crate::drift::Requester;
use crate::history;
use crate::keys;
use crate::metadata::annotation;
use crate::patch;
use crate::selector;

/// Puts the history back into what is to be stored, where an update leaves all of it out; returns the
/// operations that do so on the object as it was sent.
///
/// Whoever overrides the guard may mean it, which is for the API server to judge.
#[must_use]
pub fn restore(
    after: &mut Service,
    before: &Service,
    requester: &Requester<'_>,
) -> Vec<PatchOperation> {
    let Some(text) = written(before).filter(|_| written(after).is_none()) else {
        return Vec::new();
    };
    if is_overridden(after, before) || takes_back_its_own(after, before, requester) {
        return Vec::new();
    }
    let operations = patch::annotate(&after.metadata, keys::HISTORY, text.to_owned()).collect();
    let annotations = after.metadata.annotations.get_or_insert_default();
    annotations.insert(keys::HISTORY.to_owned(), text.to_owned());
    operations
}

/// The history as it stands there; an empty text is none.
pub(super) fn written(service: &Service) -> Option<&str> {
    annotation(&service.metadata, keys::HISTORY).filter(|text| !text.is_empty())
}

fn is_overridden(after: &Service, before: &Service) -> bool {
    let reason = annotation(&after.metadata, keys::OVERRIDE);
    reason.is_some_and(|reason| !reason.is_empty())
        && reason != annotation(&before.metadata, keys::OVERRIDE)
}

/// Whether a flip is undone by who did it, with the tool that takes its entry out again. Any other
/// tool's flip to where production was before is one more.
fn takes_back_its_own(after: &Service, before: &Service, requester: &Requester<'_>) -> bool {
    let entries = history::of(before);
    selector::of(after) != selector::of(before)
        && requester.manager == keys::FIELD_MANAGER
        && entries.len() == 1
        && entries.iter().all(|entry| entry.by == requester.user)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    const BY_ANN: &str = r#"{"at":"2026-05-01T12:00:00Z","from":"blue","to":"green","by":"ann"}"#;

    fn service(role: &str, annotations: &Value) -> Value {
        json!({
            "metadata": { "name": "web", "annotations": annotations },
            "spec": { "selector": { "app": "web", "role": role } },
        })
    }

    fn read(service: &Value) -> Service {
        serde_json::from_value(service.clone()).unwrap()
    }

    /// The history as it would be stored.
    fn restored(before: &Value, after: &Value, manager: &str) -> Option<String> {
        let requester = Requester {
            user: "ann",
            manager,
            delivery_tools: &[],
        };
        let mut completed = read(after);
        let patch = restore(&mut completed, &read(before), &requester);
        let mut stored = after.clone();
        json_patch::patch(&mut stored, &patch).unwrap();
        assert_eq!(read(&stored), completed, "what is judged is what is stored");
        let again = restore(&mut completed, &read(before), &requester);
        assert!(patch.is_empty() || again.is_empty(), "once is enough");
        annotation(&completed.metadata, keys::HISTORY).map(str::to_owned)
    }

    #[test]
    fn what_is_left_out_is_put_back() {
        let history = format!("[{BY_ANN}]");
        let before = service("green", &json!({ keys::HISTORY: history }));
        let others = json!({ "example.com/other": "1" });
        for left_out in [Value::Null, others, json!({ keys::HISTORY: "" })] {
            for role in ["blue", "green"] {
                let after = service(role, &left_out);
                let stored = restored(&before, &after, "kubectl-replace");
                assert_eq!(stored.as_ref(), Some(&history), "{after}");
            }
        }
        // It need not be readable.
        let before = service("green", &json!({ keys::HISTORY: "lost" }));
        let stored = restored(&before, &service("green", &Value::Null), "");
        assert_eq!(stored.as_deref(), Some("lost"));
    }

    #[test]
    fn what_is_written_is_left_alone() {
        let before = service("green", &json!({ keys::HISTORY: format!("[{BY_ANN}]") }));
        let changed = service("blue", &json!({ keys::HISTORY: "[]" }));
        assert_eq!(restored(&before, &changed, "").as_deref(), Some("[]"));
        let none = service("green", &Value::Null);
        assert_eq!(restored(&none, &service("blue", &Value::Null), ""), None);
    }

    #[test]
    fn an_override_may_leave_it_out_where_it_is_new() {
        let before = json!({ keys::HISTORY: "[]", keys::OVERRIDE: "last week" });
        let before = service("green", &before);
        let with = |reason: &str| service("green", &json!({ keys::OVERRIDE: reason }));
        assert_eq!(restored(&before, &with("a rehearsal"), ""), None);
        for old in ["last week", ""] {
            let stored = restored(&before, &with(old), "");
            assert_eq!(stored.as_deref(), Some("[]"), "{old}");
        }
    }

    #[test]
    fn a_flip_of_ones_own_is_taken_back_with_its_entry() {
        let before = |history: &str| service("green", &json!({ keys::HISTORY: history }));
        let (back, stays) = (
            service("blue", &Value::Null),
            service("green", &Value::Null),
        );
        let (one, two) = (format!("[{BY_ANN}]"), format!("[{BY_ANN},{BY_ANN}]"));
        assert_eq!(restored(&before(&one), &back, keys::FIELD_MANAGER), None);
        let bobs = one.replace("ann", "bob");
        for (history, after, manager) in [
            (&one, &back, "kubectl-patch"),
            (&one, &stays, keys::FIELD_MANAGER),
            (&two, &back, keys::FIELD_MANAGER),
            (&bobs, &back, keys::FIELD_MANAGER),
        ] {
            let stored = restored(&before(history), after, manager);
            assert_eq!(stored.as_ref(), Some(history), "{manager}: {after}");
        }
    }
}
