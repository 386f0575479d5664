//! Pages of pods, in the API's binary form.

use axum::http::StatusCode;
use axum::http::header::{ACCEPT, HeaderValue};
use bluegreen_shared::pod_list::{self, Denied, PodList};
use http_body_util::BodyExt;
use k8s_openapi::api::core::v1::Pod;
use kube::Client;
use kube::api::{ListParams, Request};
use kube::client::Body;
use kube::core::Status;
use serde::de::Error;

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
    let status = answer.status();
    let body = answer.into_body().collect().await?.to_bytes();
    if !status.is_success() {
        return Err(kube::Error::Api(Box::new(denied(status, &body))));
    }
    let page = PodList::decode(&body)
        .map_err(|error| kube::Error::SerdeError(serde_json::Error::custom(error)))?;
    Ok((page.next, page.pods))
}

/// What the API server says against it, or what something in between does.
fn denied(status: StatusCode, body: &[u8]) -> Status {
    let said = Denied::decode(body).unwrap_or_else(|_| Denied {
        message: String::from_utf8_lossy(body).into_owned(),
        reason: status.canonical_reason().unwrap_or_default().to_owned(),
    });
    Status::failure(&said.message, &said.reason).with_code(status.as_u16())
}
