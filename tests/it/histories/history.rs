//! What a history is made of: a world that stays as it is, and what happens in it.

use purgeproof::lab::{CodedTag, Keeping, Methods, Page, Policy, Storage, Tags, Validators, Voice};

use super::chance::Chance;

/// How the caches stand: two edges, and what is behind them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tree {
    Edges,
    Shielded,
    Tiered,
}

impl Tree {
    pub(super) const fn layers(self) -> i64 {
        match self {
            Self::Edges => 1,
            Self::Shielded => 2,
            Self::Tiered => 3,
        }
    }
}

/// When the prober reads bodies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Bodies {
    Never,
    Auto,
    Always,
}

#[derive(Debug, Clone)]
pub(super) struct World {
    pub(super) voice: Voice,
    pub(super) tree: Tree,
    pub(super) keeping: Keeping,
    pub(super) validators: Validators,
    pub(super) tags: Tags,
    pub(super) methods: Methods,
    pub(super) page: Page,
    pub(super) bodies: Bodies,
    pub(super) samples: u32,
    pub(super) skew_s: i64,
    /// How far the prober's clock is ahead. `Date` is cut to seconds, which takes one second of the tolerance.
    pub(super) clock_ahead_ms: i64,
    /// The reference is asked for at the innermost cache, as where a cache stands before the origin.
    pub(super) origin_is_cached: bool,
}

/// What a deploy does beside changing the content.
#[derive(Debug, Clone, Copy)]
pub(super) enum Change {
    Nothing,
    /// As it was in the beginning.
    Back,
    Size(u32),
    Type(&'static str),
    Gone,
    Redirect(u16, &'static str),
    Store(Storage),
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Deploy {
    pub(super) change: Change,
    pub(super) same_content: bool,
}

/// Which headers a request bears.
#[derive(Debug, Clone, Copy)]
pub(super) struct Asks {
    pub(super) gzip: bool,
    pub(super) mobile: bool,
    pub(super) debug: bool,
}

impl Asks {
    pub(super) const ALL: [Self; 8] = {
        let mut all = [Self { gzip: false, mobile: false, debug: false }; 8];
        let mut at = 0;
        while at < all.len() {
            all[at] = Self { gzip: at & 1 > 0, mobile: at & 2 > 0, debug: at & 4 > 0 };
            at += 1;
        }
        all
    };
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Probe {
    pub(super) edge: usize,
    /// Which of [`Asks::ALL`].
    pub(super) asks: usize,
    /// How long each answer takes, there and back.
    pub(super) latency_ms: i64,
    pub(super) knows_purge: bool,
    /// Right before that request of the probe, counted from 0, something is deployed.
    pub(super) interrupted: Option<(u32, Deploy)>,
    pub(super) edge_bodies_lost: bool,
    pub(super) origin_bodies_lost: bool,
}

#[derive(Debug, Clone, Copy)]
pub(super) enum Happening {
    Deploy(Deploy),
    /// With the delay after which it arrives at each cache; none where it never does.
    Purge {
        soft: bool,
        delays_ms: [Option<i64>; 4],
    },
    /// Somebody asks.
    Fill {
        edge: usize,
        asks: usize,
    },
    /// The origin answers 503.
    Outage {
        for_ms: i64,
    },
    Probe(Probe),
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Event {
    pub(super) later_ms: i64,
    pub(super) what: Happening,
}

#[derive(Debug, Clone)]
pub(super) struct History {
    pub(super) world: World,
    pub(super) events: Vec<Event>,
}

impl History {
    pub(super) fn of(seed: u64) -> Self {
        let chance = &mut Chance::seeded(seed);
        let world = World::of(chance);
        let some = 3 + chance.below(8);
        let mut events: Vec<Event> = (0..some).map(|_| Event::of(chance)).collect();
        events.push(Event { later_ms: later_ms(chance), what: Happening::Probe(Probe::of(chance)) });
        Self { world, events }
    }
}

impl World {
    fn of(chance: &mut Chance) -> Self {
        let policy = Policy {
            storage: Storage::Public,
            max_age: chance.pick(&[None, Some(5), Some(60), Some(3_600)]),
            s_maxage: chance.pick(&[None, None, Some(30), Some(86_400)]),
            stale_while_revalidate: chance.pick(&[0, 0, 30, 600]),
            stale_if_error: chance.pick(&[0, 0, 600]),
        };
        let page = Page {
            policy,
            gzip: chance.one_in(3),
            coded_tag: chance.pick(&[CodedTag::Weak, CodedTag::Suffix, CodedTag::Same]),
            vary: chance.pick(&[&[], &[], &["x-device"]]),
            size: chance.pick(&[0, 96, 96, 160]),
            ..Page::default()
        };
        let skew_s = chance.pick(&[2, 2, 1, 5]);
        Self {
            voice: chance.pick(&Voice::ALL),
            tree: chance.pick(&[Tree::Edges, Tree::Shielded, Tree::Shielded, Tree::Tiered]),
            keeping: Keeping {
                ttl: chance.pick(&[None, None, None, Some(10), Some(7_200)]),
                default_ttl: chance.pick(&[60, 3_600]),
                grace: chance.pick(&[0, 0, 60]),
                ages_by_date: chance.one_in(4),
                ..Keeping::default()
            },
            validators: chance.pick(&[
                Validators::Both,
                Validators::EtagOnly,
                Validators::LastModifiedOnly,
                Validators::Neither,
            ]),
            tags: chance.pick(&[Tags::ByDeploy, Tags::ByContent, Tags::ByServer]),
            methods: if chance.one_in(10) { Methods::GetOnly } else { Methods::GetAndHead },
            page,
            bodies: chance.pick(&[Bodies::Auto, Bodies::Auto, Bodies::Auto, Bodies::Always, Bodies::Never]),
            samples: chance.pick(&[1, 2, 2, 3]),
            skew_s,
            clock_ahead_ms: chance.between(-1_000 * (skew_s - 1), 1_000 * (skew_s - 1) + 1),
            origin_is_cached: chance.one_in(12),
        }
    }
}

impl Event {
    fn of(chance: &mut Chance) -> Self {
        let what = match chance.below(20) {
            0..5 => Happening::Deploy(Deploy::of(chance)),
            5..9 => Happening::Purge { soft: chance.one_in(4), delays_ms: delays_ms(chance) },
            9..16 => Happening::Fill { edge: edge(chance), asks: asks(chance) },
            16 => Happening::Outage { for_ms: later_ms(chance) },
            _ => Happening::Probe(Probe::of(chance)),
        };
        Self { later_ms: later_ms(chance), what }
    }
}

impl Deploy {
    fn of(chance: &mut Chance) -> Self {
        let what = match chance.below(24) {
            0..14 => Change::Nothing,
            14..16 => Change::Back,
            16 => Change::Size(chance.pick(&[0, 96, 160])),
            17 => Change::Type(chance.pick(&["text/css", "application/javascript"])),
            18..20 => Change::Gone,
            20 => Change::Redirect(chance.pick(&[301, 302, 308]), chance.pick(&["/to", "/to/{version}"])),
            _ => Change::Store(chance.pick(&[Storage::NoStore, Storage::Private])),
        };
        Self { change: what, same_content: chance.one_in(4) }
    }
}

impl Probe {
    fn of(chance: &mut Chance) -> Self {
        Self {
            edge: edge(chance),
            asks: asks(chance),
            latency_ms: chance.between(2, 400),
            knows_purge: !chance.one_in(5),
            interrupted: chance.one_in(5).then(|| (chance.below(5), Deploy::of(chance))),
            edge_bodies_lost: chance.one_in(10),
            origin_bodies_lost: chance.one_in(15),
        }
    }
}

fn edge(chance: &mut Chance) -> usize {
    usize::from(chance.one_in(3))
}

/// Mostly the same, so that copies are met again.
fn asks(chance: &mut Chance) -> usize {
    if chance.one_in(4) { chance.pick(&[1, 2, 3, 4, 5, 6, 7]) } else { 0 }
}

fn later_ms(chance: &mut Chance) -> i64 {
    match chance.below(20) {
        0..7 => chance.between(1, 300),
        7..13 => chance.between(1, 5_000),
        13..17 => chance.between(5_000, 120_000),
        _ => chance.between(120_000, 3 * 3_600_000),
    }
}

/// At once, spread, or racing; and lost here and there.
fn delays_ms(chance: &mut Chance) -> [Option<i64>; 4] {
    let longest = chance.pick(&[1, 1, 2_000, 20_000]);
    [(); 4].map(|()| (!chance.one_in(4)).then(|| chance.between(0, longest)))
}
