//! The kubeconfig files of those who speak to the API server.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Result;
use serde_json::json;

use super::addresses::API;
use super::certificates::Authority;

/// Writes the kubeconfig of a user, who gets a certificate for it.
pub(crate) fn write(
    folder: &Path,
    authority: &Authority,
    user: &str,
    group: Option<&str>,
) -> Result<PathBuf> {
    let identity = authority.client(user, group)?;
    let path = folder.join(format!("{}.kubeconfig", user.replace(':', "-")));
    let content = json!({
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "sandbox",
        "clusters": [{"name": "sandbox", "cluster": {
            "server": API,
            "certificate-authority": authority.certificate(),
        }}],
        "users": [{"name": user, "user": {
            "client-certificate": identity.certificate,
            "client-key": identity.key,
        }}],
        "contexts": [{"name": "sandbox", "context": {"cluster": "sandbox", "user": user}}],
    });
    // JSON is YAML, too.
    fs::write(&path, serde_json::to_vec_pretty(&content)?)?;
    Ok(path)
}
