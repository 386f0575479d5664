//! The gate, over situations: what a person reads of each.

use bluegreen_shared::gate::{self, Flip, Verdict};
use k8s_openapi::api::core::v1::Service;

use crate::said;
use crate::situation;

use said::said;

#[test]
fn the_gate_says_what_is_expected() {
    situation::for_each("gate", |situation| {
        let before: Service = situation.request("before").expect("before.yaml");
        let after: Service = situation.request("after").expect("after.yaml");
        let flip = Flip {
            before: &before,
            after: &after,
            now: situation::now(),
        };
        text(&gate::judge(&flip, &situation.objects))
    });
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
