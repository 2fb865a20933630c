use proptest::prelude::*;

use super::super::document::Document;
use super::super::load::assemble;
use super::super::{Overrides, Share};
use std::fmt::Write as _;

use super::*;

/// An inventory of one environment with edges, and one with a single edge and every second tenant.
fn inventory(edges: usize, tenants: &[(usize, usize, usize)]) -> Arc<Inventory> {
    let regions = |name: &str, edges: usize| {
        let edges: Vec<_> = (0..edges).map(|edge| format!("{{ name = 'e{edge}', address = '192.0.2.1' }}")).collect();
        let text = format!("schema = 1\nenvironment = '{name}'\n[regions.r]\nedges = [{}]\n", edges.join(", "));
        Document::inline("regions.toml", &text).unwrap()
    };
    let mut text = "schema: 1\ntenants:\n".to_owned();
    for (id, (hosts, paths, variants)) in tenants.iter().enumerate() {
        let words =
            |count: &usize, make: &dyn Fn(usize) -> String| (0..*count).map(make).collect::<Vec<_>>().join(", ");
        let blue = words(hosts, &|host| format!("h{host}.t{id}.example"));
        let green = if id % 2 == 0 { format!(", green: t{id}.test") } else { String::new() };
        let paths = words(paths, &|path| format!("/{path}"));
        let variants = ["identity", "gzip", "br"][..*variants].join(", ");
        let hosts = format!("{{blue: [{blue}]{green}}}");
        let _ = writeln!(text, "- {{id: t{id:04}, hosts: {hosts}, paths: [{paths}], variants: [{variants}]}}");
    }
    let tenants = vec![Document::inline("tenants.yaml", &text).unwrap()];
    assemble(vec![regions("blue", edges), regions("green", 1)], tenants, &Overrides::default(), &[]).unwrap().into()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_number_is_an_object_is_the_number(
        tenants in prop::collection::vec((1_usize..4, 1_usize..5, 1_usize..4), 1..12),
    ) {
        let plan = Plan::new(inventory(1, &tenants)).unwrap();
        for environment in 0..2 {
            let mut seen = BTreeSet::new();
            for number in 0..plan.objects(environment) {
                let object = plan.object(environment, number);
                prop_assert_eq!(plan.number(environment, &object), Some(number));
                prop_assert!(seen.insert((object.tenant, object.host.clone(), object.path.clone(), object.variant)));
            }
        }
        let objects: usize = tenants.iter().map(|(hosts, paths, variants)| hosts * paths * variants).sum();
        prop_assert_eq!(plan.objects(0) as usize, objects);
    }

    #[test]
    fn every_check_comes_exactly_once(
        edges in 1_usize..5,
        tenants in prop::collection::vec((1_usize..3, 1_usize..3, 1_usize..3), 1..6),
    ) {
        let plan = Plan::new(inventory(edges, &tenants)).unwrap();
        let checks: Vec<_> = plan.checks().collect();
        prop_assert!(checks.windows(2).all(|pair| pair[0] < pair[1]));
        prop_assert_eq!(checks.len() as u64, plan.total_checks());
        prop_assert_eq!(plan.total_checks(), u64::from(plan.objects(0)) * edges as u64 + u64::from(plan.objects(1)));
        let known = |check: &Check| check.object < plan.objects(check.environment);
        prop_assert!(checks.iter().all(known));
    }
}

#[test]
fn a_hundred_million_checks_take_no_memory() {
    let plan = Plan::new(inventory(300, &vec![(3, 40, 3); 1_000])).unwrap();
    assert_eq!(plan.total_checks(), 300 * 1_000 * 3 * 40 * 3 + 500 * 40 * 3);
    assert_eq!(plan.starts.iter().map(Vec::len).sum::<usize>(), 2 * 1_001);
    let mut checks = plan.checks();
    let size = size_of_val(&checks);
    assert_eq!(checks.nth(1_000_000), Some(Check { environment: 0, edge: 2, object: 1_000_000 - 2 * 360_000 }));
    assert!(size < 256, "{size}");
}

#[test]
fn counts_are_of_what_is_planned() {
    let plan = Plan::new(inventory(3, &[(1, 2, 1), (2, 1, 2)])).unwrap();
    assert_eq!((plan.objects(0), plan.objects(1), plan.objects(2)), (6, 2, 0));
    assert_eq!((plan.total_objects(), plan.total_checks(), plan.total_edges(), plan.total_regions()), (8, 20, 4, 2));
    assert!(!plan.is_empty());
}

#[test]
fn more_objects_than_numbers_are_an_error() {
    let mut inventory = Arc::unwrap_or_clone(inventory(1, &[(1, 1, 1)]));
    let tenant = &mut inventory.tenants[0];
    tenant.paths = vec!["/".into(); 70_000];
    tenant.hosts.insert("blue".into(), vec!["a".into(); 70_000]);
    let error = Plan::new(inventory.into()).unwrap_err().to_string();
    let message =
        "environment \"blue\": 4900000000 objects are more than one run can number, take fewer with --only or --sample";
    assert_eq!(error, message);
}

#[test]
fn the_hash_follows_content_and_no_order() {
    let regions =
        |edges: &str| Document::inline("regions.toml", &format!("schema = 1\n[regions.r]\nedges = [{edges}]")).unwrap();
    let hash = |edges: &str, tenants: &str| {
        let text = format!("schema: 1\ntenants: [{tenants}]\n");
        let tenants = vec![Document::inline("tenants.yaml", &text).unwrap()];
        let inventory = assemble(vec![regions(edges)], tenants, &Overrides::default(), &[]).unwrap();
        Plan::new(inventory.into()).unwrap().hash()
    };
    let (m, n) = ("{ name = 'm', address = '192.0.2.1' }", "{ name = 'n', address = '192.0.2.2' }");
    let a = "{id: a, host: a.example, aliases: [b.example], paths: [/x, /y], variants: [gzip, br]}";
    let one = hash(&format!("{m}, {n}"), &format!("{a}, {{id: b, host: c.example, paths: [/]}}"));
    let turned = "{id: a, host: b.example, aliases: [a.example], paths: [/y, /x], variants: [br, gzip]}";
    assert_eq!(one, hash(&format!("{n}, {m}"), &format!("{{id: b, host: c.example, paths: [/]}}, {turned}")));
    assert_ne!(one, hash(m, &format!("{a}, {{id: b, host: c.example, paths: [/]}}")));
    assert_ne!(one, hash(&format!("{m}, {n}"), a));
    // The same names, and another machine behind one of them.
    let moved = m.replace("192.0.2.1", "192.0.2.9");
    assert_ne!(hash(m, a), hash(&moved, a));
    assert_eq!((one.len(), one.bytes().all(|byte| byte.is_ascii_hexdigit())), (64, true));
}

/// Their ids, by partition.
fn dealt(whole: &Inventory, by: &str, of: u32) -> Vec<Vec<String>> {
    let hash = Plan::new(Arc::new(whole.clone())).unwrap().hash();
    let part = |nth| {
        let share: Share = format!("{by}:{nth}/{of}").parse().unwrap();
        let plan = Plan::part(whole.clone(), share.partition(None).unwrap()).unwrap();
        assert_eq!((plan.hash(), plan.partition().unwrap().to_string()), (hash.clone(), format!("{nth}/{of}")));
        assert_eq!(plan.is_spared(), plan.is_empty());
        plan.inventory().tenants.iter().map(|tenant| tenant.id.to_string()).collect()
    };
    (1..=of).map(part).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn partitions_are_disjoint_and_complete_whatever_the_order(
        ids in prop::collection::btree_set("[a-z0-9-]{1,12}", 1..40),
        of in 1_u32..25,
        turn in any::<prop::sample::Index>(),
    ) {
        let inventory = |ids: &[&String]| {
            let regions = Document::inline("regions.toml", "schema = 1\n[regions.r]\nedges = [{ name = 'e', address = '192.0.2.1' }]");
            let row = |id: &&String| format!("- {{id: \"{id}\", host: \"h-{id}.example\", paths: [/]}}\n");
            let text = format!("schema: 1\ntenants:\n{}", ids.iter().map(row).collect::<String>());
            let tenants = vec![Document::inline("tenants.yaml", &text).unwrap()];
            assemble(vec![regions.unwrap()], tenants, &Overrides::default(), &[]).unwrap()
        };
        let mut order: Vec<&String> = ids.iter().collect();
        let whole = inventory(&order);
        order.rotate_left(turn.index(ids.len()));
        order.reverse();
        let turned = inventory(&order);
        for by in ["hash", "slice"] {
            let parts = dealt(&whole, by, of);
            prop_assert_eq!(&parts, &dealt(&turned, by, of));
            let mut all: Vec<&String> = parts.iter().flatten().collect();
            all.sort();
            prop_assert_eq!(all, ids.iter().collect::<Vec<_>>());
            let sizes = parts.iter().map(Vec::len);
            prop_assert!(by == "hash" || sizes.clone().max().unwrap() - sizes.min().unwrap() <= 1);
        }
    }
}
