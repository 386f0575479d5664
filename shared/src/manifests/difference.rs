//! What an object that is there lacks of one that is wanted.

use serde_json::Value;

/// The first field of the wanted object that the found one lacks or has otherwise; what the cluster
/// added is no difference.
#[must_use]
pub fn between(found: &Value, wanted: &Value, at: &str) -> Option<String> {
    match (wanted, found) {
        (Value::Object(wanted), Value::Object(_)) => wanted
            .iter()
            .find_map(|(key, value)| between(&found[key], value, &format!("{at}.{key}"))),
        (Value::Array(wanted), Value::Array(items)) if wanted.len() == items.len() => wanted
            .iter()
            .zip(items)
            .enumerate()
            .find_map(|(place, (wanted, found))| between(found, wanted, &format!("{at}[{place}]"))),
        (Value::Null, _) => None,
        _ if wanted == found => None,
        _ => Some(format!("{at} is {found}, and would be {wanted}")),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_the_cluster_added_is_no_difference() {
        let wanted = json!({"ports": [{"port": 80}], "none": null});
        let found = json!({"ports": [{"port": 80, "protocol": "TCP"}], "clusterIP": "10.0.0.1"});
        assert_eq!(between(&found, &wanted, "spec"), None);
    }

    #[test]
    fn the_field_that_differs_is_named() {
        let role = |role: &str| json!({"selector": {"role": role}});
        assert_eq!(
            between(&role("green"), &role("blue"), "spec").unwrap(),
            "spec.selector.role is \"green\", and would be \"blue\""
        );
        let ports = |ports: Value| json!({"ports": ports});
        assert!(between(&ports(json!([1, 2])), &ports(json!([1])), "spec").is_some());
    }
}
