//! A namespace in which an adoption is planned and carried out, without a cluster.

use bluegreen_shared::history::{self, Entry, Ready, Revisions};
use bluegreen_shared::keys;
use bluegreen_shared::objects::Objects;
use bluegreen_shared::plan::Declined;
use bluegreen_shared::plan::adopt::{Act, Adoption, Ask, Beside, Found, Scene, find, plan};
use bluegreen_shared::workload::Workload;
use jiff::Timestamp;
use k8s_openapi::api::autoscaling::v2::HorizontalPodAutoscaler;
use k8s_openapi::api::policy::v1::PodDisruptionBudget;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

/// The API server's objects, as it would send them.
#[derive(Clone, Debug)]
pub(crate) struct World {
    pub(crate) services: Vec<Value>,
    pub(crate) deployments: Vec<Value>,
    pub(crate) pods: Vec<Value>,
    pub(crate) scalers: Vec<Value>,
    pub(crate) budgets: Vec<Value>,
    uids: u32,
}

pub(crate) fn now() -> Timestamp {
    "2026-05-01T12:00:00Z".parse().unwrap()
}

pub(crate) fn ask() -> Ask {
    Ask {
        name: "shop".to_owned(),
        role: None,
        role_key: None,
        idle_replicas: 0,
    }
}

fn read<T: DeserializeOwned>(values: &[Value]) -> Vec<T> {
    let all = values.iter().cloned();
    all.map(|one| serde_json::from_value(one).unwrap())
        .collect()
}

/// `shop`, two pods of it ready, behind a Service of that name.
pub(crate) fn shop() -> World {
    let mut world = World {
        services: vec![json!({
            "apiVersion": "v1", "kind": "Service",
            "metadata": {"name": "shop", "namespace": "n", "uid": "service", "resourceVersion": "1"},
            "spec": {"selector": {"app": "shop"}, "ports": [{"port": 80, "targetPort": 8080}]},
        })],
        deployments: Vec::new(),
        pods: Vec::new(),
        scalers: Vec::new(),
        budgets: Vec::new(),
        uids: 0,
    };
    world.create(&json!({
        "apiVersion": "apps/v1", "kind": "Deployment",
        "metadata": {
            "name": "shop", "namespace": "n", "labels": {"app": "shop"},
            "annotations": {
                "kubectl.kubernetes.io/last-applied-configuration": "{}",
                "deployment.kubernetes.io/revision": "3",
                "team": "pay",
            },
        },
        "spec": {
            "replicas": 2,
            "selector": {"matchLabels": {"app": "shop"}},
            "template": {
                "metadata": {"labels": {"app": "shop"}},
                "spec": {"containers": [{
                    "name": "shop", "image": "shop:1", "ports": [{"containerPort": 8080}],
                    "aFieldOfTomorrow": true,
                }]},
            },
        },
    }));
    world.settle();
    world
}

impl World {
    pub(crate) fn objects(&self) -> Objects {
        let deployments = self.deployments.iter().map(|one| {
            let deployment: k8s_openapi::api::apps::v1::Deployment =
                serde_json::from_value(one.clone()).unwrap();
            Workload::from(deployment)
        });
        Objects {
            services: read(&self.services),
            workloads: deployments.collect(),
            pods: read(&self.pods),
            ..Objects::default()
        }
    }

    pub(crate) fn deployment(&mut self, name: &str) -> &mut Value {
        let mut all = self.deployments.iter_mut();
        all.find(|one| one["metadata"]["name"] == name).unwrap()
    }

    pub(crate) fn names(&self) -> Vec<&str> {
        let all = self.deployments.iter().chain(&self.services);
        all.map(|one| one["metadata"]["name"].as_str().unwrap())
            .collect()
    }

    fn create(&mut self, object: &Value) {
        let mut object = object.clone();
        self.uids += 1;
        object["metadata"]["uid"] = json!(format!("uid-{}", self.uids));
        object["metadata"]["generation"] = json!(1);
        if object["kind"] == "Service" {
            self.services.push(object);
        } else {
            self.deployments.push(object);
        }
    }

    /// Every controller has done its work: as many pods as are wanted, all of them ready.
    pub(crate) fn settle(&mut self) {
        self.pods.clear();
        for one in &mut self.deployments {
            let (name, replicas) = (
                one["metadata"]["name"].clone(),
                one["spec"]["replicas"].clone(),
            );
            let name = name.as_str().unwrap();
            one["status"] = json!({
                "observedGeneration": 1, "replicas": replicas, "updatedReplicas": replicas,
                "readyReplicas": replicas, "availableReplicas": replicas,
            });
            for place in 0..replicas.as_i64().unwrap() {
                let mut labels = one["spec"]["template"]["metadata"]["labels"].clone();
                labels[keys::POD_TEMPLATE_HASH] = json!("5c8");
                self.pods.push(json!({
                    "metadata": {
                        "name": format!("{name}-5c8-{place}"), "labels": labels,
                        "ownerReferences": [{"apiVersion": "apps/v1", "kind": "ReplicaSet",
                            "name": format!("{name}-5c8"), "uid": "r", "controller": true}],
                    },
                    "spec": one["spec"]["template"]["spec"],
                    "status": {"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}]},
                }));
            }
        }
    }

    /// What is left to do, shown to `look`.
    pub(crate) fn planned<T>(
        &self,
        ask: &Ask,
        look: impl FnOnce(&Scene<'_>, &Objects, &Adoption<'_>) -> T,
    ) -> Result<T, Declined> {
        let objects = self.objects();
        let Found::Scene(scene) = find(&objects, ask)? else {
            panic!("it is said to be adopted already");
        };
        let raw = |workload: Option<&Workload>| {
            let name = workload?.name();
            self.deployments
                .iter()
                .find(|one| one["metadata"]["name"] == name)
        };
        let (scalers, budgets): (Vec<HorizontalPodAutoscaler>, Vec<PodDisruptionBudget>) =
            (read(&self.scalers), read(&self.budgets));
        let beside = Beside {
            old: raw(scene.old),
            made: raw(scene.made),
            scalers: &scalers,
            budgets: &budgets,
        };
        let left = plan(&scene, &objects, &beside, ask, now())?;
        Ok(look(&scene, &objects, &left))
    }

    /// The steps that are left, a line each.
    pub(crate) fn steps(&self, ask: &Ask) -> Result<Vec<String>, Declined> {
        self.planned(ask, |_, _, left| {
            let line = |step: &bluegreen_shared::plan::adopt::Step<'_>| {
                format!("{} {}: {}", step.object, step.act.done(), step.detail)
            };
            left.steps.iter().map(line).collect()
        })
    }

    /// Carries out the first step; `false` where none is left.
    pub(crate) fn step(&mut self, ask: &Ask) -> bool {
        let mut after = self.clone();
        let has_more = self
            .planned(ask, |scene, _, left| {
                // What drains is over in time.
                let mut steps = left.steps.iter();
                let Some(step) = steps.find(|step| !matches!(step.act, Act::Drain(_))) else {
                    return false;
                };
                match &step.act {
                    Act::Create(object) => after.create(object),
                    Act::Resize(None) => panic!("nothing there to be scaled"),
                    Act::Resize(Some((workload, patch))) => {
                        json_patch::patch(after.deployment(workload.name()), patch).unwrap();
                    }
                    Act::Await => after.settle(),
                    Act::Mark(patch) => json_patch::patch(&mut after.services[0], patch).unwrap(),
                    Act::Flip => after.flip(scene),
                    Act::Retarget(name, patch) => {
                        let mut scalers = after.scalers.iter_mut();
                        let scaler = scalers.find(|one| one["metadata"]["name"] == *name);
                        json_patch::patch(scaler.unwrap(), patch).unwrap();
                    }
                    Act::Drain(_) => {}
                    Act::Delete(old) => {
                        after
                            .deployments
                            .retain(|one| one["metadata"]["name"] != old.name());
                        after
                            .pods
                            .retain(|one| !old.owns(&serde_json::from_value(one.clone()).unwrap()));
                    }
                }
                true
            })
            .unwrap();
        *self = after;
        has_more
    }

    fn flip(&mut self, scene: &Scene<'_>) {
        let entry = Entry {
            at: now(),
            from: None,
            to: scene.role.as_str().to_owned(),
            revision: Revisions::default(),
            ready: Ready::default(),
            images: Vec::new(),
            by: "me".to_owned(),
            reason: None,
            overridden: false,
        };
        let service = &mut self.services[0];
        service["spec"]["selector"] = json!(scene.selector(scene.role));
        service["metadata"]["annotations"][keys::HISTORY] = json!(history::with(entry, Vec::new()));
    }
}
