//! What a Prometheus says of the environment, for as long as it is to hold.

use std::time::Duration;

use bluegreen_shared::promql::{self, Expectation, Unmet};
use tokio::time::Instant;

use super::engine::{Answer, Fault, WHOLE};
use super::finding::{Finding, Kind, Subject};
use super::url::Url;

/// Questions without an answer in a row that end it: one that is restarted is away for a moment.
const SILENCES: u32 = 3;
/// Between two questions at least, whatever is asked for.
const PAUSE: Duration = Duration::from_millis(100);

/// Where it is, and how it is asked.
#[derive(Clone, Debug)]
pub(crate) struct Prometheus {
    /// What its API is below of.
    pub(crate) url: Url,
    /// What it knows us by.
    pub(crate) token: Option<String>,
    /// How long one answer may take.
    pub(crate) answer_timeout: Duration,
    /// Between two questions.
    pub(crate) interval: Duration,
    /// How long what is expected must hold; once where that is nothing.
    pub(crate) lasting: Duration,
}

/// A query, and what every sample must be.
#[derive(Clone, Debug)]
pub(crate) struct Query {
    pub(crate) text: String,
    pub(crate) expected: Expectation,
}

impl Query {
    /// The query and the comparison.
    pub(crate) fn subject(&self) -> Subject {
        Subject {
            kind: Kind::Query,
            name: format!("{} {}", self.text, self.expected),
        }
    }
}

impl Prometheus {
    /// Asks until it has held for so long, does not hold, or the time is up.
    pub(crate) async fn watch(&self, query: &Query, end: Option<Instant>) -> Finding {
        let mut asked = 0;
        let mut last = String::new();
        let watching = self.until_decided(query, &mut asked, &mut last);
        let decided = match end {
            Some(end) => tokio::time::timeout_at(end, watching).await.ok(),
            None => Some(watching.await),
        };
        let subject = query.subject();
        let finding = match decided {
            Some(Ok(words)) => subject.passed(words),
            Some(Err(words)) => subject.failed(words),
            None if last.is_empty() => subject.late("had not answered yet"),
            None => subject.late(format!("had not held long enough, last {last}")),
        };
        Finding { asked, ..finding }
    }

    async fn until_decided(
        &self,
        query: &Query,
        asked: &mut u32,
        last: &mut String,
    ) -> Result<String, String> {
        let began = Instant::now();
        let mut silences = 0;
        loop {
            let at = began.elapsed();
            let judged = self.ask(query).await;
            *asked += 1;
            match judged {
                Ok(words) if at >= self.lasting => return Ok(words),
                Ok(words) => {
                    silences = 0;
                    *last = words;
                }
                Err(Unmet::NoAnswer(words)) => {
                    silences += 1;
                    if silences == SILENCES {
                        return Err(words);
                    }
                    *last = words;
                }
                Err(Unmet::Wrong(words)) => return Err(words),
            }
            // The last question is one at the very end, and not an interval later.
            let left = self.lasting.saturating_sub(began.elapsed());
            let pause = if left.is_zero() {
                self.interval
            } else {
                self.interval.min(left)
            };
            tokio::time::sleep(pause.max(PAUSE)).await;
        }
    }

    async fn ask(&self, query: &Query) -> Result<String, Unmet> {
        let limit = self.answer_timeout;
        match tokio::time::timeout(limit, self.answer(&query.text)).await {
            Ok(Ok(answer)) if !answer.complete => Err(Unmet::Wrong(format!(
                "its answer is longer than {} KiB: aggregate the query, such as by sum or max",
                WHOLE / 1024
            ))),
            Ok(Ok(answer)) => promql::judge(answer.status, &answer.body, &query.expected),
            Ok(Err(Fault(words))) => Err(Unmet::NoAnswer(words)),
            Err(_) => Err(Unmet::NoAnswer(format!("no answer within {limit:?}"))),
        }
    }

    async fn answer(&self, query: &str) -> Result<Answer, Fault> {
        let token = self.token.as_ref();
        let authorization =
            token.map(|token| ("authorization".to_owned(), format!("Bearer {token}")));
        self.url
            .ask_below(
                "/api/v1/query",
                &[("query", query)],
                authorization.into_iter().collect(),
                WHOLE,
            )
            .await
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    use super::*;

    /// Answers one request after the other, each with the next of these bodies, and tells what was
    /// asked.
    async fn server(
        bodies: &'static [&'static str],
    ) -> (Url, tokio::task::JoinHandle<Vec<String>>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/below/", listener.local_addr().unwrap());
        let served = tokio::spawn(async move {
            let mut asked = Vec::new();
            for body in bodies {
                let (mut stream, _) = listener.accept().await.unwrap();
                let mut request = vec![0; 4096];
                let read = stream.read(&mut request).await.unwrap();
                asked.push(String::from_utf8_lossy(&request[..read]).into_owned());
                let length = body.len();
                let answer = format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n\r\n{body}");
                stream.write_all(answer.as_bytes()).await.unwrap();
            }
            asked
        });
        (url.parse().unwrap(), served)
    }

    fn prometheus(url: Url, lasting: Duration) -> Prometheus {
        Prometheus {
            url,
            token: Some("secret".to_owned()),
            answer_timeout: Duration::from_secs(5),
            interval: Duration::from_millis(100),
            lasting,
        }
    }

    fn query() -> Query {
        Query {
            text: "errors > 0".to_owned(),
            expected: "< 1".parse().unwrap(),
        }
    }

    const GOOD: &str =
        r#"{"status":"success","data":{"resultType":"scalar","result":[1.5,"0.5"]}}"#;
    const BAD: &str = r#"{"status":"success","data":{"resultType":"scalar","result":[1.5,"2"]}}"#;

    #[tokio::test]
    async fn it_is_asked_below_its_address_with_its_token() {
        let (url, served) = server(&[GOOD]).await;
        let finding = prometheus(url, Duration::ZERO).watch(&query(), None).await;
        assert!(finding.passed && finding.asked == 1, "{finding:?}");
        let asked = served.await.unwrap();
        let first = "GET /below/api/v1/query?query=errors%20%3E%200 HTTP/1.1";
        assert!(asked[0].starts_with(first), "{asked:?}");
        assert!(
            asked[0].contains("authorization: Bearer secret"),
            "{asked:?}"
        );
    }

    #[tokio::test]
    async fn what_holds_only_at_first_does_not_pass() {
        let (url, _served) = server(&[GOOD, GOOD, BAD]).await;
        let prometheus = prometheus(url, Duration::from_secs(30));
        let finding = prometheus.watch(&query(), None).await;
        assert!(!finding.passed && !finding.late, "{finding:?}");
        assert_eq!((finding.asked, finding.words.as_str()), (3, "2 is not < 1"));
    }

    #[tokio::test]
    async fn what_holds_to_the_end_passes() {
        let (url, _served) = server(&[GOOD; 50]).await;
        let prometheus = prometheus(url, Duration::from_millis(350));
        let finding = prometheus.watch(&query(), None).await;
        assert!(finding.passed && finding.asked >= 3, "{finding:?}");
    }

    #[tokio::test]
    async fn silence_is_no_answer() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let mut silent = prometheus(url.parse().unwrap(), Duration::ZERO);
        silent.answer_timeout = Duration::from_millis(50);
        let finding = silent.watch(&query(), None).await;
        assert!(!finding.passed && finding.asked == 3, "{finding:?}");
        assert_eq!(finding.words, "no answer within 50ms");
    }

    #[tokio::test]
    async fn the_time_may_be_up_before_it_has_held_long_enough() {
        let (url, _served) = server(&[GOOD; 50]).await;
        let end = Instant::now() + Duration::from_millis(300);
        let prometheus = prometheus(url, Duration::from_hours(1));
        let finding = prometheus.watch(&query(), Some(end)).await;
        assert!(finding.late && !finding.passed, "{finding:?}");
        assert_eq!(finding.words, "had not held long enough, last 0.5");
    }
}
