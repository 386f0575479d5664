//! One application that the rounds are run on, one after the other.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{Result, ensure};
use tokio::time::sleep;

use super::aim::Aim;
use super::application::Application;
use super::contender::Contender;
use super::overlap::{self, Span};
use super::race::Race;
use super::trail::Trail;
use super::verdict::{Course, Round, lost};
use crate::audit::Event;
use crate::eventually::eventually;

/// The API server writes its log a moment after it answers.
const SOON: Duration = Duration::from_secs(10);
/// Milliseconds within which two processes, or two bare requests, are started.
const TOGETHER: (f64, f64) = (0.0, 6.0);

/// An application, and what is known of how fast its requests are.
pub(super) struct Lane {
    application: Application,
    trail: Trail,
    aim: Aim,
    rounds: usize,
}

impl Lane {
    /// Makes the application.
    pub(super) async fn open(number: usize) -> Result<Self> {
        let namespace = format!("race-{number}");
        let application = Application::create(namespace.clone()).await?;
        application.ready().await?;
        Ok(Self {
            application,
            trail: Trail::follow(&namespace)?,
            aim: Aim::new(),
            rounds: 0,
        })
    }

    /// Another race has another pace.
    pub(super) fn forget_the_aim(&mut self) {
        self.aim = Aim::new();
    }

    /// Lets the two meet once. Production may go either way: what serves is left, and the other side
    /// is the target.
    pub(super) async fn round(&mut self, race: Race) -> Result<Round> {
        self.rounds += 1;
        let before = self.application.ready().await?;
        self.trail.more()?;
        let target = if before.role == "blue" {
            "green"
        } else {
            "blue"
        };
        let (one, other) = race.contenders(self.rounds);
        let delay = Duration::from_secs_f64(self.aim.next() / 1e3);
        let began = now();
        let first = async {
            let end = one.go(&self.application, target).await?;
            anyhow::Ok((end, self.application.look().await?))
        };
        let second = async {
            sleep(delay).await;
            other.go(&self.application, target).await
        };
        let ((first, at_once), second) = tokio::try_join!(first, second)?;
        let (ones, others) = self.spans(&one, &other).await?;
        self.learn(race, began, &ones, &others);
        let settled = self.application.settled().await?;
        let ends = (first, second);
        let announced = settled.announced;
        let course = Course {
            before,
            at_once,
            settled,
        };
        Ok(Round {
            overlapped: overlap::counts(race, &ones, &others),
            lost: lost(race, &ends, &course),
            ends,
            announced,
        })
    }

    /// When the requests of the two were under way.
    async fn spans(
        &mut self,
        one: &Contender,
        other: &Contender,
    ) -> Result<(Vec<Span>, Vec<Span>)> {
        let mut events: Vec<Event> = Vec::new();
        let trail = &mut self.trail;
        let bare = |contender: &Contender| !matches!(contender, Contender::Switch { .. });
        eventually(SOON, || {
            let more = trail.more();
            let seen = more.and_then(|more| {
                events.extend(more);
                let (ones, others) = (overlap::of(one, &events), overlap::of(other, &events));
                ensure!(!(bare(one) && ones.is_empty()), "no request of {one:?}");
                ensure!(
                    !(bare(other) && others.is_empty()),
                    "no request of {other:?}"
                );
                Ok((ones, others))
            });
            std::future::ready(seen)
        })
        .await
    }

    /// Aims the second request of the next round at where the first one was in this round.
    fn learn(&mut self, race: Race, began: i64, ones: &[Span], others: &[Span]) {
        let (from, to) = match race {
            Race::Switch | Race::Control => TOGETHER,
            Race::Scale | Race::Flip => {
                let heart = match race {
                    Race::Flip => ones.get(1).copied(),
                    _ => overlap::heart(ones),
                };
                let Some(heart) = heart else { return };
                // One that is admitted before the announcement and stored after it meets it too.
                let lead = others.first().map_or(0, |span| span.to - span.from);
                (
                    milliseconds(heart.from - lead - began),
                    milliseconds(heart.to - began),
                )
            }
        };
        self.aim.learn(from, to);
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "differences of a round are small"
)]
fn milliseconds(microseconds: i64) -> f64 {
    microseconds as f64 / 1e3
}

/// The machine's clock, which is the API server's too, in microseconds.
fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    i64::try_from(since.unwrap_or_default().as_micros()).unwrap_or_default()
}
