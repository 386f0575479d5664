//! How people change and delete objects: what each runs, in a shell.
//!
//! `$OBJECT`, `$KIND` and `$NAME` say which, `$URL` and `$COLLECTION` where; `$PATCH` is the merge
//! patch, `$STEPS` the same as a JSON patch; the files `$NEW` and `$FULL` are the new manifest as it
//! is written by hand, and the new object with all that the server holds of it. `$DRY` or `$QUERY`
//! ask for a dry run.

use serde_json::Value;

use super::way::{Change, Way};

/// One column, or one of kubectl's own verbs.
#[derive(Clone, Copy)]
pub(super) struct Client {
    pub(super) column: &'static str,
    /// What stands in the cell beside the mark, where the column is for several.
    pub(super) verb: Option<&'static str>,
    pub(super) command: &'static str,
    /// Whether it can rehearse.
    pub(super) has_dry_run: bool,
    /// Whether it tells a denial as `Forbidden`: some give only the sentence.
    pub(super) says_forbidden: bool,
    needs: Needs,
}

/// What must be there for a client to make sense.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Needs {
    Nothing,
    /// A manifest that somebody wrote by hand.
    Manifest,
    /// A release of Helm's that holds the object; only administrators are let at those.
    Release,
    /// And an older revision of it.
    Revision,
}

pub(super) const VERB: &str = "own verb";
pub(super) const STATUS: &str = "status";
const SERVER_SIDE: &str = "server-side apply";
/// The API has none for Namespaces.
const COLLECTION: &str = "HTTP, collection";

const fn client(column: &'static str, command: &'static str) -> Client {
    Client {
        column,
        verb: None,
        command,
        has_dry_run: true,
        says_forbidden: true,
        needs: Needs::Nothing,
    }
}

const fn by_manifest(column: &'static str, command: &'static str) -> Client {
    Client {
        needs: Needs::Manifest,
        ..client(column, command)
    }
}

const fn helm(column: &'static str, command: &'static str) -> Client {
    Client {
        needs: Needs::Release,
        has_dry_run: false,
        says_forbidden: false,
        ..client(column, command)
    }
}

pub(super) const UPDATES: [Client; 12] = [
    client(
        "strategic patch",
        r#"kubectl patch "$OBJECT" $DRY -p "$PATCH""#,
    ),
    client(
        "merge patch",
        r#"kubectl patch "$OBJECT" $DRY --type=merge -p "$PATCH""#,
    ),
    client(
        "JSON patch",
        r#"kubectl patch "$OBJECT" $DRY --type=json -p "$STEPS""#,
    ),
    Client {
        has_dry_run: false,
        says_forbidden: false,
        ..client(
            "edit",
            r#"export KUBE_EDITOR="cp $FULL"; kubectl edit "$OBJECT" -o json"#,
        )
    },
    by_manifest("apply", r#"kubectl apply $DRY -f "$NEW""#),
    by_manifest(
        SERVER_SIDE,
        r#"kubectl apply $DRY --server-side --force-conflicts -f "$NEW""#,
    ),
    client("replace", r#"kubectl replace $DRY -f "$FULL""#),
    client(
        "HTTP PUT",
        r#"kubectl replace --raw "$URL$QUERY" -f "$FULL""#,
    ),
    client(VERB, ""),
    client(
        STATUS,
        r#"kubectl patch "$OBJECT" $DRY --subresource=status --type=merge -p "$PATCH""#,
    ),
    helm(
        "Helm upgrade",
        r#"helm upgrade "$NAME" "$CHART" --values "$NEW" --force-conflicts"#,
    ),
    Client {
        needs: Needs::Revision,
        ..helm(
            "Helm rollback",
            r#"helm rollback "$NAME" "$REVISION" --force-conflicts"#,
        )
    },
];

pub(super) const DELETIONS: [Client; 9] = [
    client("delete", r#"kubectl delete "$OBJECT" --wait=false $DRY"#),
    client(
        "foreground",
        r#"kubectl delete "$OBJECT" --wait=false --cascade=foreground $DRY"#,
    ),
    client(
        "orphan",
        r#"kubectl delete "$OBJECT" --wait=false --cascade=orphan $DRY"#,
    ),
    client(
        "many",
        r#"kubectl delete "$KIND" --field-selector="metadata.name=$NAME" --wait=false $DRY"#,
    ),
    Client {
        has_dry_run: false,
        ..by_manifest(
            "replace --force",
            r#"kubectl replace --force --timeout=30s -f "$NEW""#,
        )
    },
    Client {
        says_forbidden: false,
        ..by_manifest(
            "apply --prune",
            r#"kubectl apply $DRY --prune --all --prune-allowlist="$TYPE" -f "$OTHERS""#,
        )
    },
    client("HTTP DELETE", r#"kubectl delete --raw "$URL$QUERY""#),
    client(
        COLLECTION,
        r#"kubectl delete --raw "$COLLECTION?fieldSelector=metadata.name%3D$NAME${DRY:+&dryRun=All}""#,
    ),
    // Why it could not delete something it tells only so.
    helm("Helm uninstall", r#"helm uninstall "$NAME" --debug"#),
];

/// Those who can do it.
pub(super) fn of(way: &Way, has_manifest: bool, has_release: bool) -> Vec<Client> {
    let all: &[Client] = match way.change {
        Change::Update(_) => &UPDATES,
        Change::Delete => &DELETIONS,
    };
    let fits = |client: &&Client| match client.needs {
        Needs::Nothing => match client.column {
            VERB => false,
            STATUS => way.by_status,
            COLLECTION => !way.object.starts_with("namespace/"),
            _ => true,
        },
        Needs::Manifest => {
            has_manifest && !(client.column == SERVER_SIDE && leaves_out(&way.change, client))
        }
        Needs::Release => has_release && way.user.is_none() && !leaves_out(&way.change, client),
        Needs::Revision => has_release && way.revision.is_some(),
    };
    let verbs = way.verbs.iter().map(|(name, command)| Client {
        verb: Some(name),
        ..client(VERB, command)
    });
    all.iter().filter(fits).copied().chain(verbs).collect()
}

/// Whether it takes something away by not naming it, which an apply on the server's side does only to
/// what no other manager holds: here kubectl's `apply` holds all, but for the selector that Helm changed.
fn leaves_out(change: &Change, client: &Client) -> bool {
    let Change::Update(patch) = change else {
        return false;
    };
    let annotations = patch["metadata"]["annotations"].as_object();
    let drops = annotations.is_some_and(|all| all.values().any(Value::is_null));
    let spec = patch["spec"].as_object();
    let is_bare = spec.is_some_and(|spec| spec.get("selector") == Some(&Value::Null));
    drops || (is_bare && client.column == SERVER_SIDE)
}
