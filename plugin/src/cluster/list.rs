//! Lists, page by page.

use std::fmt::Debug;

use k8s_openapi::NamespaceResourceScope;
use kube::api::ListParams;
use kube::{Api, Resource};
use serde::de::DeserializeOwned;

use crate::failure::Failure;

use super::{Call, Cluster};

/// Objects in one answer at most; the rest is asked for with the token that comes with it.
pub(super) const PAGE: u32 = 500;

/// How fresh the answer to a list must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Freshness {
    /// The newest there is. An API server answers such lists from its cache once that has caught up,
    /// which takes up to 100 ms when another one was answered just before.
    Live,
    /// What the API server's cache has (`resourceVersion=0`), at once: nearly always the newest, and
    /// never to be the last word on a flip.
    Recent,
}

impl Cluster {
    /// Every object of a kind in a namespace. A single request when one page holds them.
    pub(crate) async fn list<K>(
        &self,
        namespace: &str,
        query: Option<&str>,
    ) -> Result<Vec<K>, Failure>
    where
        K: Resource<Scope = NamespaceResourceScope> + Clone + Debug + DeserializeOwned,
        K::DynamicType: Default,
    {
        self.list_as(namespace, query, Freshness::Live).await
    }

    pub(super) async fn list_as<K>(
        &self,
        namespace: &str,
        query: Option<&str>,
        freshness: Freshness,
    ) -> Result<Vec<K>, Failure>
    where
        K: Resource<Scope = NamespaceResourceScope> + Clone + Debug + DeserializeOwned,
        K::DynamicType: Default,
    {
        let api = self.api::<K>(namespace);
        self.list_of(&api, namespace, query, freshness).await
    }

    /// Every object of a kind in one namespace, or in all of them.
    pub(crate) async fn list_in<K>(
        &self,
        namespace: Option<&str>,
        query: Option<&str>,
    ) -> Result<Vec<K>, Failure>
    where
        K: Resource<Scope = NamespaceResourceScope> + Clone + Debug + DeserializeOwned,
        K::DynamicType: Default,
    {
        if let Some(namespace) = namespace {
            return self.list(namespace, query).await;
        }
        let everywhere = Api::<K>::all(self.client.clone());
        self.list_of(&everywhere, "", query, Freshness::Live).await
    }

    async fn list_of<K>(
        &self,
        api: &Api<K>,
        namespace: &str,
        query: Option<&str>,
        freshness: Freshness,
    ) -> Result<Vec<K>, Failure>
    where
        K: Resource + Clone + Debug + DeserializeOwned,
        K::DynamicType: Default,
    {
        let resource = resource_of::<K>();
        self.pages(&resource, namespace, query, freshness, async |params| {
            let page = api.list(params).await?;
            Ok((page.metadata.continue_, page.items))
        })
        .await
    }

    /// Asks for one page after the other, each with the token that came with the one before.
    pub(super) async fn pages<T>(
        &self,
        resource: &str,
        namespace: &str,
        query: Option<&str>,
        freshness: Freshness,
        page: impl AsyncFn(&ListParams) -> kube::Result<(Option<String>, Vec<T>)>,
    ) -> Result<Vec<T>, Failure> {
        let call = Call {
            verb: "list",
            resource,
            name: "",
            namespace,
        };
        let mut params = match freshness {
            Freshness::Live => ListParams::default().limit(PAGE),
            Freshness::Recent => ListParams::default().match_any(),
        };
        params.label_selector = query.map(str::to_owned);
        let mut all = Vec::new();
        loop {
            let (token, items) = self.call(&call, page(&params)).await?;
            all.extend(items);
            match token.filter(|token| !token.is_empty()) {
                Some(token) => params.continue_token = Some(token),
                None => return Ok(all),
            }
        }
    }
}

/// `services`, `deployments.apps`: the resource as RBAC and `kubectl auth can-i` name it.
pub(super) fn resource_of<K>() -> String
where
    K: Resource,
    K::DynamicType: Default,
{
    let kind = K::DynamicType::default();
    let plural = K::plural(&kind);
    match K::group(&kind).as_ref() {
        "" => plural.into_owned(),
        group => format!("{plural}.{group}"),
    }
}
