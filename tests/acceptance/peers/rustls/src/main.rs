//! peer ADDRESS:PORT CERTIFICATE KEY [1.2|1.3]: a TLS server on rustls (ring), which completes handshakes and closes.
use std::{env, fs::File, io::BufReader, net::TcpListener, sync::Arc, thread, time::Duration};

fn main() {
    let arguments: Vec<String> = env::args().collect();
    let versions: &[&rustls::SupportedProtocolVersion] = match arguments.get(4).map(String::as_str) {
        Some("1.2") => &[&rustls::version::TLS12],
        Some("1.3") => &[&rustls::version::TLS13],
        _ => rustls::ALL_VERSIONS,
    };
    let certificates = rustls_pemfile::certs(&mut BufReader::new(File::open(&arguments[2]).unwrap())).map(Result::unwrap).collect();
    let key = rustls_pemfile::private_key(&mut BufReader::new(File::open(&arguments[3]).unwrap())).unwrap().unwrap();
    let config = rustls::ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_protocol_versions(versions)
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(certificates, key)
        .unwrap();
    let config = Arc::new(config);
    for connection in TcpListener::bind(&arguments[1]).unwrap().incoming() {
        let (mut connection, config) = (connection.unwrap(), config.clone());
        thread::spawn(move || {
            let _ = connection.set_read_timeout(Some(Duration::from_secs(5)));
            let mut tls = rustls::ServerConnection::new(config).unwrap();
            while tls.is_handshaking() {
                if tls.complete_io(&mut connection).is_err() {
                    break;
                }
            }
        });
    }
}
