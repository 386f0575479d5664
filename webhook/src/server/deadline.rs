//! How long the API server will wait for this answer.

use std::time::Duration;

use axum::http::Uri;
use jiff::SignedDuration;

/// The longest that a webhook may take (`timeoutSeconds`).
const LONGEST: Duration = Duration::from_secs(30);
/// What a caller that says nothing gets.
const UNSAID: Duration = Duration::from_secs(5);

/// The time for an answer: what the query's `timeout` says, less a fifth for the way back.
///
/// The API server puts the time that is left there, rounded up to whole seconds.
pub(super) fn of(uri: &Uri) -> Duration {
    let said = uri
        .query()
        .unwrap_or_default()
        .split('&')
        .find_map(|pair| pair.strip_prefix("timeout="))
        .and_then(|text| text.parse::<SignedDuration>().ok())
        .and_then(|parsed| Duration::try_from(parsed).ok());
    said.unwrap_or(UNSAID).min(LONGEST) * 4 / 5
}

#[cfg(test)]
mod tests {
    use super::*;

    fn millis(uri: &'static str) -> u128 {
        of(&Uri::from_static(uri)).as_millis()
    }

    #[test]
    fn a_fifth_is_kept_for_the_way_back() {
        assert_eq!(millis("/flip?timeout=5s"), 4000);
        assert_eq!(millis("/flip?a=b&timeout=10s"), 8000);
        assert_eq!(millis("/flip?timeout=500ms"), 400);
    }

    #[test]
    fn nobody_gets_more_than_a_webhook_may_take() {
        assert_eq!(millis("/flip?timeout=1m30s"), 24_000);
        assert_eq!(millis("/flip?timeout=10000h"), 24_000);
    }

    #[test]
    fn what_cannot_be_read_is_as_if_it_were_not_said() {
        for uri in [
            "/flip",
            "/flip?timeout=",
            "/flip?timeout=-3s",
            "/flip?timeout=soon",
        ] {
            assert_eq!(millis(uri), 4000, "{uri}");
        }
    }
}
