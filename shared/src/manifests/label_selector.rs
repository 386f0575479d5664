//! Which labels a `LabelSelector` matches.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::{LabelSelector, LabelSelectorRequirement};

use crate::selector::Labels;

/// Whether it matches. An empty one matches everything, and what can't be read may match anything.
pub(crate) fn matches(selector: &LabelSelector, labels: &Labels) -> bool {
    let mut equal = selector.match_labels.iter().flatten();
    let mut expressions = selector.match_expressions.iter().flatten();
    equal.all(|(key, value)| labels.get(key) == Some(value))
        && expressions.all(|expression| fits(expression, labels))
}

fn fits(expression: &LabelSelectorRequirement, labels: &Labels) -> bool {
    let value = labels.get(&expression.key);
    let is_one = |value: &String| expression.values.iter().flatten().any(|one| one == value);
    match expression.operator.as_str() {
        "In" => value.is_some_and(is_one),
        "NotIn" => !value.is_some_and(is_one),
        "Exists" => value.is_some(),
        "DoesNotExist" => value.is_none(),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn matched(selector: Value) -> bool {
        let labels = [("app", "web"), ("role", "blue")];
        let labels = labels.map(|(key, value)| (key.to_owned(), value.to_owned()));
        matches(&serde_json::from_value(selector).unwrap(), &labels.into())
    }

    #[test]
    fn all_of_it_must_fit() {
        let role = |operator: &str, values: &[&str]| {
            json!({"matchLabels": {"app": "web"}, "matchExpressions": [
                {"key": "role", "operator": operator, "values": values},
            ]})
        };
        assert!(matched(json!({})));
        assert!(matched(role("In", &["green", "blue"])));
        assert!(!matched(role("In", &["green"])));
        assert!(matched(role("NotIn", &["green"])));
        assert!(!matched(role("NotIn", &["blue"])));
        assert!(matched(role("Exists", &[])));
        assert!(!matched(role("DoesNotExist", &[])));
        assert!(matched(role("Unheard", &[])));
        assert!(!matched(json!({"matchLabels": {"app": "other"}})));
    }
}
