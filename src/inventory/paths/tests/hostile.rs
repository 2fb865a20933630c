//! Files that mean harm end in a clear error, and soon.

use std::fmt::Write as _;
use std::io::{self, BufReader, Read as _, Write as _};

use flate2::Compression;
use flate2::write::GzEncoder;
use proptest::prelude::*;

use super::*;

#[test]
fn a_billion_laughs_are_a_clear_error() {
    let mut bomb = "<?xml version=\"1.0\"?>\n<!DOCTYPE lolz [\n<!ENTITY l0 \"lol\">\n".to_owned();
    for level in 1..10 {
        let _ = writeln!(bomb, "<!ENTITY l{level} \"{}\">", format!("&l{};", level - 1).repeat(10));
    }
    bomb += "]>\n<urlset><url><loc>https://a.example/&l9;</loc></url></urlset>";
    let message = of_bytes("sitemap", "s.xml", bomb.as_bytes()).map(drop).unwrap_err();
    assert!(message.ends_with(": declares entities, which no sitemap needs: write them out and take the DOCTYPE out"));
}

#[test]
fn a_file_of_another_machine_is_not_read_through_an_entity() {
    let text =
        "<!DOCTYPE urlset SYSTEM \"file:///etc/hostname\"><urlset><url><loc>https://a.example/&x;</loc></url></urlset>";
    let message = of_bytes("sitemap", "s.xml", text.as_bytes()).map(drop).unwrap_err();
    assert!(message.contains("\"&x;\" is no entity of XML"), "{message}");
}

#[test]
fn what_unpacks_without_end_is_a_clear_error() {
    for kind in ["sitemap", "manifest"] {
        let kind = ALL.iter().find(|known| known.id == kind).unwrap();
        let mut endless = BufReader::with_capacity(1 << 20, io::repeat(b' '));
        let given = &mut Given { file: "s.xml.gz", folder: None, prefix: None, bytes: &mut endless };
        let message = (kind.read)(given, &mut Told::default()).unwrap_err().to_string();
        assert_eq!(message, "s.xml.gz: more than 128 MiB unpacked, divide it");
    }
}

#[test]
fn a_packed_file_that_is_cut_off_is_an_error() {
    let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
    packed.write_all(b"https://a.example/\n".repeat(1_000).as_slice()).unwrap();
    let packed = packed.finish().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("s.txt.gz");
    std::fs::write(&file, &packed[..packed.len() - 9]).unwrap();
    let source: PathsFrom = format!("sitemap={}", file.display()).parse().unwrap();
    let message = told(&[source], false).map(drop).unwrap_err().to_string();
    assert!(message.contains("s.txt.gz: cannot be read to its end"), "{message}");
}

#[test]
fn a_long_line_takes_no_memory() {
    let fine = "192.0.2.1 - - [11/Feb/2026:10:00:01 +0000] \"GET /x HTTP/1.1\" 200 5\n";
    let endless = io::repeat(b'y').take(64 << 20).chain(Cursor::new(format!("\n{fine}")));
    let mut bytes = BufReader::new(endless);
    let mut told = Told::default();
    let given = &mut Given { file: "a.log", folder: None, prefix: None, bytes: &mut bytes };
    (log::LOG.read)(given, &mut told).unwrap();
    assert_eq!(shown(&told), ["/x 1"]);
    assert_eq!(lost(&told), ["a.log: 1 line of 2 in no known format, the first is line 1"]);
}

#[test]
fn huge_names_do_not_blow_messages_up() {
    let huge = "x".repeat(2_000_000);
    for (kind, text) in [
        ("sitemap", huge.clone()),
        ("sitemap", format!("<{huge}/>")),
        ("sitemap", format!("<urlset><url><loc>{huge}</loc></url></urlset>")),
        ("sitemap", format!("<urlset><url><loc>&{huge};</loc></url></urlset>")),
        ("sitemap", format!("<urlset></{huge}>")),
        ("manifest", format!("{{\"a\": \"x:{huge}\"}}")),
        ("manifest", format!("{{\"a\": \"../{huge}\"}}")),
        ("log", huge.clone()),
    ] {
        let message = of_bytes(kind, "f", text.as_bytes()).map(drop).unwrap_err();
        assert!(message.len() < 1_000, "{kind}: {}", message.len());
    }
}

#[test]
fn deep_nesting_of_a_manifest_is_a_clear_error() {
    let message = of_bytes("manifest", "m.json", "{\"a\":".repeat(100_000).as_bytes()).map(drop).unwrap_err();
    assert!(message.starts_with("m.json:1: recursion limit exceeded"), "{message}");
}

/// Pieces that such files are made of, in any order.
fn pieces() -> impl Strategy<Value = Vec<u8>> {
    let pieces: [&[u8]; 50] = [
        b"<urlset>",
        b"</urlset>",
        b"<urlset xmlns=\"x\" xmlns:a='y'>",
        b"<url>",
        b"</url>",
        b"<loc>",
        b"</loc>",
        b"<a:loc/>",
        b"<sitemapindex>",
        b"<sitemap>",
        b"https://a.example/",
        b"&amp;",
        b"&#x0;",
        b"&#99999999;",
        b"&x;",
        b"&",
        b"<![CDATA[",
        b"]]>",
        b"<!--",
        b"-->",
        b"<!DOCTYPE x [<!ENTITY",
        b"<?xml version=\"1.0\"?>",
        b"\n",
        b"\r\n",
        b" ",
        b"{",
        b"}",
        b"[",
        b"]",
        b"\"file\":",
        b"\"pages\":",
        b"\"a\":",
        b"\"/b.js\"",
        b"\"//c\"",
        b"\"./\"",
        b",",
        b"192.0.2.1 - -",
        b"a.example:80 192.0.2.1 - -",
        b" [11/Feb/2026:10:00:01 +0000] \"",
        b"GET ",
        b"/x",
        b" HTTP/1.1",
        b"\" 200 5",
        b"\\x2",
        b"\\\"",
        b"\\",
        b"\xff",
        b"\x00",
        b"\xef\xbb\xbf",
        b"%",
    ];
    proptest::collection::vec(proptest::sample::select(pieces.to_vec()), 0..30).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn no_bytes_make_any_kind_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        for kind in ALL {
            let _ = of_bytes(kind.id, "f", &bytes);
        }
    }

    #[test]
    fn no_almost_right_bytes_make_any_kind_panic(bytes in pieces()) {
        for kind in ALL {
            if let Ok(told) = of_bytes(kind.id, "f", &bytes) {
                for line in shown(&told) {
                    let path = line[line.find('/').unwrap()..].split(' ').next().unwrap();
                    crate::inventory::wire::check_path(path).unwrap();
                    prop_assert!(!path.contains(['{', '}']), "{path}");
                }
            }
        }
    }
}
