//! The controller of Argo Rollouts, as a process beside those of the cluster.

use std::env;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use serde_json::json;
use tokio::process::{Child, Command};

use super::super::application::apply;
use super::super::runs::kubectl;
use crate::cluster::{SANDBOX, kubeconfig};
use crate::eventually::eventually;
use crate::kubectl::run;
use crate::prepare::DEFINITIONS;
use crate::progress::say;

const PROGRAM: &str = "rollouts-controller";
/// Whose rights it has, in the namespace that its own manifests name.
const ACCOUNT: &str = "argo-rollouts";
/// Longer than any benchmark.
const TOKEN_FOR: &str = "--duration=3h";
/// For the API server to serve the new kinds.
const SOON: Duration = Duration::from_secs(30);
const LAST_LINES: usize = 15;

/// Runs until it is dropped.
pub(in super::super) struct Controller {
    _process: Child,
    log: PathBuf,
}

impl Controller {
    /// Defines its kinds, gives it an account and a kubeconfig of its own, and starts it.
    pub(in super::super) async fn start() -> Result<Self> {
        say("Argo Rollouts starts");
        let definitions = definitions()?;
        let definitions = definitions.to_string_lossy();
        kubectl(&["apply", "--server-side", "-f", &definitions]).await?;
        let established = ["wait", "--for=condition=Established", "--timeout=60s", "-f"];
        kubectl(&[&established[..], &[&definitions]].concat()).await?;
        apply(ACCOUNT, account()).await?;
        let sandbox = PathBuf::from(env::var(SANDBOX).context("this is no sandbox")?);
        let own = sandbox.join("rollouts-controller.kubeconfig");
        write_kubeconfig(&own).await?;
        let log = sandbox.join("logs").join(format!("{PROGRAM}.log"));
        let output = File::create(&log)?;
        let process = Command::new(PROGRAM)
            .arg(format!("--kubeconfig={}", own.display()))
            // It is alone, as the cluster's other controllers are.
            .arg("--leader-elect=false")
            .stdin(Stdio::null())
            .stdout(output.try_clone()?)
            .stderr(output)
            .kill_on_drop(true)
            .spawn()
            .context("cannot start the controller of Argo Rollouts")?;
        Ok(Self {
            _process: process,
            log,
        })
    }

    /// What it said last.
    pub(in super::super) fn last_lines(&self) -> String {
        let log = fs::read(&self.log).unwrap_or_default();
        let log = String::from_utf8_lossy(&log);
        let lines: Vec<_> = log.lines().collect();
        lines[lines.len().saturating_sub(LAST_LINES)..].join("\n")
    }
}

/// They lie beside the program.
fn definitions() -> Result<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let folder = env::split_paths(&path).find(|folder| folder.join(PROGRAM).is_file());
    let folder = folder
        .context("Argo Rollouts is not here: start the sandbox with --rollouts, or `make bench`")?;
    Ok(folder.join(DEFINITIONS))
}

fn account() -> Vec<serde_json::Value> {
    vec![
        json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": ACCOUNT}}),
        json!({
            "apiVersion": "v1",
            "kind": "ServiceAccount",
            "metadata": {"name": ACCOUNT, "namespace": ACCOUNT}
        }),
        json!({
            "apiVersion": "rbac.authorization.k8s.io/v1",
            "kind": "ClusterRoleBinding",
            "metadata": {"name": ACCOUNT},
            "roleRef": {
                "apiGroup": "rbac.authorization.k8s.io",
                "kind": "ClusterRole",
                "name": "cluster-admin"
            },
            "subjects": [{"kind": "ServiceAccount", "name": ACCOUNT, "namespace": ACCOUNT}]
        }),
    ]
}

/// The administrator's, with the account's token in the place of the certificate.
async fn write_kubeconfig(to: &Path) -> Result<()> {
    let token = eventually(SOON, || async {
        let create = ["create", "token", ACCOUNT, "-n", ACCOUNT, TOKEN_FOR];
        run(&create, None).await?.succeeded()
    })
    .await?;
    let mut config: serde_json::Value = serde_json::from_slice(&fs::read(kubeconfig())?)?;
    let users = config["users"].as_array_mut();
    let user = users.and_then(|users| users.first_mut());
    user.context("the kubeconfig has no user")?["user"] = json!({"token": token.stdout.trim()});
    ensure!(!token.stdout.trim().is_empty(), "the account got no token");
    Ok(fs::write(to, config.to_string())?)
}
