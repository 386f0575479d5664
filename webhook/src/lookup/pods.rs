//! Pages of pods, in the API's binary form.

use axum::http::header::{ACCEPT, HeaderValue};
use bluegreen_shared::pod_list::{self, PodList};
use http_body_util::BodyExt;
use k8s_openapi::api::core::v1::Pod;
use kube::Client;
use kube::api::{ListParams, Request};
use kube::client::Body;
use kube::core::Status;

/// One page of a list, and the token that asks for the next one.
pub(super) async fn page(
    client: &Client,
    list: &Request,
    params: &ListParams,
) -> kube::Result<(Option<String>, Vec<Pod>)> {
    let mut request = list.list(params).map_err(kube::Error::BuildRequest)?;
    let accept = HeaderValue::from_static(pod_list::ACCEPT);
    request.headers_mut().insert(ACCEPT, accept);
    let answer = client.send(request.map(Body::from)).await?;
    let code = answer.status().as_u16();
    let body = answer.into_body().collect().await?.to_bytes();
    let page = PodList::answered(code, &body).map_err(|denied| {
        let status = Status::failure(&denied.message, &denied.reason).with_code(denied.code);
        kube::Error::Api(status.boxed())
    })?;
    Ok((page.next, page.pods))
}
