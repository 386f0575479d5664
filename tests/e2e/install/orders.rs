//! What was installed is taken apart by hand, in orders that nobody would recommend.

use super::{done, fell, flip, guards, one_sided, remains, unhooked};
use crate::fixture::guard;

const SYSTEM: &str = "bluegreen-system";

// It takes long: at the end, once, a namespace goes with a webhook in it that drains.
#[tokio::test]
async fn whatever_was_deleted_by_hand_it_can_be_uninstalled_and_installed_again() {
    let _alone = guard::alone().await;
    guard::install().await;
    let shop = one_sided("orders").await;

    // One of the two configurations, and the webhook may read nothing any more.
    done(&["delete", "mutatingwebhookconfiguration", "bluegreen"]).await;
    done(&[
        "delete",
        "clusterrole,clusterrolebinding",
        "bluegreen-webhook",
    ])
    .await;
    done(&["bluegreen", "install"]).await;
    guards(&shop).await.unwrap();

    // The webhook, all that it may do, and then where it runs: the configurations go with that.
    fell().await;
    assert_eq!(flip(&shop).await, 1, "flips wait for the webhook");
    done(&["delete", "clusterrole", "bluegreen-webhook"]).await;
    let account = [
        "delete",
        "role,rolebinding,serviceaccount",
        "bluegreen-webhook",
    ];
    done(&[&account[..], &["-n", SYSTEM]].concat()).await;
    done(&["delete", "namespace", SYSTEM]).await;
    unhooked().await;
    assert_eq!(flip(&shop).await, 0, "nothing is blocked");
    done(&["bluegreen", "uninstall"]).await;
    assert_eq!(remains().await, Vec::<String>::new());
    done(&["bluegreen", "install"]).await;
    guards(&shop).await.unwrap();

    // The other configuration, and the namespace is still on its way out.
    done(&["delete", "validatingwebhookconfiguration", "bluegreen"]).await;
    done(&["delete", "namespace", SYSTEM, "--wait=false"]).await;
    assert_eq!(flip(&shop).await, 0, "nothing is blocked");
    done(&["bluegreen", "uninstall"]).await;
    assert_eq!(remains().await, Vec::<String>::new());
    assert_eq!(flip(&shop).await, 0, "nobody guards");
    done(&["bluegreen", "install"]).await;
    guards(&shop).await.unwrap();
}
