//! A verdict against something, as a `Status` that every client can read. Its size is bounded,
//! however much there is to be said; what is left out is counted.

use std::borrow::Cow;
use std::collections::BTreeSet;

use bluegreen_shared::refusal::{Refusal, counted, explain};
use serde::Serialize;

use super::Review;
use super::answer::cut;

/// Causes in the details.
const CAUSES: usize = 16;
/// Characters of one cause.
const CAUSE_CHARACTERS: usize = 512;
/// Bytes of the message, without what is said about that which is left out.
const MESSAGE_BYTES: usize = 4096;

/// `metav1.Status`, as far as a denial uses it.
#[derive(Serialize)]
pub(super) struct Denial<'a> {
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
    message: Cow<'a, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<&'a str>,
}

impl<'a> Denial<'a> {
    /// Denies what is reviewed, for these reasons.
    pub(super) fn new(review: &'a Review<'_>, refusals: &'a [Refusal]) -> Self {
        let mut message = vec![message(refusals)];
        let all = refusals.len() + blamed(refusals).count();
        if let Some(more @ 1..) = all.checked_sub(CAUSES) {
            let more = counted(more, "more cause");
            message.push(format!("{more} than the details have room for"));
        }
        let sentences = refusals.iter().map(sentence);
        Self {
            status: "Failure",
            code: 403,
            reason: "Forbidden",
            message: message.join("\n"),
            details: Details {
                name: &review.name,
                group: &review.kind.group,
                kind: &review.kind.kind,
                causes: sentences.chain(blamed(refusals)).take(CAUSES).collect(),
            },
        }
    }
}

/// As many reasons as fit, and which others there are.
fn message(refusals: &[Refusal]) -> String {
    let fitting = (1..=refusals.len())
        .take_while(|count| explain(&refusals[..*count]).len() <= MESSAGE_BYTES)
        .last()
        .unwrap_or(1);
    let (told, rest) = refusals.split_at(fitting.min(refusals.len()));
    let message = explain(told);
    if rest.is_empty() {
        return message;
    }
    let codes: BTreeSet<&str> = rest.iter().map(|one| one.code.as_str()).collect();
    let codes = Vec::from_iter(codes).join(", ");
    let more = counted(rest.len(), "more reason");
    format!("{message}\n{more}: {codes}")
}

/// The reason itself. Those of all refusals come first: a side has many pods.
fn sentence(refusal: &Refusal) -> StatusCause<'_> {
    StatusCause {
        reason: refusal.code.as_str(),
        message: cut(&refusal.message, CAUSE_CHARACTERS),
        field: None,
    }
}

/// Every object that is to blame.
fn blamed(refusals: &[Refusal]) -> impl Iterator<Item = StatusCause<'_>> {
    refusals.iter().flat_map(|refusal| {
        refusal.causes.iter().map(|cause| StatusCause {
            reason: refusal.code.as_str(),
            message: cut(&cause.message, CAUSE_CHARACTERS),
            field: Some(&cause.object),
        })
    })
}
