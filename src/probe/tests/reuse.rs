use futures::future::join_all;
use tokio::io::{AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::sync::mpsc;

use super::*;
use crate::model::{Phase, Protocol};

/// Reads one request head; `false` where the client has gone.
async fn head(stream: &mut (impl AsyncRead + Unpin)) -> Option<String> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.ok()?);
    }
    Some(String::from_utf8(head).unwrap())
}

const EMPTY: &[u8] = b"HTTP/1.1 204 No Content\r\n\r\n";

#[tokio::test]
async fn plain_http_asks_in_origin_form_with_the_host_as_written_and_nothing_of_its_own() {
    let (tell, mut told) = mpsc::unbounded_channel();
    let server = Server::raw(move |mut stream, _| {
        let tell = tell.clone();
        async move {
            while let Some(request) = head(&mut stream).await {
                tell.send(request).unwrap();
                stream.write_all(EMPTY).await.unwrap();
            }
        }
    })
    .await;
    let client = server.plain();
    let mut headers = HeaderMap::new();
    headers.insert("accept-encoding", "gzip".parse().unwrap());
    let ask = Ask { path: "/a?b=c".into(), headers: Arc::new(headers), ..ask("A.example.com:8080") };
    let seen = fetch(&client, &ask).await.unwrap();
    assert_eq!((seen.head.status, seen.protocol, seen.tls), (204, Protocol::Http1, None));
    let mut lines: Vec<String> = told.recv().await.unwrap().lines().map(str::to_owned).collect();
    lines[1..].sort();
    assert_eq!(lines, ["HEAD /a?b=c HTTP/1.1", "", "accept-encoding: gzip", "host: A.example.com:8080"]);
    // Any host may follow on it.
    fetch(&client, &super::ask("b.example.com")).await.unwrap();
    assert_eq!((server.accepted(), client.connections()), (1, 1));
}

#[tokio::test]
async fn http2_asks_with_an_authority_and_no_host() {
    let authority = Authority::new();
    let server = Server::http(Some(authority.server(&["a.example.com"], &["h2"])), |request, _| async move {
        assert_eq!(request.uri().to_string(), "https://a.example.com:8443/a?b=c");
        assert!(request.headers().is_empty());
        status(204)
    })
    .await;
    let ask = Ask { path: "/a?b=c".into(), ..ask("a.example.com:8443") };
    assert_eq!(fetch(&server.client(&authority.trust()), &ask).await.unwrap().head.status, 204);
}

#[tokio::test]
async fn an_address_serves_as_server_name() {
    let authority = Authority::new();
    let server = Server::http(Some(authority.server(&["127.0.0.1"], &["h2"])), |_, _| async { status(204) }).await;
    assert!(fetch(&server.client(&authority.trust()), &ask("127.0.0.1")).await.is_ok());
}

#[tokio::test]
async fn http1_over_tls_is_reused_for_the_same_host_alone() {
    let authority = Authority::new();
    let tls = authority.server(&["*.example.com"], &["http/1.1"]);
    let server = Server::http(Some(tls), |_, number| async move { ok(format!("{number}")) }).await;
    let client = server.client(&authority.trust());
    for (host, connections) in [("a.example.com", 1), ("a.example.com", 1), ("b.example.com", 2), ("a.example.com", 2)]
    {
        let seen = fetch(&client, &get(host, "/")).await.unwrap();
        assert_eq!((seen.protocol, seen.shared), (Protocol::Http1, false));
        assert_eq!(client.connections(), connections);
    }
}

#[tokio::test]
async fn at_once_http1_has_a_connection_for_each_request_and_keeps_no_more_than_told() {
    let authority = Authority::new();
    let tls = authority.server(&["a.example.com"], &["http/1.1"]);
    let barrier = Arc::new(tokio::sync::Barrier::new(8));
    let server = Server::http(Some(tls), move |request, _| {
        let barrier = Arc::clone(&barrier);
        async move {
            if request.uri().path() == "/together" {
                barrier.wait().await;
            }
            status(204)
        }
    })
    .await;
    let client = Client::new(server.address, Settings { keep: 2, ..settings(&authority.trust()) });
    let together = Ask { path: "/together".into(), ..ask("a.example.com") };
    assert!(join_all((0..8).map(|_| fetch(&client, &together))).await.iter().all(Result::is_ok));
    assert_eq!(server.accepted(), 8);
    assert!(join_all((0..8).map(|_| fetch(&client, &together))).await.iter().all(Result::is_ok));
    assert_eq!(server.accepted(), 14);
}

#[tokio::test]
async fn a_kept_connection_that_was_closed_is_replaced_once() {
    let server = Server::raw(|mut stream, number| async move {
        while head(&mut stream).await.is_some() {
            stream.write_all(EMPTY).await.unwrap();
            if number == 1 {
                // The next request meets a connection that closes under it.
                head(&mut stream).await;
                return;
            }
        }
    })
    .await;
    let client = server.plain();
    for _ in 0..2 {
        assert_eq!(fetch(&client, &ask("a.example.com")).await.unwrap().head.status, 204);
    }
    assert_eq!(server.accepted(), 2);
}

#[tokio::test]
async fn a_new_connection_that_is_closed_is_a_failure() {
    let server = Server::raw(|mut stream, _| async move {
        head(&mut stream).await;
    })
    .await;
    let silence = fetch(&server.plain(), &ask("a.example.com")).await.unwrap_err();
    assert_eq!(silence.to_string(), format!("protocol {}: connection closed before an answer", server.address));
    assert_eq!(server.accepted(), 1);
}

#[tokio::test]
async fn a_server_that_closes_for_good_is_retried_no_more_than_once() {
    let server = Server::raw(|mut stream, number| async move {
        head(&mut stream).await;
        if number == 1 {
            stream.write_all(EMPTY).await.unwrap();
            head(&mut stream).await;
        }
    })
    .await;
    let client = server.plain();
    fetch(&client, &ask("a.example.com")).await.unwrap();
    assert_eq!(fetch(&client, &ask("a.example.com")).await.unwrap_err().error, "connection closed before an answer");
    assert_eq!(server.accepted(), 2);
}

/// A frame without payload but those bytes.
fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    [&length[1..], &[kind, flags], &stream.to_be_bytes(), payload].concat()
}

/// Speaks HTTP/2 by hand: for each request on each connection, the frames that the function gives.
async fn by_hand(tls: Arc<ServerConfig>, answer: impl Fn(usize, u32) -> Vec<u8> + Clone + Send + 'static) -> Server {
    Server::raw(move |stream, number| frames(Arc::clone(&tls), stream, number, answer.clone())).await
}

async fn frames(tls: Arc<ServerConfig>, stream: TcpStream, number: usize, answer: impl Fn(usize, u32) -> Vec<u8>) {
    let mut stream = BufReader::new(TlsAcceptor::from(tls).accept(stream).await.unwrap());
    let mut preface = [0; 24];
    stream.read_exact(&mut preface).await.unwrap();
    stream.write_all(&frame(4, 0, 0, &[])).await.unwrap();
    stream.flush().await.unwrap();
    let mut header = [0; 9];
    while stream.read_exact(&mut header).await.is_ok() {
        let length = u32::from_be_bytes([0, header[0], header[1], header[2]]);
        let mut payload = vec![0; length as usize];
        stream.read_exact(&mut payload).await.unwrap();
        if header[3] == 1 {
            let id = u32::from_be_bytes([header[5], header[6], header[7], header[8]]);
            stream.write_all(&answer(number, id)).await.unwrap();
            stream.flush().await.unwrap();
        }
    }
}

/// HEADERS with `:status: 204`, index 9 of HPACK's static table (RFC 7541 appendix A).
fn no_content(stream: u32) -> Vec<u8> {
    frame(1, 0x5, stream, &[0x89])
}

#[tokio::test]
async fn a_refused_stream_is_sent_again() {
    let authority = Authority::new();
    let server = by_hand(authority.server(&["a.example.com"], &["h2"]), |_, stream| match stream {
        1 => frame(3, 0, 1, &7_u32.to_be_bytes()),
        _ => no_content(stream),
    })
    .await;
    let client = server.client(&authority.trust());
    assert_eq!(fetch(&client, &ask("a.example.com")).await.unwrap().head.status, 204);
    assert_eq!(server.accepted(), 1);
}

#[tokio::test]
async fn a_server_that_refuses_every_stream_is_not_asked_for_ever() {
    let authority = Authority::new();
    let refuse = |_, stream| frame(3, 0, stream, &7_u32.to_be_bytes());
    let server = by_hand(authority.server(&["a.example.com"], &["h2"]), refuse).await;
    let silence = fetch(&server.client(&authority.trust()), &ask("a.example.com")).await.unwrap_err();
    assert!(silence.error.starts_with("the server reset the stream: refused stream"), "{}", silence.error);
}

#[tokio::test]
async fn a_goaway_sends_the_unprocessed_to_another_connection() {
    let authority = Authority::new();
    let server = by_hand(authority.server(&["a.example.com"], &["h2"]), |number, stream| match (number, stream) {
        (1, 3..) => frame(7, 0, 0, &[0, 0, 0, 1, 0, 0, 0, 0]),
        _ => no_content(stream),
    })
    .await;
    let client = server.client(&authority.trust());
    for _ in 0..3 {
        assert_eq!(fetch(&client, &ask("a.example.com")).await.unwrap().head.status, 204);
    }
    assert_eq!(server.accepted(), 2);
}

#[tokio::test]
async fn what_a_client_opened_closes_with_it() {
    let authority = Authority::new();
    for alpn in ["h2", "http/1.1"] {
        let tls = authority.server(&["a.example.com"], &[alpn]);
        let (tell, mut told) = mpsc::unbounded_channel();
        let server = Server::raw(move |stream, _| {
            let (tls, tell) = (Arc::clone(&tls), tell.clone());
            async move {
                let stream = TlsAcceptor::from(tls).accept(stream).await.unwrap();
                speak(stream, 1, |_, _| async { status(204) }).await;
                tell.send(()).unwrap();
            }
        })
        .await;
        let client = server.client(&authority.trust());
        fetch(&client, &ask("a.example.com")).await.unwrap();
        drop(client);
        assert_eq!(told.recv().await, Some(()));
    }
}

#[tokio::test]
async fn what_is_wanted_by_http1_is_asked_by_http1_and_from_then_on_at_once() {
    const WANTED: u32 = 13;
    let reset = frame(3, 0, 1, &WANTED.to_be_bytes());
    let goaway = frame(7, 0, 0, &[[0; 4], WANTED.to_be_bytes()].concat());
    for refusal in [reset, goaway] {
        let authority = Authority::new();
        let by_h2 = authority.server(&["a.example.com"], &["h2"]);
        let by_http1 = authority.server(&["a.example.com"], &["http/1.1"]);
        let server = Server::raw(move |stream, number| {
            let (by_h2, by_http1, refusal) = (Arc::clone(&by_h2), Arc::clone(&by_http1), refusal.clone());
            async move {
                if number == 1 {
                    return frames(by_h2, stream, number, |_, _| refusal.clone()).await;
                }
                let mut stream = TlsAcceptor::from(by_http1).accept(stream).await.unwrap();
                while head(&mut stream).await.is_some() {
                    stream.write_all(EMPTY).await.unwrap();
                }
            }
        })
        .await;
        let client = server.client(&authority.trust());
        for _ in 0..3 {
            let seen = fetch(&client, &ask("a.example.com")).await.unwrap();
            assert_eq!((seen.head.status, seen.protocol), (204, Protocol::Http1));
        }
        assert_eq!(server.accepted(), 2);
    }
}

#[tokio::test]
async fn who_wants_http1_and_does_not_speak_it_is_asked_by_http2_again() {
    let authority = Authority::new();
    let tls = authority.server(&["a.example.com"], &["h2"]);
    let server = Server::raw(move |stream, number| {
        let tls = Arc::clone(&tls);
        async move {
            // The second offers HTTP/1.1 alone.
            if number == 2 {
                drop(TlsAcceptor::from(tls).accept(stream).await);
                return;
            }
            let once = |_, stream| match stream {
                1 if number == 1 => frame(3, 0, 1, &13_u32.to_be_bytes()),
                _ => no_content(stream),
            };
            frames(tls, stream, number, once).await;
        }
    })
    .await;
    let client = server.client(&authority.trust());
    let silence = fetch(&client, &ask("a.example.com")).await.unwrap_err();
    let (said, by_http1) = silence.error.split_once("; by HTTP/1.1: ").unwrap();
    assert!(said.starts_with("the server reset the stream"), "{said}");
    assert_eq!((silence.phase, by_http1), (Phase::Protocol, "no HTTP version in common"));
    let seen = fetch(&client, &ask("a.example.com")).await.unwrap();
    assert_eq!((seen.head.status, seen.protocol), (204, Protocol::Http2));
}
