//! Images as one tar of the kind that `docker save` writes: a manifest, a configuration for each image, the layers.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::rc::Rc;

use anyhow::{Context, Result};
use serde::Serialize;
use serde_json::json;
use sha2::{Digest, Sha256};
use tar::Header;

/// A layer's tar and the SHA-256 that it is known by. Cheap to clone: images share layers.
#[derive(Clone, Debug)]
pub(super) struct Blob {
    bytes: Rc<[u8]>,
    digest: String,
}

impl Blob {
    pub(super) fn new(bytes: Vec<u8>) -> Self {
        let digest = Sha256::digest(&bytes)
            .iter()
            .fold(String::new(), |text, byte| format!("{text}{byte:02x}"));
        Self {
            bytes: bytes.into(),
            digest,
        }
    }

    pub(super) fn read(path: &Path) -> Result<Self> {
        let bytes = fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
        Ok(Self::new(bytes))
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

/// One image: what it is called, what is in it, and how it is started.
#[derive(Clone, Debug)]
pub(super) struct Image {
    pub(super) names: Vec<String>,
    /// The lowest first.
    pub(super) layers: Vec<Blob>,
    pub(super) start: Start,
}

/// How a container of the image is started, as the image's configuration has it.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Start {
    pub(super) user: String,
    pub(super) entrypoint: Vec<String>,
    pub(super) env: Vec<String>,
    pub(super) working_dir: String,
}

impl Image {
    fn config(&self) -> Result<Vec<u8>> {
        let layers = self
            .layers
            .iter()
            .map(|layer| format!("sha256:{}", layer.digest));
        let config = json!({
            "architecture": architecture(),
            "os": "linux",
            "created": "1970-01-01T00:00:00Z",
            "config": self.start,
            "rootfs": { "type": "layers", "diff_ids": layers.collect::<Vec<_>>() },
        });
        Ok(serde_json::to_vec(&config)?)
    }
}

/// The images as one tar, in which each layer stands once.
pub(super) fn pack(images: &[Image]) -> Result<Vec<u8>> {
    let mut files = BTreeMap::new();
    let mut manifest = Vec::new();
    for image in images {
        let config = Blob::new(image.config()?);
        let config_name = format!("{}.json", config.digest);
        let layers = image
            .layers
            .iter()
            .map(|layer| (format!("{}.tar", layer.digest), layer.clone()));
        let layers: Vec<_> = layers.collect();
        manifest.push(json!({
            "Config": config_name,
            "RepoTags": image.names,
            "Layers": layers.iter().map(|(name, _)| name).collect::<Vec<_>>(),
        }));
        files.insert(config_name, config);
        files.extend(layers);
    }
    files.insert(
        "manifest.json".to_owned(),
        Blob::new(serde_json::to_vec(&manifest)?),
    );
    let mut tar = tar::Builder::new(Vec::new());
    for (name, file) in &files {
        let mut header = Header::new_gnu();
        header.set_mode(0o644);
        header.set_mtime(0);
        header.set_size(file.bytes.len() as u64);
        tar.append_data(&mut header, name, file.bytes())?;
    }
    Ok(tar.into_inner()?)
}

/// The processor in the words of container images.
fn architecture() -> &'static str {
    match std::env::consts::ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use serde_json::Value;

    use super::*;
    use crate::image::layer::Layer;

    fn images() -> Vec<Image> {
        let mut shared = Layer::base(65532);
        shared.text("opt/shared", "the same for both");
        let shared = shared.blob().unwrap();
        ["one", "two"]
            .map(|name| {
                let mut own = Layer::default();
                own.text("opt/own", name);
                Image {
                    names: vec![
                        format!("example.org/{name}:1"),
                        format!("example.org/{name}:1.0"),
                    ],
                    layers: vec![shared.clone(), own.blob().unwrap()],
                    start: Start {
                        user: "65532".into(),
                        entrypoint: vec!["/opt/own".into()],
                        ..Start::default()
                    },
                }
            })
            .into()
    }

    fn files(packed: &[u8]) -> BTreeMap<String, Vec<u8>> {
        let mut tar = tar::Archive::new(packed);
        let files = tar.entries().unwrap().map(|entry| {
            let mut entry = entry.unwrap();
            let mut content = Vec::new();
            entry.read_to_end(&mut content).unwrap();
            (entry.path().unwrap().display().to_string(), content)
        });
        files.collect()
    }

    #[test]
    fn the_same_images_are_the_same_bytes() {
        assert_eq!(pack(&images()).unwrap(), pack(&images()).unwrap());
    }

    #[test]
    fn every_name_leads_to_layers_that_are_there_and_are_what_they_are_called() {
        let files = files(&pack(&images()).unwrap());
        let manifest: Vec<Value> = serde_json::from_slice(&files["manifest.json"]).unwrap();
        assert_eq!(manifest.len(), 2);
        assert_eq!(
            manifest[1]["RepoTags"],
            json!(["example.org/two:1", "example.org/two:1.0"])
        );
        for image in &manifest {
            let config: Value =
                serde_json::from_slice(&files[image["Config"].as_str().unwrap()]).unwrap();
            assert_eq!(config["config"]["User"], "65532");
            let layers = image["Layers"].as_array().unwrap();
            for (layer, diff) in layers
                .iter()
                .zip(config["rootfs"]["diff_ids"].as_array().unwrap())
            {
                let blob = Blob::new(files[layer.as_str().unwrap()].clone());
                assert_eq!(diff, &json!(format!("sha256:{}", blob.digest)));
            }
        }
    }

    #[test]
    fn a_shared_layer_stands_in_the_file_once() {
        let files = files(&pack(&images()).unwrap());
        let (one, two) = (&images()[0].layers, &images()[1].layers);
        assert_eq!(one[0].digest, two[0].digest);
        for layer in one.iter().chain(two) {
            assert_eq!(files[&format!("{}.tar", layer.digest)], layer.bytes());
        }
        // Three layers, two configurations, one manifest.
        assert_eq!(files.len(), 6);
    }
}
