//! What reading a head costs: it is done once for each answer of each edge.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a bench that cannot go on has failed")]

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use purgeproof::dialect;
use purgeproof::model::{Head, Timestamp};
use purgeproof::syntax::heads;

const HEADS: [(&str, &str); 8] = [
    (
        "fastly",
        "HTTP/2 200\ncontent-type: text/html; charset=utf-8\ncache-control: public, max-age=300\netag: \"5f3a-17\"\n\
         accept-ranges: bytes\ndate: Wed, 12 Jun 2024 08:00:00 GMT\nvia: 1.1 varnish, 1.1 varnish\nage: 96\n\
         x-served-by: cache-fra-eddf8230048-FRA, cache-nrt-rjtf7700022-NRT\nx-cache: MISS, HIT\nx-cache-hits: 0, 3\n\
         x-timer: S1718179200.123456,VS0,VE2\nvary: Accept-Encoding\nstrict-transport-security: max-age=31536000\n\
         content-length: 5120\n",
    ),
    (
        "cloudflare",
        "HTTP/2 200\ndate: Wed, 12 Jun 2024 08:00:00 GMT\ncontent-type: text/css\ncf-ray: 8926f1e2ab3c4d5e-AMS\n\
         cf-cache-status: HIT\nage: 1717\ncache-control: public, max-age=14400\netag: W/\"6660a1b2-1c3d\"\n\
         expires: Wed, 12 Jun 2024 12:00:00 GMT\nlast-modified: Wed, 05 Jun 2024 17:30:00 GMT\nvary: Accept-Encoding\n\
         nel: {\"success_fraction\":0,\"report_to\":\"cf-nel\",\"max_age\":604800}\nserver: cloudflare\n\
         alt-svc: h3=\":443\"; ma=86400\n",
    ),
    (
        "cloudfront",
        "HTTP/2 200\ncontent-type: application/javascript\ncontent-length: 88123\n\
         date: Wed, 12 Jun 2024 07:00:00 GMT\nlast-modified: Tue, 11 Jun 2024 10:00:00 GMT\netag: \"d41d8cd98f00b204\"\n\
         server: AmazonS3\nx-amz-server-side-encryption: AES256\naccept-ranges: bytes\nvary: Accept-Encoding\n\
         x-cache: Hit from cloudfront\nvia: 1.1 0a1b2c3d4e5f.cloudfront.net (CloudFront)\nx-amz-cf-pop: AMS50-C1\n\
         x-amz-cf-id: AbCdEfGhIjKlMnOpQrStUvWxYz0123456789==\nage: 3600\n",
    ),
    (
        "akamai",
        "HTTP/1.1 200 OK\nServer: Apache\nETag: \"3c0a1b:1718100000.123\"\nContent-Type: text/html\n\
         Date: Wed, 12 Jun 2024 08:00:00 GMT\nCache-Control: max-age=120\nConnection: keep-alive\n\
         X-Cache: TCP_MEM_HIT from a23-10-249-53.deploy.akamaitechnologies.com (AkamaiGHost/11.5.1-5678) (-)\n\
         X-Cache-Key: S/L/1234/567890/1h/origin.example.com/index.html\nX-Check-Cacheable: YES\n\
         Akamai-Request-BC: [a=23.10.249.53,b=123456,c=g,n=NL__AMSTERDAM,o=1136]\n\
         Server-Timing: cdn-cache; desc=HIT, edge; dur=1\n",
    ),
    (
        "alibaba",
        "HTTP/1.1 200 OK\nServer: Tengine\nContent-Type: image/png\nContent-Length: 10240\nConnection: keep-alive\n\
         Date: Wed, 12 Jun 2024 07:00:00 GMT\nETag: \"65a1b2c3\"\nAli-Swift-Global-Savetime: 1718175600\n\
         Via: cache15.l2hk71[0,200-0,H], cache22.l2hk71[1,0], cache5.jp3[0,200-0,H], cache12.jp3[0,0]\nAge: 3600\n\
         X-Cache: HIT TCP_MEM_HIT dirn:9:280914441\nX-Swift-SaveTime: Wed, 12 Jun 2024 07:00:00 GMT\n\
         X-Swift-CacheTime: 86400\nTiming-Allow-Origin: *\nEagleId: 0a1b2c3d17181792000000001e\n",
    ),
    (
        "netlify",
        "HTTP/2 200\nage: 41\ncache-control: public,max-age=0,must-revalidate\n\
         cache-status: \"Next.js\"; hit, \"Netlify Durable\"; hit; ttl=2542, \"Netlify Edge\"; fwd=stale; fwd-status=304\n\
         content-type: text/html; charset=UTF-8\ndate: Wed, 12 Jun 2024 08:00:00 GMT\netag: \"5f3a17-ssl-df\"\n\
         server: Netlify\nvary: Accept-Encoding\nx-nf-request-id: 01J0ABCDEFGHJKMNPQRSTVWXYZ\n",
    ),
    (
        "stacked",
        "HTTP/2 200\ndate: Wed, 12 Jun 2024 08:00:00 GMT\ncontent-type: text/html\nx-drupal-cache: HIT\n\
         x-varnish: 2072003290 2071932251\nvia: 1.1 varnish (Varnish/7.1), 1.1 varnish\nage: 75\n\
         x-served-by: cache-bfi-krnt7300111-BFI\nx-cache: HIT, MISS\nx-cache-hits: 4, 0\ncf-cache-status: DYNAMIC\n\
         server: cloudflare\ncf-ray: 8926f1e2ab3c4d5e-SEA\ncontent-encoding: br\n",
    ),
    (
        "none",
        "HTTP/1.1 200 OK\nServer: nginx\nDate: Wed, 12 Jun 2024 08:00:00 GMT\nContent-Type: text/html\n\
         Content-Length: 612\nLast-Modified: Tue, 11 Jun 2024 10:00:00 GMT\nConnection: keep-alive\n\
         ETag: \"6668f0a0-264\"\nAccept-Ranges: bytes\n",
    ),
];

fn head(text: &str) -> Head {
    heads::parse(text.as_bytes()).pop().expect("a head")
}

fn reading(criterion: &mut Criterion) {
    let received = Timestamp::from_second(1_718_179_200).unwrap();
    let mut group = criterion.benchmark_group("read");
    for (name, text) in HEADS {
        let head = head(text);
        assert_eq!(dialect::read(&head, received).provider == "unknown", name == "none", "{name}");
        group.bench_with_input(BenchmarkId::from_parameter(name), &head, |bencher, head| {
            bencher.iter(|| dialect::read(black_box(head), received));
        });
    }
    group.finish();
    criterion.bench_function("parse and read", |bencher| {
        bencher.iter(|| dialect::read(&head(black_box(HEADS[0].1)), received));
    });
}

criterion_group!(benches, reading);
criterion_main!(benches);
