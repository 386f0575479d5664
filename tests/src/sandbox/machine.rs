//! The machine that the cluster believes to be alone on: mounts, network, kernel settings.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};

use super::addresses::MACHINE;

/// What the kubelet wants the kernel to be set to. It sets what differs, on the whole machine.
const KERNEL: &[(&str, &str)] = &[
    ("vm/overcommit_memory", "1"),
    ("vm/panic_on_oom", "0"),
    ("kernel/panic", "10"),
    ("kernel/panic_on_oops", "1"),
    ("kernel/keys/root_maxkeys", "1000000"),
    ("kernel/keys/root_maxbytes", "25000000"),
];

/// Prepares the namespaces; everything ends with them.
pub(crate) fn prepare(folder: &Path) -> Result<()> {
    hide_the_state_of_the_host(folder)?;
    pretend_kernel_settings(folder)?;
    start_network()
}

/// Programs with fixed places for their state find them empty, and leave nothing on the host.
fn hide_the_state_of_the_host(folder: &Path) -> Result<()> {
    for place in ["/run", "/var/log"] {
        run("mount", &["-t", "tmpfs", "tmpfs", place])?;
    }
    let (upper, work) = (folder.join("var-lib"), folder.join("var-lib.work"));
    fs::create_dir(&upper)?;
    fs::create_dir(&work)?;
    let layers = format!(
        "lowerdir=/var/lib,upperdir={},workdir={}",
        upper.display(),
        work.display()
    );
    run(
        "mount",
        &["-t", "overlay", "overlay", "-o", &layers, "/var/lib"],
    )
}

/// Shows the kubelet files that say what it wants to read, so that it never changes the host's.
fn pretend_kernel_settings(folder: &Path) -> Result<()> {
    let pretended = folder.join("kernel");
    fs::create_dir(&pretended)?;
    for (setting, wanted) in KERNEL {
        let file = pretended.join(setting.replace('/', "."));
        fs::write(&file, wanted)?;
        let real = format!("/proc/sys/{setting}");
        if Path::new(&real).exists() {
            run("mount", &["--bind", &file.to_string_lossy(), &real])?;
        }
    }
    Ok(())
}

/// A bridge that nothing is plugged into has an address that the API server can advertise.
fn start_network() -> Result<()> {
    let address = format!("{MACHINE}/24");
    for arguments in [
        &["link", "set", "lo", "up"][..],
        &["link", "add", "machine", "type", "bridge"],
        &["address", "add", &address, "dev", "machine"],
        &["link", "set", "machine", "up"],
        &["route", "add", "default", "dev", "machine"],
    ] {
        run("ip", arguments)?;
    }
    fs::write("/proc/sys/net/ipv4/ip_forward", "1").context("cannot let packets be forwarded")
}

fn run(program: &str, arguments: &[&str]) -> Result<()> {
    let output = Command::new(program)
        .args(arguments)
        .output()
        .with_context(|| format!("cannot run {program}"))?;
    if !output.status.success() {
        let message = String::from_utf8_lossy(&output.stderr);
        bail!(
            "{program} {} failed: {}",
            arguments.join(" "),
            message.trim()
        );
    }
    Ok(())
}
