//! A mail server that does as a test wants it to, and remembers what it heard.

use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use rcgen::{CertifiedKey, generate_simple_self_signed};
use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::pki_types::PrivatePkcs8KeyDer;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

/// How it behaves.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Manners {
    /// Whether it speaks TLS.
    pub(super) tls: Tls,
    /// It offers AUTH; inside TLS alone where it has any.
    pub(super) auth: bool,
    /// It refuses every password, repeating what it was sent.
    pub(super) refuses: bool,
    /// It takes nothing for this address.
    pub(super) unknown: &'static str,
    /// It says nothing any more once it is sent this.
    pub(super) hangs_at: &'static str,
}

/// When TLS begins.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Tls {
    #[default]
    Never,
    Asked,
    AtOnce,
}

/// A running one. It ends with the test.
pub(super) struct Server {
    pub(super) port: u16,
    /// Its certificate, in a file.
    pub(super) ca: PathBuf,
    heard: Arc<Mutex<String>>,
}

impl Server {
    pub(super) async fn start(manners: Manners) -> Self {
        let CertifiedKey { cert, signing_key } =
            generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
        let key = PrivatePkcs8KeyDer::from(signing_key.serialize_der());
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![cert.der().clone()], key.into())
            .unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let ca = std::env::temp_dir().join(format!("bluegreen-{}-{port}.pem", std::process::id()));
        std::fs::write(&ca, cert.pem()).unwrap();
        let heard = Arc::new(Mutex::new(String::new()));
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let ears = Arc::clone(&heard);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                // A client that goes away in the middle is what some tests are about.
                let _ = serve(stream, &acceptor, manners, &ears).await;
            }
        });
        Self { port, ca, heard }
    }

    /// Everything that it was sent, in clear.
    pub(super) fn heard(&self) -> String {
        self.heard.lock().unwrap().clone()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.ca);
    }
}

async fn serve(
    stream: TcpStream,
    acceptor: &TlsAcceptor,
    manners: Manners,
    heard: &Mutex<String>,
) -> std::io::Result<()> {
    if manners.tls == Tls::AtOnce {
        let stream = acceptor.accept(stream).await?;
        return talk(stream, manners, true, heard).await.map(drop);
    }
    if let Some(stream) = talk(stream, manners, false, heard).await? {
        let stream = acceptor.accept(stream).await?;
        talk(stream, manners, true, heard).await?;
    }
    Ok(())
}

/// Answers until the end; gives the stream back where TLS is to begin on it.
async fn talk<S>(
    stream: S,
    manners: Manners,
    secure: bool,
    heard: &Mutex<String>,
) -> std::io::Result<Option<S>>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let mut stream = BufReader::new(stream);
    if manners.tls == Tls::AtOnce || !secure {
        stream.write_all(b"220 test\r\n").await?;
    }
    let mut in_data = false;
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await? == 0 {
            return Ok(None);
        }
        heard.lock().unwrap().push_str(&line);
        if !manners.hangs_at.is_empty() && line.starts_with(manners.hangs_at) {
            std::future::pending::<()>().await;
        }
        if in_data {
            in_data = line != ".\r\n";
            if !in_data {
                stream.write_all(b"250 taken\r\n").await?;
            }
            continue;
        }
        let unknown = !manners.unknown.is_empty() && line.contains(manners.unknown);
        let answer = match line.get(..4).unwrap_or_default() {
            "EHLO" => {
                let starttls = if manners.tls == Tls::Asked && !secure {
                    "250-STARTTLS\r\n"
                } else {
                    ""
                };
                let auth = if manners.auth && (secure || manners.tls == Tls::Never) {
                    "250-AUTH PLAIN\r\n"
                } else {
                    ""
                };
                format!("250-test\r\n{starttls}{auth}250 HELP")
            }
            "AUTH" if manners.refuses => format!("535 wrong: {}", line.trim_end()),
            "AUTH" => "235 welcome".to_owned(),
            "RCPT" if unknown => "550 5.1.1 nobody\u{1b}[31m of that name".to_owned(),
            "DATA" => "354 go on".to_owned(),
            "STAR" => "220 go on".to_owned(),
            "QUIT" => "221 bye".to_owned(),
            _ => "250 ok".to_owned(),
        };
        stream.write_all(format!("{answer}\r\n").as_bytes()).await?;
        stream.flush().await?;
        in_data = line.starts_with("DATA");
        if line.starts_with("STARTTLS") {
            return Ok(Some(stream.into_inner()));
        }
    }
}
