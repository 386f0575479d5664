//! Images of this workspace's own programs.

use std::fs;
use std::path::Path;

use anyhow::Result;

use super::archive::{Image, Start, pack};
use super::compile::{Linked, named, programs};
use super::layer::Layer;
use super::{Archive, PAUSE, WEBHOOK, libraries};
use crate::cache::{Cache, digest};

/// The user that images of ours run as, as images without a distribution are wont to: not root, no login.
const NONROOT: u64 = 65532;
const TEST_SERVER: &str = "bluegreen.dev/test-server";
/// What the test server answers with is its tag.
const VERSIONS: [&str; 3] = ["1", "2", "3"];
/// A release that can't start, as one sees it in life: a file that nobody mounted.
const CRASH: [&str; 3] = [
    "CRASH_AFTER=0",
    "EXIT_CODE=7",
    "LAST_WORDS=cannot open /etc/app/config.yaml: no such file",
];

/// The image that holds a pod's namespaces.
pub(super) fn pause(cache: &Cache) -> Result<Archive> {
    let programs = programs("bluegreen-test-server", Linked::Static)?;
    let mut layer = Layer::base(NONROOT);
    layer.copy("pause", named(&programs, "pause")?)?;
    let image = Image {
        names: vec![PAUSE.into()],
        layers: vec![layer.blob()?],
        start: start("/pause", &[]),
    };
    keep(cache, "pause", &[image])
}

/// The server that fails on demand, in several versions and one that never starts.
pub(super) fn test_server(cache: &Cache) -> Result<Archive> {
    let programs = programs("bluegreen-test-server", Linked::Static)?;
    let mut layer = Layer::base(NONROOT);
    layer.copy("test-server", named(&programs, "test-server")?)?;
    let layer = layer.blob()?;
    let image = |tag: &str, env: &[&str]| Image {
        names: vec![format!("{TEST_SERVER}:{tag}")],
        layers: vec![layer.clone()],
        start: start("/test-server", env),
    };
    let mut images: Vec<_> = VERSIONS
        .iter()
        .map(|version| image(version, &[&format!("VERSION={version}")]))
        .collect();
    images.push(image("crash", &CRASH));
    keep(cache, "test-server", &images)
}

/// The admission webhook.
pub(super) fn webhook(cache: &Cache) -> Result<Archive> {
    let programs = programs("bluegreen-webhook", Linked::Dynamic)?;
    let program = named(&programs, "bluegreen-webhook")?;
    let mut layer = Layer::base(NONROOT);
    layer.copy("bluegreen-webhook", program)?;
    libraries::add(
        &mut layer,
        &[program.to_owned()],
        Path::new("/bluegreen-webhook"),
    )?;
    let image = Image {
        names: vec![WEBHOOK.into()],
        layers: vec![layer.blob()?],
        start: start("/bluegreen-webhook", &[]),
    };
    keep(cache, "webhook", &[image])
}

fn start(program: &str, env: &[&str]) -> Start {
    Start {
        user: NONROOT.to_string(),
        entrypoint: vec![program.into()],
        env: env.iter().map(|&variable| variable.to_owned()).collect(),
        working_dir: "/".into(),
    }
}

/// Keeps the images under the name of their own bytes: a program that was compiled again may be the same.
fn keep(cache: &Cache, name: &str, images: &[Image]) -> Result<Archive> {
    let packed = pack(images)?;
    let key = format!("images/{name}-{}.tar", digest([&packed]));
    let tar = cache.get_or_make(&key, |path| Ok(fs::write(path, &packed)?))?;
    let images = images
        .iter()
        .flat_map(|image| image.names.clone())
        .collect();
    Ok(Archive { images, tar })
}
