//! The distribution's packages that a sandbox, its images and its clients need.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::progress::Progress;

/// A package, and a file of it that tells whether it is there: a program's name, or a path.
type Package = (&'static str, &'static str);

const CLUSTER: &[Package] = &[
    ("containerd", "containerd"),
    ("runc", "runc"),
    ("containernetworking-plugins", "/usr/lib/cni/bridge"),
    ("nftables", "nft"),
    ("iptables", "iptables"),
    ("conntrack", "conntrack"),
    ("iproute2", "ip"),
    ("util-linux", "setpriv"),
    ("mount", "mount"),
    (
        "bash-completion",
        "/usr/share/bash-completion/bash_completion",
    ),
    ("maven", "mvn"),
    ("openjdk-17-jdk-headless", "jlink"),
    ("time", "/usr/bin/time"),
];
/// For mail, and for what runs pipelines.
const CLIENTS: &[Package] = &[
    (
        "python3-aiosmtpd",
        "/usr/lib/python3/dist-packages/aiosmtpd/smtp.py",
    ),
    ("nodejs", "node"),
    ("npm", "npm"),
    ("rsync", "rsync"),
];

/// Installs what is missing for a cluster, and for its clients where they are wanted.
///
/// # Errors
/// Something is missing and can't be installed: the message has the command that does.
pub(super) fn install_missing(clients: bool) -> Result<()> {
    let needed = [CLUSTER, if clients { CLIENTS } else { &[] }].concat();
    let missing = missing(&needed);
    if missing.is_empty() {
        return Ok(());
    }
    let install = format!(
        "apt-get install --no-install-recommends {}",
        missing.join(" ")
    );
    if find_program("apt-get").is_none() {
        bail!("missing here: {}; on Debian: {install}", missing.join(", "));
    }
    let mut progress = Progress::new("Debian packages", 2);
    progress
        .part("apt-get update", || apt_get(&["update"], Path::new("/")))
        .and_then(|()| {
            let mut arguments = vec!["install", "--yes", "--no-install-recommends"];
            arguments.extend(&missing);
            progress.part(&missing.join(" "), || apt_get(&arguments, Path::new("/")))
        })
        .with_context(|| format!("cannot install what is missing; try: {install}"))
}

fn missing(needed: &[Package]) -> Vec<&'static str> {
    let is_there = |mark: &str| {
        if mark.starts_with('/') {
            Path::new(mark).exists()
        } else {
            find_program(mark).is_some()
        }
    };
    needed
        .iter()
        .filter(|(_, mark)| !is_there(mark))
        .map(|(package, _)| *package)
        .collect()
}

/// Runs apt-get in a folder, which is where it downloads to.
pub(super) fn apt_get(arguments: &[&str], folder: &Path) -> Result<()> {
    let output = Command::new("apt-get")
        .current_dir(folder)
        .args(["--quiet", "--quiet"])
        .args(arguments)
        .env("DEBIAN_FRONTEND", "noninteractive")
        .output()
        .context("cannot run apt-get")?;
    if !output.status.success() {
        bail!(
            "apt-get {} failed: {}",
            arguments.join(" "),
            String::from_utf8_lossy(&output.stderr).trim()
        );
    }
    Ok(())
}

/// Looks a program up on the PATH, and where a distribution keeps the programs of root.
pub(super) fn find_program(name: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path)
        .chain(["/usr/sbin".into(), "/sbin".into()])
        .map(|folder| folder.join(name))
        .find(|program| program.is_file())
}
