//! What is dialled before anyone asks.

use super::*;
use crate::model::Phase;

#[tokio::test]
async fn a_connection_opened_ahead_carries_the_first_requests_and_its_times_are_theirs() {
    let authority = Authority::new();
    for (alpn, together) in [("h2", 3), ("http/1.1", 1)] {
        let tls = authority.server(&["*.example.com"], &[alpn]);
        let server = Server::http(Some(tls), |_, _| async { status(204) }).await;
        let client = server.client(&authority.trust());
        client.warm(&ask("a.example.com"), together);
        let asks: Vec<Ask> = (0..together).map(|_| ask("a.example.com")).collect();
        let seen = futures::future::join_all(asks.iter().map(|ask| fetch(&client, ask))).await;
        assert_eq!(client.connections(), 1, "{alpn}");
        assert!(seen[0].as_ref().unwrap().timings.tls.is_some(), "{alpn}");
    }
}

#[tokio::test]
async fn plain_connections_are_opened_ahead_for_each_request() {
    let together = Arc::new(tokio::sync::Barrier::new(3));
    let server = Server::http(None, move |_, _| {
        let together = Arc::clone(&together);
        async move {
            together.wait().await;
            status(204)
        }
    })
    .await;
    let client = server.plain();
    client.warm(&ask("a.example.com"), 3);
    let asks: Vec<Ask> = (0..3).map(|_| ask("a.example.com")).collect();
    for seen in futures::future::join_all(asks.iter().map(|ask| fetch(&client, ask))).await {
        assert_eq!(seen.unwrap().head.status, 204);
    }
    assert_eq!((server.accepted(), client.connections()), (3, 3));
}

#[tokio::test]
async fn a_dial_that_failed_ahead_is_the_first_requests_failure_and_the_next_dials_anew() {
    let free = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = free.local_addr().unwrap();
    drop(free);
    let tls = Arc::new(tls::config(&Trust { insecure: true, ..Trust::default() }, Http::Auto, Clock::start()).unwrap());
    let client = Client::new(address, Settings::new(Scheme::Https, tls, Clock::start()));
    client.warm(&ask("a.example.com"), 1);
    let first = fetch(&client, &ask("a.example.com")).await.unwrap_err();
    assert_eq!((first.phase, client.connections()), (Phase::Connect, 0));
    let listener = TcpListener::bind(address).await.unwrap();
    let refused = tokio::spawn(async move { drop(listener.accept().await.unwrap()) });
    let next = fetch(&client, &ask("a.example.com")).await.unwrap_err();
    refused.await.unwrap();
    assert_eq!((next.phase, client.connections()), (Phase::Tls, 1));
}
