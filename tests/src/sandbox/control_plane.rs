//! etcd, API server, controller manager and scheduler.

use std::fs;
use std::path::Path;

use anyhow::Result;
use serde_json::json;

use super::addresses::{ETCD, MACHINE, PODS, SERVICES};
use super::certificates::{Authority, signing_key};
use super::component::Components;
use super::kubeconfig;

/// The audit log's place in the folder of a sandbox.
pub const AUDIT_LOG: &str = "audit.log";

/// Starts the store and the API server, which waits for it.
pub(crate) fn start_api(
    components: &mut Components,
    folder: &Path,
    authority: &Authority,
) -> Result<()> {
    components.start(
        "etcd",
        [
            format!("--data-dir={}", folder.join("etcd").display()),
            format!("--listen-client-urls={ETCD}"),
            format!("--advertise-client-urls={ETCD}"),
            "--listen-peer-urls=http://127.0.0.1:2380".to_owned(),
            // It need not survive the machine, only be quick.
            "--unsafe-no-fsync".to_owned(),
            "--log-level=warn".to_owned(),
        ],
    )?;
    let server = authority.server("kube-apiserver")?;
    let to_kubelet = authority.client("kube-apiserver-kubelet-client", Some("system:masters"))?;
    let tokens = signing_key(folder)?;
    let audit_policy = folder.join("audit-policy.json");
    fs::write(&audit_policy, audit_everything().to_string())?;
    let path = |flag: &str, path: &Path| format!("--{flag}={}", path.display());
    components.start(
        "kube-apiserver",
        [
            format!("--etcd-servers={ETCD}"),
            format!("--advertise-address={MACHINE}"),
            format!("--service-cluster-ip-range={SERVICES}"),
            "--authorization-mode=Node,RBAC".to_owned(),
            "--enable-admission-plugins=NodeRestriction".to_owned(),
            // What the older version has as a beta and the newer one as it stands.
            "--feature-gates=MutatingAdmissionPolicy=true".to_owned(),
            "--runtime-config=admissionregistration.k8s.io/v1beta1=true".to_owned(),
            "--allow-privileged=true".to_owned(),
            "--service-account-issuer=https://kubernetes.default.svc".to_owned(),
            path("service-account-signing-key-file", &tokens.key),
            path("service-account-key-file", &tokens.certificate),
            path("client-ca-file", &authority.certificate()),
            path("tls-cert-file", &server.certificate),
            path("tls-private-key-file", &server.key),
            path("kubelet-client-certificate", &to_kubelet.certificate),
            path("kubelet-client-key", &to_kubelet.key),
            // Nobody resolves names here.
            "--kubelet-preferred-address-types=InternalIP".to_owned(),
            path("audit-policy-file", &audit_policy),
            path("audit-log-path", &folder.join(AUDIT_LOG)),
        ],
    )
}

/// Starts those who need the API server.
pub(crate) fn start_controllers(
    components: &mut Components,
    folder: &Path,
    authority: &Authority,
) -> Result<()> {
    // Thousands of simulated pods are theirs to drive.
    let quick = [
        "--kube-api-qps=300".to_owned(),
        "--kube-api-burst=600".to_owned(),
    ];
    let alone = "--leader-elect=false".to_owned();
    let manager = kubeconfig::write(folder, authority, "system:kube-controller-manager", None)?;
    let scheduler = kubeconfig::write(folder, authority, "system:kube-scheduler", None)?;
    let arguments = [
        format!("--kubeconfig={}", manager.display()),
        format!("--root-ca-file={}", authority.certificate().display()),
        format!(
            "--service-account-private-key-file={}",
            folder.join("tokens.key").display()
        ),
        format!("--cluster-cidr={PODS}"),
        "--use-service-account-credentials=true".to_owned(),
        alone.clone(),
    ];
    components.start("kube-controller-manager", arguments.iter().chain(&quick))?;
    let arguments = [format!("--kubeconfig={}", scheduler.display()), alone];
    components.start("kube-scheduler", arguments.iter().chain(&quick))
}

/// Every request once, when it has been answered: who, what, when, with which result.
fn audit_everything() -> serde_json::Value {
    json!({
        "apiVersion": "audit.k8s.io/v1",
        "kind": "Policy",
        "omitStages": ["RequestReceived"],
        "rules": [{"level": "Metadata"}],
    })
}
