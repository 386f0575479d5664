//! What is counted. Every name ends in its unit; labels take a fixed set of values.

use std::time::Duration;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

/// All metrics of the process.
#[derive(Debug)]
pub(crate) struct Metrics {
    registry: Registry,
    decisions: Family<Answered, Counter>,
    refusals: Family<Refused, Counter>,
    durations: Family<Phase, Histogram>,
    reads: Family<Read, Counter>,
    connections: Family<Port, Gauge>,
    turned_away: Family<Port, Counter>,
    ends: Family<Certificate, Gauge>,
    overwritten: Family<Configuration, Counter>,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Answered {
    hook: &'static str,
    decision: &'static str,
    dry_run: &'static str,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Refused {
    hook: &'static str,
    code: &'static str,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Phase {
    hook: &'static str,
    phase: &'static str,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Read {
    resource: &'static str,
    outcome: &'static str,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Port {
    port: &'static str,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Certificate {
    certificate: &'static str,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Configuration {
    configuration: &'static str,
}

/// From half a millisecond to the longest a webhook may take.
const SECONDS: [f64; 14] = [
    0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 30.0,
];

impl Metrics {
    /// Registers everything.
    pub(crate) fn new() -> Self {
        let mut metrics = Self {
            registry: Registry::with_prefix("bluegreen"),
            decisions: Family::default(),
            refusals: Family::default(),
            durations: Family::new_with_constructor(|| Histogram::new(SECONDS)),
            reads: Family::default(),
            connections: Family::default(),
            turned_away: Family::default(),
            ends: Family::default(),
            overwritten: Family::default(),
        };
        let registry = &mut metrics.registry;
        let decisions = metrics.decisions.clone();
        registry.register("decisions", "Reviews by what was answered", decisions);
        let refusals = metrics.refusals.clone();
        registry.register("refusals", "Reasons of denials and warnings", refusals);
        let durations = metrics.durations.clone();
        registry.register("duration_seconds", "Time of a review by phase", durations);
        let reads = metrics.reads.clone();
        registry.register("live_reads", "Requests to the API server", reads);
        let connections = metrics.connections.clone();
        registry.register("connections", "Open connections of a port", connections);
        let turned_away = metrics.turned_away.clone();
        registry.register(
            "connections_turned_away",
            "Connections above the limit",
            turned_away,
        );
        let ends = metrics.ends.clone();
        registry.register(
            "certificate_not_after_seconds",
            "When a certificate ends, in seconds since 1970",
            ends,
        );
        let overwritten = metrics.overwritten.clone();
        registry.register(
            "bundles_overwritten",
            "Published bundles that somebody else changed",
            overwritten,
        );
        metrics
    }

    /// The text that Prometheus reads.
    pub(crate) fn text(&self) -> Result<String, std::fmt::Error> {
        let mut text = String::new();
        encode(&mut text, &self.registry)?;
        Ok(text)
    }

    /// Counts an answer.
    pub(crate) fn decided(&self, hook: &'static str, decision: &'static str, dry_run: bool) {
        let dry_run = if dry_run { "true" } else { "false" };
        let labels = Answered {
            hook,
            decision,
            dry_run,
        };
        self.decisions.get_or_create(&labels).inc();
    }

    /// Counts a reason.
    pub(crate) fn refused(&self, hook: &'static str, code: &'static str) {
        self.refusals.get_or_create(&Refused { hook, code }).inc();
    }

    /// Records how long a part of a review took.
    pub(crate) fn took(&self, hook: &'static str, phase: &'static str, time: Duration) {
        let labels = Phase { hook, phase };
        self.durations
            .get_or_create(&labels)
            .observe(time.as_secs_f64());
    }

    /// Counts a read of the API server.
    pub(crate) fn read(&self, resource: &'static str, succeeded: bool) {
        let outcome = if succeeded { "ok" } else { "error" };
        self.reads.get_or_create(&Read { resource, outcome }).inc();
    }

    /// The open connections of a port.
    pub(crate) fn connections(&self, port: &'static str) -> Gauge {
        self.connections.get_or_create_owned(&Port { port })
    }

    /// Counts a connection that was closed because there were too many.
    pub(crate) fn turned_away(&self, port: &'static str) {
        self.turned_away.get_or_create(&Port { port }).inc();
    }

    /// Notes when a certificate ends; one that is not there has no end.
    pub(crate) fn ends(&self, certificate: &'static str, seconds: Option<i64>) {
        let labels = Certificate { certificate };
        match seconds {
            Some(seconds) => {
                self.ends.get_or_create(&labels).set(seconds);
            }
            None => {
                self.ends.remove(&labels);
            }
        }
    }

    /// Counts a bundle that was not ours any more.
    pub(crate) fn overwritten(&self, configuration: &'static str) {
        self.overwritten
            .get_or_create(&Configuration { configuration })
            .inc();
    }
}
