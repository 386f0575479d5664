//! Whether a release may go on that somebody may end at any time.

use std::time::Duration;

use crate::failure::Failure;
use crate::release::Held;

/// Between two looks.
const PAUSE: Duration = Duration::from_millis(500);

/// Does what may be cut off at any point, as long as the release may go on; `stands` says how things are where
/// it may not.
pub(super) async fn heeding<T>(
    held: &Held,
    stands: &str,
    work: impl Future<Output = Result<T, Failure>>,
) -> Result<T, Failure> {
    tokio::select! {
        // What must not be done is not begun either.
        biased;
        lost = lost(held) => Err(lost.details([stands.to_owned()])),
        result = work => result,
    }
}

/// Waits until the release must not go on.
pub(super) async fn lost(held: &Held) -> Failure {
    loop {
        if let Err(lost) = held.check() {
            return lost;
        }
        tokio::time::sleep(PAUSE).await;
    }
}
