use super::*;

fn files(text: &str) -> Result<Vec<String>, String> {
    of_bytes("manifest", "m.json", text.as_bytes()).map(|told| shown(&told))
}

/// As each builder's documentation shows its manifest.
#[test]
fn each_builders_manifest_is_known_by_its_shape() {
    for (flag, expected) in [
        (
            "manifest/vite.json",
            &[
                "/assets/shared-B7PI925R.js",
                "/assets/shared-ChJ_j-JJ.css",
                "/assets/logo-BGJCpWJ8.svg",
                "/assets/bar-gkvgaI9m.js",
                "/assets/inter-latin.woff2",
                "/assets/baz-B2H3sXNv.js",
            ][..],
        ),
        (
            "manifest/asset-manifest.json",
            &[
                "/static/css/main.f855e6bc.css",
                "/static/js/main.9c1c5d4e.js",
                "/static/media/logo.6ce24c58023cc2f8fd88fe9d219db6c6.svg",
                "/index.html",
                "/static/js/main.9c1c5d4e.js.map",
            ],
        ),
        (
            "manifest/webpack.json",
            &[
                "/build/main.5f2b1c.js",
                "/js/vendor.77ab.js",
                "/js/legacy.js?id=4c1d",
                "cdn.example.net/css/main.5f2b1c.css",
                "cdn.example.net/css/fonts.css",
            ],
        ),
        (
            "manifest/shakapacker.json",
            &["/packs/js/application-2f1c.js", "/packs/css/application-77.css", "/packs/js/runtime-91ab.js"],
        ),
        (
            "manifest/build-manifest.json",
            &[
                "/_next/static/chunks/polyfills-c67a75d1b6f99dc8.js",
                "/_next/static/kQ9vZ2/_buildManifest.js",
                "/_next/static/kQ9vZ2/_ssgManifest.js",
                "/_next/static/chunks/webpack-8fa1640cc84ba8fe.js",
                "/_next/static/chunks/main-app-1f2e.js",
                "/_next/static/css/0b9f.css",
                "/_next/static/chunks/pages/index-3ad1.js",
                "/_next/static/chunks/pages/_app-72b8.js",
                "/_next/static/chunks/pages/blog/%5Bslug%5D-99cd.js",
            ],
        ),
        (
            "manifest/app-build-manifest.json",
            &[
                "/_next/static/chunks/webpack-8fa1640cc84ba8fe.js",
                "/_next/static/css/1c2d.css",
                "/_next/static/chunks/app/layout-5e6f.js",
                "/_next/static/chunks/app/(shop)/%40modal/%5B...id%5D/page-7a8b.js",
            ],
        ),
        ("manifest/propshaft/.manifest.json", &["/assets/application-bfcdf840.css", "/assets/admin/logo-ae3f0193.svg"]),
        (
            "manifest/propshaft-plain/.manifest.json",
            &["/assets/application-bfcdf840.css", "/assets/turbo.min-f309baaf.js"],
        ),
        ("manifest/.sprockets-manifest-5d3f9a1b.json", &["/assets/application-4e2f.js", "/assets/icons/menu-90aa.svg"]),
    ] {
        let told = source(&format!("manifest={flag}")).unwrap();
        assert_eq!((shown(&told).as_slice(), lost(&told).len()), (expected.map_owned().as_slice(), 0), "{flag}");
    }
}

trait Owned {
    fn map_owned(&self) -> Vec<String>;
}

impl Owned for [&str] {
    fn map_owned(&self) -> Vec<String> {
        self.iter().map(|&text| text.to_owned()).collect()
    }
}

#[test]
fn a_prefix_stands_before_files_and_not_before_paths() {
    let told = source("manifest=manifest/webpack.json@/cdn/{id}").unwrap();
    assert_eq!(
        shown(&told)[..3],
        ["/build/main.5f2b1c.js", "/cdn/{id}/js/vendor.77ab.js", "/cdn/{id}/js/legacy.js?id=4c1d"]
    );
    let told = source("manifest=manifest/propshaft/.manifest.json@/").unwrap();
    assert_eq!(shown(&told)[0], "/application-bfcdf840.css");
    let told = source("manifest=manifest/build-manifest.json@/docs/_next/").unwrap();
    assert_eq!(shown(&told)[0], "/docs/_next/static/chunks/polyfills-c67a75d1b6f99dc8.js");
}

#[test]
fn names_are_no_templates_and_are_encoded_where_they_must_be() {
    assert_eq!(files("{\"a\": \"a b/{id}.js\", \"b\": \"/ä.css\"}").unwrap(), ["/a%20b/%7Bid%7D.js", "/%C3%A4.css"]);
}

#[test]
fn every_bad_manifest_has_its_message() {
    for (text, message) in [
        ("{}", "m.json: names no file, correct the path"),
        ("{\"files\": {}}", "m.json: names no file, correct the path"),
        ("{\"a\":\n\"../x.js\"}", "m.json:2: \"../x.js\" is no file below \"/\", build with an absolute public path"),
        ("{\"a\": \"./\"}", "m.json:1: \"./\" is no file below \"/\", build with an absolute public path"),
        (
            "{\"a\":\n\"data:image/png;base64,AAAA\"}",
            "m.json:2: \"data:image/png;base64,AAAA\" is no URL of a page, write it in full: https://www.example.com/page",
        ),
        (
            "{\"a\": \"x\",\n\"a\": \"y\"}",
            "m.json:2: the key \"a\" stands twice, it is already on line 1, keep one of them",
        ),
        ("{\"a\": ", "m.json:1: EOF while parsing a value, mend the JSON here"),
    ] {
        assert_eq!(files(text).unwrap_err(), message, "{text}");
    }
    for text in [
        "[]",
        "3",
        "{\"a\": 3}",
        "{\"a\": [\"/x.js\"]}",
        "{\"a\": {\"file\": 3}}",
        "{\"version\": 1, \"pages\": {\"/\": \"x\"}}",
        "{\"files\": {\"a\": \"/b\"}, \"more\": 1}",
        "{\"assets\": {\"a\": 1}, \"files\": {}}",
    ] {
        let message = files(text).unwrap_err();
        assert!(
            message.starts_with("m.json:1: is no manifest that is known here, known are those of Vite, "),
            "{message}"
        );
    }
}
