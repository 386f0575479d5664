//! The wish that a release ends, which stands on its Lease.

use std::fmt;

use k8s_openapi::api::coordination::v1::Lease;
use serde::{Deserialize, Serialize};

use crate::keys;

use super::said;

/// Somebody's wish that the release ends: the value of the annotation `bluegreen.dev/abort`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Abort {
    /// The user.
    pub by: String,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

impl fmt::Display for Abort {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&said(&self.by))?;
        match &self.reason {
            Some(reason) => write!(out, ": {:?}", said(reason)),
            None => Ok(()),
        }
    }
}

/// The Lease with the wish that its holder ends.
#[must_use]
pub fn aborted(lease: &Lease, abort: &Abort) -> Lease {
    let mut lease = lease.clone();
    let value = serde_json::to_string(abort).unwrap_or_default();
    let annotations = lease.metadata.annotations.get_or_insert_default();
    annotations.insert(keys::ABORT.to_owned(), value);
    lease
}

/// Whose wish it is that the holder ends, where there is one; a hand-written one is nobody's.
#[must_use]
pub fn abort(lease: &Lease) -> Option<Abort> {
    let text = lease.metadata.annotations.as_ref()?.get(keys::ABORT)?;
    Some(serde_json::from_str(text).unwrap_or_else(|_| Abort {
        by: "somebody".to_owned(),
        reason: None,
    }))
}
