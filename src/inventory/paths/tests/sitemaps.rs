use super::*;

fn pages(text: &str) -> Result<Vec<String>, String> {
    of_bytes("sitemap", "s.xml", text.as_bytes()).map(|told| shown(&told))
}

fn urlset(inner: &str) -> String {
    format!("<urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">\n{inner}\n</urlset>")
}

#[test]
fn wordpress_lists_pages_and_images_apart() {
    let told = source("sitemap=sitemap/wordpress.xml").unwrap();
    let expected = [
        "old.example.org/moved/",
        "shop.example.com/",
        "shop.example.com/product/tea/?size=250g&colour=gr%C3%BCn",
        "www.shop.example.com/%C3%BCber-uns/",
    ];
    assert_eq!((shown(&told).as_slice(), lost(&told).len()), (&expected.map(ToOwned::to_owned)[..], 0));
    assert_eq!(short(&told.hosts["shop.example.com"].source), "sitemap/wordpress.xml:4");
}

#[test]
fn prefixes_cdata_and_foreign_elements_are_told_apart() {
    let told = source("sitemap=sitemap/multilingual.xml").unwrap();
    assert_eq!(shown(&told), ["docs.example.com/en/?a=1&b=2", "docs.example.com/de/"]);
}

#[test]
fn a_text_sitemap_has_a_url_on_each_line() {
    let told = source("sitemap=sitemap/pages.txt").unwrap();
    assert_eq!(shown(&told), ["docs.example.com/", "docs.example.com/guide?page=2"]);
}

#[test]
fn an_index_is_read_as_far_as_its_sitemaps_lie_beside_it() {
    let told = source("sitemap=sitemap/sitemap_index.xml").unwrap();
    let expected =
        ["docs.example.com/", "docs.example.com/guide?page=2", "shop.example.com/p/1", "shop.example.com/p/2"];
    assert_eq!(shown(&told), expected);
    let [authors, query, itself] = &lost(&told)[..] else { panic!("{:?}", lost(&told)) };
    assert_eq!(
        authors,
        "sitemap/sitemap_index.xml:8: the sitemap https://shop.example.com/sitemaps/authors.xml is not read: it is not \
         beside the index, and URLs are not fetched; save it there"
    );
    assert!(
        query.starts_with("sitemap/sitemap_index.xml:9: the sitemap https://shop.example.com/pages.txt?page=2 is not")
    );
    assert!(
        itself.starts_with("sitemap/sitemap_index.xml:10: ") && itself.contains("an index within an index"),
        "{itself}"
    );
    assert_eq!(short(&told.hosts["shop.example.com"].source), "sitemap/sitemaps/products.xml.gz:2");
}

#[test]
fn an_index_that_stands_alone_is_an_error() {
    let index = "<sitemapindex><sitemap><loc>https://a.example/pages.txt</loc></sitemap></sitemapindex>";
    assert_eq!(
        pages(index).unwrap_err(),
        "s.xml: none of its 1 sitemaps can be read: they have to lie beside it, since URLs are not fetched"
    );
}

#[test]
fn no_url_of_an_index_leads_out_of_its_folder() {
    for path in ["..%2Fpages.txt", "..\\pages.txt", "%2e%2e/pages.txt", "/etc/hostname", "C:/x"] {
        let index = format!("<sitemapindex><sitemap><loc>https://a.example/{path}</loc></sitemap></sitemapindex>");
        let mut told = Told::default();
        let below = folder().join("sitemap/sitemaps");
        let mut bytes = Cursor::new(index);
        let given = &mut Given { file: "s.xml", folder: Some(&below), prefix: None, bytes: &mut bytes };
        assert!((sitemap::SITEMAP.read)(given, &mut told).is_err(), "{path}");
    }
}

#[test]
fn a_gzipped_sitemap_is_known_by_its_first_bytes() {
    let told = source("sitemap=sitemap/sitemaps/products.xml.gz").unwrap();
    assert_eq!(shown(&told), ["shop.example.com/p/1", "shop.example.com/p/2"]);
}

#[test]
fn entities_of_xml_and_numbers_are_resolved() {
    let text = urlset("<url><loc>https://a.example/?a=&amp;&#x26;&#38;&apos;&lt;&gt;&quot;</loc></url>");
    assert_eq!(pages(&text).unwrap(), ["a.example/?a=&&&%27%3C%3E%22"]);
}

#[test]
fn text_cdata_and_comments_are_one_url() {
    let text = urlset("<url><loc>https://a.<!-- x -->example/<![CDATA[a&b]]>/c</loc></url>");
    assert_eq!(pages(&text).unwrap(), ["a.example/a&b/c"]);
}

#[test]
fn older_namespaces_and_none_are_fine() {
    for space in [
        "",
        " xmlns=\"http://www.google.com/schemas/sitemap/0.84\"",
        " xmlns='https://www.sitemaps.org/schemas/sitemap/0.9'",
    ] {
        let text = format!("\u{feff} <urlset{space}><url><loc>https://a.example/x</loc></url></urlset>\n");
        assert_eq!(pages(&text).unwrap(), ["a.example/x"], "{space}");
    }
}

#[test]
fn braces_of_a_url_are_no_placeholders() {
    let text = urlset("<url><loc>https://a.example/{id}?h={host}</loc></url>");
    assert_eq!(pages(&text).unwrap(), ["a.example/%7Bid%7D?h=%7Bhost%7D"]);
}

#[test]
fn every_bad_sitemap_has_its_message() {
    let deep = format!("<urlset>{}", "<a>".repeat(100));
    for (text, message) in [
        ("", "s.xml: lists no URL, correct the path"),
        (&urlset(""), "s.xml: lists no URL, correct the path"),
        (
            "https://a.example/\n/x\n",
            "s.xml:2: \"/x\" is no URL of a page, write it in full: https://www.example.com/page",
        ),
        ("<rss>\n</rss>", "s.xml:1: the outermost element is <rss>, a sitemap has <urlset> or <sitemapindex>"),
        ("<!-- x -->", "s.xml:1: holds no element, a sitemap has <urlset> or <sitemapindex>"),
        (
            &urlset("<url><loc>/x</loc></url>"),
            "s.xml:2: \"/x\" is no URL of a page, write it in full: https://www.example.com/page",
        ),
        (&urlset("<url>\n<loc> </loc></url>"), "s.xml:3: <loc> holds no URL, write one or take the entry out"),
        (&urlset("<url>\n</url>"), "s.xml:3: an entry without <loc>, add its URL or take it out"),
        (
            &urlset("<url><loc>https://a.example/</loc>\n<loc>https://a.example/b</loc></url>"),
            "s.xml:3: a second <loc> in one entry, keep one of them",
        ),
        (
            &urlset("<url><loc>https://a.example/<b/></loc></url>"),
            "s.xml:2: an element within <loc>, write the URL alone",
        ),
        (
            &urlset("<url><loc>https://a.example/?a&b=2</loc></url>"),
            "s.xml:2: an & in XML is written &amp;, mend it there",
        ),
        (
            &urlset("<url><loc>https://a.example/&nbsp;</loc></url>"),
            "s.xml:2: \"&nbsp;\" is no entity of XML, write the character or its number",
        ),
        (
            &urlset("<url><loc>https://u:hunter22@a.example/</loc></url>"),
            "s.xml:2: a URL with credentials would show them to everyone, take them out",
        ),
        ("<urlset>\n<url><loc>https://a.example/</loc></url>\n", "s.xml:3: ends within an element, is it cut off?"),
        ("<urlset/>\n<urlset/>", "s.xml:2: a second outermost element, keep one of them"),
        ("<urlset/>\nx", "s.xml:2: \"x\" stands outside of all elements, take it out"),
        (&deep, "s.xml:1: is nested more than 32 elements deep, that is no sitemap"),
    ] {
        assert_eq!(pages(text).unwrap_err(), message, "{text}");
    }
    assert!(pages("<urlset>\n<url></urlset>").unwrap_err().starts_with("s.xml:2: is no XML ("));
    assert_eq!(
        of_bytes("sitemap", "s.xml", b"a\nb\xff").map(drop).unwrap_err(),
        "s.xml:2: is no UTF-8, save it as such"
    );
}
