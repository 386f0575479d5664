//! The races: who meets whom, and which rounds count.

use serde::Serialize;

use super::contender::Contender;

/// Two requests that are sent at nearly the same time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Race {
    Scale,
    Flip,
    Switch,
    Control,
}

impl Race {
    pub(super) const ALL: [Self; 4] = [Self::Scale, Self::Flip, Self::Switch, Self::Control];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Scale => "switch against a scale of its target to 0",
            Self::Flip => "switch against a bare flip",
            Self::Switch => "switch against switch",
            Self::Control => "control: a bare flip against a scale of its target to 0",
        }
    }

    /// Which rounds count as overlapped.
    pub(super) fn rule(self) -> &'static str {
        match self {
            Self::Scale => {
                "a round counts if the scale was under way between the switch's announcement and the end of its flip"
            }
            Self::Flip => {
                "a round counts if the bare flip was under way together with the flip of the switch"
            }
            Self::Switch => {
                "a round counts if a patch of the one was under way together with a patch of the other"
            }
            Self::Control => "a round counts if the two requests were under way together",
        }
    }

    /// Whether one of the two is a switch, which may never lose.
    pub(super) fn must_hold(self) -> bool {
        self != Self::Control
    }

    /// The two, for the round with this number.
    pub(super) fn contenders(self, round: usize) -> (Contender, Contender) {
        let one = switch("racer", "racers-1");
        match self {
            Self::Scale => (one, Contender::Scale),
            Self::Flip => (one, Contender::Flip),
            // Two people every other time, and one person twice, as two runs of one pipeline are.
            Self::Switch if round.is_multiple_of(2) => (one, switch("racer", "racers-2")),
            Self::Switch => (one, switch("other-racer", "racers-2")),
            Self::Control if round.is_multiple_of(2) => (Contender::Flip, Contender::Scale),
            Self::Control => (Contender::Scale, Contender::Flip),
        }
    }
}

fn switch(user: &'static str, group: &str) -> Contender {
    let group = group.to_owned();
    Contender::Switch { user, group }
}
