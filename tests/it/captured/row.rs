//! Caches behind caches: each is a layer, and what was said when the nearer one was filled is history.

use super::haproxy::own_field as haproxy;
use super::nginx::nginx;
use super::origin::Did::Sent;
use super::scene::{Scene, Start};
use super::squid::squid;
use super::trafficserver::short as trafficserver;
use super::varnish::varnish;

#[test]
fn each_cache_in_a_row_is_a_layer() {
    let rows: [([Start; 2], [&str; 2]); 6] = [
        ([varnish, squid], ["varnish", "squid"]),
        ([squid, varnish], ["squid", "varnish"]),
        ([squid, trafficserver], ["squid", "trafficserver"]),
        ([varnish, nginx], ["varnish", "nginx"]),
        ([nginx, haproxy], ["nginx", "haproxy"]),
        ([haproxy, varnish], ["haproxy", "varnish"]),
    ];
    for (servers, [behind, front]) in rows {
        let scene = Scene::of(&servers);
        scene.get("/kept").is_by(&[Sent]).reads(front, "miss");
        let hit = scene.get("/kept");
        hit.is_by(&[]);
        let reading = hit.reading();
        let layers: Vec<_> =
            reading.layers.iter().map(|layer| (layer.provider, layer.status.id(), layer.history)).collect();
        assert_eq!(layers, [(behind, "miss", true), (front, "hit", false)], "{hit:?}");
    }
}
