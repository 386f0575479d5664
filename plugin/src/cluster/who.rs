//! Who the API server takes us for.

use k8s_openapi::api::authentication::v1::SelfSubjectReview;
use kube::Api;
use kube::api::PostParams;

use crate::failure::Failure;

use super::{Call, Cluster};

impl Cluster {
    /// The user's name, as admission and the audit log see it.
    pub(crate) async fn whoami(&self) -> Result<String, Failure> {
        let api: Api<SelfSubjectReview> = Api::all(self.client.clone());
        let call = Call {
            verb: "create",
            resource: "selfsubjectreviews.authentication.k8s.io",
            name: "",
            namespace: "",
        };
        let review = SelfSubjectReview::default();
        let params = PostParams::default();
        let answer = self.call(&call, api.create(&params, &review)).await?;
        answer
            .status
            .and_then(|status| status.user_info)
            .and_then(|user| user.username)
            .ok_or_else(|| Failure::could_not("the API server does not say who you are"))
    }
}
