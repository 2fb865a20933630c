//! A region's `fastly_edge_check` and `globalping` as edges: whom to have ask, and within which budget; nobody is asked.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use http::HeaderValue;

use super::InventoryError;
use super::place::name;
use super::reader::{Fields, Item};
use super::wire::check_host;
use crate::model::{Token, Vantage, Vendor};

/// The keys of a region that have others ask.
pub(super) const KEYS: [&str; 2] = ["fastly_edge_check", "globalping"];

/// Every key of each.
pub(super) const FASTLY: [&str; 5] = ["name", "token", "calls", "base_url", "timeout"];
pub(super) const GLOBALPING: [&str; 7] = ["from", "limit", "resolver", "token", "tests", "base_url", "timeout"];

/// The results of a check come once the slowest POP, or probe, has answered.
const TIMEOUT: Duration = Duration::from_secs(60);

/// An edge that stands for a vendor's machines.
pub(super) struct Afar {
    pub(super) name: Arc<str>,
    pub(super) line: u32,
    pub(super) vantage: Arc<Vantage>,
}

/// What those two keys of a region say, in order.
pub(super) fn read(region: &Fields<'_>) -> Result<Vec<Afar>, InventoryError> {
    let mut all = Vec::new();
    if let Some(item) = region.get("fastly_edge_check") {
        all.push(fastly(&item)?);
    }
    if let Some(item) = region.get("globalping") {
        all.extend(globalping(&item)?);
    }
    Ok(all)
}

fn fastly(item: &Item<'_>) -> Result<Afar, InventoryError> {
    let fields = item.fields(&FASTLY)?;
    let vantage = Vantage {
        vendor: Vendor::FastlyEdgeCheck,
        token: Some(token(&fields.need("token", "token = \"${FASTLY_API_TOKEN}\"")?)?),
        ..common(&fields, "https://api.fastly.com", ("calls", 200))?
    };
    let name = fields.read("name", name)?.unwrap_or_else(|| "fastly-edge-check".into());
    Ok(Afar { name, line: item.line, vantage: Arc::new(vantage) })
}

/// One edge for each place, named after it.
fn globalping(item: &Item<'_>) -> Result<Vec<Afar>, InventoryError> {
    let fields = item.fields(&GLOBALPING)?;
    let limit = fields.read("limit", |item| item.whole(1..=200))?.unwrap_or(1);
    let resolver = fields.read("resolver", address)?;
    let token = fields.read("token", token)?;
    // What they give in an hour to strangers, and to those they know.
    let free = if token.is_some() { 500 } else { 250 };
    let common = common(&fields, "https://api.globalping.io", ("tests", free))?;
    let list = fields.need("from", "from = [\"Tokyo\", \"AS16509+Frankfurt\"]")?;
    let mut all = Vec::new();
    for place in list.list()? {
        let name = name(&place)?;
        let vendor = Vendor::Globalping { from: Arc::clone(&name), limit, resolver };
        let vantage = Arc::new(Vantage { vendor, token: token.clone(), ..common.clone() });
        all.push(Afar { name, line: place.line, vantage });
    }
    if all.is_empty() { Err(list.wrong("names no place, write \"Tokyo\"")) } else { Ok(all) }
}

/// What both vendors have.
fn common(fields: &Fields<'_>, base_url: &str, (budget, free): (&str, u32)) -> Result<Vantage, InventoryError> {
    let url = fields.read("base_url", |item| self::base_url(item, fields.get("token").is_some()))?;
    Ok(Vantage {
        vendor: Vendor::FastlyEdgeCheck,
        base_url: url.unwrap_or_else(|| base_url.into()),
        token: None,
        budget: fields.read(budget, |item| item.whole(1..=1_000_000))?.unwrap_or(free),
        timeout: fields.read("timeout", Item::duration)?.unwrap_or(TIMEOUT),
    })
}

fn token(item: &Item<'_>) -> Result<Token, InventoryError> {
    let text = item.secret()?;
    if text.trim().is_empty() || HeaderValue::from_str(&text).is_err() {
        return Err(item.wrong("this is no token, write \"${NAME}\" and set it in the environment"));
    }
    Ok(Token(text.trim().into()))
}

fn address(item: &Item<'_>) -> Result<IpAddr, InventoryError> {
    let text = item.text()?;
    text.parse().map_err(|_| item.wrong(format_args!("\"{text}\" is no IP address, write it like \"192.0.2.53\"")))
}

/// Scheme and authority. A token is not sent in clear, but to this machine.
fn base_url(item: &Item<'_>, has_token: bool) -> Result<Arc<str>, InventoryError> {
    let text = item.text()?;
    let bare = text.strip_suffix('/').unwrap_or(&text);
    let Some((scheme, authority)) = bare.split_once("://").filter(|(scheme, _)| matches!(*scheme, "https" | "http"))
    else {
        return Err(item.wrong(format_args!("\"{text}\" is no URL, write \"https://NAME\"")));
    };
    check_host(authority).map_err(|why| item.wrong(why))?;
    let name = authority.rsplit_once(':').map_or(authority, |(name, _)| name);
    let ip = name.trim_matches(['[', ']']).parse::<IpAddr>();
    if scheme == "http" && has_token && !ip.is_ok_and(|ip| ip.is_loopback()) {
        return Err(item.wrong("would send the token in clear, write https://"));
    }
    Ok(bare.into())
}

#[cfg(test)]
mod tests {
    use super::super::document::Document;
    use super::super::regions::{self, Regions};
    use super::*;
    use crate::model::{Edge, Place};

    fn regions(region: &str) -> Result<Regions, InventoryError> {
        let text = format!("schema = 1\n[defaults]\nprovider = 'cloudfront'\n[regions.apac]\n{region}\n");
        regions::read(&Document::inline("regions.toml", &text)?, None, &["cloudfront", "fastly"])
    }

    fn edges(region: &str) -> Vec<Edge> {
        regions(region).unwrap().environment.edges
    }

    fn vantage(edge: &Edge) -> &Vantage {
        edge.place.vantage().unwrap()
    }

    #[test]
    fn fastlys_check_is_one_edge_with_fastlys_limit() {
        let edges = edges("fastly_edge_check = { token = '${SECRET}' }");
        let vantage = vantage(&edges[0]);
        assert_eq!((edges.len(), &*edges[0].id.edge), (1, "fastly-edge-check"));
        assert_eq!((edges[0].provider.as_deref(), edges[0].pace.concurrency), (Some("fastly"), 4));
        assert_eq!((&*vantage.base_url, vantage.budget, vantage.cost()), ("https://api.fastly.com", 200, 1));
        assert_eq!(vantage.token.as_ref().map(|token| &*token.0), Some("hunter22"));
    }

    #[test]
    fn each_place_of_globalping_is_an_edge_named_after_it() {
        let edges = edges(
            "globalping = { from = ['Tokyo', 'AS16509+Frankfurt'], limit = 2, resolver = '192.0.2.53' }\n\
             edges = [{ name = 'nrt', address = '192.0.2.1' }]",
        );
        assert_eq!(edges.iter().map(|edge| &*edge.id.edge).collect::<Vec<_>>(), ["AS16509+Frankfurt", "Tokyo", "nrt"]);
        let vantage = vantage(&edges[1]);
        let (from, resolver) = ("Tokyo".into(), "192.0.2.53".parse().ok());
        assert_eq!(vantage.vendor, Vendor::Globalping { from, limit: 2, resolver });
        assert_eq!((&*vantage.base_url, vantage.budget, vantage.cost()), ("https://api.globalping.io", 250, 2));
        assert_eq!(edges[1].provider.as_deref(), Some("cloudfront"));
        assert!(matches!(edges[2].place, Place::Address(..)));
    }

    #[test]
    fn who_shows_a_token_may_have_more_tests() {
        let edges = edges("globalping = { from = ['Tokyo'], token = '${SECRET}' }");
        assert_eq!(vantage(&edges[0]).budget, 500);
    }

    #[test]
    fn a_mistake_is_told_with_its_line_and_mend() {
        for (region, message) in [
            ("fastly_edge_check = {}", "needs \"token\", write token = \"${FASTLY_API_TOKEN}\""),
            ("fastly_edge_check = { token = 'abc', cals = 3 }", "unknown key \"cals\", did you mean \"calls\"?"),
            (
                "fastly_edge_check = { token = ' ' }",
                "\"token\": this is no token, write \"${NAME}\" and set it in the environment",
            ),
            (
                "fastly_edge_check = { token = 'abc', calls = 0 }",
                "\"calls\": 0 does not do, write a whole number from 1 to 1000000",
            ),
            (
                "fastly_edge_check = { token = 'abc', base_url = 'http://api.example' }",
                "\"base_url\": would send the token in clear, write https://",
            ),
            (
                "fastly_edge_check = { token = 'abc', base_url = 'api.example' }",
                "\"base_url\": \"api.example\" is no URL, write \"https://NAME\"",
            ),
            ("globalping = { limit = 2 }", "needs \"from\", write from = [\"Tokyo\", \"AS16509+Frankfurt\"]"),
            ("globalping = { from = [] }", "\"from\": names no place, write \"Tokyo\""),
            (
                "globalping = { from = ['Tokyo'], limit = 201 }",
                "\"limit\": 201 does not do, write a whole number from 1 to 200",
            ),
            (
                "globalping = { from = ['Tokyo'], resolver = 'dns.example' }",
                "\"resolver\": \"dns.example\" is no IP address, write it like \"192.0.2.53\"",
            ),
            ("globalpings = { from = ['Tokyo'] }", "unknown key \"globalpings\", did you mean \"globalping\"?"),
        ] {
            let error = regions(region).expect_err(region).to_string();
            assert_eq!(error, format!("regions.toml:5: region \"apac\": {message}"));
        }
    }

    #[test]
    fn a_place_and_an_edge_of_one_name_are_told_apart() {
        let error = regions("globalping = { from = ['nrt'] }\nedges = [{ name = 'nrt', address = '192.0.2.1' }]");
        let message = "regions.toml:6: region \"apac\": the edge \"nrt\" stands twice, it is already on line 5, rename one of them";
        assert_eq!(error.unwrap_err().to_string(), message);
    }

    #[test]
    fn a_name_of_the_edges_own_is_none_that_a_vendor_knows() {
        let error = regions("host = '{hostname}'\nglobalping = { from = ['Tokyo'] }").unwrap_err().to_string();
        assert!(error.contains("\"host\" or \"sni\" is {hostname}, and \"globalping\" has none"), "{error}");
    }
}
