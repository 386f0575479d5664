//! A sandbox does what it is told, and leaves nothing behind, however it ends.

// Marked as tests, so that they may unwrap.
#[cfg(test)]
mod remains;
#[cfg(test)]
mod started;

use std::env;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};

use bluegreen_e2e::sandbox::PREFIX;
use rustix::process::Signal;

use remains::assert_nothing_is_left_of;
use started::{Started, sandbox};

/// A real pod: it brings containers, mounts, cgroups and a network.
const A_POD: &str = "kubectl run web --image=bluegreen.dev/test-server:1 --image-pull-policy=Never >/dev/null \
    && kubectl wait pod/web --for=condition=Ready --timeout=60s >/dev/null";

#[test]
fn an_unknown_version_is_refused_by_name() {
    let output = sandbox()
        .args(["--kubernetes", "1.99.0", "--bare", "--", "true"])
        .output()
        .unwrap();
    let message = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(125), "{message}");
    assert!(
        message.contains("Kubernetes 1.99.0 is not supported: choose 1.37.2 or 1.35.4"),
        "{message}"
    );
}

#[test]
fn the_code_and_the_output_are_those_of_the_command() {
    let kernel = || fs::read_to_string("/proc/sys/kernel/panic").unwrap();
    let before = kernel();
    let mut started = Started::new("kubectl get nodes --no-headers | wc -l; cat; exit 7");
    started.say("from outside\n");
    assert_eq!(started.read_line(), "3");
    assert_eq!(started.read_line(), "from outside");
    assert_eq!(started.wait(), Some(7));
    assert_nothing_is_left_of(started.name());
    assert_eq!(kernel(), before);
}

#[test]
fn a_command_that_is_not_there_is_127() {
    let mut started = Started::from(sandbox().args(["--bare", "--", "no-such-command"]));
    assert_eq!(started.wait(), Some(127));
    assert_nothing_is_left_of(started.name());
}

#[test]
fn two_at_once_do_not_meet() {
    let mut first = Started::new(&format!(
        "{A_POD}; echo up; read line; kubectl get pods -o name"
    ));
    let mut second = Started::new(&format!(
        "{A_POD}; echo up; read line; kubectl delete pod web --now >/dev/null; echo gone"
    ));
    assert_eq!(first.read_line(), "up");
    assert_eq!(second.read_line(), "up");
    second.say("go on\n");
    assert_eq!(second.read_line(), "gone");
    assert_eq!(second.wait(), Some(0));
    assert_nothing_is_left_of(second.name());
    first.say("go on\n");
    assert_eq!(first.read_line(), "pod/web");
    assert_eq!(first.wait(), Some(0));
    assert_nothing_is_left_of(first.name());
}

#[test]
fn a_killed_leader_takes_everything_with_it() {
    let mut started = Started::new(&format!("{A_POD}; echo up; sleep 1000"));
    assert_eq!(started.read_line(), "up");
    started.signal(Signal::KILL);
    assert_eq!(started.wait(), None);
    assert_nothing_is_left_of(started.name());
}

#[test]
fn what_a_killed_janitor_left_is_removed_by_the_next_start() {
    let mut started = Started::new(&format!("{A_POD}; echo up; sleep 1000"));
    assert_eq!(started.read_line(), "up");
    started.kill_with_its_janitor();
    assert_eq!(started.wait(), None);
    assert!(started.folder().exists());
    let mut next = Started::from(sandbox().args(["--bare", "--", "true"]));
    assert_eq!(next.wait(), Some(0));
    assert_nothing_is_left_of(started.name());
    assert_nothing_is_left_of(next.name());
}

#[test]
fn an_interrupted_one_ends_with_130() {
    let mut started = Started::new(&format!("{A_POD}; echo up; sleep 1000"));
    assert_eq!(started.read_line(), "up");
    started.interrupt_as_a_terminal_does();
    assert_eq!(started.wait(), Some(130));
    assert_nothing_is_left_of(started.name());
}

#[test]
fn a_terminated_one_ends_with_143() {
    let mut started = Started::new("echo up; sleep 1000");
    assert_eq!(started.read_line(), "up");
    started.signal(Signal::TERM);
    assert_eq!(started.wait(), Some(143));
    assert_nothing_is_left_of(started.name());
}

#[test]
fn one_that_is_interrupted_while_it_starts_leaves_nothing() {
    let mut started = Started::new("echo up");
    started.wait_for_its_folder();
    started.interrupt_as_a_terminal_does();
    assert_eq!(started.wait(), Some(130));
    assert_nothing_is_left_of(started.name());
}

#[test]
fn a_part_that_does_not_come_up_is_named_with_its_last_lines() {
    let broken = Path::new(env!("CARGO_TARGET_TMPDIR")).join("broken");
    fs::create_dir_all(&broken).unwrap();
    let program = broken.join("containerd");
    fs::write(&program, "#!/bin/sh\necho the disk is on fire\nexit 3\n").unwrap();
    fs::set_permissions(&program, Permissions::from_mode(0o755)).unwrap();
    let path = format!("{}:{}", broken.display(), env::var("PATH").unwrap());

    let command = ["--bare", "--", "true"];
    let child = sandbox()
        .args(command)
        .env("PATH", path)
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let name = format!("{PREFIX}{}", child.id());
    let output = child.wait_with_output().unwrap();
    let message = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(125), "{message}");
    let expected = "containerd ended (exit status: 3); its last lines:\n  the disk is on fire";
    assert!(message.contains(expected), "{message}");
    assert_nothing_is_left_of(&name);
}

#[test]
fn without_a_cluster_a_test_fails_and_says_why() {
    let output = Command::new(env!("CARGO_BIN_EXE_sandbox"))
        .args(["inside", "/nowhere"])
        .output()
        .unwrap();
    let message = String::from_utf8_lossy(&output.stderr);
    assert!(
        message.contains("/nowhere is not the folder of a sandbox"),
        "{message}"
    );
    let panicked = std::panic::catch_unwind(bluegreen_e2e::cluster::kubeconfig).unwrap_err();
    let message = panicked.downcast_ref::<String>().unwrap();
    assert!(
        message.contains("this test needs the sandbox: run `make test`"),
        "{message}"
    );
}
