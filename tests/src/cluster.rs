//! The cluster that a test runs on: that of the sandbox around it, or one that is named on purpose.

mod dump;
mod namespace;

use std::env;
use std::path::PathBuf;

use kube::config::{KubeConfigOptions, Kubeconfig};
use kube::{Client, Config, Error};

pub use namespace::Namespace;

/// Names a cluster of the user's own for the tests. The default context is never used by accident.
pub const OWN_CLUSTER: &str = "E2E_KUBECONFIG";
/// The folder of the sandbox, inside it.
pub const SANDBOX: &str = "BLUEGREEN_SANDBOX";

/// A client of the cluster, as its administrator.
#[derive(Clone)]
pub struct Cluster {
    /// The client itself.
    pub client: Client,
}

impl Cluster {
    /// Connects to the cluster of the test.
    ///
    /// # Panics
    /// There is no cluster to test on: a test must not pass without one.
    #[expect(
        clippy::panic,
        reason = "a test that has no cluster must fail, and say why"
    )]
    pub async fn connect() -> Self {
        let kubeconfig = kubeconfig();
        match connect(kubeconfig.clone()).await {
            Ok(client) => Self { client },
            Err(error) => panic!("cannot connect as {} says: {error}", kubeconfig.display()),
        }
    }

    /// Makes a namespace for one test. It is deleted at the end of the test; if the test fails, what is in it is told first.
    ///
    /// # Panics
    /// It can't be made.
    pub async fn namespace(&self, name: &str) -> Namespace {
        Namespace::create(self, name).await
    }
}

/// The kubeconfig of the cluster to test on.
///
/// # Panics
/// There is none: a test must not pass without one.
#[must_use]
#[expect(
    clippy::panic,
    reason = "a test that has no cluster must fail, and say why"
)]
pub fn kubeconfig() -> PathBuf {
    let named = |variable| env::var_os(variable).filter(|value| !value.is_empty());
    let inside = named(SANDBOX).and_then(|_| named("KUBECONFIG"));
    match inside.or_else(|| named(OWN_CLUSTER)) {
        Some(path) => path.into(),
        None => panic!(
            "this test needs the sandbox: run `make test` (or name a cluster: {OWN_CLUSTER}=/path/to/kubeconfig)"
        ),
    }
}

pub(crate) async fn connect(kubeconfig: PathBuf) -> Result<Client, Error> {
    let kubeconfig = Kubeconfig::read_from(kubeconfig).map_err(Error::InferKubeconfig)?;
    let options = KubeConfigOptions::default();
    let config = Config::from_custom_kubeconfig(kubeconfig, &options).await;
    Client::try_from(config.map_err(Error::InferKubeconfig)?)
}
