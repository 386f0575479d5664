//! A namespace that lives as long as a test.

use std::fmt::Debug;
use std::process;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result};
use k8s_openapi::api::core::v1::{Namespace as Object, ServiceAccount};
use k8s_openapi::{NamespaceResourceScope, Resource};
use kube::Client;
use kube::api::{Api, PostParams};
use kube::core::ObjectMeta;
use serde::de::DeserializeOwned;

use super::{Cluster, dump};
use crate::eventually::eventually;
use crate::kubectl::{self, Output};

const PATIENCE: Duration = Duration::from_secs(20);

/// A namespace of its own. It is deleted when this is dropped.
pub struct Namespace {
    /// Its name: the one that was asked for, with a number behind it.
    pub name: String,
    /// A client of the cluster.
    pub client: Client,
}

impl Namespace {
    #[expect(
        clippy::panic,
        reason = "a test that has no place must fail, and say why"
    )]
    pub(super) async fn create(cluster: &Cluster, name: &str) -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(1);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let namespace = Self {
            name: format!("{name}-{}-{number}", process::id()),
            client: cluster.client.clone(),
        };
        match namespace.create_object().await {
            Ok(()) => namespace,
            Err(error) => panic!("cannot make the namespace {}: {error:#}", namespace.name),
        }
    }

    /// The objects of a kind in it.
    #[must_use]
    pub fn api<Kind>(&self) -> Api<Kind>
    where
        Kind: kube::Resource<Scope = kube::core::NamespaceResourceScope>
            + Resource<Scope = NamespaceResourceScope>
            + Clone
            + Debug
            + DeserializeOwned,
        <Kind as kube::Resource>::DynamicType: Default,
    {
        Api::namespaced(self.client.clone(), &self.name)
    }

    /// Runs kubectl in it.
    ///
    /// # Errors
    /// kubectl can't be run. Whether it succeeded is for the test to see.
    pub async fn kubectl(&self, arguments: &[&str]) -> Result<Output> {
        kubectl::run(&self.with_arguments(arguments), None).await
    }

    /// Applies manifests to it, as YAML or JSON.
    ///
    /// # Errors
    /// kubectl refuses them: the message is its own.
    pub async fn apply(&self, manifests: &str) -> Result<Output> {
        let output = self.kubectl_reading(&["apply", "-f", "-"], manifests);
        output.await?.succeeded()
    }

    /// Runs kubectl in it, with something to read on standard input.
    ///
    /// # Errors
    /// kubectl can't be run. Whether it succeeded is for the test to see.
    pub async fn kubectl_reading(&self, arguments: &[&str], input: &str) -> Result<Output> {
        kubectl::run(&self.with_arguments(arguments), Some(input)).await
    }

    fn with_arguments<'a>(&'a self, arguments: &[&'a str]) -> Vec<&'a str> {
        // In front of the verb a plugin would not be found.
        let verbs = if arguments.first() == Some(&"bluegreen") {
            2
        } else {
            1
        };
        let (verb, rest) = arguments.split_at(verbs.min(arguments.len()));
        [verb, &["--namespace", &self.name], rest].concat()
    }

    async fn create_object(&self) -> Result<()> {
        let metadata = ObjectMeta {
            name: Some(self.name.clone()),
            ..ObjectMeta::default()
        };
        let object = Object {
            metadata,
            ..Object::default()
        };
        Api::all(self.client.clone())
            .create(&PostParams::default(), &object)
            .await?;
        // Until a controller has made it, no pod may be made.
        eventually(PATIENCE, || async {
            self.api::<ServiceAccount>().get("default").await
        })
        .await
        .context("it has no service account")?;
        Ok(())
    }
}

impl Drop for Namespace {
    fn drop(&mut self) {
        if thread::panicking() {
            dump::tell(&self.name);
        }
        kubectl::run_blocking(&["delete", "namespace", &self.name, "--wait=false"]);
    }
}
