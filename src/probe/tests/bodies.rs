use std::io::Write;

use flate2::Compression;
use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::*;
use crate::model::Body;

/// A hundred times, it is 4,900 bytes with the SHA-256 below, as `sha256sum` gives it.
const LINE: &str = "An edge keeps a copy; a purge asks it to forget.\n";
const SHA256: &str = "c3e991ed7d856cdf509df859e091bf28e94a2f797004c4ae3f2517b4cb827e0c";
/// The same from Node.js's `brotliCompressSync`.
const BROTLI: &str = "1b2313f88d9363e57ad82b852028e754f684aa30752a74bf300a4b6832b1383180f85605802fba5c6c290b63\
                      45fe1323bfe3c26a174fd3c11dc7d503";
/// The same from `zstd --no-check`, and from `zstd -19`, which adds a checksum.
const ZSTD: &str = "28b52ffd602412d501001403416e2065646765206b65657073206120636f70793b20612070757267652061736b73206974\
                    20746f20666f726765742e0a0100012fb45750";
const ZSTD_CHECKED: &str = "28b52ffd642412ad010012c30a11c0eb70ebe6c26c2e99cdaff1204088c00220aca34ae35c5ec78bf67c544c7d\
                            164d93f8bcfa231fcb9d460100012fb457501fb5d95b";

fn bytes(hex: &str) -> Vec<u8> {
    (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
}

fn gzip(plain: &[u8], level: Compression) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), level);
    encoder.write_all(plain).unwrap();
    encoder.finish().unwrap()
}

fn zlib(plain: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(plain).unwrap();
    encoder.finish().unwrap()
}

fn raw_deflate(plain: &[u8]) -> Vec<u8> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(plain).unwrap();
    encoder.finish().unwrap()
}

/// What a client with those settings makes of that body under that coding.
async fn body(coding: &'static str, coded: Vec<u8>, want: Want) -> Body {
    let authority = Authority::new();
    let tls = authority.server(&["a.example"], &["h2"]);
    let server = Server::http(Some(tls), move |_, _| {
        let mut response = ok(coded.clone());
        if !coding.is_empty() {
            response.headers_mut().insert("content-encoding", coding.parse().unwrap());
        }
        async { response }
    })
    .await;
    let ask = Ask { want, ..get("a.example", "/") };
    fetch(&server.client(&authority.trust()), &ask).await.unwrap().body
}

async fn digest(coding: &'static str, coded: Vec<u8>) -> (String, u64) {
    match body(coding, coded, Want::Digest { max: 1 << 20 }).await {
        Body::Read(digest) => (digest.hex(), digest.length),
        other => panic!("{coding}: {other:?}"),
    }
}

fn unavailable(why: &str) -> Body {
    Body::Unavailable(why.to_owned())
}

#[tokio::test]
async fn every_coding_of_the_same_bytes_has_the_same_digest() {
    let plain = LINE.repeat(100).into_bytes();
    let fast = gzip(&plain, Compression::fast());
    let members = [gzip(&plain[..1000], Compression::best()), gzip(&plain[1000..], Compression::best())].concat();
    let stacked = gzip(&bytes(BROTLI), Compression::default());
    let (zlib, raw) = (zlib(&plain), raw_deflate(&plain));
    let frames = [bytes(ZSTD), bytes(ZSTD_CHECKED)].concat();
    for (coding, coded) in [
        ("", plain.clone()),
        ("identity", plain),
        ("gzip", fast.clone()),
        ("X-GZIP", fast),
        ("gzip", members),
        ("deflate", zlib),
        ("deflate", raw),
        ("br", bytes(BROTLI)),
        ("zstd", bytes(ZSTD)),
        ("zstd", bytes(ZSTD_CHECKED)),
        ("br, identity, gzip", stacked),
    ] {
        assert_eq!(digest(coding, coded).await, (SHA256.to_owned(), 4_900), "{coding}");
    }
    assert_eq!(digest("zstd", frames).await.1, 9_800);
}

#[tokio::test]
async fn an_object_of_zero_bytes_has_a_digest_whatever_its_coding() {
    // FIPS 180-4: the hash of nothing.
    let nothing = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    for coding in ["", "gzip", "br", "zstd", "deflate"] {
        assert_eq!(digest(coding, Vec::new()).await, (nothing.to_owned(), 0), "{coding}");
    }
}

#[tokio::test]
async fn what_is_cut_short_or_is_not_what_it_says_cannot_be_decoded() {
    let plain = LINE.repeat(100).into_bytes();
    let mut bad_checksum = bytes(ZSTD_CHECKED);
    *bad_checksum.last_mut().unwrap() ^= 1;
    let short = |coded: Vec<u8>| coded[..coded.len() - 1].to_vec();
    for (coding, coded) in [
        ("gzip", short(gzip(&plain, Compression::default()))),
        ("deflate", short(raw_deflate(&plain))),
        ("deflate", vec![0x78]),
        // One letter, and then three of four letters before: a distance beyond the start.
        ("deflate", vec![0x4b, 0x04, 0x12, 0x00]),
        ("br", short(bytes(BROTLI))),
        ("zstd", short(bytes(ZSTD))),
        ("zstd", bad_checksum),
        ("gzip", plain.clone()),
        ("br", plain.clone()),
        ("zstd", plain.clone()),
        ("gzip, br", bytes(BROTLI)),
    ] {
        let seen = body(coding, coded, Want::Digest { max: 1 << 20 }).await;
        assert_eq!(seen, unavailable("cannot be decoded"), "{coding}");
    }
}

#[tokio::test]
async fn an_unknown_coding_and_a_tower_of_codings_are_said() {
    let want = Want::Digest { max: 1 << 20 };
    assert_eq!(body("compress", vec![1], want).await, unavailable("unknown content coding: compress"));
    assert_eq!(body("gzip,gzip,gzip,gzip,gzip", vec![1], want).await, unavailable("more than 4 content codings"));
}

#[tokio::test]
async fn bodies_are_bounded_coded_and_decoded() {
    let max = 64 << 10;
    let zeros = vec![0; 4 << 20];
    let bomb = gzip(&gzip(&zeros, Compression::best()), Compression::best());
    assert!((bomb.len() as u64) < max);
    for (coding, coded) in [
        ("", zeros.clone()),
        ("gzip", gzip(&zeros, Compression::best())),
        ("deflate", zlib(&zeros)),
        ("gzip, gzip", bomb),
        ("gzip, zstd", zeros),
    ] {
        assert_eq!(body(coding, coded, Want::Digest { max }).await, unavailable("larger than 64 KiB"), "{coding}");
    }
    let exact = vec![b'x'; usize::try_from(max).unwrap()];
    assert!(matches!(body("", exact, Want::Digest { max }).await, Body::Read(digest) if digest.length == max));
}

#[tokio::test]
async fn a_body_that_nobody_wants_is_not_read_and_http2_goes_on() {
    let authority = Authority::new();
    for (alpn, connections) in [("h2", 1), ("http/1.1", 2)] {
        let tls = authority.server(&["a.example"], &[alpn]);
        let server = Server::http(Some(tls), |_, _| async { ok(vec![0; 4 << 20]) }).await;
        let client = server.client(&authority.trust());
        for _ in 0..2 {
            let ask = Ask { want: Want::Head, ..get("a.example", "/") };
            let seen = fetch(&client, &ask).await.unwrap();
            assert_eq!((seen.head.status, seen.body), (200, Body::NotAsked));
        }
        assert_eq!(server.accepted(), connections);
    }
}

#[tokio::test]
async fn a_small_body_that_nobody_wants_keeps_an_http1_connection() {
    let server = Server::http(None, |_, _| async { ok("small") }).await;
    let client = server.plain();
    for _ in 0..2 {
        let ask = Ask { want: Want::Head, ..get("a.example", "/") };
        assert_eq!(fetch(&client, &ask).await.unwrap().body, Body::NotAsked);
    }
    assert_eq!(server.accepted(), 1);
}

/// Sends those bytes for the first request, and then nothing more; closes if told to.
async fn says(response: &'static str, close: bool) -> Server {
    Server::raw(move |mut stream, _| async move {
        let _ = stream.read(&mut [0; 1024]).await;
        stream.write_all(response.as_bytes()).await.unwrap();
        if !close {
            std::future::pending::<()>().await;
        }
    })
    .await
}

#[tokio::test]
async fn a_body_cut_short_is_truncated_and_the_head_still_stands() {
    for (response, read) in [
        ("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nfour", "4 bytes"),
        ("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\nfour\r\n", "4 bytes"),
    ] {
        let server = says(response, true).await;
        let seen = fetch(&server.plain(), &get("a.example", "/")).await.unwrap();
        assert_eq!(seen.head.status, 200);
        assert_eq!(seen.body, unavailable(&format!("truncated after {read}: connection closed")));
    }
}

#[tokio::test]
async fn a_body_that_does_not_end_in_time_is_said() {
    let server = says("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nfour", false).await;
    let until = Clock::now() + Duration::from_millis(500);
    let seen = server.plain().fetch(&get("a.example", "/"), until).await.unwrap();
    assert_eq!(seen.body, unavailable("not complete within 500 ms, 4 bytes read"));
}

#[tokio::test]
async fn a_length_beyond_the_bound_is_not_even_begun() {
    let server = says("HTTP/1.1 200 OK\r\ncontent-length: 2097152\r\n\r\n", false).await;
    let seen = fetch(&server.plain(), &get("a.example", "/")).await.unwrap();
    assert_eq!(seen.body, unavailable("larger than 1 MiB"));
}

#[tokio::test]
async fn a_body_that_ends_with_the_connection_is_whole() {
    let server = says("HTTP/1.0 200 OK\r\n\r\nfour", true).await;
    let seen = fetch(&server.plain(), &get("a.example", "/")).await.unwrap();
    assert!(matches!(seen.body, Body::Read(digest) if digest.length == 4));
}
