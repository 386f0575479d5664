//! What a namespace looked like when its test failed.

use std::fmt::Write;
use std::fs;
use std::path::PathBuf;

use crate::kubectl::run_blocking;
use crate::progress::say;

/// What fits on a screen.
const SUMMARY: &[&str] = &[
    "get deployments,statefulsets,replicasets,pods,services,endpointslices -o wide --show-labels",
    "get events --sort-by=.metadata.creationTimestamp",
];
const REST: &[&str] = &[
    "get namespaces,deployments,statefulsets,replicasets,pods,services,endpointslices,leases -o yaml",
    "describe pods",
];

/// Tells the most of it on standard error, and everything in `target/e2e/NAMESPACE.txt`.
pub(super) fn tell(namespace: &str) {
    let mut summary = String::new();
    for command in SUMMARY {
        append(&mut summary, namespace, command);
    }
    let pods = run_blocking(&["get", "pods", "-o", "name", "--namespace", namespace]);
    for pod in pods.lines().filter(|line| line.starts_with("pod/")) {
        append(
            &mut summary,
            namespace,
            &format!("logs {pod} --all-containers --prefix --tail=40"),
        );
        append(
            &mut summary,
            namespace,
            &format!("logs {pod} --all-containers --prefix --tail=40 --previous"),
        );
    }
    say(&format!(
        "what was in {namespace} when the test failed:\n{summary}"
    ));

    for command in REST {
        append(&mut summary, namespace, command);
    }
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../target/e2e");
    let file = folder.join(format!("{namespace}.txt"));
    match fs::create_dir_all(&folder).and_then(|()| fs::write(&file, summary)) {
        Ok(()) => say(&format!("all of it: {}", file.display())),
        Err(error) => say(&format!("cannot write {}: {error}", file.display())),
    }
}

fn append(text: &mut String, namespace: &str, command: &str) {
    let mut arguments: Vec<_> = command.split(' ').collect();
    arguments.extend(["--namespace", namespace]);
    let output = run_blocking(&arguments);
    // Writing to a string can't fail.
    let _ = writeln!(text, "$ kubectl {command}\n{output}");
}
