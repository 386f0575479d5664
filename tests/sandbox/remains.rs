//! What is left of a sandbox on the machine.

use std::path::Path;
use std::thread::sleep;
use std::time::{Duration, Instant};
use std::{env, fs};

/// Asserts that neither a process, a mount, a cgroup, a folder nor a network of it remains.
/// A janitor gets the time that it needs.
pub(crate) fn assert_nothing_is_left_of(name: &str) {
    let deadline = Instant::now() + Duration::from_secs(15);
    loop {
        let remains = remains(name);
        if remains.is_empty() {
            return;
        }
        assert!(Instant::now() < deadline, "left of {name}: {remains:#?}");
        sleep(Duration::from_millis(20));
    }
}

fn remains(name: &str) -> Vec<String> {
    let mut remains = processes(name);
    if env::temp_dir().join(name).exists() {
        remains.push(format!("the folder {name}"));
    }
    let mounts = fs::read_to_string("/proc/self/mountinfo").unwrap();
    remains.extend(
        mounts
            .lines()
            .filter(|mount| mount.contains(name))
            .map(str::to_owned),
    );
    remains.extend(cgroups(name));
    // The container runtime names them all alike; on this machine there must be none.
    if let Ok(networks) = fs::read_dir("/run/netns") {
        let networks = networks
            .flatten()
            .map(|file| file.file_name().to_string_lossy().into_owned());
        remains.extend(networks.filter(|file| file.starts_with("cni-")));
    }
    remains
}

/// Processes that were started with its folder in their arguments, or are in its cgroup.
fn processes(name: &str) -> Vec<String> {
    let read = |process: &Path, file| fs::read(process.join(file)).unwrap_or_default();
    let mut processes = Vec::new();
    for process in fs::read_dir("/proc")
        .unwrap()
        .flatten()
        .map(|entry| entry.path())
    {
        let arguments = String::from_utf8_lossy(&read(&process, "cmdline")).replace('\0', " ");
        let cgroup = read(&process, "cgroup");
        if arguments.contains(name) || String::from_utf8_lossy(&cgroup).contains(name) {
            processes.push(format!("{}: {arguments}", process.display()));
        }
    }
    processes
}

fn cgroups(name: &str) -> Vec<String> {
    let root = Path::new("/sys/fs/cgroup");
    let hierarchies = fs::read_dir(root)
        .unwrap()
        .flatten()
        .map(|entry| entry.path());
    let groups = hierarchies
        .chain([root.to_path_buf()])
        .map(|hierarchy| hierarchy.join(name));
    groups
        .filter(|group| group.exists())
        .map(|group| group.display().to_string())
        .collect()
}
