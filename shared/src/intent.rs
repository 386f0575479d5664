//! The switch that is under way, written on the production Service before it is flipped.

use jiff::{SignedDuration, Timestamp};
use k8s_openapi::api::core::v1::Service;
use serde::{Deserialize, Serialize};

use crate::keys;

/// How long an intent holds at most; a longer one is read as if it ended then.
pub const LONGEST: SignedDuration = SignedDuration::from_mins(2);

/// The value of the annotation `bluegreen.dev/intent`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Intent {
    /// The role that is to serve.
    pub to: String,
    /// The user who wants it; absent until the webhook or the plugin has stamped it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// When it ends by itself.
    pub until: Timestamp,
}

impl Intent {
    /// The Service's intent as it is written, ended or not; `None` where there is none or it can't be read.
    #[must_use]
    pub fn of(service: &Service) -> Option<Self> {
        let text = service.metadata.annotations.as_ref()?.get(keys::INTENT)?;
        serde_json::from_str(text).ok()
    }

    /// Whether it still means something.
    #[must_use]
    pub fn holds(&self, now: Timestamp) -> bool {
        now < self.until && self.until.duration_since(now) <= LONGEST
    }
}
