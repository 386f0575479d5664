//! Which labels a selector matches.
//!
//! A Service's selector is a set of equalities (`v1.ServiceSpec.selector`). An empty or absent one
//! matches nothing here: the endpoint slice controller leaves such a Service alone.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::Service;

/// Labels, or a Service's selector.
pub type Labels = BTreeMap<String, String>;

static NONE: Labels = Labels::new();

/// The Service's selector; empty where there is none.
#[must_use]
pub fn of(service: &Service) -> &Labels {
    service
        .spec
        .as_ref()
        .and_then(|spec| spec.selector.as_ref())
        .unwrap_or(&NONE)
}

/// The labels, or an empty set where there are none.
#[must_use]
pub fn or_empty(labels: Option<&Labels>) -> &Labels {
    labels.unwrap_or(&NONE)
}

/// Whether a Service with this selector routes to a pod with these labels.
#[must_use]
pub fn matches(selector: &Labels, labels: &Labels) -> bool {
    !selector.is_empty()
        && selector
            .iter()
            .all(|(key, value)| labels.get(key) == Some(value))
}

/// One label selector that finds the pods of both selectors in a single list.
///
/// A key that both carry is asked for with both values; a key of only one is left out, so that the
/// answer may hold more pods than either selects, never fewer. `None` where nothing is shared and
/// the answer would be the whole namespace.
#[must_use]
pub fn either(one: &Labels, other: &Labels) -> Option<String> {
    let terms: Vec<String> = one
        .iter()
        .filter_map(|(key, value)| {
            let second = other.get(key)?;
            Some(if value == second {
                format!("{key}={value}")
            } else {
                format!("{key} in ({value},{second})")
            })
        })
        .collect();
    (!terms.is_empty()).then(|| terms.join(","))
}

/// What both selectors say.
#[must_use]
pub fn shared(one: &Labels, other: &Labels) -> Labels {
    let mut shared = one.clone();
    shared.retain(|key, value| other.get(key) == Some(value));
    shared
}

/// The selector in the form that the API's `labelSelector` parameter takes.
#[must_use]
pub fn query(selector: &Labels) -> String {
    selector
        .iter()
        .map(|(key, value)| format!("{key}={value}"))
        .collect::<Vec<_>>()
        .join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(pairs: &[(&str, &str)]) -> Labels {
        pairs
            .iter()
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
            .collect()
    }

    #[test]
    fn an_empty_selector_matches_nothing() {
        assert!(!matches(&labels(&[]), &labels(&[("app", "a")])));
    }

    #[test]
    fn two_selectors_are_asked_for_in_one_list() {
        let blue = labels(&[("app", "a"), ("role", "blue"), ("old", "x")]);
        let green = labels(&[("app", "a"), ("role", "green")]);
        assert_eq!(
            either(&blue, &green).as_deref(),
            Some("app=a,role in (blue,green)")
        );
        assert_eq!(either(&labels(&[("a", "1")]), &labels(&[("b", "1")])), None);
    }
}
