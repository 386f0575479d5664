//! What a Deployment that was made by an adoption says of the one that it takes the place of.
//!
//! Only by this is the old one known to be the one that may go: it is deleted by its uid, so that
//! nothing that merely has its name is ever taken for it. It never changes.

use serde::{Deserialize, Serialize};

use crate::keys;
use crate::workload::Workload;

/// The value of the annotation `bluegreen.dev/adopted`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origin {
    /// The name of the Deployment that was there before.
    pub name: String,
    /// Its uid.
    pub uid: String,
    /// The label key of the role.
    pub key: String,
}

impl Origin {
    /// What the workload says; `None` where it says nothing that can be read.
    #[must_use]
    pub fn of(workload: &Workload) -> Option<Self> {
        serde_json::from_str(workload.annotation(keys::ADOPTED)?).ok()
    }

    /// The annotation's value.
    #[must_use]
    pub fn text(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}
