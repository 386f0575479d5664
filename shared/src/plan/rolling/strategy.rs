//! How far a rolling update may go from the number of replicas, up and down.

use std::fmt;
use std::str::FromStr;

use k8s_openapi::api::apps::v1::{Deployment, DeploymentStrategy, RollingUpdateDeployment};
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;
use serde_json::{Value, json};

use crate::plan::{Declined, Why};

use super::declined;

/// What both are where nothing is said (`apps/v1` defaulting).
const DEFAULT: &str = "25%";

/// A number of pods, or a share of the replicas: `1`, `50%`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Amount(IntOrString);

impl FromStr for Amount {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, &'static str> {
        let wrong = "neither a number of pods nor a percentage, such as 1 or 50%";
        let digits = text.strip_suffix('%').unwrap_or(text);
        if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(wrong);
        }
        let number: i32 = digits.parse().map_err(|_| wrong)?;
        Ok(Self(if digits == text {
            IntOrString::Int(number)
        } else {
            IntOrString::String(text.to_owned())
        }))
    }
}

impl Amount {
    /// As Kubernetes reads it.
    #[must_use]
    pub fn value(&self) -> Value {
        json!(self.0)
    }
}

/// What of both is to be set.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bounds {
    /// Pods that there may be more.
    pub max_surge: Option<Amount>,
    /// Pods that there may be fewer.
    pub max_unavailable: Option<Amount>,
}

impl Bounds {
    /// Whether nothing is to be set.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.max_surge.is_none() && self.max_unavailable.is_none()
    }

    /// The Deployment's strategy with these; `None` where it is so already.
    pub(super) fn over(&self, deployment: &Deployment) -> Option<DeploymentStrategy> {
        let before = of(deployment);
        let mut after = before.clone();
        let rolling = after.rolling_update.get_or_insert_default();
        for (wanted, field) in [
            (&self.max_surge, &mut rolling.max_surge),
            (&self.max_unavailable, &mut rolling.max_unavailable),
        ] {
            if let Some(wanted) = wanted {
                *field = Some(wanted.0.clone());
            }
        }
        (!self.is_empty() && after != before).then_some(after)
    }
}

/// The Deployment's strategy, with its defaults.
pub(super) fn of(deployment: &Deployment) -> DeploymentStrategy {
    let spec = deployment.spec.as_ref();
    let mut strategy = spec
        .and_then(|spec| spec.strategy.clone())
        .unwrap_or_default();
    let kind = strategy
        .type_
        .get_or_insert_with(|| "RollingUpdate".to_owned());
    if kind == "RollingUpdate" {
        let rolling = strategy.rolling_update.get_or_insert_default();
        let default = || IntOrString::String(DEFAULT.to_owned());
        rolling.max_surge.get_or_insert_with(default);
        rolling.max_unavailable.get_or_insert_with(default);
    }
    strategy
}

/// That the API server would take it (`ValidateRollingUpdateDeployment`).
///
/// # Errors
/// No pod may be made and none be taken away, or more than all of them may.
pub(super) fn check(deployment: &Deployment) -> Result<(), Declined> {
    let Some(rolling) = of(deployment).rolling_update else {
        return Ok(());
    };
    let RollingUpdateDeployment {
        max_surge,
        max_unavailable,
    } = &rolling;
    let usage =
        |message: String| declined(Why::Usage, message, "--max-surge 1 --max-unavailable 0");
    if [max_surge, max_unavailable].map(|one| number(one.as_ref())) == [Some(0), Some(0)] {
        return Err(usage(
            "with maxSurge 0 and maxUnavailable 0 no pod could be replaced".to_owned(),
        ));
    }
    if let Some(IntOrString::String(share)) = max_unavailable
        && number(max_unavailable.as_ref()).is_some_and(|percent| percent > 100)
    {
        return Err(usage(format!(
            "maxUnavailable {share} is more than all pods"
        )));
    }
    Ok(())
}

fn number(amount: Option<&IntOrString>) -> Option<i32> {
    match amount? {
        IntOrString::Int(number) => Some(*number),
        IntOrString::String(share) => share.strip_suffix('%')?.parse().ok(),
    }
}

/// What changes between two strategies, in words.
pub(super) fn changes(before: &Deployment, after: &Deployment) -> Vec<String> {
    let [before, after] = [before, after].map(|one| of(one).rolling_update.unwrap_or_default());
    [
        ("maxSurge", before.max_surge, after.max_surge),
        (
            "maxUnavailable",
            before.max_unavailable,
            after.max_unavailable,
        ),
    ]
    .into_iter()
    .filter(|(_, before, after)| before != after)
    .map(|(what, before, after)| format!("{what} {} → {}", Shown(before), Shown(after)))
    .collect()
}

struct Shown(Option<IntOrString>);

impl fmt::Display for Shown {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Some(IntOrString::Int(number)) => write!(out, "{number}"),
            Some(IntOrString::String(share)) => out.write_str(share),
            None => out.write_str("none"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn deployment(strategy: &Value) -> Deployment {
        let object =
            json!({"metadata": {}, "spec": {"selector": {}, "template": {}, "strategy": strategy}});
        serde_json::from_value(object).unwrap()
    }

    fn bounds(max_surge: &str, max_unavailable: &str) -> Bounds {
        let amount = |text: &str| (!text.is_empty()).then(|| text.parse().unwrap());
        Bounds {
            max_surge: amount(max_surge),
            max_unavailable: amount(max_unavailable),
        }
    }

    fn checked(strategy: &Value, bounds: &Bounds) -> Result<(), String> {
        let mut deployment = deployment(strategy);
        if let Some(after) = bounds.over(&deployment) {
            deployment.spec.as_mut().unwrap().strategy = Some(after);
        }
        check(&deployment).map_err(|declined| declined.message)
    }

    #[test]
    fn an_amount_is_a_number_or_a_percentage() {
        for right in ["0", "1", "50%", "200%"] {
            assert!(right.parse::<Amount>().is_ok(), "{right}");
        }
        for wrong in ["", "%", "-1", "1.5", "half", "50 %", "99999999999", "+1"] {
            assert!(wrong.parse::<Amount>().is_err(), "{wrong}");
        }
        assert_eq!("2".parse::<Amount>().unwrap().value(), json!(2));
        assert_eq!("50%".parse::<Amount>().unwrap().value(), json!("50%"));
    }

    #[test]
    fn both_must_not_be_nothing_whoever_has_said_so() {
        let none =
            json!({"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1, "maxUnavailable": 0}});
        assert!(checked(&none, &bounds("", "")).is_ok());
        for (surge, unavailable) in [("0", ""), ("0%", ""), ("0", "0%")] {
            let why = checked(&none, &bounds(surge, unavailable)).unwrap_err();
            assert!(why.contains("no pod could be replaced"), "{why}");
        }
        assert!(
            checked(&Value::Null, &bounds("0", "")).is_ok(),
            "25% may be missing"
        );
        assert!(checked(&Value::Null, &bounds("", "101%")).is_err());
        assert!(checked(&Value::Null, &bounds("101%", "100%")).is_ok());
    }

    #[test]
    fn what_is_so_already_is_no_change() {
        let half = json!({"type": "RollingUpdate", "rollingUpdate": {"maxSurge": "50%"}});
        assert_eq!(bounds("50%", "").over(&deployment(&half)), None);
        assert_eq!(bounds("", "").over(&deployment(&half)), None);
        let mut after = deployment(&half);
        after.spec.as_mut().unwrap().strategy = bounds("1", "0").over(&after);
        assert_eq!(
            changes(&deployment(&half), &after),
            ["maxSurge 50% → 1", "maxUnavailable 25% → 0"]
        );
    }
}
