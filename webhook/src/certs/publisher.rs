//! Writes the bundle into the webhook configurations, and nothing else of them.

use k8s_openapi::api::admissionregistration::v1::{
    MutatingWebhookConfiguration, ValidatingWebhookConfiguration,
};
use k8s_openapi::api::core::v1::Namespace;
use kube::api::{Patch, PatchParams};
use kube::{Api, Client};
use tokio::sync::OnceCell;

use super::configuration::{Configuration, Kind};

/// The field manager of the bundle.
const MANAGER: &str = "bluegreen-webhook";

/// Applies to the two configurations of a name.
pub(super) struct Publisher {
    client: Client,
    name: String,
    namespace: String,
    /// The namespace that we run in, which the configurations go with.
    home: OnceCell<Namespace>,
}

impl Publisher {
    pub(super) fn new(client: Client, name: String, namespace: String) -> Self {
        Self {
            client,
            name,
            namespace,
            home: OnceCell::new(),
        }
    }

    /// Whether nothing is to be written: a change of the bundle makes every API server connect anew.
    pub(super) async fn is_published(
        &self,
        seen: &Configuration,
        bundle: &str,
    ) -> kube::Result<bool> {
        let uid = self.home().await?.metadata.uid.as_deref();
        Ok(seen.says(bundle, uid.unwrap_or_default()))
    }

    /// Writes the bundle; the configuration as it is then.
    pub(super) async fn publish(
        &self,
        kind: Kind,
        seen: &Configuration,
        bundle: &str,
    ) -> kube::Result<Configuration> {
        let patch = Patch::Apply(seen.apply(kind, &self.name, bundle, self.home().await?));
        let params = PatchParams::apply(MANAGER).force();
        let (client, name) = (self.client.clone(), &self.name);
        match kind {
            Kind::Mutating => {
                let api: Api<MutatingWebhookConfiguration> = Api::all(client);
                let applied = api.patch(name, &params, &patch).await?;
                Ok(Configuration::of_mutating(&applied))
            }
            Kind::Validating => {
                let api: Api<ValidatingWebhookConfiguration> = Api::all(client);
                let applied = api.patch(name, &params, &patch).await?;
                Ok(Configuration::of_validating(&applied))
            }
        }
    }

    async fn home(&self) -> kube::Result<&Namespace> {
        let namespaces: Api<Namespace> = Api::all(self.client.clone());
        let get = || async { namespaces.get(&self.namespace).await };
        self.home.get_or_try_init(get).await
    }
}
