//! The workspace's own programs, compiled from this checkout.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::{env, thread};

use anyhow::{Context, Result, anyhow, bail};
use serde::Deserialize;

use crate::progress::say;

/// What a program finds in the image that it goes into.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Linked {
    /// The shared libraries of this machine.
    Dynamic,
    /// Nothing at all.
    Static,
}

/// Asks for the webhook whose rules can be switched off, in a folder of its own: no other build finds it.
const RULES_OFF: &str = "BLUEGREEN_RULES_OFF";

/// One line of what cargo prints for programs to read.
#[derive(Deserialize)]
struct Message {
    executable: Option<PathBuf>,
}

/// Compiles the package as it is now, optimized where this program is, and gives its programs. Cargo
/// knows whether there is anything to do.
pub(super) fn programs(package: &str, linked: Linked) -> Result<Vec<PathBuf>> {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command
        .arg("build")
        .arg("--message-format=json-render-diagnostics")
        .current_dir(workspace())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    if !cfg!(debug_assertions) {
        command.arg("--release");
    }
    if linked == Linked::Dynamic {
        // Of the whole workspace, so that the dependencies have the features of every other build.
        command.args(["--workspace", "--bin", package]);
        if env::var_os(RULES_OFF).is_some() {
            command.args(["--features", "bluegreen-webhook/rules-off"]);
            command.args(["--target-dir", "target/rules-off"]);
        }
    } else {
        // Naming the target keeps the flag away from build scripts, and the outcome in a folder of its own.
        command
            .env("CARGO_ENCODED_RUSTFLAGS", "-Ctarget-feature=+crt-static")
            .args(["--package", package])
            .args([
                "--target",
                &format!("{}-unknown-linux-gnu", env::consts::ARCH),
            ]);
    }
    let mut child = command
        .spawn()
        .context("cannot run cargo: put it on the PATH")?;
    let (Some(stdout), Some(stderr)) = (child.stdout.take(), child.stderr.take()) else {
        bail!("cannot read what cargo prints");
    };
    let programs = thread::scope(|scope| {
        scope.spawn(|| {
            for line in BufReader::new(stderr).lines().map_while(Result::ok) {
                // Said each time, also when nothing was done.
                if !line.trim_start().starts_with("Finished") {
                    say(&line);
                }
            }
        });
        BufReader::new(stdout)
            .lines()
            .map(|line| Ok(serde_json::from_str::<Message>(&line?)?.executable))
            .filter_map(Result::transpose)
            .collect::<Result<Vec<_>>>()
    });
    if !child.wait()?.success() {
        bail!("cannot compile {package}: see above");
    }
    programs.context("cannot understand what cargo prints")
}

/// The program of that name among those.
pub(super) fn named<'a>(programs: &'a [PathBuf], name: &str) -> Result<&'a Path> {
    programs
        .iter()
        .find(|program| program.ends_with(name))
        .map(PathBuf::as_path)
        .ok_or_else(|| anyhow!("cargo made no program {name}"))
}

fn workspace() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}
