//! What `verify` checks beside a status: answers, programs, Jobs, and what is measured.

mod answers;
mod command;
mod job;
mod prometheus;

use crate::shop::Shop;

/// The verification of green that the Service `web` carries; empty where there is none.
async fn recorded(shop: &Shop) -> String {
    let path = "jsonpath={.metadata.annotations.bluegreen\\.dev/verified-green}";
    shop.kubectl(&["get", "service", "web", "-o", path]).await
}
