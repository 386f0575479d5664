//! The real node: containerd, kubelet and kube-proxy.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Result;
use serde_json::json;

use super::addresses::{MACHINE, NODE, PODS};
use super::certificates::Authority;
use super::component::Components;
use super::{cgroups, kubeconfig};
use crate::image::PAUSE;

/// Where the container runtime listens.
pub(crate) fn socket(folder: &Path) -> PathBuf {
    folder.join("containerd.sock")
}

/// Starts the container runtime, which needs nobody.
pub(crate) fn start_containers(components: &mut Components, folder: &Path) -> Result<()> {
    let networks = folder.join("cni");
    fs::create_dir(&networks)?;
    fs::write(
        networks.join("10-pods.conflist"),
        pod_network(folder).to_string(),
    )?;
    let config = folder.join("containerd.toml");
    fs::write(&config, containerd_config(folder, &networks))?;
    components.start("containerd", [format!("--config={}", config.display())])
}

/// Starts those who need the API server.
pub(crate) fn start(
    components: &mut Components,
    folder: &Path,
    authority: &Authority,
) -> Result<()> {
    let group = folder.file_name().unwrap_or_default().to_string_lossy();
    cgroups::create(&group)?;
    fs::write(folder.join("resolv.conf"), "")?;
    let server = authority.server("kubelet")?;
    let user = format!("system:node:{NODE}");
    let kubelet = kubeconfig::write(folder, authority, &user, Some("system:nodes"))?;
    let config = folder.join("kubelet.json");
    let settings = json!({
        "apiVersion": "kubelet.config.k8s.io/v1beta1",
        "kind": "KubeletConfiguration",
        "authentication": {"x509": {"clientCAFile": authority.certificate()}, "webhook": {"enabled": true}},
        "authorization": {"mode": "Webhook"},
        "tlsCertFile": server.certificate,
        "tlsPrivateKeyFile": server.key,
        "containerRuntimeEndpoint": format!("unix://{}", socket(folder).display()),
        "cgroupDriver": "cgroupfs",
        "cgroupRoot": format!("/{group}"),
        "failCgroupV1": false,
        "failSwapOn": false,
        "makeIPTablesUtilChains": false,
        "resolvConf": folder.join("resolv.conf"),
        "podLogsDir": folder.join("pod-logs"),
        "volumePluginDir": folder.join("volume-plugins"),
        "evictionHard": {"memory.available": "50Mi", "nodefs.available": "1%", "imagefs.available": "1%"},
        "imageGCHighThresholdPercent": 100,
        "oomScoreAdj": 0,
    });
    fs::write(&config, settings.to_string())?;
    components.start(
        "kubelet",
        [
            format!("--config={}", config.display()),
            format!("--kubeconfig={}", kubelet.display()),
            format!("--root-dir={}", folder.join("kubelet").display()),
            format!("--hostname-override={NODE}"),
            format!("--node-ip={MACHINE}"),
        ],
    )?;
    start_proxy(components, folder, authority)
}

fn start_proxy(components: &mut Components, folder: &Path, authority: &Authority) -> Result<()> {
    let user = kubeconfig::write(folder, authority, "system:kube-proxy", None)?;
    let config = folder.join("kube-proxy.json");
    let settings = json!({
        "apiVersion": "kubeproxy.config.k8s.io/v1alpha1",
        "kind": "KubeProxyConfiguration",
        "clientConnection": {"kubeconfig": user},
        "mode": "nftables",
        "clusterCIDR": PODS,
        "hostnameOverride": NODE,
        // These belong to the whole machine.
        "conntrack": {"maxPerCore": 0, "min": 0},
        "oomScoreAdj": 0,
    });
    fs::write(&config, settings.to_string())?;
    components.start("kube-proxy", [format!("--config={}", config.display())])
}

fn pod_network(folder: &Path) -> serde_json::Value {
    json!({
        "cniVersion": "0.4.0",
        "name": "pods",
        "plugins": [
            {
                "type": "bridge",
                "bridge": "pods",
                "isGateway": true,
                "hairpinMode": true,
                "ipam": {
                    "type": "host-local",
                    "ranges": [[{"subnet": PODS}]],
                    "routes": [{"dst": "0.0.0.0/0"}],
                    "dataDir": folder.join("pod-addresses"),
                },
            },
            {"type": "portmap", "capabilities": {"portMappings": true}},
        ],
    })
}

fn containerd_config(folder: &Path, networks: &Path) -> String {
    // A string of JSON is one of TOML, too.
    let quoted = |path: &Path| json!(path).to_string();
    let (root, state) = (folder.join("containerd"), folder.join("containerd.state"));
    let (root, state) = (quoted(&root), quoted(&state));
    let (socket, networks) = (quoted(&socket(folder)), quoted(networks));
    // Lowering a process's OOM score takes a capability that root lacks on some machines.
    format!(
        r#"version = 2
root = {root}
state = {state}
disabled_plugins = [
  "io.containerd.internal.v1.opt",
  "io.containerd.snapshotter.v1.aufs",
  "io.containerd.snapshotter.v1.btrfs",
  "io.containerd.snapshotter.v1.devmapper",
  "io.containerd.snapshotter.v1.zfs",
]

[grpc]
address = {socket}

[plugins."io.containerd.grpc.v1.cri"]
sandbox_image = "{PAUSE}"
restrict_oom_score_adj = true

[plugins."io.containerd.grpc.v1.cri".cni]
bin_dir = "/usr/lib/cni"
conf_dir = {networks}

[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
runtime_type = "io.containerd.runc.v2"
"#
    )
}
