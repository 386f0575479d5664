//! The one file that knows `AdmissionReview` (`admission.k8s.io/v1`), in and out.
//!
//! The envelope is decoded first and borrows from the body, so that the uid can be echoed whatever
//! the objects in it are like; those are parsed when somebody asks for them.

use std::borrow::Cow;

use bluegreen_shared::refusal::{self, Refusal};
use json_patch::PatchOperation;
use k8s_openapi::ByteString;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// Characters of a warning; the API server cuts there.
const WARNING_CHARACTERS: usize = 256;
/// Warnings of one answer; beyond 4096 characters in all the API server shortens every one.
const WARNINGS: usize = 15;
/// Objects that a denial blames one by one.
const CAUSES: usize = 200;

const API_VERSION: &str = "admission.k8s.io/v1";
const KIND: &str = "AdmissionReview";

/// What somebody asks the API server to do.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Review<'a> {
    #[serde(borrow)]
    uid: Cow<'a, str>,
    #[serde(borrow)]
    kind: Kind<'a>,
    #[serde(borrow, default)]
    name: Cow<'a, str>,
    #[serde(borrow, default)]
    namespace: Cow<'a, str>,
    #[serde(borrow)]
    operation: Cow<'a, str>,
    #[serde(borrow)]
    user_info: User<'a>,
    #[serde(borrow)]
    object: Option<&'a RawValue>,
    #[serde(borrow)]
    old_object: Option<&'a RawValue>,
    #[serde(default)]
    dry_run: Option<bool>,
}

#[derive(Debug, Deserialize)]
struct Kind<'a> {
    #[serde(borrow, default)]
    group: Cow<'a, str>,
    #[serde(borrow)]
    kind: Cow<'a, str>,
}

#[derive(Debug, Deserialize)]
struct User<'a> {
    #[serde(borrow, default)]
    username: Cow<'a, str>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Envelope<'a> {
    #[serde(borrow)]
    api_version: Cow<'a, str>,
    #[serde(borrow)]
    kind: Cow<'a, str>,
    #[serde(borrow)]
    request: Option<Review<'a>>,
}

/// The body is not a review that can be answered.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Malformed(pub(crate) String);

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

impl<'a> Review<'a> {
    /// Reads the envelope.
    pub(crate) fn decode(body: &'a [u8]) -> Result<Self, Malformed> {
        if body.is_empty() {
            return Err(Malformed(
                "the body is empty, an AdmissionReview was expected".into(),
            ));
        }
        let envelope: Envelope<'a> = serde_json::from_slice(body)
            .map_err(|error| Malformed(format!("the body is not an AdmissionReview: {error}")))?;
        if envelope.kind != KIND || envelope.api_version != API_VERSION {
            let (kind, version) = (envelope.kind, envelope.api_version);
            return Err(Malformed(format!(
                "the body is {kind:.60?} of {version:.60?}, not an {KIND} of {API_VERSION}"
            )));
        }
        match envelope.request {
            Some(request) if request.uid.is_empty() => {
                Err(Malformed("the AdmissionReview has no uid".into()))
            }
            Some(request) => Ok(request),
            None => Err(Malformed("the AdmissionReview has no request".into())),
        }
    }

    /// Group and kind of what changes: `("apps", "Deployment")`.
    pub(crate) fn kind(&self) -> (&str, &str) {
        (&self.kind.group, &self.kind.kind)
    }

    /// `CREATE`, `UPDATE`, `DELETE` or `CONNECT`.
    pub(crate) fn operation(&self) -> &str {
        &self.operation
    }

    /// The request's uid, the same in the API server's audit log.
    pub(crate) fn uid(&self) -> &str {
        &self.uid
    }

    /// The object's namespace, empty for what has none.
    pub(crate) fn namespace(&self) -> &str {
        &self.namespace
    }

    /// The object's name, empty where the API server is to make one up.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Who asks.
    pub(crate) fn user(&self) -> &str {
        &self.user_info.username
    }

    /// Whether nothing will be stored.
    pub(crate) fn is_dry_run(&self) -> bool {
        self.dry_run.unwrap_or(false)
    }

    /// The object as it would be stored; none for a deletion.
    pub(crate) fn object<T: DeserializeOwned>(&self) -> Result<Option<T>, Malformed> {
        parse("object", self.object)
    }

    /// The object as it is stored; none for a creation.
    pub(crate) fn old_object<T: DeserializeOwned>(&self) -> Result<Option<T>, Malformed> {
        parse("oldObject", self.old_object)
    }

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
                status: Some(self.forbidden(refusals)),
                warnings: Vec::new(),
            },
        };
        serde_json::to_vec(&Reviewed {
            api_version: API_VERSION,
            kind: KIND,
            response,
        })
    }

    fn forbidden<'r>(&'r self, refusals: &'r [Refusal]) -> Failed<'r> {
        Failed {
            status: "Failure",
            code: 403,
            reason: "Forbidden",
            message: refusal::explain(refusals),
            details: Details {
                name: &self.name,
                group: &self.kind.group,
                kind: &self.kind.kind,
                causes: refusals.iter().flat_map(causes).take(CAUSES).collect(),
            },
        }
    }
}

fn parse<T: DeserializeOwned>(field: &str, raw: Option<&RawValue>) -> Result<Option<T>, Malformed> {
    raw.map(|raw| serde_json::from_str(raw.get()))
        .transpose()
        .map_err(|error| Malformed(format!("the review's {field} can't be read: {error}")))
}

/// The sentence first, then every object that is to blame.
fn causes(refusal: &Refusal) -> impl Iterator<Item = StatusCause<'_>> {
    let reason = refusal.code.as_str();
    let sentence = StatusCause {
        reason,
        message: &refusal.message,
        field: None,
    };
    let blamed = refusal.causes.iter().map(move |cause| StatusCause {
        reason,
        message: &cause.message,
        field: Some(&cause.object),
    });
    std::iter::once(sentence).chain(blamed)
}

/// One line that the API server passes on whole.
fn warning(text: &str) -> String {
    let line: String = text
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    if line.chars().count() <= WARNING_CHARACTERS {
        return line;
    }
    line.chars()
        .take(WARNING_CHARACTERS - 1)
        .chain(['…'])
        .collect()
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
    status: Option<Failed<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    patch: Option<ByteString>,
    #[serde(skip_serializing_if = "Option::is_none")]
    patch_type: Option<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    warnings: Vec<String>,
}

#[derive(Serialize)]
struct Failed<'a> {
    status: &'a str,
    code: u16,
    reason: &'a str,
    message: String,
    details: Details<'a>,
}

#[derive(Serialize)]
struct Details<'a> {
    name: &'a str,
    group: &'a str,
    kind: &'a str,
    causes: Vec<StatusCause<'a>>,
}

#[derive(Serialize)]
struct StatusCause<'a> {
    reason: &'a str,
    message: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<&'a str>,
}
