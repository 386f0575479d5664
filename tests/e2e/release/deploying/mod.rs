//! `deploy`: a release from the image to production.

mod aborted;
pub(super) mod confirmed;
mod cut_off;
mod described;
mod failing;
mod half_way;
mod released;

use serde_json::{Value, json};

use crate::fixture::folder::Folder;
use crate::fixture::served::{QUICK, served};
use crate::shop::{Shop, real};

/// Real pods, and the manifest of the idle side, whose version and answer are variables.
pub(super) async fn shop(name: &str) -> (Shop, Folder) {
    let shop = served(name).await;
    let folder = Folder::of(&shop, &[("side.yaml", &manifest())]);
    (shop, folder)
}

/// An environment, by its role.
fn manifest() -> String {
    let mut side = real("${TARGET_ROLE}", 2);
    side["spec"]["template"]["spec"]["containers"][0]["env"] = json!([
        {"name": "VERSION", "value": "${VERSION}"},
        {"name": "STATUS", "value": "${STATUS:-200}"},
    ]);
    side.to_string()
}

/// The arguments that release a version, with more behind them.
pub(super) fn deploy(folder: &Folder, version: &str, more: &[&str]) -> Vec<String> {
    let (file, version) = (folder.file("side.yaml"), format!("VERSION={version}"));
    [
        "deploy",
        "web",
        "-f",
        &file,
        "--set",
        &version,
        "--force-conflicts",
    ]
    .iter()
    .chain(&QUICK)
    .chain(more)
    .map(|one| (*one).to_owned())
    .collect()
}

pub(super) fn borrowed(arguments: &[String]) -> Vec<&str> {
    arguments.iter().map(String::as_str).collect()
}

/// Runs it, which must end with this exit code and say all of these words; its document.
pub(super) async fn document(
    shop: &Shop,
    arguments: &[String],
    code: i32,
    words: &[&str],
) -> Value {
    let arguments = borrowed(arguments);
    // What stands behind a `--` is a program's own.
    let all = [&arguments[..1], &["-o", "json"], &arguments[1..]].concat();
    let output = shop.expect(&all, code, words).await;
    serde_json::from_str(&output.stdout).unwrap()
}

/// What became of each stage.
pub(super) fn results(document: &Value) -> Vec<String> {
    let stages = document["stages"].as_array().unwrap().iter();
    stages
        .map(|stage| {
            let text = |field: &str| stage[field].as_str().unwrap();
            format!("{} {}", text("stage"), text("result"))
        })
        .collect()
}
