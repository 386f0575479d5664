//! Images of this workspace's own programs.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Result;

use super::archive::{Blob, Image, Start, pack};
use super::compile::{Linked, named, programs};
use super::layer::Layer;
use super::{Archive, PAUSE, WEBHOOK, libraries};
use crate::cache::{Cache, digest};

/// The user that images of ours run as, as images without a distribution are wont to: not root, no login.
const NONROOT: u64 = 65532;
/// How long the images of programs that have changed since are kept: for other checkouts, and whoever reads
/// one at this moment.
const KEPT: Duration = Duration::from_hours(24);
const TEST_SERVER: &str = "bluegreen.dev/test-server";
/// What the test server answers with is its tag.
const VERSIONS: [&str; 3] = ["1", "2", "3"];
/// A release that can't start, as one sees it in life: a file that nobody mounted.
const CRASH: [&str; 3] = [
    "CRASH_AFTER=0",
    "EXIT_CODE=7",
    "LAST_WORDS=cannot open /etc/app/config.yaml: no such file",
];

/// The image that holds a pod's namespaces; the server that fails on demand, in several versions and one that never
/// starts. Static: their images hold nothing else.
pub(super) fn of_the_tests(cache: &Cache) -> Result<[Archive; 2]> {
    let programs = programs("bluegreen-test-server", Linked::Static)?;
    let pause = Image {
        names: vec![PAUSE.into()],
        layers: vec![alone(&programs, "pause")?],
        start: start("/pause", &[]),
    };
    let layer = alone(&programs, "test-server")?;
    let server = |tag: &str, env: &[&str]| Image {
        names: vec![format!("{TEST_SERVER}:{tag}")],
        layers: vec![layer.clone()],
        start: start("/test-server", env),
    };
    let mut servers: Vec<_> = VERSIONS
        .iter()
        .map(|version| server(version, &[&format!("VERSION={version}")]))
        .collect();
    servers.push(server("crash", &CRASH));
    Ok([
        keep(cache, "pause", &[pause])?,
        keep(cache, "test-server", &servers)?,
    ])
}

/// A layer with one static program.
fn alone(programs: &[PathBuf], name: &str) -> Result<Blob> {
    let mut layer = Layer::base(NONROOT);
    layer.copy(name, named(programs, name)?)?;
    layer.blob()
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
        // The second name is for tests that ask for an image.
        names: vec![WEBHOOK.into(), "bluegreen.dev/webhook:test".into()],
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
    cache.forget_older(&key, KEPT)?;
    let images = images
        .iter()
        .flat_map(|image| image.names.clone())
        .collect();
    Ok(Archive { images, tar })
}
