//! What of a verdict is still to come, whatever course the flip would take.

use bluegreen_shared::gate::{Course, Verdict};
use bluegreen_shared::refusal::{Code, Refusal};

use super::fault::{Fault, Kind};

/// The reasons that keep the environment from being as it should.
///
/// On the way back and in an outage the gate lets a side pass that is not all there; whoever
/// stages it wants all of it all the same. A verification comes after it.
pub(super) fn of(verdict: &Verdict, rolling: bool) -> Vec<&Refusal> {
    let relaxed = verdict.course != Course::Forward;
    let waits = |refusal: &&Refusal| match refusal.code {
        Code::NotReady | Code::NotObserved | Code::BelowCapacity => relaxed,
        // Also said of what a partition keeps on purpose, which is not waited for.
        Code::RollingOut => relaxed && rolling,
        _ => false,
    };
    let refusals = verdict.refusals.iter();
    refusals
        .filter(|refusal| refusal.code != Code::Unverified)
        .chain(verdict.warnings.iter().filter(waits))
        .collect()
}

/// The fault that waiting will not mend any of these reasons, if it is so.
pub(super) fn settled(open: &[&Refusal]) -> Option<Fault> {
    let never = open.iter().find(|refusal| {
        matches!(
            refusal.code,
            Code::ScaledToZero | Code::Terminating | Code::InvalidSetting
        )
    });
    let moves = open.iter().any(|refusal| {
        matches!(
            refusal.code,
            Code::NotReady
                | Code::NotObserved
                | Code::RollingOut
                | Code::NoEnvironment
                | Code::Stalled
        )
    });
    let first = never.or_else(|| open.first().filter(|_| !moves))?;
    Some(Fault {
        remedy: Some(first.remedy.clone()),
        ..Fault::new(Kind::Settled, first.code.to_string(), first.message.clone())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(code: Code) -> Refusal {
        Refusal::new(code, "why", "what")
    }

    fn codes(course: Course, refusals: &[Code], warnings: &[Code], rolling: bool) -> Vec<Code> {
        let verdict = Verdict {
            course,
            refusals: refusals.iter().copied().map(refusal).collect(),
            warnings: warnings.iter().copied().map(refusal).collect(),
        };
        of(&verdict, rolling).iter().map(|open| open.code).collect()
    }

    #[test]
    fn what_an_outage_makes_a_warning_is_still_waited_for() {
        let warnings = [Code::NotReady, Code::RollingOut, Code::PortMismatch];
        let forward = codes(Course::Forward, &[Code::NotObserved], &warnings, true);
        assert_eq!(forward, [Code::NotObserved]);
        let rescue = codes(Course::Rescue, &[], &warnings, true);
        assert_eq!(rescue, [Code::NotReady, Code::RollingOut]);
        let kept = codes(Course::WayBack, &[], &[Code::RollingOut], false);
        assert_eq!(kept, []);
    }

    #[test]
    fn what_is_staged_need_not_be_verified_yet() {
        let open = codes(Course::Forward, &[Code::Unverified], &[], true);
        assert_eq!(open, []);
    }

    fn is_settled(codes: &[Code]) -> bool {
        let open: Vec<Refusal> = codes.iter().copied().map(refusal).collect();
        settled(&open.iter().collect::<Vec<_>>()).is_some()
    }

    #[test]
    fn a_side_that_is_all_there_and_too_small_will_not_grow_by_itself() {
        assert!(is_settled(&[Code::BelowCapacity]));
        assert!(!is_settled(&[Code::NotReady, Code::BelowCapacity]));
        assert!(!is_settled(&[]));
    }

    #[test]
    fn some_reasons_stay_whatever_else_moves() {
        assert!(is_settled(&[Code::NoEnvironment, Code::ScaledToZero]));
        assert!(!is_settled(&[Code::NoEnvironment]));
    }
}
