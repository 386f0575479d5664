//! Where the update begins: what runs, what there is to change, and what to go back to.

use bluegreen_shared::plan::rolling::{
    Before, Scene, changes, judge_template, may_become, may_begin, remembered, runs,
};
use bluegreen_shared::workload::Workload;
use k8s_openapi::api::apps::v1::{Deployment, ReplicaSet};
use k8s_openapi::api::core::v1::Service;
use serde_json::{Value, json};

use crate::cluster::Manifest;
use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::look::look;
use crate::verbs::stage::replica_sets;

use super::Rolling;
use super::order::Order;

/// What there is to do.
pub(super) enum Checked {
    /// Nothing: this one runs it already.
    Already(String),
    /// An update, or the rest of one that was cut off.
    Start(Box<Start>),
}

/// What the update begins with.
pub(super) struct Start {
    pub(super) workload: Workload,
    /// The Service that keeps the note of what was before.
    pub(super) service: Service,
    pub(super) order: Order,
    /// What is changed, in words; none where an update that was cut off has changed all of it.
    pub(super) changes: Vec<String>,
    pub(super) before: Before,
    /// The template of before, as the API server has it; `None` where it is gone.
    pub(super) template: Option<Value>,
    /// What it will run.
    images: Vec<String>,
    /// Whether the pods stay what they are: `kubectl rollout undo` would bring back another version then.
    keeps_template: bool,
}

impl Start {
    /// The last line for a person.
    pub(super) fn done(&self) -> String {
        let (what, resource) = (self.workload.reference(), self.workload.resource());
        let undo = (!self.keeps_template).then(|| format!("kubectl rollout undo {resource}"));
        let replicas = self.before.spec.get("replicas").and_then(Value::as_i64);
        let scale = replicas.map(|had| format!("kubectl scale {resource} --replicas={had}"));
        let back: Vec<String> = undo.into_iter().chain(scale).collect();
        let line = if self.keeps_template && !self.changes.is_empty() {
            format!("{what} is updated: {}", self.changes.join(", "))
        } else {
            format!("{what} runs {} now", self.images.join(", "))
        };
        if back.is_empty() {
            return line;
        }
        format!("{line}. Back: {}", back.join("; "))
    }
}

impl Rolling<'_> {
    /// Looks at what serves; says what it runs, and what there is to do.
    pub(super) async fn check(&self) -> Result<(Checked, String), Failure> {
        let objects = look(self.cluster, &self.target).await?;
        let scene = self.scene(&objects)?;
        let sets = replica_sets(self.cluster, &self.target, &objects).await?;
        let noted = remembered(&scene, &sets);
        may_begin(&scene, noted.is_some())?;
        let order = self.order(&scene, &objects).await?;
        let after = order.after(scene.deployment);
        let mut changes = changes(scene.deployment, after);
        changes.extend(order.creations());
        let what = scene.reference();
        let from: Vec<String> = scene.workload.images().map(str::to_owned).collect();
        let after_workload = Workload::from(after.clone());
        let images: Vec<String> = after_workload.images().map(str::to_owned).collect();
        self.tell_sides(&scene, &from, &images);
        let output = &self.pipeline.context.output;
        let Some(to_do) = said(&changes, noted.as_ref()) else {
            let words = format!("{what} runs this already: {}", from.join(", "));
            output.step("checked", &words);
            let mut sides = self.pipeline.record.sides.borrow_mut();
            sides.already = true;
            sides.from = None;
            sides.last.clone_from(&words);
            return Ok((Checked::Already(what), words));
        };
        may_become(&scene, &after_workload)?;
        let verdict = judge_template(&scene, &after_workload, &objects, Context::now());
        for warning in &verdict.warnings {
            output.warning(warning);
        }
        if !verdict.allows() {
            let what = format!("{what} may not be updated so, and nothing was changed");
            return Err(Failure::refused(what, &verdict));
        }
        let (before, template) = if let Some(noted) = noted {
            let template = self.template_of(&noted).await?;
            let back = if template.is_some() {
                "back to that where it fails"
            } else {
                "can't go back to that, of which no ReplicaSet is left"
            };
            output.warning(format_args!(
                "an update of {what} was cut off, before which it ran {}: this one goes on from there, and {back}",
                noted.images.join(", ")
            ));
            (noted.further(&scene, after), template)
        } else {
            let before = Before::of(&scene, running(&scene, &sets)?, after);
            (before, Some(self.template(&scene).await?))
        };
        let of = |one: &Deployment| one.spec.as_ref().map(|spec| spec.template.clone());
        let keeps_template = of(scene.deployment) == of(after)
            && runs(scene.deployment, &sets)
                .is_some_and(|set| set.metadata.name.as_deref() == Some(&before.replica_set));
        let counts = scene.workload.counts();
        let words = format!(
            "{what} runs {}, {} of {} pods ready; {to_do}",
            from.join(", "),
            counts.ready,
            scene.workload.replicas()
        );
        output.step("checked", &words);
        let service = scene.services.first().map(|service| (*service).clone());
        let start = Start {
            workload: scene.workload.clone(),
            service: service.unwrap_or_default(),
            order,
            changes,
            before,
            template,
            images,
            keeps_template,
        };
        Ok((Checked::Start(Box::new(start)), words))
    }

    fn tell_sides(&self, scene: &Scene<'_>, from: &[String], to: &[String]) {
        let mut sides = self.pipeline.record.sides.borrow_mut();
        scene.workload.name().clone_into(&mut sides.application);
        self.cluster.namespace().clone_into(&mut sides.namespace);
        sides.from = Some((scene.reference(), from.to_vec()));
        sides.to = Some((scene.reference(), to.to_vec()));
    }

    /// The template as the API server has it, with the fields that only a newer one knows.
    async fn template(&self, scene: &Scene<'_>) -> Result<Value, Failure> {
        let what = scene.reference();
        let found = self
            .raw(scene.workload.kind(), scene.workload.name())
            .await?;
        let generation = scene.workload.metadata().generation;
        match found {
            Some(found) if found["metadata"]["generation"].as_i64() == generation => {
                Ok(found["spec"]["template"].clone())
            }
            _ => Err(Failure::new(
                Exit::Busy,
                format!("{what} was changed by somebody else while it was looked at"),
            )
            .hint("run the command once more")),
        }
    }

    /// The template that a noted `ReplicaSet` has; `None` where it is gone.
    async fn template_of(&self, noted: &Before) -> Result<Option<Value>, Failure> {
        let found = self.raw("ReplicaSet", &noted.replica_set).await?;
        Ok(found.map(|found| found["spec"]["template"].clone()))
    }

    async fn raw(&self, kind: &str, name: &str) -> Result<Option<Value>, Failure> {
        let manifest = Manifest::of(json!({
            "apiVersion": "apps/v1", "kind": kind,
            "metadata": {"name": name, "namespace": self.cluster.namespace()},
        }));
        let Some(manifest) = manifest else {
            return Ok(None);
        };
        Ok(self
            .cluster
            .fetch(&manifest)
            .await?
            .map(|found| json!(found)))
    }
}

/// What there is to do, in words; `None` where there is nothing.
fn said(changes: &[String], noted: Option<&Before>) -> Option<String> {
    match (changes, noted) {
        ([], None) => None,
        ([], Some(_)) => Some("the rest of its update is to be done".to_owned()),
        (changes, _) => Some(changes.join(", ")),
    }
}

/// The `ReplicaSet` that keeps the template.
fn running<'s>(scene: &Scene<'_>, sets: &'s [ReplicaSet]) -> Result<&'s ReplicaSet, Failure> {
    runs(scene.deployment, sets).ok_or_else(|| {
        let resource = scene.workload.resource();
        Failure::new(
            Exit::Refused,
            format!(
                "{} has no ReplicaSet of its template yet: it could not be said what to go back to",
                scene.reference()
            ),
        )
        .hint(format!("kubectl rollout status {resource}, then once more"))
    })
}
