//! The rounds of one race, counted.

use std::fmt;
use std::time::{Duration, Instant};

use serde::Serialize;

use super::contender::End;
use super::race::Race;
use super::verdict::Round;

/// Losses that are told in full.
const TOLD: usize = 20;

/// What a race came to so far. But for `rounds` and `apart`, only rounds that overlapped count.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Tally {
    race: &'static str,
    rule: &'static str,
    wanted: usize,
    rounds: usize,
    overlapped: usize,
    lost: usize,
    refused: usize,
    taken_back: usize,
    failed: usize,
    /// Rounds after which an announcement was left, which ends by itself.
    announced: usize,
    /// Lost in rounds that did not overlap.
    apart: usize,
    losses: Vec<String>,
    failures: Vec<String>,
    seconds: u64,
    #[serde(skip)]
    kind: Race,
    #[serde(skip)]
    began: Instant,
    #[serde(skip)]
    told: Instant,
}

impl Tally {
    pub(super) fn new(kind: Race, wanted: usize) -> Self {
        let now = Instant::now();
        Self {
            race: kind.name(),
            rule: kind.rule(),
            wanted,
            rounds: 0,
            overlapped: 0,
            lost: 0,
            refused: 0,
            taken_back: 0,
            failed: 0,
            announced: 0,
            apart: 0,
            losses: Vec::new(),
            failures: Vec::new(),
            seconds: 0,
            kind,
            began: now,
            told: now,
        }
    }

    pub(super) fn add(&mut self, round: Round) {
        let Round {
            overlapped,
            ends: (one, other),
            lost,
            announced,
        } = round;
        self.rounds += 1;
        self.seconds = self.began.elapsed().as_secs();
        for end in [&one, &other] {
            if let End::Failed(why) = end
                && self.failures.len() < TOLD
            {
                self.failures.push(why.clone());
            }
        }
        let ended = |end: End| one == end || other == end;
        let failed = [&one, &other]
            .iter()
            .any(|end| matches!(end, End::Failed(_)));
        if overlapped {
            self.overlapped += 1;
            self.lost += usize::from(lost.is_some());
            // Of a switch it is told what became of it; of a bare request, whether either was refused.
            let by_switch = self.kind.must_hold() && self.kind != Race::Switch;
            let refused = if by_switch {
                one == End::Refused
            } else {
                ended(End::Refused)
            };
            self.refused += usize::from(refused);
            self.taken_back += usize::from(ended(End::TakenBack));
            self.failed += usize::from(failed);
            self.announced += usize::from(announced);
        } else {
            self.apart += usize::from(lost.is_some());
        }
        if let Some(what) = lost
            && self.losses.len() < TOLD
        {
            self.losses.push(format!("{what} ({one:?}, {other:?})"));
        }
    }

    pub(super) fn is_enough(&self) -> bool {
        self.overlapped >= self.wanted
    }

    /// A line for whoever waits, if there was none for this long.
    pub(super) fn progress(&mut self, pause: Duration) -> Option<String> {
        if self.told.elapsed() < pause {
            return None;
        }
        self.told = Instant::now();
        let (wanted, seconds) = (self.wanted, self.seconds);
        Some(format!("{self}, {wanted} wanted, {seconds} s"))
    }

    /// Why the race shows that something is wrong, or shows nothing.
    pub(super) fn failure(&self) -> Option<String> {
        let lost = self.lost + self.apart;
        let first = self.losses.first().map_or("", String::as_str);
        match self.kind.must_hold() {
            true if lost > 0 => Some(format!("{} lost {lost} rounds: {first}", self.race)),
            false if self.lost == 0 => Some(format!("{} lost nothing", self.race)),
            _ if self.overlapped == 0 => Some(format!("{} never overlapped", self.race)),
            _ => None,
        }
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            race,
            rounds,
            overlapped,
            lost,
            refused,
            taken_back,
            ..
        } = self;
        write!(
            out,
            "{race}: rounds overlapped {overlapped} of {rounds}, lost {lost}, refused {refused}, taken back {taken_back}"
        )?;
        for (count, what) in [
            (self.failed, "failed otherwise"),
            (self.announced, "announcement left"),
            (self.apart, "lost without overlap"),
        ] {
            if count > 0 {
                write!(out, ", {what} {count}")?;
            }
        }
        Ok(())
    }
}
