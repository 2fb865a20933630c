use super::*;

fn requests(text: &[u8]) -> Result<(Vec<String>, Vec<String>), String> {
    of_bytes("log", "a.log", text).map(|told| (shown(&told), lost(&told)))
}

/// One line of a log that is fine.
fn line(before: &str, request: &str, behind: &str) -> String {
    format!("{before} [11/Feb/2026:10:00:01 +0000] \"{request}\" {behind}\n")
}

#[test]
fn combined_format_counts_what_was_served() {
    let told = source("log=log/combined.log").unwrap();
    assert_eq!(shown(&told), ["/assets/app.js 3", "/old 2", "/?utm=a%20b 1", "/search?q=%22tea%22 1"]);
    let expected = [
        "log/combined.log: 2 lines of 13 in no known format, the first is line 12",
        "log/combined.log: 4 requests not counted: neither GET nor HEAD, or not answered with 2xx or 3xx",
    ];
    assert_eq!(lost(&told), expected);
}

#[test]
fn common_format_has_no_referer_and_may_be_packed() {
    for file in ["log/common.log", "log/common.log.gz"] {
        let told = source(&format!("log={file}")).unwrap();
        assert_eq!(shown(&told), ["/apache_pb.gif 1", "/say%22hi%22 1"], "{file}");
    }
}

#[test]
fn a_virtual_host_before_the_client_has_the_request() {
    let told = source("log=log/vhosts.log").unwrap();
    let expected = [
        "docs.example.com/guide/ 1",
        "intern.example.com/server-status 1",
        "shop.example.com/a.css 1",
        "shop.example.com/app.js 1",
        "www.shop.example.com/b.css 2",
        "www.shop.example.com/app.js 1",
    ];
    assert_eq!((shown(&told).as_slice(), lost(&told).len()), (&expected.map(ToOwned::to_owned)[..], 0));
}

#[test]
fn escapes_are_what_the_client_sent() {
    for (request, path) in [
        ("GET /\\x22\\x5C HTTP/1.1", "/%22\\ 1"),
        ("GET /a\\\"b\\\\ HTTP/1.1", "/a%22b\\ 1"),
        ("GET /\\xE4\\xC3\\xA4 HTTP/1.1", "/%E4%C3%A4 1"),
        ("GET /a\\tb HTTP/1.1", "/a%09b 1"),
        ("GET /\\x4 HTTP/1.1", "/\\x4 1"),
        ("GET /{id}?{host} HTTP/1.1", "/%7Bid%7D?%7Bhost%7D 1"),
        ("GET /a b HTTP/1.1", "/a%20b 1"),
        ("GET /a#b HTTP/1.1", "/a 1"),
        ("HEAD http://Www.Example.com/x HTTP/1.1", "www.example.com/x 1"),
    ] {
        let log = line("192.0.2.1 - -", request, "200 5");
        assert_eq!(requests(log.as_bytes()).unwrap().0, [path], "{request}");
    }
}

#[test]
fn who_asked_is_told_from_which_host() {
    for (before, path) in [
        ("192.0.2.1 - -", "/x 1"),
        ("2001:db8::1 - alice bob", "/x 1"),
        ("client.example ident user", "/x 1"),
        ("a.example 192.0.2.1 - -", "a.example/x 1"),
        ("A.example:8080 192.0.2.1 - alice bob", "a.example/x 1"),
        ("a.example:443 192.0.2.1 ident alice", "a.example/x 1"),
    ] {
        assert_eq!(requests(line(before, "GET /x HTTP/2.0", "200 5").as_bytes()).unwrap().0, [path], "{before}");
    }
}

#[test]
fn what_is_no_line_of_a_log_is_counted() {
    let fine = line("192.0.2.1 - -", "GET /x HTTP/1.1", "200 5");
    for bad in [
        line("192.0.2.1 -", "GET /y HTTP/1.1", "200 5"),
        line("_ 192.0.2.1 - -", "GET /y HTTP/1.1", "200 5"),
        line("a/b 192.0.2.1 - -", "GET /y HTTP/1.1", "200 5"),
        line("192.0.2.1 - -", "GET /y HTTP/1.1", "20 5"),
        line("192.0.2.1 - -", "GET /y HTTP/1.1", "200 x"),
        line("192.0.2.1 - -", "GET /y HTTP/1.1", "200"),
        line("192.0.2.1 - -", "GET /y", "200 5"),
        line("192.0.2.1 - -", "GET y HTTP/1.1", "200 5"),
        line("192.0.2.1 - -", &format!("GET /{} HTTP/1.1", "y".repeat(200_000)), "200 5"),
        "{\"remote_addr\": \"192.0.2.1\"}\n".to_owned(),
        "192.0.2.1 - - [11/Feb/2026:10:00:01 +0000] \"GET /y\\\" 200 5\n".to_owned(),
    ] {
        let (paths, lost) = requests(format!("{fine}\r\n{bad}{fine}").as_bytes()).unwrap();
        assert_eq!(paths, ["/x 2"], "{bad}");
        assert_eq!(lost, ["a.log: 1 line of 4 in no known format, the first is line 3"], "{bad}");
    }
}

#[test]
fn methods_and_statuses_decide_what_counts() {
    let counts = |request: &str, status: &str| {
        let log =
            line("192.0.2.1 - -", "GET /x HTTP/1.1", "200 5") + &line("192.0.2.1 - -", request, &format!("{status} 0"));
        let (paths, lost) = requests(log.as_bytes()).unwrap();
        assert_eq!(paths.len() + lost.len(), 2, "{request} {status}");
        lost.is_empty()
    };
    for status in ["200", "204", "206", "301", "304"] {
        assert!(counts("GET /y HTTP/1.1", status) && counts("HEAD /y HTTP/1.1", status), "{status}");
    }
    for status in ["100", "101", "400", "404", "499", "502"] {
        assert!(!counts("GET /y HTTP/1.1", status), "{status}");
    }
    for request in ["POST /y HTTP/1.1", "OPTIONS * HTTP/1.1", "PURGE /y HTTP/1.1", "CONNECT a.example:443 HTTP/1.1"] {
        assert!(!counts(request, "200"), "{request}");
    }
}

#[test]
fn a_log_without_anything_to_ask_for_is_an_error() {
    let unknown = "a.log: holds no line in common or combined format (%h %l %u %t \"%r\" %>s %b), correct the path";
    assert_eq!(requests(b"").unwrap_err(), unknown);
    assert_eq!(requests(b"{\"status\": 200}\n").unwrap_err(), unknown);
    let refused = line("192.0.2.1 - -", "GET /x HTTP/1.1", "404 5");
    let message = "a.log: no GET or HEAD in it was answered with 2xx or 3xx, name another log";
    assert_eq!(requests(refused.as_bytes()).unwrap_err(), message);
}
