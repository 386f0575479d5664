//! What a release has to show in the end.

use bluegreen_shared::application::Application;
use serde::Serialize;
use serde_json::{Value, json};

use crate::flags::DryRun;
use crate::render::{Style, View};
use crate::verify::production::Checked;

/// The outcome of a `switch` or a `rollback`.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Release {
    /// The application.
    pub(crate) application: String,
    /// Its namespace.
    pub(crate) namespace: String,
    /// The role that served before; the same as `to` where nothing had to be done.
    pub(crate) from: Option<String>,
    /// The role that serves now.
    pub(crate) to: String,
    /// The Services that were flipped.
    pub(crate) services: Vec<String>,
    /// Whether anything was flipped.
    pub(crate) changed: bool,
    /// Milliseconds for the patches of the selectors.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) flipped_ms: Option<u64>,
    /// Milliseconds from the first of those patches until every endpoint slice had followed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) followed_ms: Option<u64>,
    /// The checks of production, where they were wanted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) production: Option<Checked>,
    /// What stood in the way and was let pass, as `Code: sentence`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) warnings: Vec<String>,
    /// What to do next.
    #[serde(skip)]
    pub(crate) next: String,
    /// How far it went.
    #[serde(skip)]
    pub(crate) dry_run: DryRun,
}

impl Release {
    /// Nothing had to be done.
    pub(crate) fn already(application: &Application<'_>, namespace: &str, role: String) -> Self {
        Self {
            application: application.name.clone(),
            namespace: namespace.to_owned(),
            from: Some(role.clone()),
            to: role,
            services: Vec::new(),
            changed: false,
            flipped_ms: None,
            followed_ms: None,
            production: None,
            warnings: Vec::new(),
            next: String::new(),
            dry_run: DryRun::None,
        }
    }
}

impl View for Release {
    fn text(&self, style: Style, _wide: bool) -> String {
        let name = &self.application;
        let to = style.strong(&self.to);
        let suffix = self.dry_run.suffix();
        match (self.changed, self.dry_run) {
            (false, _) => format!("{name} is {to} already\n"),
            (true, DryRun::None) => format!("{name} is {to} now. {}\n", self.next),
            (true, _) => {
                let from = self.from.as_deref().unwrap_or("<none>");
                let line =
                    |service: &String| format!("service/{service} flipped: {from} → {to}{suffix}");
                let lines: Vec<String> = self.services.iter().map(line).collect();
                lines.join("\n") + "\n"
            }
        }
    }

    fn names(&self) -> Vec<String> {
        self.services
            .iter()
            .map(|service| format!("service/{service}"))
            .collect()
    }

    fn value(&self) -> Value {
        json!(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn release(changed: bool, dry_run: DryRun) -> String {
        Release {
            application: "tomcat".to_owned(),
            namespace: "shop".to_owned(),
            from: Some("blue".to_owned()),
            to: "green".to_owned(),
            services: vec!["tomcat-service".to_owned()],
            changed,
            flipped_ms: Some(12),
            followed_ms: None,
            production: None,
            warnings: Vec::new(),
            next: "Back: kubectl bluegreen rollback tomcat".to_owned(),
            dry_run,
        }
        .text(Style::new(false), false)
    }

    #[test]
    fn the_last_line_says_what_is_so_now() {
        assert_eq!(
            release(true, DryRun::None),
            "tomcat is green now. Back: kubectl bluegreen rollback tomcat\n"
        );
        assert_eq!(release(false, DryRun::None), "tomcat is green already\n");
        assert_eq!(
            release(true, DryRun::Server),
            "service/tomcat-service flipped: blue → green (server dry run)\n"
        );
    }
}
