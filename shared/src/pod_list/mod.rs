//! A list of pods in the API's binary form.
//!
//! Lists of pods are most of what a flip waits for. As protobuf they are two thirds as large, the
//! API server writes them in a fraction of the time, and who wrote which field
//! (`metadata.managedFields`, half of a pod) is skipped instead of parsed.

mod convert;
mod wire;

use k8s_openapi::api::core::v1::Pod;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ListMeta;
use prost::Message;
use serde::Deserialize;

/// The media types to ask for; JSON from whatever has no other form.
pub const ACCEPT: &str = "application/vnd.kubernetes.protobuf, application/json";
/// What every answer of that type begins with (`k8s.io/apimachinery/pkg/runtime/serializer/protobuf`).
const MAGIC: &[u8] = b"k8s\0";

/// One page of a list of pods.
///
/// Of each pod only that is there which a decision, a check or a screen looks at.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PodList {
    /// The token that asks for the next page; `None` on the last one.
    pub next: Option<String>,
    /// The pods of this page.
    pub pods: Vec<Pod>,
}

#[derive(Deserialize)]
struct Json {
    #[serde(default)]
    metadata: ListMeta,
    items: Vec<Pod>,
}

/// Why there is no list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Denied {
    /// The HTTP status.
    pub code: u16,
    /// The API server's sentence, or what something in between says.
    pub message: String,
    /// The word for it, such as `Forbidden`; may be empty.
    pub reason: String,
}

/// A `Status` in JSON.
#[derive(Deserialize)]
struct JsonStatus {
    #[serde(default)]
    message: String,
    #[serde(default)]
    reason: String,
}

/// Neither form of what was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Unreadable;

impl PodList {
    /// Reads an answer by its HTTP status and body.
    ///
    /// # Errors
    /// The API server, or what lies between, says something else than a list.
    pub fn answered(code: u16, body: &[u8]) -> Result<Self, Denied> {
        let denied = |message: &str, reason: &str| Denied {
            code,
            message: message.to_owned(),
            reason: reason.to_owned(),
        };
        if (200..300).contains(&code) {
            let unreadable = "the answer is no list of pods, neither as protobuf nor as JSON";
            return Self::decode(body).map_err(|_| denied(unreadable, "Unreadable"));
        }
        let said =
            status(body).unwrap_or_else(|_| (String::from_utf8_lossy(body).into(), String::new()));
        Err(denied(&said.0, &said.1))
    }

    fn decode(body: &[u8]) -> Result<Self, Unreadable> {
        let (next, pods) = if body.starts_with(MAGIC) {
            let list: wire::PodList = unwrapped(body)?;
            let next = list.metadata.and_then(|metadata| metadata.r#continue);
            (next, list.items.into_iter().map(Pod::from).collect())
        } else {
            let list: Json = serde_json::from_slice(body).map_err(|_| Unreadable)?;
            (list.metadata.continue_, list.items)
        };
        let next = next.filter(|token| !token.is_empty());
        Ok(Self { next, pods })
    }
}

/// Sentence and reason of a `Status`.
fn status(body: &[u8]) -> Result<(String, String), Unreadable> {
    if body.starts_with(MAGIC) {
        let status: wire::Status = unwrapped(body)?;
        return Ok((
            status.message.unwrap_or_default(),
            status.reason.unwrap_or_default(),
        ));
    }
    let status: JsonStatus = serde_json::from_slice(body).map_err(|_| Unreadable)?;
    Ok((status.message, status.reason))
}

fn unwrapped<M: Message + Default>(body: &[u8]) -> Result<M, Unreadable> {
    let wrapped = body.strip_prefix(MAGIC).ok_or(Unreadable)?;
    let unknown = wire::Unknown::decode(wrapped).map_err(|_| Unreadable)?;
    M::decode(unknown.raw.unwrap_or_default().as_slice()).map_err(|_| Unreadable)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrapped(message: &impl Message) -> Vec<u8> {
        let unknown = wire::Unknown {
            raw: Some(message.encode_to_vec()),
        };
        [MAGIC, &unknown.encode_to_vec()].concat()
    }

    #[test]
    fn a_page_says_where_the_list_goes_on() {
        let page = |token: &str| wire::PodList {
            metadata: Some(wire::ListMeta {
                r#continue: Some(token.to_owned()),
            }),
            items: vec![wire::Pod::default()],
        };
        let read = PodList::decode(&wrapped(&page("more"))).unwrap();
        assert_eq!(read.next.as_deref(), Some("more"));
        assert_eq!(read.pods, [Pod::default()]);
        assert_eq!(PodList::decode(&wrapped(&page(""))).unwrap().next, None);
    }

    #[test]
    fn json_is_read_where_there_is_no_other_form() {
        let body =
            br#"{"metadata": {"continue": "more"}, "items": [{"metadata": {"name": "web-1"}}]}"#;
        let read = PodList::decode(body).unwrap();
        assert_eq!(read.next.as_deref(), Some("more"));
        assert_eq!(read.pods[0].metadata.name.as_deref(), Some("web-1"));
    }

    #[test]
    fn a_denial_says_why_in_either_form() {
        let binary = wrapped(&wire::Status {
            message: Some("pods is forbidden".to_owned()),
            reason: Some("Forbidden".to_owned()),
        });
        let json = br#"{"kind": "Status", "message": "pods is forbidden", "reason": "Forbidden"}"#;
        for body in [&binary[..], json] {
            let denied = PodList::answered(403, body).unwrap_err();
            assert_eq!(denied.code, 403);
            assert_eq!(denied.message, "pods is forbidden");
            assert_eq!(denied.reason, "Forbidden");
        }
        let proxy = PodList::answered(502, b"<html>bad gateway</html>").unwrap_err();
        assert_eq!(
            (proxy.code, &*proxy.message),
            (502, "<html>bad gateway</html>")
        );
    }

    #[test]
    fn anything_else_is_no_list() {
        for body in [&b""[..], b"k8s", b"7", b"k8s\0\xff\xff", b"<html>"] {
            let denied = PodList::answered(200, body).unwrap_err();
            assert_eq!(denied.reason, "Unreadable");
        }
    }
}
