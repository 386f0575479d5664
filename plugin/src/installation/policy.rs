//! What a Namespace gets that says nothing.

use bluegreen_shared::keys;
use serde_json::{Value, json};

/// Turns the selectors of an object round: a Namespace without the label is warned, and only one that
/// is labelled is held to the rules. A label that means nothing counts as the strictest, as ever.
pub(super) fn warn_unless_labelled(object: &mut Value) {
    let hooks = object["webhooks"].as_array_mut().into_iter().flatten();
    for hook in hooks {
        turn(&mut hook["namespaceSelector"]["matchExpressions"]);
    }
    if object["spec"]["matchConstraints"].is_object() {
        turn(&mut object["spec"]["matchConstraints"]["namespaceSelector"]["matchExpressions"]);
    }
}

fn turn(expressions: &mut Value) {
    let Some(expressions) = expressions.as_array_mut() else {
        return;
    };
    let mut labelled = false;
    for expression in expressions.iter_mut() {
        if expression["key"] != keys::POLICY {
            continue;
        }
        if expression["operator"] == "In" {
            expression["operator"] = json!("NotIn");
            expression["values"] = json!(["off", "enforce"]);
        } else {
            labelled = true;
        }
    }
    if labelled {
        expressions.push(json!({"key": keys::POLICY, "operator": "Exists"}));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_says_nothing_is_only_warned() {
        let selector = |expression: &Value| json!({"matchExpressions": [expression]});
        let policy = |operator: &str, values: &Value| json!({"key": keys::POLICY, "operator": operator, "values": values});
        let mut hooks = json!({"webhooks": [
            {"namespaceSelector": selector(&policy("NotIn", &json!(["off", "warn"])))},
            {"namespaceSelector": selector(&policy("In", &json!(["warn"])))},
        ]});
        warn_unless_labelled(&mut hooks);
        let of = |place: usize| &hooks["webhooks"][place]["namespaceSelector"]["matchExpressions"];
        assert_eq!(of(0)[1], json!({"key": keys::POLICY, "operator": "Exists"}));
        assert_eq!(of(0)[0], policy("NotIn", &json!(["off", "warn"])));
        assert_eq!(of(1), &json!([policy("NotIn", &json!(["off", "enforce"]))]));
    }
}
