use futures::future::join_all;
use tokio::sync::{Notify, Semaphore};

use super::*;
use crate::model::{Phase, Protocol};

#[tokio::test]
async fn fifty_asks_at_once_share_one_connection() {
    let authority = Authority::new();
    let server = Server::http(Some(authority.server(&["a.example.com"], &["h2"])), |_, _| async { status(204) }).await;
    let client = server.client(&authority.trust());
    let ask = ask("a.example.com");
    for answer in join_all((0..50).map(|_| fetch(&client, &ask))).await {
        let seen = answer.unwrap();
        assert_eq!((seen.head.status, seen.protocol, seen.shared), (204, Protocol::Http2, false));
        assert_eq!(seen.tls.as_ref().map(|tls| tls.version.as_str()), Some("TLSv1.3"));
        assert!(seen.timings.connect.is_some() && seen.timings.tls.is_some());
    }
    assert_eq!((server.accepted(), client.connections()), (1, 1));
    let later = fetch(&client, &ask).await.unwrap();
    assert_eq!((later.timings.connect, later.timings.tls), (None, None));
}

#[tokio::test]
async fn hosts_of_a_wildcard_certificate_share_a_connection_from_the_first_request_on() {
    let authority = Authority::new();
    let server = Server::http(Some(authority.server(&["*.example.com"], &["h2"])), |_, _| async { status(204) }).await;
    let client = server.client(&authority.trust());
    let asks: Vec<Ask> = (0..50).map(|n| ask(&format!("t{n}.example.com"))).collect();
    let seen: Vec<_> = join_all(asks.iter().map(|ask| fetch(&client, ask))).await;
    assert_eq!(seen.iter().filter(|answer| answer.as_ref().unwrap().shared).count(), 49);
    assert_eq!(server.accepted(), 1);
}

#[tokio::test]
async fn without_coalescing_each_host_has_its_own_connection() {
    let authority = Authority::new();
    let server = Server::http(Some(authority.server(&["*.example.com"], &["h2"])), |_, _| async { status(204) }).await;
    let client = Client::new(server.address, Settings { coalesce: false, ..settings(&authority.trust()) });
    for host in ["a.example.com", "b.example.com", "a.example.com"] {
        assert!(!fetch(&client, &ask(host)).await.unwrap().shared);
    }
    assert_eq!(server.accepted(), 2);
}

#[tokio::test]
async fn a_certificate_that_does_not_cover_a_host_is_not_shared_with_it() {
    let authority = Authority::new();
    let server = Server::http(Some(authority.server(&["a.example.com"], &["h2"])), |_, _| async { status(204) }).await;
    let client = server.client(&authority.trust());
    fetch(&client, &ask("a.example.com")).await.unwrap();
    assert!(fetch(&client, &ask("b.example.com")).await.unwrap_err().host_not_served);
    assert_eq!(server.accepted(), 2);
}

#[tokio::test]
async fn a_wildcard_covers_what_is_right_below_it_and_nothing_else() {
    let authority = Authority::new();
    let tls = authority.server(&["*.example.com", "www.other.example"], &["h2"]);
    let server = Server::http(Some(tls), |_, _| async { status(204) }).await;
    let client = server.client(&authority.trust());
    for host in ["a.example.com", "b.example.com", "C.Example.com", "www.other.example", "d.example.com"] {
        assert!(fetch(&client, &ask(host)).await.is_ok(), "{host}");
    }
    assert_eq!(server.accepted(), 1);
    for host in ["a.b.example.com", "example.com", "b.other.example", "other.example", "e.example.com.example"] {
        assert!(fetch(&client, &ask(host)).await.unwrap_err().host_not_served, "{host}");
    }
    assert_eq!(fetch(&client, &ask("a b.example.com")).await.unwrap_err().phase, Phase::Tls);
}

#[tokio::test]
async fn a_misdirected_host_gets_a_connection_of_its_own() {
    let authority = Authority::new();
    let tls = authority.server(&["*.example.com"], &["h2"]);
    // Each connection serves the host it was opened for, as servers with several certificates do.
    let server = Server::http(Some(tls), |request, number| async move {
        let first = request.uri().host() == Some("a.example.com");
        status(if first == (number == 1) { 200 } else { 421 })
    })
    .await;
    let client = server.client(&authority.trust());
    assert_eq!(fetch(&client, &ask("a.example.com")).await.unwrap().head.status, 200);
    let refused = fetch(&client, &ask("b.example.com")).await.unwrap();
    assert_eq!((refused.head.status, refused.shared), (421, true));
    for _ in 0..2 {
        let own = fetch(&client, &ask("b.example.com")).await.unwrap();
        assert_eq!((own.head.status, own.shared), (200, false));
    }
    assert_eq!(server.accepted(), 2);
}

#[tokio::test]
async fn alone_dials_anew_and_leaves_nothing_behind() {
    let authority = Authority::new();
    let server = Server::http(Some(authority.server(&["a.example.com"], &["h2"])), |_, number| async move {
        Response::builder().header("connection-number", number).body(Full::default()).unwrap()
    })
    .await;
    let client = server.client(&authority.trust());
    let shared = ask("a.example.com");
    let alone = Ask { alone: true, ..shared.clone() };
    for (ask, number) in [(&shared, "1"), (&alone, "2"), (&shared, "1"), (&alone, "3")] {
        let seen = fetch(&client, ask).await.unwrap();
        assert_eq!(seen.head.first("connection-number").as_deref(), Some(number));
        assert!(!seen.shared);
    }
}

#[tokio::test]
async fn a_busy_connection_is_joined_by_others_up_to_the_limit() {
    let authority = Authority::new();
    let gate = Arc::new(Semaphore::new(0));
    let arrived = Arc::new(Semaphore::new(0));
    let (opened, counted) = (Arc::clone(&gate), Arc::clone(&arrived));
    let server = Server::http(Some(authority.server(&["a.example.com"], &["h2"])), move |_, number| {
        let (gate, arrived) = (Arc::clone(&opened), Arc::clone(&counted));
        async move {
            arrived.add_permits(1);
            gate.acquire().await.unwrap().forget();
            Response::builder().header("connection-number", number).body(Full::default()).unwrap()
        }
    })
    .await;
    let client = Client::new(server.address, Settings { connections: 2, ..settings(&authority.trust()) });
    let ask = ask("a.example.com");
    let all = join_all((0..300).map(|_| fetch(&client, &ask)));
    let release = async {
        // More than one connection carries before the server has said what it takes.
        arrived.acquire_many(150).await.unwrap().forget();
        gate.add_permits(300);
    };
    let (answers, ()) = tokio::join!(all, release);
    assert!(answers.iter().all(Result::is_ok));
    assert_eq!((server.accepted(), client.connections()), (2, 2));
}

#[tokio::test]
async fn no_more_requests_are_sent_than_the_server_takes_at_once() {
    let authority = Authority::new();
    let tls = authority.server(&["a.example.com"], &["h2"]);
    let (under_way, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let (now, peak) = (Arc::clone(&under_way), Arc::clone(&most));
    let server = Server::raw(move |stream, _| {
        let (tls, now, peak) = (Arc::clone(&tls), Arc::clone(&now), Arc::clone(&peak));
        async move {
            let stream = TlsAcceptor::from(tls).accept(stream).await.unwrap();
            let service = service_fn(|_: Request<Incoming>| {
                let (now, peak) = (Arc::clone(&now), Arc::clone(&peak));
                async move {
                    peak.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                    tokio::task::yield_now().await;
                    now.fetch_sub(1, Ordering::SeqCst);
                    Ok::<_, Infallible>(status(204))
                }
            });
            let mut builder = auto::Builder::new(TokioExecutor::new());
            builder.http2().max_concurrent_streams(2);
            let _ = builder.serve_connection(TokioIo::new(stream), service).await;
        }
    })
    .await;
    let client = Client::new(server.address, Settings { connections: 1, ..settings(&authority.trust()) });
    let ask = ask("a.example.com");
    // The first answer brings the server's settings along.
    fetch(&client, &ask).await.unwrap();
    assert!(join_all((0..40).map(|_| fetch(&client, &ask))).await.iter().all(Result::is_ok));
    assert_eq!(most.load(Ordering::SeqCst), 2);
    assert_eq!(server.accepted(), 1);
}

#[tokio::test]
async fn a_request_that_was_given_up_leaves_the_connection_to_the_others() {
    let authority = Authority::new();
    let arrived = Arc::new(Notify::new());
    let seen = Arc::clone(&arrived);
    let server = Server::http(Some(authority.server(&["a.example.com"], &["h2"])), move |request, _| {
        let seen = Arc::clone(&seen);
        async move {
            if request.uri().path() == "/slow" {
                seen.notify_one();
                std::future::pending::<()>().await;
            }
            status(204)
        }
    })
    .await;
    let client = server.client(&authority.trust());
    let slow = Ask { path: "/slow".into(), ..ask("a.example.com") };
    tokio::select! {
        _ = fetch(&client, &slow) => unreachable!("nothing answers it"),
        () = arrived.notified() => {}
    }
    for _ in 0..3 {
        assert!(fetch(&client, &ask("a.example.com")).await.is_ok());
    }
    assert_eq!(server.accepted(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn tasks_on_many_threads_share_one_dial() {
    let authority = Authority::new();
    let server = Server::http(Some(authority.server(&["*.example.com"], &["h2"])), |_, _| async { status(204) }).await;
    let client = Arc::new(server.client(&authority.trust()));
    let tasks = (0..60).map(|n| {
        let client = Arc::clone(&client);
        tokio::spawn(async move { fetch(&client, &ask(&format!("t{}.example.com", n % 7))).await })
    });
    for answer in join_all(tasks).await {
        assert_eq!(answer.unwrap().unwrap().head.status, 204);
    }
    assert_eq!((server.accepted(), client.connections()), (1, 1));
}

#[tokio::test]
async fn a_connection_that_fell_silent_is_not_used_again() {
    let authority = Authority::new();
    let server = Server::http(Some(authority.server(&["a.example.com"], &["h2"])), |request, number| async move {
        if number == 1 && request.uri().path() == "/silent" {
            std::future::pending::<()>().await;
        }
        status(204)
    })
    .await;
    let client = server.client(&authority.trust());
    fetch(&client, &ask("a.example.com")).await.unwrap();
    let silent = Ask { path: "/silent".into(), ..ask("a.example.com") };
    let silence = client.fetch(&silent, Clock::now() + Duration::from_millis(50)).await.unwrap_err();
    assert_eq!(silence.error, "no answer within 50 ms");
    assert_eq!(fetch(&client, &silent).await.unwrap().head.status, 204);
    assert_eq!(server.accepted(), 2);
}
