//! A webhook configuration: as much of it as is ours to write.

use k8s_openapi::ByteString;
use k8s_openapi::api::admissionregistration::v1::{
    MutatingWebhookConfiguration, ValidatingWebhookConfiguration, WebhookClientConfig,
};
use k8s_openapi::api::core::v1::Namespace;
use kube::api::ObjectMeta;
use serde_json::{Value, json};

/// Which of the two.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    /// `MutatingWebhookConfiguration`.
    Mutating,
    /// `ValidatingWebhookConfiguration`.
    Validating,
}

impl Kind {
    pub(super) const ALL: [Self; 2] = [Self::Mutating, Self::Validating];

    /// The kind as the API spells it.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Mutating => "MutatingWebhookConfiguration",
            Self::Validating => "ValidatingWebhookConfiguration",
        }
    }
}

/// What we look at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Configuration {
    /// Its hooks.
    pub(super) hooks: Vec<Hook>,
    /// The uids of its owners.
    pub(super) owners: Vec<String>,
}

/// One hook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Hook {
    /// `flip.bluegreen.dev`.
    pub(super) name: String,
    /// The bundle that the API server trusts for it, PEM; empty where none is published.
    pub(super) bundle: String,
}

impl Hook {
    fn new(name: &str, client: &WebhookClientConfig) -> Self {
        let bundle = client.ca_bundle.as_ref().map(|bundle| &bundle.0);
        Self {
            name: name.to_owned(),
            bundle: bundle
                .map(|bytes| String::from_utf8_lossy(bytes).into_owned())
                .unwrap_or_default(),
        }
    }
}

fn owners(metadata: &ObjectMeta) -> Vec<String> {
    let owners = metadata.owner_references.iter().flatten();
    owners.map(|owner| owner.uid.clone()).collect()
}

impl Configuration {
    /// Looks at one of the mutating kind.
    pub(super) fn of_mutating(configuration: &MutatingWebhookConfiguration) -> Self {
        let hooks = configuration.webhooks.iter().flatten();
        Self {
            hooks: hooks
                .map(|hook| Hook::new(&hook.name, &hook.client_config))
                .collect(),
            owners: owners(&configuration.metadata),
        }
    }

    /// Looks at one of the validating kind.
    pub(super) fn of_validating(configuration: &ValidatingWebhookConfiguration) -> Self {
        let hooks = configuration.webhooks.iter().flatten();
        Self {
            hooks: hooks
                .map(|hook| Hook::new(&hook.name, &hook.client_config))
                .collect(),
            owners: owners(&configuration.metadata),
        }
    }

    /// Whether every hook trusts exactly this bundle, and the configuration goes with the namespace.
    pub(super) fn says(&self, bundle: &str, namespace_uid: &str) -> bool {
        self.has(bundle) && self.owners.iter().any(|uid| uid == namespace_uid)
    }

    /// Whether every hook trusts exactly this bundle.
    pub(super) fn has(&self, bundle: &str) -> bool {
        self.hooks.iter().all(|hook| hook.bundle == bundle)
    }

    /// What is applied to it: the bundle of every hook that it has, and its owner. Nothing else is
    /// named, so nothing else is ours.
    pub(super) fn apply(&self, kind: Kind, name: &str, bundle: &str, owner: &Namespace) -> Value {
        let bundle = ByteString(bundle.as_bytes().to_vec());
        let hooks: Vec<Value> = self
            .hooks
            .iter()
            .map(|hook| json!({ "name": hook.name, "clientConfig": { "caBundle": bundle } }))
            .collect();
        json!({
            "apiVersion": "admissionregistration.k8s.io/v1",
            "kind": kind.as_str(),
            "metadata": {
                "name": name,
                "ownerReferences": [{
                    "apiVersion": "v1",
                    "kind": "Namespace",
                    "name": owner.metadata.name,
                    "uid": owner.metadata.uid,
                }],
            },
            "webhooks": hooks,
        })
    }
}
