//! What `abort` has ended.

use serde::Serialize;
use serde_json::{Value, json};

use crate::render::{Style, View};

/// What was ended.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Aborted {
    pub(super) application: String,
    pub(super) namespace: String,
    /// The role that serves now; none where production is split or selects neither.
    pub(super) production: Option<String>,
    /// Each in words; none where nothing was under way.
    pub(super) ended: Vec<String>,
    #[serde(skip)]
    pub(super) services: Vec<String>,
}

impl View for Aborted {
    fn text(&self, style: Style, _wide: bool) -> String {
        let name = &self.application;
        let serves = match &self.production {
            Some(role) => format!("{} serves", style.strong(role)),
            None => "production is not one side".to_owned(),
        };
        let more = if self.ended.is_empty() {
            ""
        } else {
            " any more"
        };
        format!("nothing of {name} is under way{more}; {serves}\n")
    }

    fn names(&self) -> Vec<String> {
        let services = self.services.iter();
        services.map(|name| format!("service/{name}")).collect()
    }

    fn value(&self) -> Value {
        json!(self)
    }
}
