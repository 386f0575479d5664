//! Which kubeconfig files there are, and what the chosen context says.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use kube::config::{AuthInfo, Cluster, Context, ExecAuthCluster, Kubeconfig, KubeconfigError};

use crate::failure::Failure;
use crate::flags::Connection;

/// What the kubeconfig says of the cluster and the user that were chosen.
#[derive(Debug)]
pub(super) struct Chosen {
    pub(super) cluster: Cluster,
    pub(super) user: AuthInfo,
    pub(super) namespace: Option<String>,
    /// `context "kind" of /home/me/.kube/config`.
    pub(super) source: String,
}

/// Reads the kubeconfig; `None` where there is no file at all and none was named by flag.
pub(super) fn read(flags: &Connection) -> Result<Option<Chosen>, Failure> {
    let paths = match &flags.kubeconfig {
        Some(path) => vec![path.clone()],
        None => candidates(),
    };
    let mut merged: Option<Kubeconfig> = None;
    let mut found = Vec::new();
    for path in paths {
        let next = match Kubeconfig::read_from(&path) {
            Ok(next) => next,
            Err(KubeconfigError::ReadConfig(error, _))
                if error.kind() == ErrorKind::NotFound && flags.kubeconfig.is_none() =>
            {
                continue;
            }
            Err(error) => return Err(unreadable(&path, &error)),
        };
        merged = Some(match merged {
            None => next,
            Some(before) => before
                .merge(next)
                .map_err(|error| unreadable(&path, &error))?,
        });
        found.push(path.display().to_string());
    }
    merged
        .map(|config| choose(&config, flags, &found.join(":")))
        .transpose()
        .map(Option::flatten)
}

/// The files that KUBECONFIG names, or the one in the home directory.
fn candidates() -> Vec<PathBuf> {
    let named: Vec<PathBuf> = std::env::var_os("KUBECONFIG")
        .map(|list| {
            std::env::split_paths(&list)
                .filter(|path| !path.as_os_str().is_empty())
                .collect()
        })
        .unwrap_or_default();
    if named.is_empty() {
        std::env::home_dir()
            .map(|home| home.join(".kube").join("config"))
            .into_iter()
            .collect()
    } else {
        named
    }
}

/// The context, cluster and user that the flags name, or the current ones.
///
/// A kubeconfig without any context is as good as none.
fn choose(config: &Kubeconfig, flags: &Connection, path: &str) -> Result<Option<Chosen>, Failure> {
    let name = flags
        .context
        .as_deref()
        .or(config.current_context.as_deref())
        .filter(|name| !name.is_empty());
    let context = match name {
        Some(name) => context(config, name, path)?,
        None => Context::default(),
    };
    let cluster_name = flags.cluster.as_deref().unwrap_or(&context.cluster);
    if cluster_name.is_empty() && flags.server.is_none() {
        if config.contexts.is_empty() && flags.user.is_none() {
            return Ok(None);
        }
        return Err(Failure::could_not(format!("{path} has no current context"))
            .hint("name one with --context; kubectl config get-contexts lists them"));
    }
    let cluster = config
        .clusters
        .iter()
        .find(|named| named.name == cluster_name)
        .and_then(|named| named.cluster.clone());
    let cluster = match cluster {
        Some(cluster) => cluster,
        None if cluster_name.is_empty() => Cluster::default(),
        None => {
            return Err(
                Failure::could_not(format!("{path} has no cluster {cluster_name:?}"))
                    .hint("kubectl config get-clusters lists them"),
            );
        }
    };
    let mut user = user(config, flags, &context, path)?;
    if let Some(exec) = user.exec.as_mut().filter(|exec| exec.provide_cluster_info) {
        let about = ExecAuthCluster::try_from(&cluster)
            .map_err(|error| unreadable(Path::new(path), &error))?;
        exec.cluster = Some(about);
    }
    let source = match (name, &flags.cluster) {
        (_, Some(cluster)) => format!("cluster {cluster:?} of {path}"),
        (Some(name), None) => format!("context {name:?} of {path}"),
        (None, None) => path.to_owned(),
    };
    Ok(Some(Chosen {
        cluster,
        user,
        namespace: context.namespace,
        source,
    }))
}

fn context(config: &Kubeconfig, name: &str, path: &str) -> Result<Context, Failure> {
    config
        .contexts
        .iter()
        .find(|named| named.name == name)
        .and_then(|named| named.context.clone())
        .ok_or_else(|| {
            Failure::could_not(format!("{path} has no context {name:?}"))
                .hint("kubectl config get-contexts lists them")
        })
}

/// As in kubectl, a context may name a user that the file doesn't have; a flag may not.
fn user(
    config: &Kubeconfig,
    flags: &Connection,
    context: &Context,
    path: &str,
) -> Result<AuthInfo, Failure> {
    let name = flags.user.as_deref().or(context.user.as_deref());
    let found = name.and_then(|name| {
        config
            .auth_infos
            .iter()
            .find(|named| named.name == name)
            .and_then(|named| named.auth_info.clone())
    });
    match (found, &flags.user) {
        (Some(user), _) => Ok(user),
        (None, Some(name)) => Err(Failure::could_not(format!("{path} has no user {name:?}"))
            .hint("kubectl config get-users lists them")),
        (None, None) => Ok(AuthInfo::default()),
    }
}

fn unreadable(path: &Path, error: &KubeconfigError) -> Failure {
    Failure::could_not(format!(
        "can't read the kubeconfig {}: {}",
        path.display(),
        super::translate::root_of(error)
    ))
    .hint("check the file with: kubectl config view, or name another with --kubeconfig")
}
