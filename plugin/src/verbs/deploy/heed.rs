//! Whether a release may go on that somebody may end at any time.

use std::time::Duration;

use crate::exit::Exit;
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

/// Whether what failed so is taken back: whoever else is at it decides what becomes of production, and who
/// asks for the end of this release wants it to be as it was.
pub(super) fn goes_back(seen: &Failure, may_settle: bool) -> bool {
    match seen.exit {
        Exit::Busy => may_settle,
        Exit::TakenBack => false,
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_else_is_at_goes_back_also_where_it_could_not_be_checked() {
        let goes_back = |exit, may_settle| goes_back(&Failure::new(exit, ""), may_settle);
        assert!(goes_back(Exit::Unverified, false));
        assert!(goes_back(Exit::CouldNot, false));
        assert!(goes_back(Exit::Busy, true));
        assert!(!goes_back(Exit::Busy, false));
        assert!(!goes_back(Exit::TakenBack, true));
    }
}
