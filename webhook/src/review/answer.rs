//! What we say to a review, and how it is sent.

use std::borrow::Cow;

use bluegreen_shared::refusal::Refusal;
use json_patch::PatchOperation;
use k8s_openapi::ByteString;
use serde::Serialize;

use super::denial::Denial;
use super::{API_VERSION, KIND, Review};

/// Characters of a warning; the API server cuts there.
const WARNING_CHARACTERS: usize = 256;
/// Warnings of one answer; beyond 4096 characters in all the API server shortens every one.
const WARNINGS: usize = 15;

/// What we say to it.
#[derive(Debug)]
pub(crate) enum Answer {
    /// It may be done, as it was asked or with these operations.
    Allow {
        /// Explicit operations on the object as it was sent; none for a validating hook.
        patch: Vec<PatchOperation>,
        /// What the user should read.
        warnings: Vec<String>,
    },
    /// It may not.
    Deny(Vec<Refusal>),
}

impl Answer {
    /// The same for a namespace that wants no denial: a warning for each reason.
    pub(crate) fn into_warnings(self) -> Self {
        match self {
            Self::Deny(refusals) => Self::Allow {
                patch: Vec::new(),
                warnings: refusals.iter().map(ToString::to_string).collect(),
            },
            other @ Self::Allow { .. } => other,
        }
    }
}

impl Review<'_> {
    /// The answer as it is sent.
    pub(crate) fn encode(&self, answer: &Answer) -> Result<Vec<u8>, serde_json::Error> {
        let response = match answer {
            Answer::Allow { patch, warnings } => Response {
                uid: &self.uid,
                allowed: true,
                patch: match patch.as_slice() {
                    [] => None,
                    operations => Some(ByteString(serde_json::to_vec(operations)?)),
                },
                patch_type: (!patch.is_empty()).then_some("JSONPatch"),
                status: None,
                warnings: warnings
                    .iter()
                    .take(WARNINGS)
                    .map(|text| warning(text))
                    .collect(),
            },
            Answer::Deny(refusals) => Response {
                uid: &self.uid,
                allowed: false,
                patch: None,
                patch_type: None,
                status: Some(Denial::new(self, refusals)),
                warnings: Vec::new(),
            },
        };
        serde_json::to_vec(&Reviewed {
            api_version: API_VERSION,
            kind: KIND,
            response,
        })
    }
}

/// One line that the API server passes on whole.
fn warning(text: &str) -> String {
    let line: String = text
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    cut(&line, WARNING_CHARACTERS).into_owned()
}

/// At most so many characters, the last of which tells where there were more.
pub(super) fn cut(text: &str, most: usize) -> Cow<'_, str> {
    if text.chars().count() <= most {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.chars().take(most - 1).chain(['…']).collect())
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Reviewed<'a> {
    api_version: &'a str,
    kind: &'a str,
    response: Response<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Response<'a> {
    uid: &'a str,
    allowed: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<Denial<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    patch: Option<ByteString>,
    #[serde(skip_serializing_if = "Option::is_none")]
    patch_type: Option<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    warnings: Vec<String>,
}
