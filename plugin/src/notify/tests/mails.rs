use std::time::{Duration, Instant};

use lettre::transport::smtp::authentication::Credentials;
use tokio::net::TcpListener;

use crate::notify::Notifier;

use super::server::{Manners, Server, Tls};
use super::*;

const PASSWORD: &str = "pass word";
/// NUL, the name, NUL and the password, as AUTH PLAIN has them.
const ENCODED: &str = "AG1lAHBhc3Mgd29yZA==";

const STARTTLS: Manners = Manners {
    tls: Tls::Asked,
    auth: true,
    refuses: false,
    unknown: "",
    hangs_at: "",
};

fn login() -> Credentials {
    Credentials::new("me".to_owned(), PASSWORD.to_owned())
}

async fn mailed(relay: &str, further: &[&str], login: Option<Credentials>) -> Vec<String> {
    let mail = [
        "--mail-to",
        "Ops <ops@example.com>",
        "--mail-to",
        "dev@example.com",
        "--mail-from",
        "release@example.com",
        "--smtp",
        relay,
    ];
    let flags = parsed(&[&mail[..], further].concat()).unwrap();
    let notifier = Notifier::with(&flags, login).unwrap();
    notifier.send(&event()).await
}

/// With the server's own certificate trusted.
async fn trusting(server: &Server, scheme: &str, login: Option<Credentials>) -> Vec<String> {
    let relay = format!("{scheme}://127.0.0.1:{}", server.port);
    let ca = server.ca.to_str().unwrap();
    let quick = ["--smtp-ca", ca, "--notify-timeout", "2s"];
    mailed(&relay, &quick, login).await
}

#[tokio::test]
async fn a_mail_goes_through_starttls_with_a_password() {
    let server = Server::start(STARTTLS).await;
    let warnings = trusting(&server, "smtp", Some(login())).await;
    assert!(warnings.is_empty(), "{warnings:?}");
    let heard = server.heard();
    let order = [
        "EHLO",
        "STARTTLS",
        "EHLO",
        ENCODED,
        "MAIL FROM:<release@example.com>",
        "RCPT TO:<ops@example.com>",
        "RCPT TO:<dev@example.com>",
        "DATA",
        "QUIT",
    ];
    let mut rest = heard.as_str();
    for step in order {
        rest = rest
            .split_once(step)
            .unwrap_or_else(|| panic!("{step}: {heard}"))
            .1;
    }
    for line in [
        "From: release@example.com\r\n",
        "To: Ops <ops@example.com>, dev@example.com\r\n",
        "Subject: shop/tomcat green: switch passed in 12 s: tomcat-service: blue\r\n",
        "Auto-Submitted: auto-generated\r\n",
        "MIME-Version: 1.0\r\n",
        "2 of 2 endpoints are green\r\n",
    ] {
        assert!(heard.contains(line), "{line}: {heard}");
    }
}

#[tokio::test]
async fn a_mail_goes_through_tls_at_once_and_without_any() {
    let tls = Manners {
        tls: Tls::AtOnce,
        ..STARTTLS
    };
    let server = Server::start(tls).await;
    assert!(trusting(&server, "smtps", Some(login())).await.is_empty());
    assert!(server.heard().contains(ENCODED));
    let server = Server::start(Manners::default()).await;
    let relay = format!("smtp+plain://127.0.0.1:{}", server.port);
    assert!(mailed(&relay, &[], None).await.is_empty());
    assert!(server.heard().contains("RCPT TO:<dev@example.com>"));
}

#[tokio::test]
async fn without_starttls_nothing_is_sent() {
    let server = Server::start(Manners {
        tls: Tls::Never,
        ..STARTTLS
    })
    .await;
    let warnings = trusting(&server, "smtp", Some(login())).await;
    assert_eq!(warnings.len(), 2);
    assert!(
        warnings[0].ends_with(": it has no STARTTLS"),
        "{warnings:?}"
    );
    let heard = server.heard();
    assert!(
        !heard.contains("AUTH") && !heard.contains("MAIL"),
        "{heard}"
    );
}

#[tokio::test]
async fn a_server_that_nobody_vouches_for_gets_nothing() {
    for (scheme, tls) in [("smtp", Tls::Asked), ("smtps", Tls::AtOnce)] {
        let server = Server::start(Manners { tls, ..STARTTLS }).await;
        let relay = format!("{scheme}://127.0.0.1:{}", server.port);
        let warnings = mailed(&relay, &[], Some(login())).await;
        let words = format!("ops@example.com was not told by way of {relay}: TLS: ");
        assert!(warnings[0].starts_with(&words), "{warnings:?}");
        assert!(!server.heard().contains("AUTH"));
    }
}

#[tokio::test]
async fn a_password_that_is_refused_is_shown_nowhere() {
    let server = Server::start(Manners {
        refuses: true,
        ..STARTTLS
    })
    .await;
    let warnings = trusting(&server, "smtp", Some(login())).await;
    let words = ": it refuses the username or the password: 535";
    assert!(warnings[0].ends_with(words), "{warnings:?}");
    let shown = warnings.join("\n");
    assert!(
        !shown.contains(PASSWORD) && !shown.contains(ENCODED),
        "{shown}"
    );
}

#[tokio::test]
async fn a_password_is_not_left_out_where_the_server_asks_for_none() {
    let server = Server::start(Manners {
        auth: false,
        ..STARTTLS
    })
    .await;
    let warnings = trusting(&server, "smtp", Some(login())).await;
    assert!(warnings[0].ends_with("it asks for no password by PLAIN or LOGIN"));
    assert!(!server.heard().contains("MAIL"));
}

#[tokio::test]
async fn one_address_that_is_refused_keeps_the_mail_from_nobody_else() {
    let server = Server::start(Manners {
        unknown: "ops@",
        ..STARTTLS
    })
    .await;
    let warnings = trusting(&server, "smtp", Some(login())).await;
    let relay = format!("smtp://127.0.0.1:{}", server.port);
    let words = format!(
        "ops@example.com was not told by way of {relay}: it answers 550 5.1.1 nobody [31m of that name"
    );
    assert_eq!(warnings, [words]);
    assert!(server.heard().contains("2 of 2 endpoints are green"));
    let nobody = Server::start(Manners {
        unknown: "@",
        ..STARTTLS
    })
    .await;
    assert_eq!(trusting(&nobody, "smtp", None).await.len(), 2);
    assert!(!nobody.heard().contains("DATA"));
}

#[tokio::test]
async fn a_server_that_hangs_is_waited_for_only_so_long() {
    for hangs_at in ["EHLO", "STARTTLS", "AUTH", "MAIL", "RCPT", "DATA", ".\r\n"] {
        let server = Server::start(Manners {
            hangs_at,
            ..STARTTLS
        })
        .await;
        let relay = format!("smtp://127.0.0.1:{}", server.port);
        let ca = server.ca.to_str().unwrap();
        let quick = ["--smtp-ca", ca, "--notify-timeout", "500ms"];
        let began = Instant::now();
        let warnings = mailed(&relay, &quick, Some(login())).await;
        assert!(began.elapsed() < Duration::from_secs(5));
        let words = ": no answer within 500ms";
        assert!(
            warnings.iter().all(|line| line.ends_with(words)),
            "{hangs_at}: {warnings:?}"
        );
        assert_eq!(warnings.len(), 2);
    }
}

#[tokio::test]
async fn a_server_that_does_not_say_goodbye_has_taken_the_mail() {
    let server = Server::start(Manners {
        hangs_at: "QUIT",
        ..STARTTLS
    })
    .await;
    assert!(trusting(&server, "smtp", None).await.is_empty());
}

#[tokio::test]
async fn a_port_where_nobody_is_and_one_that_says_nothing_are_told_apart() {
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = silent.local_addr().unwrap().port();
    let quick = ["--notify-timeout", "300ms"];
    for scheme in ["smtp", "smtps", "smtp+plain"] {
        let relay = format!("{scheme}://127.0.0.1:{port}");
        let warnings = mailed(&relay, &quick, None).await;
        assert!(
            warnings[0].ends_with(": no answer within 300ms"),
            "{warnings:?}"
        );
    }
    drop(silent);
    for scheme in ["smtp", "smtps", "smtp+plain"] {
        let relay = format!("{scheme}://127.0.0.1:{port}");
        let warnings = mailed(&relay, &quick, None).await;
        let words = ": can't connect: Connection refused";
        assert!(warnings[0].ends_with(words), "{warnings:?}");
    }
}
