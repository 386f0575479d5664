use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::cluster::Cluster;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::flags::Connection;
use crate::notify::Notifier;

use super::*;

/// An API server that answers one request with this, and tells what it was asked.
async fn api_server(status: &'static str, answer: Value) -> (Cluster, JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let served = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut asked = vec![0; 4096];
        let read = stream.read(&mut asked).await.unwrap();
        let body = answer.to_string();
        let length = body.len();
        let head = format!("HTTP/1.1 {status}\r\ncontent-type: application/json\r\n");
        let answer = format!("{head}content-length: {length}\r\n\r\n{body}");
        stream.write_all(answer.as_bytes()).await.unwrap();
        String::from_utf8_lossy(&asked[..read]).into_owned()
    });
    // One that says nothing, so that nobody's own is read.
    let port = address.port();
    let kubeconfig = std::env::temp_dir().join(format!("bluegreen-api-{port}"));
    let text = "{apiVersion: v1, kind: Config, current-context: c, clusters: [{name: c, cluster: {}}], \
                contexts: [{name: c, context: {cluster: c}}]}";
    std::fs::write(&kubeconfig, text).unwrap();
    let connection = Connection {
        server: Some(format!("http://{address}")),
        namespace: Some("shop".to_owned()),
        kubeconfig: Some(kubeconfig.clone()),
        ..Connection::default()
    };
    let cluster = Cluster::connect(&connection).await.unwrap();
    std::fs::remove_file(&kubeconfig).unwrap();
    (cluster, served)
}

async fn made(relay: &str, cluster: &Cluster) -> Result<(), Failure> {
    let addresses = ["--mail-to", "a@example.com", "--mail-from", "b@example.com"];
    let secret = ["--smtp", relay, "--smtp-secret", "mail"];
    let flags = parsed(&[addresses, secret].concat()).unwrap();
    Notifier::new(&flags, cluster).await.map(drop)
}

#[tokio::test]
async fn the_password_is_read_from_the_applications_namespace() {
    let data = json!({"username": "bWU=", "password": "cGFzcw=="});
    let secret = json!({"apiVersion": "v1", "kind": "Secret", "data": data});
    let (cluster, served) = api_server("200 OK", secret).await;
    made("smtp://127.0.0.1", &cluster).await.unwrap();
    let asked = served.await.unwrap();
    let path = "GET /api/v1/namespaces/shop/secrets/mail ";
    assert!(asked.starts_with(path), "{asked}");
}

#[tokio::test]
async fn a_secret_that_is_not_there_ends_it() {
    let missing = json!({
        "kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": "NotFound",
        "message": "secrets \"mail\" not found", "code": 404
    });
    let (cluster, _served) = api_server("404 Not Found", missing).await;
    let failure = made("smtp://127.0.0.1", &cluster).await.unwrap_err();
    assert_eq!(failure.exit, Exit::CouldNot);
    let words = "Error from server (NotFound): secrets \"mail\" not found";
    assert_eq!(failure.to_string(), words);
}

#[tokio::test]
async fn a_secret_that_could_not_be_kept_is_not_even_read() {
    let (cluster, served) = api_server("200 OK", json!({})).await;
    let relay = "smtp+plain://relay.example.com";
    let failure = made(relay, &cluster).await.unwrap_err();
    assert_eq!(failure.exit, Exit::Usage);
    let words = "the password of --smtp-secret would go to smtp+plain://relay.example.com:25 \
                 for everybody to read";
    assert_eq!(failure.message, words);
    assert!(!served.is_finished());
}
