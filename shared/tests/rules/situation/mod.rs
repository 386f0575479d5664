//! Situations: folders of real YAML, named as sentences, with the expected text beside them.
//!
//! `situations/KIND/SENTENCE/*.yaml` is what the cluster holds, `expected.snap` what the rule says
//! of it. Adding a case is adding a folder: run the test with `INSTA_UPDATE=always`, then read the
//! snapshot before believing it. `before.yaml` and `after.yaml` are not part of the cluster: they
//! hold the one object that a request changes.

mod document;

use std::fs;
use std::panic::{self, AssertUnwindSafe};
use std::path::{Path, PathBuf};

use bluegreen_shared::objects::Objects;
use jiff::Timestamp;
use serde::Serialize;
use serde::de::DeserializeOwned;

use document::Document;

/// When every situation is: intents end.
pub(crate) fn now() -> Timestamp {
    "2026-05-01T12:00:00Z".parse().expect("a time")
}

/// Files that hold the object of a request, not what the cluster has.
const OF_A_REQUEST: [&str; 2] = ["before", "after"];

/// What one folder holds.
pub(crate) struct Situation {
    /// The folder.
    pub(crate) dir: PathBuf,
    /// Everything but the object of the request.
    pub(crate) objects: Objects,
}

impl Situation {
    /// The object in `before.yaml` or `after.yaml`; `None` where there is no such file.
    pub(crate) fn request<T: DeserializeOwned + Serialize>(&self, file: &str) -> Option<T> {
        assert!(OF_A_REQUEST.contains(&file), "no request is in {file}.yaml");
        let path = self.dir.join(file).with_extension("yaml");
        path.exists().then(|| {
            let mut documents = Document::read(&path);
            assert_eq!(documents.len(), 1, "{} holds one object", path.display());
            documents.remove(0).object()
        })
    }

    /// The name of the folder, in words.
    pub(crate) fn sentence(&self) -> String {
        file_name(&self.dir).replace('-', " ")
    }
}

/// Reads one folder.
pub(crate) fn load(dir: &Path) -> Situation {
    let mut objects = Objects::default();
    for path in entries(dir) {
        let is_yaml = path.extension().is_some_and(|ending| ending == "yaml");
        let stem = path.file_stem().unwrap_or_default().to_string_lossy();
        if is_yaml && !OF_A_REQUEST.contains(&stem.as_ref()) {
            for document in Document::read(&path) {
                add(&mut objects, document);
            }
        }
    }
    Situation {
        dir: dir.to_owned(),
        objects,
    }
}

/// Every situation of a kind, in the order of their names.
pub(crate) fn all(kind: &str) -> Vec<Situation> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/situations")
        .join(kind);
    let found: Vec<Situation> = entries(&folder)
        .into_iter()
        .filter(|path| path.is_dir())
        .map(|path| load(&path))
        .collect();
    assert!(!found.is_empty(), "no situation in {}", folder.display());
    found
}

/// Compares what `render` says of every situation of a kind with the snapshot beside it.
///
/// All of them are tried before the test fails, so that one run names every one that differs.
pub(crate) fn for_each(kind: &str, render: impl Fn(&Situation) -> String) {
    let mut different = Vec::new();
    for situation in all(kind) {
        let mut settings = insta::Settings::new();
        settings.set_snapshot_path(&situation.dir);
        settings.set_prepend_module_to_snapshot(false);
        settings.set_omit_expression(true);
        settings.set_description(situation.sentence());
        let compared = panic::catch_unwind(AssertUnwindSafe(|| {
            settings.bind(|| insta::assert_snapshot!("expected", render(&situation)));
        }));
        if compared.is_err() {
            different.push(situation.sentence());
        }
    }
    assert!(
        different.is_empty(),
        "{} situations are not as expected:\n  {}",
        different.len(),
        different.join("\n  ")
    );
}

fn add(objects: &mut Objects, document: Document) {
    match document.kind.as_str() {
        "Namespace" => objects.namespace = Some(document.object()),
        "Service" => objects.services.push(document.object()),
        "Pod" => objects.pods.push(document.object()),
        "Ingress" => objects.ingresses.push(document.object()),
        "Deployment" => objects.workloads.push(
            document
                .object::<k8s_openapi::api::apps::v1::Deployment>()
                .into(),
        ),
        "StatefulSet" => objects.workloads.push(
            document
                .object::<k8s_openapi::api::apps::v1::StatefulSet>()
                .into(),
        ),
        other => panic!("{}: no rule reads a {other:?}", document.path.display()),
    }
}

/// The entries of a folder in the order of their names, so that a run is like the next.
fn entries(dir: &Path) -> Vec<PathBuf> {
    let mut paths: Vec<PathBuf> = fs::read_dir(dir)
        .unwrap_or_else(|error| panic!("{}: {error}", dir.display()))
        .map(|entry| entry.unwrap().path())
        .collect();
    paths.sort();
    paths
}

fn file_name(path: &Path) -> String {
    path.file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}
