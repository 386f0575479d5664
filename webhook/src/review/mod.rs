//! The one place that knows `AdmissionReview` (`admission.k8s.io/v1`), in and out.
//!
//! The envelope is decoded first and borrows from the body, so that the uid can be echoed whatever
//! the objects in it are like; those are parsed when somebody asks for them.

use std::borrow::Cow;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

mod answer;
mod denial;
#[cfg(test)]
mod tests;

pub(crate) use answer::Answer;

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
    resource: Resource<'a>,
    #[serde(borrow, default)]
    options: Option<Options<'a>>,
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

#[derive(Debug, Default, Deserialize)]
struct Resource<'a> {
    #[serde(borrow, default)]
    resource: Cow<'a, str>,
}

/// `PatchOptions` and its like, as far as they say with which tool.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Options<'a> {
    #[serde(borrow, default)]
    field_manager: Cow<'a, str>,
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

/// The body is not a review that can be answered. The words of others in it are cut off.
#[derive(Debug, thiserror::Error)]
#[error("{0:.300}")]
pub(crate) struct Malformed(pub(crate) String);

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
            // It becomes part of a path to the API server, and not only that one can send reviews.
            Some(request) if !is_label(&request.namespace) => {
                Err(Malformed("the review's namespace is none".into()))
            }
            Some(request) if request.kind.kind == "Namespace" && !is_label(&request.name) => Err(
                Malformed("the name of the review's Namespace is none".into()),
            ),
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

    /// The resource that is asked for, `deployments`; that of the parent for a subresource.
    pub(crate) fn resource(&self) -> &str {
        &self.resource.resource
    }

    /// With which tool: the request's field manager, empty where it names none.
    pub(crate) fn manager(&self) -> &str {
        self.options
            .as_ref()
            .map_or("", |options| &options.field_manager)
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
}

/// Whether this may be a namespace's name (RFC 1123 label), or nothing.
fn is_label(name: &str) -> bool {
    name.len() <= 63
        && name
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}

fn parse<T: DeserializeOwned>(field: &str, raw: Option<&RawValue>) -> Result<Option<T>, Malformed> {
    raw.map(|raw| serde_json::from_str(raw.get()))
        .transpose()
        .map_err(|error| Malformed(format!("the review's {field} can't be read: {error}")))
}
