//! What runs users' pipelines without the services that they are written for: pinned, fetched into the cache.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use sha2::{Digest, Sha512};

use crate::cache::{Cache, digest};
use crate::image::run;
use crate::progress::Progress;

/// Pinned: what is downloaded must not depend on what Maven takes by default.
const DOWNLOAD: &str = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies";
const SUMS: &str = include_str!("../../pipelines/jenkins/jars.sha512");
/// Groovy with what a Jenkinsfile is run by. It is older than modules.
const GROOVY: &str = r#"#!/bin/sh
exec java --add-opens=java.base/java.lang=ALL-UNNAMED --add-opens=java.base/java.util=ALL-UNNAMED \
  -cp "$(dirname "$0")/../jars/*" groovy.ui.GroovyMain "$@"
"#;

/// The folders with `pipeline-groovy`, for `pipelines/jenkins/run.groovy`, and `gitlab-ci-local`.
///
/// # Errors
/// One of them can't be had: Maven or npm is missing, or says why.
pub(super) fn fetch_pipelines(cache: &Cache) -> Result<Vec<PathBuf>> {
    let (jenkins, gitlab) = (folder("jenkins"), folder("gitlab"));
    let keys = [
        key(&jenkins, &["pom.xml", "jars.sha512"], GROOVY)?,
        key(&gitlab, &["package.json", "package-lock.json"], "")?,
    ];
    let missing = keys.iter().filter(|key| !cache.entry(key).exists());
    let mut progress = Progress::new("what runs pipelines", missing.count());
    let [jenkins_key, gitlab_key] = &keys;
    let groovy = cache.get_or_make(jenkins_key, |path| {
        progress.part("a Jenkinsfile's", || fetch_jars(&jenkins, path))
    })?;
    let node = cache.get_or_make(gitlab_key, |path| {
        progress.part("GitLab's", || fetch_modules(&gitlab, path))
    })?;
    Ok(vec![groovy.join("bin"), node.join("node_modules/.bin")])
}

fn folder(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("pipelines")
        .join(name)
}

fn key(folder: &Path, pins: &[&str], recipe: &str) -> Result<String> {
    let mut parts = vec![recipe.as_bytes().to_vec()];
    for pin in pins {
        let path = folder.join(pin);
        let pin = fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
        parts.push(pin);
    }
    let name = folder.file_name().unwrap_or_default().to_string_lossy();
    Ok(format!("pipelines/{name}-{}", digest(parts)))
}

fn fetch_jars(pins: &Path, to: &Path) -> Result<()> {
    let jars = to.join("jars");
    let mut maven = Command::new("mvn");
    maven
        .args(["--batch-mode", "--quiet", "-Dstyle.color=never", "--file"])
        .arg(pins.join("pom.xml"))
        .args([DOWNLOAD, "-DincludeScope=runtime"])
        .arg(format!("-DoutputDirectory={}", jars.display()));
    run::output(&mut maven, "install maven")?;
    check(&jars)?;
    let program = to.join("bin/pipeline-groovy");
    fs::create_dir_all(to.join("bin"))?;
    fs::write(&program, GROOVY)?;
    Ok(fs::set_permissions(
        program,
        fs::Permissions::from_mode(0o755),
    )?)
}

/// Maven's own sums come from where the files do.
fn check(jars: &Path) -> Result<()> {
    let wanted: Vec<_> = SUMS.lines().collect();
    let mut found = Vec::new();
    for entry in fs::read_dir(jars)? {
        let path = entry?.path();
        let sum = Sha512::digest(&fs::read(&path)?)
            .iter()
            .fold(String::new(), |text, byte| format!("{text}{byte:02x}"));
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        found.push(format!("{sum}  {name}"));
    }
    let odd = found.iter().find(|line| !wanted.contains(&line.as_str()));
    if let Some(odd) = odd {
        bail!("Maven brought what is not expected: {odd}");
    }
    if found.len() != wanted.len() {
        bail!("Maven brought {} of {} files", found.len(), wanted.len());
    }
    Ok(())
}

fn fetch_modules(pins: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for pin in ["package.json", "package-lock.json"] {
        fs::copy(pins.join(pin), to.join(pin))?;
    }
    let mut npm = Command::new("npm");
    npm.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"])
        .current_dir(to);
    run::output(&mut npm, "install npm")?;
    Ok(())
}
