//! Who the API server takes us for.

use k8s_openapi::api::authentication::v1::SelfSubjectReview;
use k8s_openapi::api::authorization::v1::{
    ResourceAttributes, SelfSubjectAccessReview, SelfSubjectAccessReviewSpec,
};
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

    /// Whether the user may do something to all objects of a kind in the namespace.
    pub(crate) async fn may(
        &self,
        verb: &str,
        group: &str,
        resource: &str,
    ) -> Result<bool, Failure> {
        let api: Api<SelfSubjectAccessReview> = Api::all(self.client.clone());
        let call = Call {
            verb: "create",
            resource: "selfsubjectaccessreviews.authorization.k8s.io",
            name: "",
            namespace: "",
        };
        let review = SelfSubjectAccessReview {
            spec: SelfSubjectAccessReviewSpec {
                resource_attributes: Some(ResourceAttributes {
                    verb: Some(verb.to_owned()),
                    group: Some(group.to_owned()),
                    resource: Some(resource.to_owned()),
                    namespace: Some(self.namespace.clone()),
                    ..ResourceAttributes::default()
                }),
                non_resource_attributes: None,
            },
            ..SelfSubjectAccessReview::default()
        };
        let params = PostParams::default();
        let answer = self.call(&call, api.create(&params, &review)).await?;
        Ok(answer.status.is_some_and(|status| status.allowed))
    }
}
