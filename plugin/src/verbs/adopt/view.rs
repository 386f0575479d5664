//! What was done, or would be.

use bluegreen_shared::plan::adopt::{Act, Scene, Step};
use serde::Serialize;
use serde_json::{Value, json};

use crate::flags::DryRun;
use crate::render::{Style, View};

/// What became of the Deployment and the Service.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Adopted {
    application: String,
    namespace: String,
    /// The role that serves; absent where it was not adopted by us.
    #[serde(skip_serializing_if = "Option::is_none")]
    role: Option<String>,
    /// The other one.
    #[serde(skip_serializing_if = "Option::is_none")]
    idle: Option<String>,
    /// What was done by this run, in this order.
    steps: Vec<Done>,
    #[serde(skip)]
    dry_run: DryRun,
}

/// One step.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Done {
    /// `deployment.apps/shop-blue`.
    object: String,
    /// `created`.
    what: &'static str,
    /// In words.
    detail: String,
    /// What would be created, where nothing is.
    #[serde(skip_serializing_if = "Option::is_none")]
    manifest: Option<Value>,
}

impl Done {
    pub(super) fn of(step: &Step<'_>, dry_run: DryRun) -> Self {
        let manifest = match &step.act {
            Act::Create(object) if dry_run != DryRun::None => Some(object.clone()),
            _ => None,
        };
        Self {
            object: step.object.clone(),
            what: step.act.done(),
            detail: step.detail.clone(),
            manifest,
        }
    }
}

impl Adopted {
    pub(super) fn of(
        scene: &Scene<'_>,
        namespace: &str,
        steps: Vec<Done>,
        dry_run: DryRun,
    ) -> Self {
        Self {
            application: scene.service_name().to_owned(),
            namespace: namespace.to_owned(),
            role: Some(scene.role.as_str().to_owned()),
            idle: Some(scene.idle().as_str().to_owned()),
            steps,
            dry_run,
        }
    }

    pub(super) fn already(application: String, namespace: &str) -> Self {
        Self {
            application,
            namespace: namespace.to_owned(),
            role: None,
            idle: None,
            steps: Vec::new(),
            dry_run: DryRun::None,
        }
    }

    /// Whether this run did anything.
    pub(super) fn has_changed(&self) -> bool {
        self.dry_run == DryRun::None && !self.steps.is_empty()
    }
}

impl View for Adopted {
    fn text(&self, style: Style, _wide: bool) -> String {
        let name = style.strong(&self.application);
        match (&self.role, &self.idle, self.dry_run) {
            _ if self.steps.is_empty() => format!("{name} has two environments already\n"),
            (Some(role), Some(idle), DryRun::None) => format!(
                "{name} is {role} now, beside {idle}. The next version: kubectl bluegreen stage {} --image IMAGE\n",
                self.application
            ),
            _ => self.steps.iter().fold(String::new(), |text, step| {
                let Done {
                    object,
                    what,
                    detail,
                    ..
                } = step;
                text + &format!("{object} {what}{}: {detail}\n", self.dry_run.suffix())
            }),
        }
    }

    fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = Vec::new();
        for step in &self.steps {
            if !names.contains(&step.object) {
                names.push(step.object.clone());
            }
        }
        names
    }

    fn value(&self) -> Value {
        json!(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn adopted(dry_run: DryRun, steps: &[(&str, &'static str, &str)]) -> Adopted {
        let step = |(object, what, detail): &(&str, &'static str, &str)| Done {
            object: (*object).to_owned(),
            what,
            detail: (*detail).to_owned(),
            manifest: None,
        };
        Adopted {
            application: "shop".to_owned(),
            namespace: "n".to_owned(),
            role: Some("blue".to_owned()),
            idle: Some("green".to_owned()),
            steps: steps.iter().map(step).collect(),
            dry_run,
        }
    }

    #[test]
    fn a_dry_run_says_each_step_and_the_rest_what_is_so_now() {
        let steps = [
            ("service/shop", "flipped", "to role=blue"),
            ("deployment.apps/shop", "drained", "connections to its pods"),
            (
                "deployment.apps/shop",
                "deleted",
                "Deployment/shop-blue has its place",
            ),
        ];
        let text = |dry_run, steps: &[_]| adopted(dry_run, steps).text(Style::new(false), false);
        assert_eq!(
            text(DryRun::Server, &steps),
            "service/shop flipped (server dry run): to role=blue\n\
             deployment.apps/shop drained (server dry run): connections to its pods\n\
             deployment.apps/shop deleted (server dry run): Deployment/shop-blue has its place\n"
        );
        assert_eq!(
            text(DryRun::None, &steps),
            "shop is blue now, beside green. The next version: kubectl bluegreen stage shop --image IMAGE\n"
        );
        assert_eq!(
            text(DryRun::None, &[]),
            "shop has two environments already\n"
        );
        let names = adopted(DryRun::None, &steps).names();
        assert_eq!(names, ["service/shop", "deployment.apps/shop"]);
    }
}
