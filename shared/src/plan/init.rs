//! The pattern from scratch: two Deployments, two test Services and the production Service.

mod pattern;
mod refused;

use std::num::NonZeroU16;

use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::Service;

pub use refused::InitRefused;

/// What `init` is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Init {
    /// The application's name, from which all others are made.
    pub name: String,
    /// What the active side runs.
    pub image: String,
    /// What the idle side runs; the same where nothing is said.
    pub idle_image: Option<String>,
    /// The port that the container listens on.
    pub port: NonZeroU16,
    /// The port of the Services.
    pub service_port: NonZeroU16,
    /// The pods of either side.
    pub replicas: NonZeroU16,
    /// How the production Service is reached; the test Services stay within the cluster.
    pub expose: Expose,
    /// The path of the readiness probe.
    pub probe_path: String,
    /// The side that production selects.
    pub active: Side,
}

/// The type of the production Service.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Expose {
    /// Within the cluster.
    #[default]
    ClusterIp,
    /// On a port of every node.
    NodePort,
    /// Through the cloud's load balancer.
    LoadBalancer,
}

/// One of the two sides of the pattern.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Side {
    /// `blue`
    #[default]
    Blue,
    /// `green`
    Green,
}

/// The objects of the pattern, without a namespace.
#[derive(Clone, Debug, PartialEq)]
pub struct Pattern {
    /// Of blue and of green; both run.
    pub deployments: [Deployment; 2],
    /// Of blue and of green, bound to their side for good.
    pub tests: [Service; 2],
    /// What a switch flips.
    pub production: Service,
}

/// The pattern's objects.
///
/// # Errors
/// A name, image or path that the cluster, or later the discovery, would not take.
pub fn plan(init: &Init) -> Result<Pattern, InitRefused> {
    refused::check(init)?;
    Ok(pattern::of(init))
}

impl Expose {
    /// The value of a Service's `spec.type`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ClusterIp => "ClusterIP",
            Self::NodePort => "NodePort",
            Self::LoadBalancer => "LoadBalancer",
        }
    }
}

impl Side {
    /// Both, in the order of their names.
    pub const BOTH: [Self; 2] = [Self::Blue, Self::Green];

    /// The role.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Blue => "blue",
            Self::Green => "green",
        }
    }
}
