//! Objects that were made, or would be.

use serde_json::{Value, json};

use crate::cluster::Manifest;

use super::View;
use super::style::Style;

/// Kubernetes objects to be printed.
pub(crate) struct Manifests {
    /// In the order in which they are to be applied.
    pub(crate) objects: Vec<Manifest>,
    /// What became of them: `created (dry run)`; empty where nothing did.
    pub(crate) what: String,
}

impl View for Manifests {
    fn text(&self, _style: Style, _wide: bool) -> String {
        self.names()
            .into_iter()
            .map(|name| format!("{name} {}", self.what).trim_end().to_owned() + "\n")
            .collect()
    }

    fn names(&self) -> Vec<String> {
        self.objects.iter().map(Manifest::reference).collect()
    }

    fn value(&self) -> Value {
        json!({"apiVersion": "v1", "kind": "List", "items": self.documents()})
    }

    fn documents(&self) -> Vec<Value> {
        self.objects.iter().map(|one| one.object.clone()).collect()
    }
}
