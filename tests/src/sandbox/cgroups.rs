//! A cgroup for the pods of one sandbox, so that no kubelet cleans up another one's.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

const ROOT: &str = "/sys/fs/cgroup";

/// Makes the cgroup of that name wherever the kubelet looks for it.
pub(crate) fn create(name: &str) -> Result<()> {
    for hierarchy in hierarchies()? {
        let group = hierarchy.join(name);
        enable_controllers(&hierarchy);
        fs::create_dir_all(&group)
            .with_context(|| format!("cannot make the cgroup {}", group.display()))?;
        enable_controllers(&group);
        // Version 1 makes a cpuset without processors, which takes no process.
        for file in ["cpuset.cpus", "cpuset.mems"] {
            if group.join(file).exists() && !is_unified() {
                fs::copy(hierarchy.join(file), group.join(file))
                    .with_context(|| format!("cannot fill {file} of {}", group.display()))?;
            }
        }
    }
    Ok(())
}

/// Removes the cgroup of that name with all that is in it. Fails while a process is in it.
pub(crate) fn remove(name: &str) -> io::Result<()> {
    for hierarchy in hierarchies()? {
        remove_tree(&hierarchy.join(name))?;
    }
    Ok(())
}

/// One folder on version 2; on version 1 one for each controller.
fn hierarchies() -> io::Result<Vec<PathBuf>> {
    if is_unified() {
        return Ok(vec![PathBuf::from(ROOT)]);
    }
    let mut folders = Vec::new();
    for entry in fs::read_dir(ROOT)? {
        let entry = entry?;
        // Links lead to a folder that is listed too: `cpu` to `cpu,cpuacct`.
        if entry.file_type()?.is_dir() {
            folders.push(entry.path());
        }
    }
    Ok(folders)
}

fn is_unified() -> bool {
    Path::new(ROOT).join("cgroup.controllers").exists()
}

/// Version 2 hands controllers down one level at a time. The kubelet names those that it misses.
fn enable_controllers(group: &Path) {
    let Ok(controllers) = fs::read_to_string(group.join("cgroup.controllers")) else {
        return;
    };
    for controller in controllers.split_whitespace() {
        let _ = fs::write(
            group.join("cgroup.subtree_control"),
            format!("+{controller}"),
        );
    }
}

fn remove_tree(group: &Path) -> io::Result<()> {
    let entries = match fs::read_dir(group) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        entries => entries?,
    };
    for entry in entries {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            remove_tree(&entry.path())?;
        }
    }
    match fs::remove_dir(group) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        result => result,
    }
}
