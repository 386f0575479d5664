//! The programs of a cluster, compiled from their pinned Go modules into the cache.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use super::Extra;
use crate::cache::{Cache, digest};
use crate::progress::Progress;
use crate::versions::{Kubernetes, cluster_folder};

/// What each program is compiled from. The API server is the longest by far, and so comes first.
const KUBERNETES: &[(&str, &str)] = &[
    ("kube-apiserver", "k8s.io/kubernetes/cmd/kube-apiserver"),
    ("etcd", "go.etcd.io/etcd/server/v3"),
    (
        "kube-controller-manager",
        "k8s.io/kubernetes/cmd/kube-controller-manager",
    ),
    ("kube-scheduler", "k8s.io/kubernetes/cmd/kube-scheduler"),
    ("kubelet", "k8s.io/kubernetes/cmd/kubelet"),
    ("kube-proxy", "k8s.io/kubernetes/cmd/kube-proxy"),
    ("kubectl", "k8s.io/kubernetes/cmd/kubectl"),
];
const SIMULATOR: &[(&str, &str)] = &[("kwok", "sigs.k8s.io/kwok/cmd/kwok")];
/// Another client, which releases much of what is guarded.
const HELM: &[(&str, &str)] = &[("helm", "helm.sh/helm/v4/cmd/helm")];
/// What runs a workflow of GitHub's on this machine.
const WORKFLOWS: &[(&str, &str)] = &[("act", "github.com/nektos/act")];
/// What we are measured against. Long to compile, and of use to nobody else.
const ROLLOUTS: &[(&str, &str)] = &[
    (
        "rollouts-controller",
        "github.com/argoproj/argo-rollouts/cmd/rollouts-controller",
    ),
    (
        "kubectl-argo-rollouts",
        "github.com/argoproj/argo-rollouts/cmd/kubectl-argo-rollouts",
    ),
];
/// The module that has the definitions of its own kinds beside its programs.
const ROLLOUTS_MODULE: &str = "github.com/argoproj/argo-rollouts";
/// Beside the programs of Argo Rollouts: the definitions of its kinds.
pub const DEFINITIONS: &str = "definitions";

/// Programs that share a `go.mod`.
struct Module {
    folder: PathBuf,
    link: String,
    programs: &'static [(&'static str, &'static str)],
}

/// Compiles what the cache lacks, and gives the folders with the programs, in the order in which they are
/// searched. Each finished program is kept when this is interrupted.
///
/// # Errors
/// There is no Go, or a program doesn't compile: the message ends in the compiler's last lines.
pub(super) fn build(cache: &Cache, kubernetes: Kubernetes, with: &[Extra]) -> Result<Vec<PathBuf>> {
    let mut modules = vec![
        kubernetes_module(kubernetes),
        plain_module("kwok", SIMULATOR),
    ];
    if with.contains(&Extra::Clients) {
        modules.push(plain_module("helm", HELM));
        modules.push(plain_module("act", WORKFLOWS));
    }
    let rollouts = with.contains(&Extra::Rollouts);
    if rollouts {
        modules.push(plain_module("rollouts", ROLLOUTS));
    }
    let go = go_version(&modules[0].folder)?;
    let keys = modules
        .iter()
        .map(|module| module.key(&go))
        .collect::<Result<Vec<_>>>()?;
    let missing: Vec<_> = modules
        .iter()
        .zip(&keys)
        .flat_map(|(module, key)| {
            module
                .programs
                .iter()
                .map(move |program| (module, key, program))
        })
        .filter(|(_, key, (name, _))| !cache.entry(key).join(name).exists())
        .collect();
    let mut progress = Progress::new(
        &format!("compiling Kubernetes {}", kubernetes.version),
        missing.len(),
    );
    for (module, key, (name, source)) in missing {
        progress.part(name, || {
            cache.get_or_make(&format!("{key}/{name}"), |output| {
                module.compile(source, output)
            })
        })?;
    }
    if let (true, Some(module), Some(key)) = (rollouts, modules.last(), keys.last()) {
        cache.get_or_make(&format!("{key}/{DEFINITIONS}"), |folder| {
            module.copy_definitions(folder)
        })?;
    }
    Ok(keys.iter().map(|key| cache.entry(key)).collect())
}

fn kubernetes_module(kubernetes: Kubernetes) -> Module {
    let (major, minor) = kubernetes.major_and_minor();
    // Without these a server calls itself v0.0.0-master, which clients fail to parse.
    let versions = ["k8s.io/component-base/version", "k8s.io/client-go/pkg/version"].map(|package| {
        format!(
            "-X {package}.gitVersion=v{} -X {package}.gitMajor={major} -X {package}.gitMinor={minor}",
            kubernetes.version
        )
    });
    Module {
        folder: kubernetes.folder(),
        link: versions.join(" "),
        programs: KUBERNETES,
    }
}

/// Programs that need not be told which version they are.
fn plain_module(name: &str, programs: &'static [(&'static str, &'static str)]) -> Module {
    Module {
        folder: cluster_folder().join(name),
        link: String::new(),
        programs,
    }
}

impl Module {
    fn key(&self, go: &str) -> Result<String> {
        let pins = self.folder.join("go.sum");
        let sums = fs::read(&pins).with_context(|| format!("cannot read {}", pins.display()))?;
        let name = self
            .folder
            .file_name()
            .unwrap_or_default()
            .to_string_lossy();
        Ok(format!(
            "programs/{name}-{}",
            digest([&sums, go.as_bytes(), self.link.as_bytes()])
        ))
    }

    fn compile(&self, source: &str, output: &Path) -> Result<()> {
        let built = Command::new("go")
            .args(["build", "-mod=readonly", "-trimpath", "-buildvcs=false"])
            .args(["-ldflags", &format!("-s -w {}", self.link), "-o"])
            .arg(output)
            .arg(source)
            .current_dir(&self.folder)
            .env("CGO_ENABLED", "0")
            .env("GOWORK", "off")
            .env_remove("GOFLAGS")
            // The compiler's processes are short: a sixth of the time goes into collecting their garbage.
            .env("GOGC", "off")
            .env("GOMEMLIMIT", "2GiB")
            .output()
            .context("cannot run go")?;
        if !built.status.success() {
            let messages = String::from_utf8_lossy(&built.stderr);
            let lines: Vec<_> = messages.lines().collect();
            bail!(
                "{source} does not compile: {}",
                lines[lines.len().saturating_sub(20)..].join("\n")
            );
        }
        Ok(())
    }

    /// The module's own definitions of its kinds, which come with its source.
    fn copy_definitions(&self, to: &Path) -> Result<()> {
        let downloaded = Command::new("go")
            .args(["mod", "download", "-json", ROLLOUTS_MODULE])
            .current_dir(&self.folder)
            .env("GOWORK", "off")
            .env_remove("GOFLAGS")
            .output()
            .context("cannot run go")?;
        let told: serde_json::Value = serde_json::from_slice(&downloaded.stdout)
            .context("go does not say where a module is")?;
        let Some(source) = told["Dir"].as_str() else {
            bail!("go has no {ROLLOUTS_MODULE}: {}", told["Error"]);
        };
        let source = Path::new(source).join("manifests/crds");
        fs::create_dir_all(to)?;
        let entries =
            fs::read_dir(&source).with_context(|| format!("cannot read {}", source.display()))?;
        for entry in entries {
            let path = entry?.path();
            let name = path.file_name().unwrap_or_default();
            if name.to_string_lossy().ends_with("-crd.yaml") {
                fs::write(to.join(name), fs::read(&path)?)?;
            }
        }
        Ok(())
    }
}

fn go_version(folder: &Path) -> Result<String> {
    let output = Command::new("go")
        .args(["env", "GOVERSION", "GOOS", "GOARCH"])
        .current_dir(folder)
        .env("GOWORK", "off")
        .output()
        .with_context(|| {
            let path = env::var("PATH").unwrap_or_default();
            format!("cannot run go: Kubernetes is compiled with it; install Go, and put it on the PATH ({path})")
        })?;
    if !output.status.success() {
        bail!(
            "go env failed: {}",
            String::from_utf8_lossy(&output.stderr).trim()
        );
    }
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}
