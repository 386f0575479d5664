//! The switch that is under way, written on the production Service before it is flipped.

use jiff::{SignedDuration, Timestamp};
use k8s_openapi::api::core::v1::Service;
use serde::{Deserialize, Serialize};

use crate::keys;

/// How long an intent holds at most; one that claims longer means nothing.
pub const LONGEST: SignedDuration = SignedDuration::from_mins(2);
/// How far the clocks of who wrote it and who reads it may lie apart.
const SKEW: SignedDuration = SignedDuration::from_secs(30);

/// The value of the annotation `bluegreen.dev/intent`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Intent {
    /// The role that is to serve.
    pub to: String,
    /// The user who wants it; absent until the webhook or the plugin has stamped it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// How many pods served when it was set, as the webhook counted them; absent where none did. An
    /// autoscaler that grows the side that is left does not raise the bar any more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub serving: Option<usize>,
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

    /// When it was set, at the latest.
    #[must_use]
    pub fn set_at(&self) -> Timestamp {
        self.until.checked_sub(LONGEST).unwrap_or(Timestamp::MIN)
    }

    /// Whether it still means something.
    #[must_use]
    pub fn holds(&self, now: Timestamp) -> bool {
        now < self.until && self.until.duration_since(now) <= LONGEST + SKEW
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_holds_until_it_ends_though_the_readers_clock_is_behind() {
        let written: Timestamp = "2026-01-01T00:00:00Z".parse().unwrap();
        let intent = Intent {
            to: "green".to_owned(),
            by: None,
            serving: None,
            until: written + LONGEST,
        };
        let holds = |seconds: i64| intent.holds(written + SignedDuration::from_secs(seconds));
        assert!(holds(-30) && holds(0) && holds(119));
        assert!(!holds(-31) && !holds(120));
    }
}
