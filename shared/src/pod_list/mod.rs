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

/// What the API server says instead of a list.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct Denied {
    /// The sentence.
    #[serde(default)]
    pub message: String,
    /// The word for it, such as `Forbidden`.
    #[serde(default)]
    pub reason: String,
}

/// Neither form of what was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the answer is no list of pods, neither as protobuf nor as JSON")]
pub struct Unreadable;

impl PodList {
    /// Reads the body of an answer with status 200.
    ///
    /// # Errors
    /// It is something else.
    pub fn decode(body: &[u8]) -> Result<Self, Unreadable> {
        if !body.starts_with(MAGIC) {
            let list: Json = serde_json::from_slice(body).map_err(|_| Unreadable)?;
            let next = list.metadata.continue_;
            return Ok(Self {
                next: next.filter(|token| !token.is_empty()),
                pods: list.items,
            });
        }
        let list: wire::PodList = unwrapped(body)?;
        let next = list.metadata.and_then(|metadata| metadata.r#continue);
        Ok(Self {
            next: next.filter(|token| !token.is_empty()),
            pods: list.items.into_iter().map(Pod::from).collect(),
        })
    }
}

impl Denied {
    /// Reads the body of an answer with another status.
    ///
    /// # Errors
    /// It is something else, as what a proxy in between answers.
    pub fn decode(body: &[u8]) -> Result<Self, Unreadable> {
        if !body.starts_with(MAGIC) {
            return serde_json::from_slice(body).map_err(|_| Unreadable);
        }
        let status: wire::Status = unwrapped(body)?;
        Ok(Self {
            message: status.message.unwrap_or_default(),
            reason: status.reason.unwrap_or_default(),
        })
    }
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
        let denied = br#"{"kind": "Status", "message": "no", "reason": "Forbidden", "code": 403}"#;
        assert_eq!(Denied::decode(denied).unwrap().reason, "Forbidden");
    }

    #[test]
    fn a_denial_is_read_as_well() {
        let status = wire::Status {
            message: Some("pods is forbidden".to_owned()),
            reason: Some("Forbidden".to_owned()),
        };
        let denied = Denied::decode(&wrapped(&status)).unwrap();
        assert_eq!(denied.message, "pods is forbidden");
        assert_eq!(denied.reason, "Forbidden");
    }

    #[test]
    fn anything_else_is_unreadable() {
        for body in [&b""[..], b"k8s", b"7", b"k8s\0\xff\xff", b"<html>"] {
            assert_eq!(PodList::decode(body), Err(Unreadable));
            assert_eq!(Denied::decode(body), Err(Unreadable));
        }
    }
}
