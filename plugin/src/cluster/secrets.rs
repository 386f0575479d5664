//! Secrets that the user names.

use k8s_openapi::api::core::v1::Secret;

use crate::failure::Failure;

use super::{Call, Cluster};

impl Cluster {
    /// A Secret of the user's namespace.
    ///
    /// # Errors
    /// It isn't there, or may not be read.
    pub(crate) async fn secret(&self, name: &str) -> Result<Secret, Failure> {
        let call = Call {
            verb: "get",
            resource: "secrets",
            name,
            namespace: &self.namespace,
        };
        let api = self.api::<Secret>(&self.namespace);
        self.call(&call, api.get(name)).await
    }
}
