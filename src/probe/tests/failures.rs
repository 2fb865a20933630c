use futures::future::join_all;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::*;
use crate::model::Phase;

fn text(silence: &Silence) -> String {
    silence.to_string()
}

#[tokio::test]
async fn a_certificate_for_other_names_is_a_host_not_served() {
    let authority = Authority::new();
    let tls = authority.server(&["b.example.com", "*.c.example.com"], &["h2"]);
    let server = Server::http(Some(tls), |_, _| async { status(204) }).await;
    let silence = fetch(&server.client(&authority.trust()), &ask("a.example.com")).await.unwrap_err();
    let expected = format!("tls {}: certificate is for other names: b.example.com, *.c.example.com", server.address);
    assert_eq!((text(&silence), silence.host_not_served), (expected, true));
    assert!(silence.timings.connect.is_some() && silence.timings.tls.is_some());
}

#[tokio::test]
async fn an_expired_certificate_and_an_unknown_authority_are_told_apart() {
    let (known, unknown) = (Authority::new(), Authority::named("Another authority"));
    for (tls, words) in [
        (known.server_until(&["a.example.com"], &["h2"], 2020), "certificate expired"),
        (unknown.server(&["a.example.com"], &["h2"]), "unknown certificate authority"),
    ] {
        let server = Server::http(Some(tls), |_, _| async { status(204) }).await;
        let silence = fetch(&server.client(&known.trust()), &ask("a.example.com")).await.unwrap_err();
        assert_eq!((silence.phase, silence.error.as_str(), silence.host_not_served), (Phase::Tls, words, false));
        // Whoever insists gets through.
        assert!(fetch(&server.client(&insecure()), &ask("a.example.com")).await.is_ok());
    }
}

#[tokio::test]
async fn a_closed_port_refuses() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let client = Client::new(address, settings(&insecure()));
    let silence = fetch(&client, &ask("a.example.com")).await.unwrap_err();
    assert_eq!(text(&silence), format!("connect {address}: connection refused"));
    assert_eq!(client.connections(), 0);
}

#[tokio::test]
async fn a_handshake_that_is_not_answered_ends_at_its_limit_for_all_who_wait_and_is_tried_again_later() {
    let server = Server::raw(|stream, _| async move {
        std::future::pending::<()>().await;
        drop(stream);
    })
    .await;
    let limited = Settings { connect_timeout: Duration::from_millis(300), ..settings(&insecure()) };
    let client = Client::new(server.address, limited);
    let ask = ask("a.example.com");
    for round in 1..=2 {
        for answer in join_all((0..20).map(|_| fetch(&client, &ask))).await {
            assert_eq!(text(&answer.unwrap_err()), format!("tls {}: timed out after 300 ms", server.address));
        }
        assert_eq!(server.accepted(), round);
    }
}

#[tokio::test]
async fn the_deadline_of_a_fetch_cuts_a_handshake_short() {
    let server = Server::raw(|stream, _| async move {
        std::future::pending::<()>().await;
        drop(stream);
    })
    .await;
    let client = Client::new(server.address, settings(&insecure()));
    for alone in [true, false] {
        let ask = Ask { alone, ..ask("a.example.com") };
        let silence = client.fetch(&ask, Clock::now() + Duration::from_millis(300)).await.unwrap_err();
        assert_eq!(text(&silence), format!("tls {}: timed out after 300 ms", server.address));
    }
}

#[tokio::test]
async fn one_host_that_is_not_served_does_not_keep_others_out() {
    let authority = Authority::new();
    let server = Server::http(Some(authority.server(&["*.example.com"], &["h2"])), |_, _| async { status(204) }).await;
    let client = server.client(&authority.trust());
    let (foreign, own) = (ask("a.elsewhere.test"), ask("a.example.com"));
    let (foreign, own) = tokio::join!(fetch(&client, &foreign), fetch(&client, &own));
    assert!(foreign.unwrap_err().host_not_served);
    assert!(own.is_ok());
}

#[tokio::test]
async fn what_is_not_tls_and_what_is_not_http_is_said() {
    let banner = |mut stream: TcpStream, _| async move {
        let _ = stream.read(&mut [0; 1024]).await;
        stream.write_all(b"SSH-2.0-OpenSSH_9.2\r\n").await.unwrap();
        let _ = stream.read_to_end(&mut Vec::new()).await;
    };
    let server = Server::raw(banner).await;
    let silence = fetch(&server.client(&insecure()), &ask("a.example.com")).await.unwrap_err();
    assert_eq!(text(&silence), format!("tls {}: not TLS", server.address));
    let silence = fetch(&server.plain(), &ask("a.example.com")).await.unwrap_err();
    assert_eq!(text(&silence), format!("protocol {}: not HTTP: invalid HTTP version", server.address));
}

#[tokio::test]
async fn a_response_head_out_of_bounds_is_no_answer() {
    let large = || Response::builder().header("x-large", "x".repeat(100 << 10)).body(Full::default()).unwrap();
    let many = || {
        let mut response = status(200);
        for n in 0..300 {
            response.headers_mut().append("x-many", n.into());
        }
        response
    };
    let authority = Authority::new();
    for alpn in ["h2", "http/1.1"] {
        let server = Server::http(Some(authority.server(&["a.example.com"], &[alpn])), move |request, _| async move {
            match request.uri().path() {
                "/large" => large(),
                "/many" => many(),
                _ => status(204),
            }
        })
        .await;
        let client = server.client(&authority.trust());
        for path in ["/large", "/many"] {
            let silence = fetch(&client, &Ask { path: path.into(), ..ask("a.example.com") }).await.unwrap_err();
            let words = match (alpn, path) {
                ("h2", "/large") => {
                    "malformed HTTP/2, or header fields over the limit: unspecific protocol error detected"
                }
                ("h2", _) => "more than 256 header fields",
                _ => "the response head is too large, or has too many fields",
            };
            assert_eq!((silence.phase, silence.error.as_str()), (Phase::Protocol, words));
            assert!(fetch(&client, &ask("a.example.com")).await.is_ok());
        }
        if alpn == "h2" {
            assert_eq!(server.accepted(), 1);
        }
    }
}

#[tokio::test]
async fn a_connection_that_was_given_up_is_closed_while_others_are_still_asked() {
    let authority = Authority::new();
    let (tell, mut told) = tokio::sync::mpsc::unbounded_channel();
    let acceptor = TlsAcceptor::from(authority.server(&["a.example.com"], &["h2"]));
    let server = Server::raw(move |stream, _| {
        let (acceptor, tell) = (acceptor.clone(), tell.clone());
        async move {
            let tls = acceptor.accept(stream).await.unwrap();
            let mut connection = h2::server::handshake(tls).await.unwrap();
            let mut asked = Vec::new();
            while let Some(Ok(request)) = connection.accept().await {
                asked.push(request);
            }
            tell.send(asked.len()).unwrap();
        }
    })
    .await;
    let client = server.client(&authority.trust());
    let until = Clock::now() + Duration::from_millis(500);
    let silence = client.fetch(&ask("a.example.com"), until).await.unwrap_err();
    assert_eq!(silence.phase, Phase::Timeout);
    assert_eq!(tokio::time::timeout(AMPLE, told.recv()).await, Ok(Some(1)), "still open");
    drop(client);
}

#[tokio::test]
async fn a_folded_line_is_one_field() {
    // RFC 9112 section 5.2: each fold is replaced by one or more spaces.
    let server = Server::raw(|mut stream, _| async move {
        let _ = stream.read(&mut [0; 1024]).await;
        stream.write_all(b"HTTP/1.1 204 No Content\r\nx-folded: one\r\n\ttwo\r\nx-next: 3\r\n\r\n").await.unwrap();
        let _ = stream.read_to_end(&mut Vec::new()).await;
    })
    .await;
    let seen = fetch(&server.plain(), &ask("a.example.com")).await.unwrap();
    let folded = seen.head.first("x-folded").unwrap();
    assert_eq!(folded.split_whitespace().collect::<Vec<_>>(), ["one", "two"]);
    assert_eq!(seen.head.first("x-next").unwrap(), "3");
}

#[tokio::test]
async fn http2_alone_does_not_fall_back() {
    let authority = Authority::new();
    let config = Arc::new(tls::config(&authority.trust(), Http::Http2, Clock::start()).unwrap());
    for (alpn, words) in [(&["http/1.1"][..], "no HTTP version in common"), (&[], "the server did not agree to HTTP/2")]
    {
        let server = Server::http(Some(authority.server(&["a.example.com"], alpn)), |_, _| async { status(204) }).await;
        let settings = Settings { http: Http::Http2, tls: Arc::clone(&config), ..settings(&authority.trust()) };
        let silence = fetch(&Client::new(server.address, settings), &ask("a.example.com")).await.unwrap_err();
        assert_eq!(silence.error, words);
    }
}

#[tokio::test]
async fn what_cannot_be_asked_for_is_said() {
    let authority = Authority::new();
    let server = Server::http(Some(authority.server(&["a.example.com"], &["h2"])), |_, _| async { status(204) }).await;
    let client = server.client(&authority.trust());
    let silence = fetch(&client, &Ask { path: "/a b".into(), ..ask("a.example.com") }).await.unwrap_err();
    assert_eq!(silence.error, "not a path that can be asked for: /a b");
    let silence = fetch(&client, &Ask { sni: "a b".into(), ..ask("b.example.com") }).await.unwrap_err();
    assert_eq!((silence.phase, silence.error.as_str()), (Phase::Tls, "not a server name: a b"));
}
