use std::time::Duration;

use super::*;

fn check(status: u16) -> Check {
    Check {
        passed: status < 300,
        status: Some(status),
        words: format!("status {status}"),
        took: Duration::ZERO,
    }
}

fn tally(statuses: &[u16]) -> (Option<usize>, Tried) {
    let mut tally = Tally::new("web-1", 3);
    let decided = statuses
        .iter()
        .position(|status| tally.count(check(*status)));
    (decided, tally.tried)
}

#[test]
fn three_in_a_row_pass() {
    let (decided, tried) = tally(&[200, 200, 200]);
    assert_eq!(decided, Some(2));
    assert!(tried.passed && tried.asked == 3);
    let (decided, tried) = tally(&[200, 200, 500, 200, 200, 204]);
    assert_eq!(decided, Some(5));
    assert_eq!((tried.passed, tried.status), (true, Some(204)));
}

#[test]
fn three_failures_in_a_row_fail() {
    let (decided, tried) = tally(&[200, 500, 500, 503]);
    assert_eq!(decided, Some(3));
    assert_eq!(
        (tried.passed, tried.status, tried.asked),
        (false, Some(503), 4)
    );
}

#[test]
fn one_that_comes_and_goes_is_told_by_its_failure_when_time_is_up() {
    let mut tally = Tally::new("web-1", 3);
    for status in [200, 500, 200, 200] {
        assert!(!tally.count(check(status)));
    }
    let tried = tally.out_of_time();
    assert!(tried.late && !tried.passed);
    assert_eq!(
        tried.words,
        "had passed 2 of 3 times in a row, last status 500"
    );
}
