//! URLs that are sent JSON.

use std::time::Duration;

use serde_json::json;
use tokio::time::timeout;

use crate::verify::Url;

use super::event::Event;
use super::flags::{Flags, Form};

/// A URL, and what it takes.
pub(super) struct Hook {
    url: Url,
    form: Form,
}

impl Hook {
    /// All that the flags name.
    pub(super) fn all(flags: &Flags) -> Vec<Self> {
        let urls = flags.notify_url.iter().cloned();
        let form = flags.notify_format;
        urls.map(|url| Self { url, form }).collect()
    }

    /// Sends it the event; a sentence where that did not work.
    pub(super) async fn tell(&self, event: &Event, limit: Duration) -> Option<String> {
        let sent = timeout(limit, self.url.post(self.document(event))).await;
        let why = match sent {
            Ok(Ok(())) => return None,
            Ok(Err(why)) => why,
            Err(_) => format!("no answer within {limit:?}"),
        };
        Some(format!("{} was not told: {why}", self.url.place()))
    }

    fn document(&self, event: &Event) -> String {
        match self.form {
            Form::Json => event.json(),
            Form::Slack => json!({"text": escaped(&event.line())}).to_string(),
        }
    }
}

/// A text without what Slack takes for links and for mentions of everybody.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_called_by_what_others_wrote() {
        assert_eq!(
            escaped("<!channel> a && b"),
            "&lt;!channel&gt; a &amp;&amp; b"
        );
    }
}
