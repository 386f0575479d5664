//! Waiting for what must come true, with a deadline: no test sleeps for luck.

use std::fmt::Display;
use std::time::Duration;

use anyhow::{Result, anyhow};
use tokio::time::{Instant, sleep};

const PAUSE: Duration = Duration::from_millis(50);

/// Looks again and again until `look` gives a value, and gives that.
///
/// # Errors
/// It gave none in time: the message has what was seen last.
pub async fn eventually<Value, Seen, Look>(
    within: Duration,
    mut look: impl FnMut() -> Look,
) -> Result<Value>
where
    Seen: Display,
    Look: Future<Output = Result<Value, Seen>>,
{
    let deadline = Instant::now() + within;
    loop {
        match look().await {
            Ok(value) => return Ok(value),
            Err(seen) if Instant::now() >= deadline => {
                return Err(anyhow!(
                    "not within {} s, last seen: {seen:#}",
                    within.as_secs_f32()
                ));
            }
            Err(_) => sleep(PAUSE).await,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn it_gives_what_came_true() {
        let mut looks = 0;
        let value = eventually(Duration::from_secs(5), || {
            looks += 1;
            std::future::ready(if looks == 3 {
                Ok(looks)
            } else {
                Err("too early")
            })
        });
        assert_eq!(value.await.unwrap(), 3);
    }

    #[tokio::test]
    async fn it_tells_what_was_seen_last() {
        let never = || async { Err::<(), _>("one pod of two") };
        let error = eventually(Duration::from_millis(10), never)
            .await
            .unwrap_err();
        assert_eq!(
            error.to_string(),
            "not within 0.01 s, last seen: one pod of two"
        );
    }
}
