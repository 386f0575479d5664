//! Every way around the guard that we know of, tried by every client that can express it.
//!
//! What came of it is the table `tests/guard-report.md`: it is made of what was seen, and a
//! difference fails the test.

mod cells;
mod clients;
mod kept;
mod place;
mod places;
mod report;
mod run;
mod way;
mod ways;

use std::env;
use std::fs;
use std::path::Path;

use crate::fixture::guard;

use cells::try_all;

/// Names a file for the table, which is then compared with nothing.
const RENEW: &str = "GUARD_REPORT";
const HINT: &str = "if that is as it should be: make -s guard-report > tests/guard-report.md";

#[tokio::test]
async fn no_client_finds_a_way_around() {
    let _guard = guard::standing().await;
    let (unready, strict, ready, back) = tokio::join!(
        async {
            let place = places::green_is_not_ready().await;
            try_all(&place, ways::where_green_is_not_ready()).await
        },
        async {
            let place = places::rules_are_strict().await;
            try_all(&place, ways::where_rules_are_strict()).await
        },
        async {
            let place = places::all_is_ready().await;
            try_all(&place, ways::where_all_is_ready()).await
        },
        async {
            let place = places::green_serves().await;
            try_all(&place, ways::where_green_serves()).await
        }
    );
    let tried = [unready, strict, ready, back].concat();
    let wrong: Vec<&str> = tried
        .iter()
        .flat_map(|row| row.wrong.iter().map(String::as_str))
        .collect();
    let table = report::markdown(&tried);
    if let Some(path) = env::var_os(RENEW) {
        fs::write(path, &table).unwrap();
    } else {
        let checked_in = Path::new(env!("CARGO_MANIFEST_DIR")).join("guard-report.md");
        let known = fs::read_to_string(&checked_in).unwrap_or_default();
        let differs = report::difference(&known, &table);
        assert!(
            differs.is_empty() && wrong.is_empty(),
            "{}\n{differs}\n{HINT}",
            wrong.join("\n")
        );
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
