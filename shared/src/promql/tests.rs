use serde_json::json;

use super::*;

fn expectation(text: &str) -> Expectation {
    text.parse().unwrap()
}

fn judged(result: &Value, kind: &str, expected: &str) -> Result<String, Unmet> {
    let answer = json!({
        "status": "success",
        "data": { "resultType": kind, "result": result },
    });
    let body = serde_json::to_vec(&answer).unwrap();
    judge(200, &body, &expectation(expected))
}

fn wrong(words: &str) -> Result<String, Unmet> {
    Err(Unmet::Wrong(words.to_owned()))
}

#[test]
fn a_comparison_is_a_sign_and_a_number() {
    for (text, number, holds) in [
        ("< 0.01", 0.009, true),
        ("<0.01", 0.01, false),
        ("<= 2", 2.0, true),
        (">1e3", 1000.5, true),
        (">= -1", -1.0, true),
        ("== 0", -0.0, true),
        ("== 0.1", 0.2, false),
        ("!= 0", 1.0, true),
        ("!= 0", 0.0, false),
    ] {
        assert_eq!(expectation(text).holds(number), holds, "{number} {text}");
    }
    assert_eq!(expectation(" <=  2.50 ").to_string(), "<= 2.5");
    for wrong in ["", "<", "0.01", "= 1", "< one", "=> 1", "< NaN", "< inf"] {
        assert!(wrong.parse::<Expectation>().is_err(), "{wrong}");
    }
}

#[test]
fn what_is_no_number_is_never_as_expected() {
    for text in ["< 1", "> 1", "== 1", "!= 1", "<= 1", ">= 1"] {
        assert!(!expectation(text).holds(f64::NAN), "{text}");
    }
    let ratio = json!([{ "metric": {}, "value": [1.5, "NaN"] }]);
    assert_eq!(judged(&ratio, "vector", "< 1"), wrong("NaN is not < 1"));
    let infinite = json!([{ "metric": {}, "value": [1.5, "+Inf"] }]);
    assert_eq!(judged(&infinite, "vector", "> 1").unwrap(), "inf");
}

#[test]
fn every_sample_must_be_as_expected() {
    let sample = |pod: &str, number: &str| json!({"metric": {"pod": pod}, "value": [1.5, number]});
    let all = json!([sample("a", "0.001"), sample("b", "0.5"), sample("c", "2")]);
    assert_eq!(
        judged(&all, "vector", "< 3").unwrap(),
        "3 samples from 0.001 to 2"
    );
    assert_eq!(
        judged(&all, "vector", "< 1"),
        wrong("2 of {pod=\"c\"} is not < 1")
    );
    assert_eq!(
        judged(&all, "vector", "< 0.1"),
        wrong("0.5 of {pod=\"b\"} and 2 of {pod=\"c\"} are not < 0.1")
    );
    let scalar = json!([1.5, "0.25"]);
    assert_eq!(judged(&scalar, "scalar", "< 1").unwrap(), "0.25");
}

#[test]
fn a_query_that_matches_nothing_does_not_pass() {
    assert_eq!(
        judged(&json!([]), "vector", "< 1"),
        wrong("there is no sample: the query matches nothing")
    );
}

#[test]
fn what_has_no_single_number_is_said_so() {
    let error = judged(&json!([]), "matrix", "< 1").unwrap_err();
    let Unmet::Wrong(words) = error else {
        panic!("{error:?}");
    };
    assert!(words.starts_with("it is a matrix"), "{words}");
    let histogram = json!([{ "metric": {}, "histogram": [1.5, {}] }]);
    assert_eq!(
        judged(&histogram, "vector", "< 1"),
        wrong("a histogram is not < 1")
    );
    assert!(judged(&json!([{"value": 3}]), "vector", "< 1").is_err());
    assert!(judged(&json!("x"), "scalar", "< 1").is_err());
}

#[test]
fn its_own_errors_are_told_and_those_that_pass_are_told_apart() {
    let expected = expectation("< 1");
    let answer = |kind: &str| {
        let error = json!({"status": "error", "errorType": kind, "error": "parse error: x"});
        serde_json::to_vec(&error).unwrap()
    };
    assert_eq!(
        judge(400, &answer("bad_data"), &expected),
        wrong("bad_data: parse error: x")
    );
    let busy = judge(503, &answer("timeout"), &expected);
    assert!(matches!(busy, Err(Unmet::NoAnswer(_))), "{busy:?}");
    let page = judge(404, b"<html>no such\npage", &expected);
    assert_eq!(
        page,
        wrong("status 404, and no answer of Prometheus: <html>no such page")
    );
    let gateway = judge(502, b"", &expected);
    assert!(matches!(gateway, Err(Unmet::NoAnswer(_))), "{gateway:?}");
}
