use crate::exit::Exit;
use crate::notify::{Notifier, login};

use super::*;

const MAIL: [&str; 6] = [
    "--mail-to",
    "a@example.com",
    "--mail-from",
    "b@example.com",
    "--smtp",
    "smtp://relay.example.com",
];

fn refusal(arguments: &[&str]) -> String {
    let error = parsed(arguments).unwrap_err();
    assert!(error.use_stderr());
    error.to_string()
}

#[test]
fn nobody_need_be_told() {
    let flags = parsed(&[]).unwrap();
    assert!(flags.notify_url.is_empty() && flags.smtp.is_none());
    assert_eq!(flags.limit(), std::time::Duration::from_secs(10));
}

#[test]
fn mail_needs_all_of_its_flags() {
    assert!(parsed(&MAIL).is_ok());
    for (wrong, missing) in [
        (&MAIL[..2], "--smtp <URL>"),
        (&MAIL[..4], "--smtp <URL>"),
        (&MAIL[2..4], "--mail-to <ADDRESS>"),
        (&MAIL[4..], "--mail-to <ADDRESS>"),
        (&["--smtp-ca", "x"][..], "--smtp <URL>"),
        (&["--smtp-secret", "x"][..], "--smtp <URL>"),
        (&["--notify-format", "slack"][..], "--notify-url <URL>"),
    ] {
        let words = refusal(wrong);
        assert!(words.contains(missing), "{wrong:?}: {words}");
    }
}

#[test]
fn a_url_that_is_wrong_is_not_repeated() {
    for wrong in [
        &["--notify-url", "hooks.example.com/s3cret"][..],
        &["--notify-url", "ftp://hooks.example.com/s3cret"],
        &["--notify-url", "https://me:s3cret@hooks.example.com/"],
        &["--smtp", "smtp://me:s3cret@relay.example.com"],
        &["--smtp", "relay.example.com/s3cret"],
    ] {
        let words = refusal(wrong);
        assert!(!words.contains("s3cret"), "{words}");
        assert!(words.starts_with("error: invalid value for '--"), "{words}");
    }
}

#[test]
fn values_that_cannot_be_are_refused() {
    for wrong in [
        ["--mail-to", "nobody"],
        ["--mail-to", "a@example.com\r\nBcc: b@example.com"],
        ["--mail-to", "A\r\nBcc: c <a@example.com>"],
        ["--mail-to", "ü@example.com"],
        ["--mail-from", ""],
        ["--smtp", ""],
        ["--smtp", "http://relay.example.com"],
        ["--smtp", "smtp://relay.example.com/path"],
        ["--smtp", "smtp://relay.example.com:0"],
        ["--smtp", "smtp://relay.example.com:99999"],
        ["--smtp", "smtp://:25"],
        ["--smtp-secret", "a/b"],
        ["--smtp-secret", ""],
        ["--notify-timeout", "0"],
        ["--notify-timeout", "soon"],
        ["--notify-format", "xml"],
    ] {
        assert!(parsed(&wrong).is_err(), "{wrong:?}");
        let words = refusal(&wrong);
        assert!(words.contains("invalid value"), "{wrong:?}: {words}");
    }
}

#[test]
fn a_relay_has_the_port_of_its_channel_and_is_shown_with_it() {
    for (text, shown) in [
        ("smtp://a", "smtp://a:587"),
        ("smtps://a", "smtps://a:465"),
        ("smtp+plain://a", "smtp+plain://a:25"),
        ("smtp+plain://[::1]:2525/", "smtp+plain://[::1]:2525"),
    ] {
        let arguments = [&MAIL[..4], &["--smtp", text]].concat();
        let relay = parsed(&arguments).unwrap().smtp.unwrap();
        assert_eq!(relay.to_string(), shown);
    }
}

#[test]
fn a_password_goes_over_the_network_only_inside_tls() {
    let flags = |relay| parsed(&[&MAIL[..4], &["--smtp", relay]].concat()).unwrap();
    for (relay, refused) in [
        ("smtp+plain://relay.example.com", true),
        ("smtp+plain://10.0.0.1", true),
        ("smtp+plain://127.0.0.1.example.com", true),
        ("smtp+plain://127.0.0.1", false),
        ("smtp+plain://localhost", false),
        ("smtp+plain://[::1]", false),
        ("smtp://relay.example.com", false),
        ("smtps://relay.example.com", false),
    ] {
        let judged = login::kept_secret(&flags(relay), "--smtp-secret");
        assert_eq!(judged.is_err(), refused, "{relay}");
        if let Err(failure) = judged {
            assert_eq!(failure.exit, Exit::Usage);
        }
    }
}

#[test]
fn a_file_without_a_certificate_and_one_without_use_are_refused() {
    let with = |relay, file| {
        let arguments = [&MAIL[..4], &["--smtp", relay, "--smtp-ca", file]].concat();
        Notifier::with(&parsed(&arguments).unwrap(), None)
            .err()
            .unwrap()
    };
    for (relay, file, words) in [
        ("smtp://a", "/nonexistent", "can't read the certificate"),
        ("smtp://a", "/dev/null", "holds no certificate"),
        ("smtp+plain://a", "/dev/null", "has no use"),
    ] {
        let failure = with(relay, file);
        assert_eq!(failure.exit, Exit::Usage);
        assert!(failure.message.contains(words), "{failure}");
    }
}
