//! Through proxies that answer as the protocols and real ones do, and through some that do not.

use proptest::test_runner::{Config, TestRunner};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, copy_bidirectional};

use super::*;
use crate::model::{Credentials, Phase, Proxy, ProxyScheme, Tunnel};

/// An ask for that host by that proxy.
fn through(scheme: ProxyScheme, credentials: Option<Credentials>, host: &str, name: &str) -> Ask {
    let proxy = Arc::new(Proxy { scheme, name: "proxy.example".into(), port: 3128, credentials });
    Ask { through: Some(Arc::new(Tunnel { proxy, name: name.into(), port: 443 })), ..ask(host) }
}

fn ada() -> Credentials {
    Credentials { user: "ada".into(), password: "s3cret".into() }
}

/// Answers CONNECT, and passes everything on to the server of that name.
async fn proxy(servers: Vec<(&'static str, SocketAddr)>) -> Server {
    Server::raw(move |mut stream, _| {
        let servers = servers.clone();
        async move {
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                head.push(stream.read_u8().await.unwrap());
            }
            let head = String::from_utf8(head).unwrap();
            let to = head.strip_prefix("CONNECT ").unwrap().split(' ').next().unwrap();
            let (_, address) = servers.iter().find(|(name, _)| to == format!("{name}:443")).unwrap();
            let mut server = TcpStream::connect(address).await.unwrap();
            stream.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").await.unwrap();
            let _ = copy_bidirectional(&mut stream, &mut server).await;
        }
    })
    .await
}

#[tokio::test]
async fn a_name_has_a_tunnel_of_its_own_though_another_ones_certificate_covers_it() {
    let authority = Authority::new();
    let tls = authority.server(&["a.example", "b.example"], &["h2"]);
    let answer = |which: u16| move |_, _| async move { status(which) };
    let (one, other) =
        (Server::http(Some(Arc::clone(&tls)), answer(201)).await, Server::http(Some(tls), answer(202)).await);
    let between = proxy(vec![("a.example", one.address), ("b.example", other.address)]).await;
    let client = between.client(&authority.trust());
    for _ in 0..2 {
        for (host, expected) in [("a.example", 201), ("b.example", 202)] {
            let seen = fetch(&client, &through(ProxyScheme::Http, None, host, host)).await.unwrap();
            assert_eq!((seen.head.status, seen.shared, seen.address), (expected, false, between.address));
        }
    }
    assert_eq!((between.accepted(), client.connections()), (2, 2));
}

#[tokio::test]
async fn one_name_for_tls_is_no_reason_to_share_a_tunnel() {
    let authority = Authority::new();
    let answer = |which: u16| move |_, _| async move { status(which) };
    for alpn in ["h2", "http/1.1"] {
        let tls = authority.server(&["cdn.example"], &[alpn]);
        let one = Server::http(Some(Arc::clone(&tls)), answer(201)).await;
        let other = Server::http(Some(tls), answer(202)).await;
        let between = proxy(vec![("a.example", one.address), ("b.example", other.address)]).await;
        let client = between.client(&authority.trust());
        for (name, expected) in [("a.example", 201), ("b.example", 202), ("a.example", 201)] {
            let seen = fetch(&client, &through(ProxyScheme::Http, None, "cdn.example", name)).await.unwrap();
            assert_eq!(seen.head.status, expected, "{alpn}");
        }
        assert_eq!(between.accepted(), 2, "{alpn}");
    }
}

#[tokio::test]
async fn plain_requests_share_a_tunnel_for_one_name_and_never_for_two() {
    let answer = |which: u16| move |_, _| async move { status(which) };
    let (one, other) = (Server::http(None, answer(201)).await, Server::http(None, answer(202)).await);
    let between = proxy(vec![("a.example", one.address), ("b.example", other.address)]).await;
    let client = between.plain();
    for (host, expected) in [("a.example", 201), ("b.example", 202), ("a.example", 201), ("b.example", 202)] {
        let ask = Ask { scheme: Scheme::Http, ..through(ProxyScheme::Http, None, host, host) };
        assert_eq!(fetch(&client, &ask).await.unwrap().head.status, expected);
    }
    assert_eq!(between.accepted(), 2);
}

/// What a proxy's answers are told as; each entry of a script is sent once something came.
async fn told(scheme: ProxyScheme, credentials: Option<Credentials>, script: Vec<Vec<u8>>) -> Silence {
    let server = Server::raw(move |mut stream, _| {
        let script = script.clone();
        async move {
            for answer in script {
                let _ = stream.read(&mut [0; 1024]).await;
                let _ = stream.write_all(&answer).await;
            }
            let _ = stream.shutdown().await;
        }
    })
    .await;
    let silence = fetch(&server.client(&insecure()), &through(scheme, credentials, "a.example", "a.example")).await;
    let silence = silence.unwrap_err();
    assert_eq!(silence.address, server.address.to_string());
    silence
}

#[tokio::test]
async fn refusals_of_connect_are_told_apart() {
    for (answer, credentials, words, only_this_host) in [
        (
            "HTTP/1.1 407 Nope\r\n\r\n",
            None,
            "407 Proxy Authentication Required: the proxy wants credentials, write them into its URL",
            false,
        ),
        (
            "HTTP/1.0 407 \r\n\r\n",
            Some(ada()),
            "407 Proxy Authentication Required: the proxy refused the credentials",
            false,
        ),
        ("HTTP/1.1 403 Filtered\r\n\r\n", None, "403 Forbidden: the proxy may not connect to a.example:443", true),
        ("HTTP/1.1 503 x\r\n\r\n", None, "503 Service Unavailable: the proxy did not connect to a.example:443", true),
        ("HTTP/1.1 599 x\r\n\r\n", None, "599: the proxy did not connect to a.example:443", true),
        ("HTTP/1.1 200 OK\r\n\r\nhello", None, "it sent more than its answer", false),
        ("hello\r\n\r\n", None, "not HTTP: invalid HTTP version", false),
        ("", None, "connection closed before an answer", false),
    ] {
        let silence = told(ProxyScheme::Http, credentials, vec![answer.into()]).await;
        assert_eq!((silence.phase, &*silence.error, silence.only_this_host), (Phase::Proxy, words, only_this_host));
    }
}

#[tokio::test]
async fn a_proxys_answer_is_read_up_to_a_bound() {
    let endless = format!("HTTP/1.1 200 OK\r\nX: {}", "y".repeat(1 << 20));
    let silence = told(ProxyScheme::Http, None, vec![endless.into()]).await;
    assert_eq!(silence.phase, Phase::Proxy);
    assert_eq!(silence.error, "the response head is too large, or has too many fields");
}

#[tokio::test]
async fn replies_of_socks_are_told_apart() {
    let reply = |code: u8| vec![vec![5, 0], vec![5, code, 0, 1, 0, 0, 0, 0, 0, 0]];
    for (script, credentials, words, only_this_host) in [
        (vec![vec![5, 0xff]], None, "the proxy wants credentials, write them into its URL", false),
        (vec![vec![5, 2], vec![1, 1]], Some(ada()), "the proxy refused the credentials", false),
        (reply(1), None, "general failure: the proxy did not connect to a.example:443", true),
        (reply(2), None, "not allowed by its rules: the proxy may not connect to a.example:443", true),
        (reply(3), None, "network unreachable: the proxy did not connect to a.example:443", true),
        (reply(4), None, "host unreachable: the proxy did not connect to a.example:443", true),
        (reply(5), None, "connection refused: the proxy did not connect to a.example:443", true),
        (reply(6), None, "TTL expired: the proxy did not connect to a.example:443", true),
        (reply(7), None, "it does not know the command CONNECT", false),
        (reply(8), None, "it takes no names, only addresses", false),
        (reply(99), None, "not SOCKS5", false),
        (vec![b"HTTP/1.1 400 Bad Request\r\n\r\n".to_vec()], None, "not SOCKS5", false),
        (vec![vec![5]], None, "connection closed before an answer", false),
    ] {
        let silence = told(ProxyScheme::Socks5h, credentials, script).await;
        assert_eq!((silence.phase, &*silence.error, silence.only_this_host), (Phase::Proxy, words, only_this_host));
    }
}

/// RFC 1928 sections 3 and 4, RFC 1929 section 2; RFC 7617 section 2 and RFC 9110 section 9.3.6.
#[tokio::test]
async fn the_proxy_is_sent_the_name_and_the_credentials() {
    async fn heard(scheme: ProxyScheme, answers: &'static [&'static [u8]]) -> Vec<Vec<u8>> {
        let (tell, mut told) = tokio::sync::mpsc::unbounded_channel();
        let server = Server::raw(move |mut stream, _| {
            let tell = tell.clone();
            async move {
                for answer in answers {
                    let mut said = vec![0; 1024];
                    let length = stream.read(&mut said).await.unwrap();
                    said.truncate(length);
                    tell.send(said).unwrap();
                    let _ = stream.write_all(answer).await;
                }
            }
        })
        .await;
        let ask = through(scheme, Some(ada()), "host.example", "a.example");
        fetch(&server.client(&insecure()), &ask).await.unwrap_err();
        let mut all = Vec::new();
        while let Ok(said) = told.try_recv() {
            all.push(said);
        }
        all
    }
    let said = heard(ProxyScheme::Socks5h, &[&[5, 2], &[1, 0], &[5, 4, 0, 1, 0, 0, 0, 0, 0, 0]]).await;
    let expected: [&[u8]; 3] = [&[5, 2, 0, 2], b"\x01\x03ada\x06s3cret", b"\x05\x01\x00\x03\x09a.example\x01\xbb"];
    assert_eq!(said, expected);
    let said = heard(ProxyScheme::Http, &[b"HTTP/1.1 502 Bad Gateway\r\n\r\n"]).await;
    let said = String::from_utf8(said.concat()).unwrap().to_ascii_lowercase();
    assert!(said.starts_with("connect a.example:443 http/1.1\r\n"), "{said}");
    assert!(said.contains("\r\nhost: a.example:443\r\n"), "{said}");
    assert!(
        said.contains("\r\nproxy-authorization: basic ywrhonmzy3jldA==\r\n".to_ascii_lowercase().as_str()),
        "{said}"
    );
}

#[tokio::test]
async fn a_proxy_that_keeps_silent_ends_at_the_connect_timeout() {
    let server = Server::raw(|mut stream, _| async move {
        let _ = stream.read_to_end(&mut Vec::new()).await;
    })
    .await;
    let connect_timeout = Duration::from_millis(200);
    let client = Client::new(server.address, Settings { connect_timeout, ..settings(&insecure()) });
    for scheme in [ProxyScheme::Http, ProxyScheme::Socks5h] {
        let silence = fetch(&client, &through(scheme, None, "a.example", "a.example")).await.unwrap_err();
        assert_eq!(silence.to_string(), format!("proxy {}: no answer within 200 ms", server.address));
    }
}

#[tokio::test]
async fn a_proxy_that_is_down_is_the_proxys_phase() {
    let address = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let client = Client::new(address, settings(&insecure()));
    let silence = fetch(&client, &through(ProxyScheme::Http, None, "a.example", "a.example")).await.unwrap_err();
    assert_eq!(silence.to_string(), format!("proxy {address}: connection refused"));
}

#[test]
fn whatever_a_proxy_answers_ends_in_words() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let bytes = proptest::collection::vec(proptest::prelude::any::<u8>(), 0..40);
    let begun = proptest::sample::select(vec![
        &b""[..],
        b"HTTP/1.1 2",
        b"HTTP/1.1 407 x\r\n",
        b"\x05\x00\x05\x00\x00",
        b"\x05\x02\x01\x00",
    ]);
    let mut runner = TestRunner::new(Config { cases: 200, failure_persistence: None, ..Config::default() });
    let law = |(begun, rest): (&[u8], Vec<u8>)| {
        for scheme in [ProxyScheme::Http, ProxyScheme::Socks5h] {
            // Whatever opens the tunnel by chance is followed by no TLS.
            let silence = runtime.block_on(told(scheme, Some(ada()), vec![[begun, &rest].concat()]));
            assert!(!silence.error.is_empty() && !silence.error.contains("s3cret"), "{silence}");
        }
        Ok(())
    };
    runner.run(&(begun, bytes), law).unwrap();
}
