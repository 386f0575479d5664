//! Whether this machine and user can have a cluster of their own at all.

use std::process::{Command, Stdio};

use anyhow::{Result, bail};

const INSTEAD: &str = "or name a cluster of your own for the tests: \
    E2E_KUBECONFIG=/path/to/kubeconfig make test";

/// Checks that namespaces can be made here.
///
/// # Errors
/// They can't: the message says what is missing, and what can be done instead.
pub fn check() -> Result<()> {
    if !cfg!(target_os = "linux") {
        bail!("a sandbox needs Linux: run this on a Linux machine, {INSTEAD}");
    }
    if !rustix::process::geteuid().is_root() {
        bail!(
            "a sandbox needs root, for namespaces, mounts and cgroups: run this as root, {INSTEAD}"
        );
    }
    let tried = Command::new("unshare")
        .args([
            "--mount",
            "--net",
            "--pid",
            "--fork",
            "--kill-child",
            "--mount-proc",
            "true",
        ])
        .stdin(Stdio::null())
        .output();
    match tried {
        Err(error) => bail!("cannot run unshare: {error}; install util-linux, {INSTEAD}"),
        Ok(output) if !output.status.success() => bail!(
            "this machine makes no namespaces ({}): run this where unshare may, {INSTEAD}",
            String::from_utf8_lossy(&output.stderr).trim()
        ),
        Ok(_) => Ok(()),
    }
}
