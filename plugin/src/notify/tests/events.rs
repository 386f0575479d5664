use serde_json::{Value, json};

use super::*;

#[test]
fn a_step_is_told_in_one_line() {
    let line = "shop/tomcat green: switch passed in 12 s: tomcat-service: blue → green";
    assert_eq!(event().line(), line);
    let bare = Event {
        role: None,
        state: State::Waiting,
        message: String::new(),
        seconds: None,
        ..event()
    };
    assert_eq!(bare.line(), "shop/tomcat: switch is waiting");
}

#[test]
fn what_others_wrote_stays_on_that_line_and_does_nothing() {
    let hostile = Event {
        message: "a\r\nBcc: all@example.com\r\n\r\n\u{1b}[31m\u{202e}x".to_owned(),
        ..event()
    };
    let expected = "shop/tomcat green: switch passed in 12 s: \
                    a Bcc: all@example.com [31m\\u{202e}x";
    assert_eq!(hostile.line(), expected);
    let text = hostile.text();
    assert!(!text.contains('\u{1b}') && !text.contains('\r'), "{text}");
}

#[test]
fn a_mail_has_what_is_known_and_then_the_details() {
    let expected = "\
shop/tomcat green: switch passed in 12 s: tomcat-service: blue → green

application  tomcat
namespace    shop
role         green
step         switch
state        passed
by           alice
at           2023-11-14T22:13:20Z
took         12 s

2 of 2 endpoints are green
";
    assert_eq!(event().text(), expected);
    let long = Event {
        message: format!("{}.", "word ".repeat(100)),
        ..event()
    };
    let whole = format!("\n\n{}\n2 of 2", long.message);
    assert!(long.text().contains(&whole), "{}", long.text());
}

#[test]
fn a_program_gets_a_document_with_a_version() {
    let document: Value = serde_json::from_str(&event().json()).unwrap();
    let expected = json!({
        "apiVersion": "bluegreen.dev/v1",
        "kind": "ReleaseEvent",
        "application": "tomcat",
        "namespace": "shop",
        "role": "green",
        "stage": "switch",
        "state": "passed",
        "message": "tomcat-service: blue → green",
        "details": ["2 of 2 endpoints are green"],
        "by": "alice",
        "at": "2023-11-14T22:13:20.000Z",
        "seconds": 12.3
    });
    assert_eq!(document, expected);
    assert_eq!(serde_json::to_value(State::TakenBack).unwrap(), "takenBack");
}
