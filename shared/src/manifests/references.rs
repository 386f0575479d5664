//! What the pods of a workload refer to by name.

use std::collections::BTreeSet;

use serde_json::Value;

use super::kind::Kind;
use crate::workload::Workload;

/// What pods run as that say nothing.
const DEFAULT_ACCOUNT: &str = "default";

/// Whether the workload's pods use the object of that kind and name.
pub(super) fn uses(workload: &Workload, kind: Kind, name: &str) -> bool {
    let mut found = BTreeSet::new();
    let spec = serde_json::to_value(workload.pod_spec()).unwrap_or_default();
    let account = spec["serviceAccountName"].as_str();
    let account = account.or_else(|| spec["serviceAccount"].as_str());
    let account = account.filter(|account| !account.is_empty());
    found.insert((
        Kind::ServiceAccount,
        account.unwrap_or(DEFAULT_ACCOUNT).to_owned(),
    ));
    collect(&spec, &mut found);
    found.contains(&(kind, name.to_owned()))
}

/// Every field by which a pod template names a `ConfigMap`, Secret or claim (`v1.PodSpec`), wherever
/// in it: volumes, projections, drivers, environment, credentials.
fn collect(value: &Value, found: &mut BTreeSet<(Kind, String)>) {
    match value {
        Value::Object(fields) => {
            for (key, field) in fields {
                named(key, field, found);
                collect(field, found);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, found)),
        _ => {}
    }
}

fn named(key: &str, field: &Value, found: &mut BTreeSet<(Kind, String)>) {
    let (kind, name) = match key {
        "configMap" | "configMapRef" | "configMapKeyRef" => (Kind::ConfigMap, &field["name"]),
        "secretName" => (Kind::Secret, field),
        "secret" | "secretRef" | "secretKeyRef" | "nodePublishSecretRef" => {
            (Kind::Secret, &field["name"])
        }
        "imagePullSecrets" => {
            let items = field.as_array().into_iter().flatten();
            let names = items.filter_map(|item| item["name"].as_str());
            found.extend(names.map(|name| (Kind::Secret, name.to_owned())));
            return;
        }
        "claimName" => (Kind::PersistentVolumeClaim, field),
        _ => return,
    };
    if let Some(name) = name.as_str() {
        found.insert((kind, name.to_owned()));
    }
}

#[cfg(test)]
mod tests {
    use k8s_openapi::api::apps::v1::Deployment;
    use serde_json::json;

    use super::*;

    fn workload(spec: &Value) -> Workload {
        let object = json!({"spec": {"selector": {}, "template": {"spec": spec}}});
        let deployment: Deployment = serde_json::from_value(object).unwrap();
        deployment.into()
    }

    #[test]
    fn every_way_to_name_an_object_counts() {
        let workload = workload(&json!({
            "imagePullSecrets": [{"name": "pull"}],
            "containers": [{
                "name": "web",
                "envFrom": [{"configMapRef": {"name": "env"}}, {"secretRef": {"name": "senv"}}],
                "env": [
                    {"name": "A", "valueFrom": {"configMapKeyRef": {"name": "key", "key": "k"}}},
                    {"name": "B", "valueFrom": {"secretKeyRef": {"name": "skey", "key": "k"}}},
                ],
            }],
            "volumes": [
                {"name": "a", "configMap": {"name": "volume"}},
                {"name": "b", "secret": {"secretName": "svolume"}},
                {"name": "c", "projected": {"sources": [
                    {"configMap": {"name": "projected"}}, {"secret": {"name": "sprojected"}},
                ]}},
                {"name": "d", "persistentVolumeClaim": {"claimName": "data"}},
                {"name": "e", "csi": {"driver": "d", "nodePublishSecretRef": {"name": "csi"}}},
            ],
        }));
        for name in ["env", "key", "volume", "projected"] {
            assert!(uses(&workload, Kind::ConfigMap, name), "{name}");
            assert!(!uses(&workload, Kind::Secret, name), "{name}");
        }
        for name in ["pull", "senv", "skey", "svolume", "sprojected", "csi"] {
            assert!(uses(&workload, Kind::Secret, name), "{name}");
        }
        assert!(uses(&workload, Kind::PersistentVolumeClaim, "data"));
        assert!(uses(&workload, Kind::ServiceAccount, "default"));
        assert!(!uses(&workload, Kind::ConfigMap, "other"));
    }

    #[test]
    fn an_account_that_is_named_is_the_one() {
        let workload = workload(&json!({"containers": [], "serviceAccountName": "robot"}));
        assert!(uses(&workload, Kind::ServiceAccount, "robot"));
        assert!(!uses(&workload, Kind::ServiceAccount, "default"));
    }
}
