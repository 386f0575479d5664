//! What the API server was asked, from its audit log: one event for each answered request.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{Read, Seek, SeekFrom};
use std::path::PathBuf;

use anyhow::{Context, Result, anyhow};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::MicroTime;
use serde::Deserialize;

use crate::cluster::SANDBOX;
use crate::sandbox::AUDIT_LOG;

/// A place in the audit log.
#[derive(Clone, Copy, Debug)]
pub struct Mark(u64);

/// A request that has been answered.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Event {
    /// `ResponseComplete`; a watch has a `ResponseStarted` before it, a crashed request a `Panic`.
    pub stage: String,
    /// `get`, `list`, `patch`…
    pub verb: String,
    /// Path and query.
    #[serde(rename = "requestURI")]
    pub uri: String,
    /// Who asked.
    pub user: User,
    /// Whom they asked as, if not as themselves.
    pub impersonated_user: Option<User>,
    /// The program that asked.
    #[serde(default)]
    pub user_agent: String,
    /// What it was about; none for paths such as `/readyz`.
    pub object_ref: Option<Object>,
    /// How it ended.
    pub response_status: Option<Status>,
    /// When the API server received the request.
    #[serde(rename = "requestReceivedTimestamp")]
    pub received: MicroTime,
    /// When it reached this stage: when it was answered.
    #[serde(rename = "stageTimestamp")]
    pub answered: MicroTime,
    /// What authorization and admission noted.
    #[serde(default)]
    pub annotations: BTreeMap<String, String>,
}

/// A user of the API server.
#[derive(Clone, Debug, Deserialize)]
pub struct User {
    /// The name, such as `admin` or `system:serviceaccount:shop:ci`.
    pub username: String,
    /// The groups.
    #[serde(default)]
    pub groups: Vec<String>,
}

/// The object of a request.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Object {
    /// Such as `services`.
    pub resource: String,
    /// Such as `status` or `scale`.
    pub subresource: String,
    /// Empty for objects without one.
    pub namespace: String,
    /// Empty for lists.
    pub name: String,
}

/// The status of an answer.
#[derive(Clone, Debug, Deserialize)]
pub struct Status {
    /// The HTTP status.
    pub code: u16,
}

/// Where the log ends now.
///
/// # Errors
/// There is no audit log: this isn't a sandbox.
pub fn mark() -> Result<Mark> {
    let path = path()?;
    let metadata =
        fs::metadata(&path).with_context(|| format!("no audit log {}", path.display()))?;
    Ok(Mark(metadata.len()))
}

/// What has been answered since, in the order in which it was. The API server writes an event down right after its
/// answer: look [`eventually`](crate::eventually::eventually) for the last one.
///
/// # Errors
/// The log can't be read.
pub fn since(mark: Mark) -> Result<Vec<Event>> {
    let path = path()?;
    let mut log = File::open(&path).with_context(|| format!("no audit log {}", path.display()))?;
    log.seek(SeekFrom::Start(mark.0))?;
    let mut text = String::new();
    log.read_to_string(&mut text)?;
    // The last line may be under way.
    let whole = text.rfind('\n').map_or("", |end| &text[..end]);
    whole
        .lines()
        .map(|line| serde_json::from_str(line).with_context(|| format!("not an event: {line}")))
        .collect()
}

pub(crate) fn path() -> Result<PathBuf> {
    let folder = std::env::var_os(SANDBOX)
        .ok_or_else(|| anyhow!("the audit log can only be read in the sandbox: run `make test`"))?;
    Ok(PathBuf::from(folder).join(AUDIT_LOG))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_read() {
        let event: Event = serde_json::from_value(serde_json::json!({
            "kind": "Event", "apiVersion": "audit.k8s.io/v1", "level": "Metadata", "auditID": "1",
            "stage": "ResponseComplete", "requestURI": "/api/v1/namespaces/shop/services/web", "verb": "patch",
            "user": {"username": "admin", "groups": ["system:masters"]},
            "sourceIPs": ["127.0.0.1"], "userAgent": "kubectl-bluegreen/0.1.0",
            "objectRef": {"resource": "services", "namespace": "shop", "name": "web", "apiVersion": "v1"},
            "responseStatus": {"metadata": {}, "code": 403},
            "requestReceivedTimestamp": "2026-11-24T08:00:00.000001Z", "stageTimestamp": "2026-11-24T08:00:00.020001Z",
            "annotations": {"authorization.k8s.io/decision": "allow"}
        }))
        .unwrap();
        assert_eq!(event.user.username, "admin");
        assert_eq!(event.object_ref.unwrap().name, "web");
        assert_eq!(event.response_status.unwrap().code, 403);
        assert_eq!(
            event
                .answered
                .0
                .duration_since(event.received.0)
                .as_millis(),
            20
        );
    }
}
