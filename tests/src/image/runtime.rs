//! A Java runtime as a layer: the part of this machine's JDK 17 that Tomcat needs, and the libraries under it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use super::layer::Layer;
use super::{libraries, run};
use crate::cache::{Cache, digest};

/// Where the runtime stands in an image.
pub(super) const HOME: &str = "opt/java";

const JDK: &str = "17";
const INSTALL: &str = "install openjdk-17-jdk-headless, and put its jlink on the PATH";
const MODULES: &[&str] = &[
    "java.base",
    "java.desktop",
    "java.instrument",
    "java.logging",
    "java.management",
    "java.naming",
    "java.rmi",
    "java.security.jgss",
    "java.sql",
    "java.xml",
    "jdk.unsupported",
];
/// What draws and plays: nothing here does, and half a desktop's libraries hang on it.
const LEFT_OUT: &[&str] = &[
    "**/libawt_xawt.so",
    "**/libfontmanager.so",
    "**/libjavajpeg.so",
    "**/libjawt.so",
    "**/libjsound.so",
    "**/liblcms.so",
    "**/libsplashscreen.so",
];

/// Names the runtime that [`layer`] makes: what is built on it is kept under a name that depends on this one.
pub(super) fn key() -> Result<String> {
    let release = run::output(Command::new("jlink").arg("--version"), INSTALL)?;
    if release.trim().split('.').next() != Some(JDK) {
        bail!(
            "jlink is of JDK {}, and Tomcat 7 is run on {JDK}: {INSTALL}",
            release.trim()
        );
    }
    let recipe = [
        include_str!("runtime.rs"),
        include_str!("layer.rs"),
        include_str!("libraries.rs"),
        &release,
    ];
    Ok(format!("images/java-{}.tar", digest(recipe)))
}

/// The runtime's layer in the cache: one file, and so one layer, for all images.
pub(super) fn layer(cache: &Cache, key: &str) -> Result<PathBuf> {
    cache.get_or_make(key, make)
}

fn make(path: &Path) -> Result<()> {
    let home = path.with_extension("jlink");
    if home.exists() {
        // Of a run that was interrupted; jlink wants a place where nothing is.
        fs::remove_dir_all(&home)?;
    }
    run::output(
        Command::new("jlink")
            .args(["--add-modules", &MODULES.join(",")])
            .args(["--exclude-files", &LEFT_OUT.join(",")])
            .args([
                "--no-header-files",
                "--no-man-pages",
                "--strip-java-debug-attributes",
            ])
            .arg("--output")
            .arg(&home),
        INSTALL,
    )?;
    let mut layer = Layer::default();
    layer.tree(HOME, &home)?;
    libraries::add(&mut layer, &linked(&home)?, &home)?;
    fs::write(path, layer.blob()?.bytes())
        .with_context(|| format!("cannot write {}", path.display()))?;
    fs::remove_dir_all(&home)?;
    Ok(())
}

/// The programs and libraries of the runtime.
fn linked(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            found.extend(linked(&path)?);
        } else if path.extension().is_some_and(|end| end == "so") || path.ends_with("bin/java") {
            found.push(path);
        }
    }
    Ok(found)
}
