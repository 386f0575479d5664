//! Names that we read and write on other people's objects.

/// Service annotation `"true"`: this Service is production, whatever its name says.
pub const PRODUCTION: &str = "bluegreen.dev/production";
/// Service annotation `"true"`: this Service is for tests and is never flipped.
pub const TEST: &str = "bluegreen.dev/test";
/// `HorizontalPodAutoscaler` annotation: its minimum before `stage --match-active` raised it, see
/// [`crate::plan::minimum`].
pub const MINIMUM: &str = "bluegreen.dev/min-replicas";
/// Service annotation: the selector keys, separated by commas, whose values differ between the environments.
pub const ROLE_KEY: &str = "bluegreen.dev/role-key";
/// Workload annotation: the workload's role, where its labels don't say it.
pub const ROLE: &str = "bluegreen.dev/role";
/// Service annotation: the switch that is under way, see [`crate::intent::Intent`].
pub const INTENT: &str = "bluegreen.dev/intent";
/// Service annotation: both environments are selected on purpose, see [`crate::overlap::Overlap`].
pub const OVERLAP: &str = "bluegreen.dev/overlap";
/// Service annotation: the last flips, see [`crate::history`].
pub const HISTORY: &str = "bluegreen.dev/history";
/// Prefix of the Service annotation that keeps the last verification of a role.
pub const VERIFIED_PREFIX: &str = "bluegreen.dev/verified-";
/// Prefix of the Service annotation that keeps what each workload of a role had before it was scaled down.
pub const REPLICAS_PREFIX: &str = "bluegreen.dev/replicas-";
/// Namespace or Service annotation: ready pods of the target as a share of the active's.
pub const MIN_CAPACITY: &str = "bluegreen.dev/min-capacity";
/// Namespace annotation: ready pods of the target as a share of its own replicas.
pub const MIN_READY: &str = "bluegreen.dev/min-ready";
/// Namespace or Service annotation `"true"`: only what `verify` has passed may be flipped to.
pub const REQUIRE_VERIFIED: &str = "bluegreen.dev/require-verified";
/// Service annotation: who agreed to the release of what, see [`crate::approvals`].
pub const APPROVALS: &str = "bluegreen.dev/approvals";
/// Service annotation: break-glass, the reason.
pub const OVERRIDE: &str = "bluegreen.dev/override";
/// Annotation of what is to be taken down on purpose: the reason.
pub const TAKEDOWN: &str = "bluegreen.dev/takedown";
/// Service annotation: the name of the Lease that a release of the application holds.
pub const RELEASE: &str = "bluegreen.dev/release";
/// Service annotation: what a Deployment was before the rolling update that is under way, see
/// [`crate::plan::rolling::Before`].
pub const ROLLING: &str = "bluegreen.dev/rolling-update";
/// Annotation of an application's Lease: somebody wants the release that holds it to end.
pub const ABORT: &str = "bluegreen.dev/abort";
/// Namespace or Service annotation: what becomes of a flip that nobody announced, see [`crate::drift`].
pub const ON_DRIFT: &str = "bluegreen.dev/on-drift";
/// Namespace label `"true"`: the Namespace may not be deleted while something in it serves.
pub const PROTECT: &str = "bluegreen.dev/protect";
/// Deployment annotation: which other Deployment it was made like and takes the place of, see
/// [`crate::plan::adopt::Origin`].
pub const ADOPTED: &str = "bluegreen.dev/adopted";
/// Workload annotation: the path of an injected readiness probe.
pub const PROBE_PATH: &str = "bluegreen.dev/probe-path";
/// Workload annotation: the port, number or name, of an injected readiness probe.
pub const PROBE_PORT: &str = "bluegreen.dev/probe-port";
/// Workload annotation `"false"`: no readiness probe is injected.
pub const INJECT_PROBE: &str = "bluegreen.dev/inject-probe";
/// Namespace label: `enforce` (the default), `warn` or `off`.
pub const POLICY: &str = "bluegreen.dev/policy";
/// The label key of the role in all that we create.
pub const ROLE_LABEL: &str = "role";
/// Label of a pod made by the Deployment controller: the hash of the template it runs.
pub const POD_TEMPLATE_HASH: &str = "pod-template-hash";
/// Label of a pod made by the `StatefulSet` controller: the name of the revision it runs.
pub const CONTROLLER_REVISION_HASH: &str = "controller-revision-hash";
/// The field manager of everything that the plugin writes.
pub const FIELD_MANAGER: &str = "kubectl-bluegreen";
/// Where kubectl keeps the reason for a template; the Deployment controller hands it on.
pub const CHANGE_CAUSE: &str = "kubernetes.io/change-cause";
/// The Deployment controller's own count of the templates that a Deployment has had; its `ReplicaSets`
/// carry it too.
pub const REVISION: &str = "deployment.kubernetes.io/revision";
