//! What is told.

use std::fmt::Write;

use bluegreen_shared::refusal::quote;
use jiff::Timestamp;
use serde::{Serialize, Serializer};

use crate::render::{one_line, visible};

/// One step of a release, and how it stands.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Event {
    /// The application.
    pub(crate) application: String,
    /// The namespace that it is in.
    pub(crate) namespace: String,
    /// The side that is being released, where that is known yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) role: Option<String>,
    /// `check`, `stage`, `verify`, `confirm`, `switch`, `production` or `after`; of an update in place
    /// also `update` and `undo`.
    pub(crate) stage: &'static str,
    /// How the step stands.
    pub(crate) state: State,
    /// What there is to say, in one sentence; may be empty.
    pub(crate) message: String,
    /// Further lines, for those who have room for them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) details: Vec<String>,
    /// Who releases, as the API server knows them.
    pub(crate) by: String,
    /// When it came to stand so.
    #[serde(serialize_with = "to_the_millisecond")]
    pub(crate) at: Timestamp,
    /// Seconds that the step has taken.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) seconds: Option<f64>,
}

/// How a step stands. The names are part of the interface.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum State {
    /// It waits for somebody.
    Waiting,
    /// It is done.
    Passed,
    /// It is given up, and things stay as they are.
    Failed,
    /// It failed, and production is where it was before.
    TakenBack,
}

/// The event as programs get it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Document<'a> {
    api_version: &'static str,
    kind: &'static str,
    #[serde(flatten)]
    event: &'a Event,
}

impl State {
    fn words(self) -> &'static str {
        match self {
            Self::Waiting => "is waiting",
            Self::Passed => "passed",
            Self::Failed => "failed",
            Self::TakenBack => "was taken back",
        }
    }
}

impl Event {
    /// `shop/tomcat green: switch passed in 12 s: tomcat-service: blue → green`. One line, whatever
    /// others have written: it is the subject of a mail.
    pub(crate) fn line(&self) -> String {
        let mut line = self.subject();
        if let Some(role) = &self.role {
            let _ = write!(line, " {role}");
        }
        let _ = write!(line, ": {} {}", self.stage, self.state.words());
        if let Some(seconds) = self.seconds {
            let _ = write!(line, " in {}", took(seconds));
        }
        let said = quote(&self.message);
        if !said.is_empty() {
            let _ = write!(line, ": {said}");
        }
        one_line(&line).into_owned()
    }

    /// The same on a line of its own, what is known below it, and then the details.
    pub(crate) fn text(&self) -> String {
        let (namespace, application) = (self.namespace.clone(), self.application.clone());
        let rows = [
            ("application", Some(application)),
            ("namespace", Some(namespace)),
            ("role", self.role.clone()),
            ("step", Some(self.stage.to_owned())),
            ("state", Some(self.state.words().to_owned())),
            ("by", Some(self.by.clone())),
            ("at", Some(format!("{:.0}", self.at))),
            ("took", self.seconds.map(took)),
        ];
        let line = self.line();
        let mut text = format!("{line}\n\n");
        for (name, value) in rows {
            if let Some(value) = value {
                let _ = writeln!(text, "{name:<12} {}", one_line(&value));
            }
        }
        // Only where the first line has not said all of it.
        let said = (!line.ends_with(&self.message)).then_some(&self.message);
        let rest: Vec<_> = said.into_iter().chain(&self.details).collect();
        if !rest.is_empty() {
            text.push('\n');
        }
        for part in rest {
            let _ = writeln!(text, "{}", visible(part));
        }
        text
    }

    /// The document for programs.
    pub(crate) fn json(&self) -> String {
        let document = Document {
            api_version: "bluegreen.dev/v1",
            kind: "ReleaseEvent",
            event: self,
        };
        // Texts and numbers always have a JSON form.
        serde_json::to_string(&document).unwrap_or_default()
    }

    fn subject(&self) -> String {
        format!("{}/{}", self.namespace, self.application)
    }
}

/// As long as it is of interest how long it was.
fn took(seconds: f64) -> String {
    if seconds < 10.0 {
        format!("{seconds:.1} s")
    } else {
        format!("{seconds:.0} s")
    }
}

fn to_the_millisecond<S: Serializer>(at: &Timestamp, to: S) -> Result<S::Ok, S::Error> {
    to.collect_str(&format_args!("{at:.3}"))
}
