//! Switches one rule of the guard off after the other, and shows that a test notices:
//! `BLUEGREEN_RULES_OFF=1 sandbox --bare --with clients -- guard-mutations`.

use std::process::{Command, ExitCode, Stdio};

use anyhow::{Result, bail};
use bluegreen_e2e::progress::say;
use clap::Parser;

/// A rule as `BLUEGREEN_RULE_OFF` names it, and the test that must turn red without it.
const RULES: [(&str, &str); 39] = [
    (
        "NoEnvironment",
        "guard::codes::a_selector_must_name_an_environment",
    ),
    (
        "InvalidSetting",
        "guard::codes::a_selector_must_name_an_environment",
    ),
    ("ScaledToZero", "guard::codes::a_target_must_have_its_pods"),
    ("BelowCapacity", "guard::codes::a_target_must_have_its_pods"),
    (
        "RollingOut",
        "guard::codes::a_target_must_not_be_rolling_out",
    ),
    (
        "NotReady",
        "guard::codes::a_crash_is_told_with_its_exit_code",
    ),
    (
        "NoReadinessProbe",
        "guard::codes::ready_must_mean_something",
    ),
    ("PortMismatch", "guard::codes::ready_must_mean_something"),
    (
        "ForeignPods",
        "guard::codes::a_stranger_among_the_pods_is_named",
    ),
    ("Stalled", "guard::codes::a_quota_is_told_as_what_stalls"),
    (
        "Terminating",
        "guard::codes::what_is_being_deleted_gets_no_requests",
    ),
    (
        "NotObserved",
        "guard::codes::a_spec_that_no_controller_has_seen_is_not_served",
    ),
    ("Unverified", "guard::verified"),
    (
        "Drift",
        "guard::announced::an_unannounced_flip_is_denied_where_that_is_asked_for",
    ),
    (
        "NotReady",
        "guard::announced::a_side_that_may_not_serve_is_not_announced",
    ),
    (
        "Protected:is about to serve",
        "guard::announced::a_side_that_may_not_serve_is_not_announced",
    ),
    (
        "Protected:would lose bluegreen.dev/",
        "guard::announced::an_unannounced_flip_is_denied_where_that_is_asked_for",
    ),
    ("Protected:strategy Recreate", "guard::recreated"),
    (
        "Protected:which comes to one pod",
        "guard::recreated::the_only_pod_that_serves_does_not_stop_before_there_is_a_new_one",
    ),
    (
        "Protected:says its role",
        "guard::values::a_marked_pair_of_versions_is_guarded_goes_forward_and_back",
    ),
    (
        "Protected:would say from revision",
        "guard::closed::a_history_that_is_not_so_makes_no_way_back",
    ),
    (
        "Protected:no other environment",
        "guard::closed::a_history_that_is_not_so_makes_no_way_back",
    ),
    (
        "Protected:maxUnavailable",
        "guard::closed::a_rolling_update_that_keeps_no_pod_is_none",
    ),
    (
        "Protected:what role it selects",
        "guard::closed::a_service_gets_no_owner_and_keeps_its_role_when_the_other_side_is_gone",
    ),
    (
        "NoEnvironment:would be in an overlap from",
        "guard::overlapping::no_mark_opens_the_guard",
    ),
    (
        "NoEnvironment:would say that it selects both sides",
        "guard::overlapping::no_mark_opens_the_guard",
    ),
    (
        "ForeignPods:beside both sides",
        "guard::overlapping::no_mark_opens_the_guard",
    ),
    (
        "NoEnvironment:which is neither",
        "guard::overlapping::an_overlap_of_any_client_ends_in_one_of_its_sides_and_nowhere_else",
    ),
    (
        "Protected:overlap changed",
        "guard::overlapping::an_overlap_of_any_client_ends_in_one_of_its_sides_and_nowhere_else",
    ),
    (
        "Protected:what role it selects",
        "guard::closed::production_goes_to_no_role_that_nobody_guards",
    ),
    (
        "Protected:would lose the readiness probe",
        "guard::recreated::what_serves_keeps_what_tells_whether_it_is_ready",
    ),
    (
        "Protected:a StatefulSet of one pod",
        "guard::recreated::a_stateful_set_that_serves_does_not_stop_its_only_pod",
    ),
    ("Protected:scaled to 0", "guard::matrix"),
    ("Protected:deleted", "guard::matrix"),
    ("Protected:does not select", "guard::matrix"),
    ("Protected:owned by", "guard::matrix"),
    ("Protected:only ready one", "guard::matrix"),
    ("Protected:publishNotReadyAddresses", "guard::matrix"),
    ("Protected:externalIPs", "guard::matrix"),
];

/// Switches each rule of the guard off in turn, and shows that its test notices.
#[derive(Parser)]
struct Arguments {
    /// Only the rules whose name contains it
    #[arg(long, env = "RULE", default_value = "", value_name = "NAME")]
    only: String,
}

fn main() -> ExitCode {
    match notice(&Arguments::parse().only) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say(&format!("error: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

fn notice(only: &str) -> Result<()> {
    let rules: Vec<(&str, &str)> = RULES
        .into_iter()
        .filter(|(rule, _)| rule.contains(only))
        .collect();
    if rules.is_empty() {
        bail!("no rule is called {only:?}");
    }
    kubectl(&["bluegreen", "install"])?;
    let mut unnoticed = 0;
    let mut tests: Vec<&str> = rules.iter().map(|(_, test)| *test).collect();
    tests.sort_unstable();
    tests.dedup();
    for test in tests {
        if !passes(test)? {
            bail!("{test} fails with every rule on");
        }
    }
    let mut off = "";
    for &(rule, test) in &rules {
        // To switch it off again would restart nothing, which could be waited for in vain.
        if rule != off {
            switch_off(rule)?;
            off = rule;
        }
        let red = !passes(test)?;
        let mark = if red { "✓" } else { "✗" };
        say(&format!(
            "{mark} without {rule}, {test} {}",
            if red { "fails" } else { "passes" }
        ));
        unnoticed += usize::from(!red);
    }
    if unnoticed > 0 {
        bail!(
            "{unnoticed} of {} rules can be off, and no test notices",
            rules.len()
        );
    }
    say(&format!(
        "{} of {0} rules are missed when they are off",
        rules.len()
    ));
    Ok(())
}

/// Restarts the webhook without the rule, and waits until nobody answers with it any more.
fn switch_off(rule: &str) -> Result<()> {
    let system = ["-n", "bluegreen-system"];
    let inside = |arguments: &[&str]| kubectl(&[arguments, &system].concat());
    let before = inside(&["get", "pods", "-o", "name"])?;
    let set = format!("BLUEGREEN_RULE_OFF={rule}");
    let deployment = "deployment/bluegreen-webhook";
    inside(&["set", "env", deployment, &set])?;
    inside(&["rollout", "status", deployment, "--timeout=2m"])?;
    // Those that still drain answer with the rule.
    let gone = ["wait", "--for=delete", "--timeout=1m"];
    let before: Vec<&str> = before.lines().collect();
    inside(&[&gone[..], &before].concat())?;
    Ok(())
}

/// What kubectl prints, if it succeeds.
fn kubectl(arguments: &[&str]) -> Result<String> {
    let output = Command::new("kubectl").args(arguments).output()?;
    if !output.status.success() {
        bail!(
            "kubectl {}: {}",
            arguments.join(" "),
            String::from_utf8_lossy(&output.stderr)
        );
    }
    Ok(String::from_utf8(output.stdout)?)
}

fn passes(test: &str) -> Result<bool> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let status = Command::new(cargo)
        .args([
            "test",
            "--offline",
            "--workspace",
            "--test",
            "e2e",
            "--",
            test,
        ])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()?;
    Ok(status.success())
}
