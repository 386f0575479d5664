//! The gate, over situations: what a person reads of each.

use bluegreen_shared::gate::{self, Flip, Verdict};
use bluegreen_shared::pod;
use bluegreen_shared::refusal::Code;
use k8s_openapi::api::core::v1::Service;

use crate::said;
use crate::situation;

use said::said;
use situation::Situation;

#[test]
fn the_gate_says_what_is_expected() {
    situation::for_each("gate", |situation| text(&verdict(situation).1));
}

/// What waits for a pod says why in the same words.
#[test]
fn a_pod_is_explained_as_a_refusal_explains_it() {
    let mut explained = 0;
    for situation in situation::all("gate") {
        let (after, verdict) = verdict(&situation);
        let not_ready = verdict
            .refusals
            .iter()
            .filter(|refusal| refusal.code == Code::NotReady);
        for cause in not_ready.flat_map(|refusal| &refusal.causes) {
            let pod = situation
                .objects
                .pods
                .iter()
                .find(|pod| cause.object == format!("Pod/{}", pod::name(pod)));
            if let Some(pod) = pod {
                let why = gate::why_not_ready(pod, &after);
                assert_eq!(
                    why.as_ref(),
                    Some(&cause.message),
                    "{}",
                    situation.sentence()
                );
                explained += 1;
            }
        }
    }
    assert!(explained > 0);
}

/// The Service as it would be, and what the gate says of that.
fn verdict(situation: &Situation) -> (Service, Verdict) {
    let before: Service = situation.request("before").expect("before.yaml");
    let after: Service = situation.request("after").expect("after.yaml");
    let flip = Flip {
        before: &before,
        after: &after,
        now: situation::now(),
    };
    let verdict = gate::judge(&flip, &situation.objects);
    (after, verdict)
}

fn text(verdict: &Verdict) -> String {
    let answer = if verdict.allows() {
        "allowed"
    } else {
        "refused"
    };
    let mut text = format!("{answer} ({:?})\n", verdict.course);
    for refusal in &verdict.refusals {
        text.push_str(&said(refusal, ""));
    }
    for warning in &verdict.warnings {
        text.push_str(&said(warning, "warning: "));
    }
    text
}
