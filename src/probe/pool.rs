//! Which open connection a request goes on, and which are kept. It opens none and sends nothing.

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::sync::Arc;

use rustls::pki_types::CertificateDer;
use tokio::sync::watch;

use super::dial::Stage;
use super::link::{Exclusive, Goal, Lease, Link, Multiplexed, Task, parent, server_name};
use crate::model::{Phase, Scheme, Silence, Timings};

/// A connection with so many requests under way is busy: the next one is better off elsewhere.
const BUSY: usize = 64;
/// Hosts whose connection is remembered; the others are looked up anew.
const ROUTES: usize = 1024;
/// After so many hosts that refused a shared connection, or HTTP/2, none is tried any more.
const MISDIRECTED: usize = 256;
/// A connection that nobody has used after so many choices was waited for by nobody.
const PATIENCE: u64 = 4096;

/// How a dial ended; absent while it is under way.
pub(super) type Outcome = Option<Result<Timings, Silence>>;

/// Where the next request goes.
pub(super) enum Choice {
    /// On this one; and a further one is worth opening behind it.
    Multiplexed(Lease, Option<Growth>),
    /// On this idle one.
    Exclusive(Box<Exclusive>),
    /// Nowhere before a request on its connections ends; a further one is worth opening.
    Full(Option<Growth>),
    /// On what that dial brings.
    Wait(Wait),
    /// On a connection to dial, for everyone who waits for that name.
    Dial,
    /// On a connection to dial for this request alone.
    DialOwn,
}

/// A dial that several may wait for.
#[derive(Clone)]
pub(super) struct Wait {
    /// How it ended.
    pub(super) outcome: watch::Receiver<Outcome>,
    /// How far it has come.
    pub(super) stage: Arc<Stage>,
    /// It is for the name of whoever waits.
    pub(super) is_own: bool,
}

/// A further connection for the same certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Growth(u64);

/// What a pool may do.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rules {
    /// Plain or TLS.
    pub(super) scheme: Scheme,
    /// HTTP/2 may be agreed to.
    pub(super) may_multiplex: bool,
    /// Share where the certificate covers the host.
    pub(super) coalesce: bool,
    /// HTTP/2 connections for one certificate.
    pub(super) connections: usize,
    /// Connections kept while nothing is under way on them.
    pub(super) keep: usize,
}

/// The connections of one client.
pub(super) struct Pool {
    rules: Rules,
    groups: BTreeMap<u64, Group>,
    routes: HashMap<Goal, Route>,
    /// By the name above: groups whose certificate covers every name right below it. One look does for all tenants there.
    wildcards: HashMap<Box<str>, u64>,
    misdirected: HashSet<Goal>,
    /// Names whose requests are wanted by HTTP/1.1.
    http1: HashSet<Goal>,
    idle: VecDeque<Box<Exclusive>>,
    dials: Vec<Dialling>,
    /// Dials made before anyone asked for them. Each is told to one request, however it ended.
    ahead: Vec<(Goal, Wait)>,
    /// The last connection spoke HTTP/1.1: waiting for others' dials brings nothing.
    exclusive: bool,
    /// A first dial failed for its own name's sake: other names do not wait for each other.
    each_its_own: bool,
    next: u64,
}

/// HTTP/2 connections that serve the same names.
struct Group {
    /// Absent where they serve only the name they were dialled for.
    certificate: Option<CertificateDer<'static>>,
    members: Vec<Arc<Multiplexed>>,
    dialling: usize,
    may_grow: bool,
    used: u64,
}

#[derive(Clone, Copy)]
struct Route {
    group: u64,
    /// The certificate covers the name, so any member will do.
    covered: bool,
}

struct Dialling {
    id: u64,
    goal: Goal,
    growth: Option<Growth>,
    wait: Wait,
    _task: Task,
}

impl Pool {
    pub(super) fn new(rules: Rules) -> Self {
        Self {
            rules,
            groups: BTreeMap::new(),
            routes: HashMap::new(),
            wildcards: HashMap::new(),
            misdirected: HashSet::new(),
            http1: HashSet::new(),
            idle: VecDeque::new(),
            dials: Vec::new(),
            ahead: Vec::new(),
            exclusive: false,
            each_its_own: false,
            next: 0,
        }
    }

    /// Where a request for that name goes, on a connection opened after that serial.
    pub(super) fn choose(&mut self, goal: &Goal, after: u64) -> Choice {
        if let Some(at) = self.ahead.iter().position(|(ahead, _)| ahead == goal) {
            return Choice::Wait(self.ahead.swap_remove(at).1);
        }
        if let Some(idle) = self.take_idle(goal, after) {
            return Choice::Exclusive(idle);
        }
        if self.is_by_http1(goal) {
            return Choice::DialOwn;
        }
        if let Some(choice) = self.choose_open(goal, after) {
            return choice;
        }
        if self.exclusive {
            return Choice::DialOwn;
        }
        if let Some(dial) = self.dials.iter().find(|dial| dial.goal == *goal) {
            return Choice::Wait(dial.wait.clone());
        }
        // Nothing is open yet, and the first certificate to come may cover everyone.
        if self.shares(goal)
            && !self.each_its_own
            && self.groups.is_empty()
            && let Some(first) = self.dials.first()
        {
            return Choice::Wait(Wait { is_own: false, ..first.wait.clone() });
        }
        Choice::Dial
    }

    fn choose_open(&mut self, goal: &Goal, after: u64) -> Option<Choice> {
        let Route { group: id, covered } = self.route(goal)?;
        let any_member = covered && self.shares(goal);
        self.next += 1;
        let group = self.groups.get_mut(&id)?;
        group.used = self.next;
        let least = group
            .members
            .iter()
            .filter(|member| member.is_open() && member.facts.serial > after)
            .filter(|member| any_member || member.facts.goal == *goal)
            .min_by_key(|member| member.in_flight());
        let Some(least) = least else {
            group.members.retain(|member| member.is_open());
            self.forget_if_empty(id);
            return None;
        };
        let (load, limit) = (least.in_flight(), least.peer_limit());
        let room = group.members.len() + group.dialling < self.rules.connections;
        let growth = (load >= limit.min(BUSY) && room && group.may_grow).then_some(Growth(id));
        if load < limit {
            return Some(Choice::Multiplexed(least.lease(), growth));
        }
        Some(Choice::Full(growth))
    }

    /// The group that serves that name.
    fn route(&mut self, goal: &Goal) -> Option<Route> {
        if let Some(route) = self.routes.get(goal) {
            if self.groups.contains_key(&route.group) {
                return Some(*route);
            }
            self.routes.remove(goal);
        }
        let shares = self.shares(goal);
        if shares && let Some(group) = self.by_wildcard(&goal.sni) {
            return Some(Route { group, covered: true });
        }
        let (route, wildcard) = self.groups.iter().find_map(|(&group, candidate)| {
            let open = || candidate.members.iter().filter(|member| member.is_open());
            let covering =
                open().next().filter(|any| shares && candidate.certificate.is_some() && any.covers(&goal.sni));
            let covered = covering.is_some();
            let wildcard = covering.and_then(|any| any.facts.wildcard_over(&goal.sni));
            (covered || open().any(|member| member.facts.goal == *goal)).then_some((Route { group, covered }, wildcard))
        })?;
        if self.routes.len() + self.wildcards.len() >= ROUTES {
            self.routes.clear();
            self.wildcards.clear();
        }
        match wildcard {
            Some(parent) => drop(self.wildcards.insert(parent.into(), route.group)),
            None => drop(self.routes.insert(goal.clone(), route)),
        }
        Some(route)
    }

    fn by_wildcard(&self, name: &str) -> Option<u64> {
        let group = *self.wildcards.get(parent(name)?)?;
        (self.groups.contains_key(&group) && server_name(name).is_ok()).then_some(group)
    }

    fn shares(&self, goal: &Goal) -> bool {
        self.rules.coalesce
            && goal.through.is_none()
            && (self.misdirected.is_empty() || !self.misdirected.contains(goal))
    }

    /// The idle connection used last: the likeliest to be still open.
    fn take_idle(&mut self, goal: &Goal, after: u64) -> Option<Box<Exclusive>> {
        let any_host = self.rules.scheme == Scheme::Http && goal.through.is_none();
        let fits = |idle: &Exclusive| {
            idle.facts.serial > after && !idle.sender.is_closed() && (any_host || idle.facts.goal == *goal)
        };
        let at = self.idle.iter().rposition(|idle| fits(idle))?;
        self.idle.remove(at)
    }

    /// How many dials so many requests are worth before the first of them: one where its connection may carry them all.
    pub(super) fn wants_ahead(&self, requests: usize) -> usize {
        let most = if self.rules.may_multiplex { 1 } else { self.rules.keep };
        requests.min(most)
    }

    /// A dial that nobody asked for yet is under way.
    pub(super) fn note_ahead(&mut self, goal: &Goal, wait: Wait) {
        self.ahead.push((goal.clone(), wait));
    }

    /// A dial is under way.
    pub(super) fn note_dial(
        &mut self,
        goal: &Goal,
        growth: Option<Growth>,
        wait: Wait,
        spawn: impl FnOnce(u64) -> Task,
    ) {
        self.next += 1;
        let id = self.next;
        if let Some(group) = growth.and_then(|Growth(id)| self.groups.get_mut(&id)) {
            group.dialling += 1;
        }
        let dial = Dialling { id, goal: goal.clone(), growth, wait, _task: spawn(id) };
        self.dials.push(dial);
    }

    /// A dial has ended.
    pub(super) fn end_dial(&mut self, id: u64, result: Result<Link, Phase>) {
        let Some(at) = self.dials.iter().position(|dial| dial.id == id) else { return };
        let dial = self.dials.swap_remove(at);
        if let Some(group) = dial.growth.and_then(|Growth(id)| self.groups.get_mut(&id)) {
            group.dialling -= 1;
            // The server does not want more of us: leave it at that.
            group.may_grow = result.is_ok();
        }
        match result {
            Ok(Link::Multiplexed(link)) => {
                self.keep_multiplexed(link);
            }
            Ok(Link::Exclusive(link)) => {
                self.exclusive = true;
                self.keep_idle(link);
            }
            // A refused TCP connection is everyone's; the rest may be this name's alone.
            Err(phase) => self.each_its_own |= dial.growth.is_none() && phase != Phase::Connect,
        }
    }

    /// Takes in an HTTP/2 connection; one too many for its certificate is closed.
    pub(super) fn keep_multiplexed(&mut self, link: Multiplexed) {
        self.exclusive = false;
        self.each_its_own = false;
        let goal = link.facts.goal.clone();
        let certificate = link.facts.certificate.clone().filter(|_| self.shares(&goal));
        let covered = certificate.is_some() && link.covers(&goal.sni);
        let found = self.groups.iter().find(|(_, group)| match &certificate {
            Some(certificate) => group.certificate.as_ref() == Some(certificate),
            None => group.certificate.is_none() && group.members.iter().any(|member| member.facts.goal == goal),
        });
        let id = if let Some((&id, _)) = found {
            id
        } else {
            self.next += 1;
            let group = Group { certificate, members: Vec::new(), dialling: 0, may_grow: true, used: self.next };
            self.groups.insert(self.next, group);
            self.next
        };
        if let Some(group) = self.groups.get_mut(&id) {
            group.members.retain(|member| member.is_open());
            let dialled_for = group.members.iter().any(|member| member.facts.goal == goal);
            if group.members.len() < self.rules.connections.max(1) || !(covered || dialled_for) {
                group.members.push(Arc::new(link));
            }
            self.next += 1;
            group.used = self.next;
        }
        self.routes.insert(goal, Route { group: id, covered });
        self.make_room();
    }

    /// Takes back an HTTP/1.1 connection that is free again.
    pub(super) fn keep_idle(&mut self, link: Box<Exclusive>) {
        if !link.sender.is_closed() {
            self.idle.push_back(link);
            self.make_room();
        }
    }

    /// That host refused a connection made for another: from now on it gets its own (RFC 9110 section 15.5.20).
    pub(super) fn misdirect(&mut self, goal: &Goal) {
        if self.misdirected.len() >= MISDIRECTED {
            self.rules.coalesce = false;
            self.misdirected = HashSet::new();
            self.routes.clear();
            self.wildcards.clear();
            return;
        }
        self.routes.remove(goal);
        self.misdirected.insert(goal.clone());
    }

    /// That host wants HTTP/1.1: it is not asked otherwise any more.
    pub(super) fn keep_to_http1(&mut self, goal: &Goal) {
        if self.http1.len() >= MISDIRECTED {
            self.rules.may_multiplex = false;
            self.http1 = HashSet::new();
        } else {
            self.http1.insert(goal.clone());
        }
    }

    /// HTTP/1.1 did not do either.
    pub(super) fn forget_http1(&mut self, goal: &Goal) {
        if !self.http1.is_empty() {
            self.http1.remove(goal);
        }
    }

    /// Whether no HTTP/2 is to be offered for that name.
    pub(super) fn is_by_http1(&self, goal: &Goal) -> bool {
        !self.rules.may_multiplex || (!self.http1.is_empty() && self.http1.contains(goal))
    }

    /// Closes what nothing is under way on.
    pub(super) fn shed(&mut self) {
        self.idle.clear();
        self.groups.retain(|_, group| {
            group.members.retain(|member| member.in_flight() > 0);
            !group.members.is_empty() || group.dialling > 0
        });
    }

    /// Closes the least recently used that nothing is under way on, down to what may be kept.
    fn make_room(&mut self) {
        self.idle.retain(|idle| !idle.sender.is_closed());
        let mut open = self.idle.len() + self.groups.values().map(|group| group.members.len()).sum::<usize>();
        while open > self.rules.keep.max(1) {
            if self.idle.len() > 1 || self.groups.is_empty() {
                self.idle.pop_front();
                open -= 1;
                continue;
            }
            // Whoever had a connection dialled is about to use it.
            let awaited = |group: &Group, member: &Multiplexed| !member.is_used() && self.next - group.used < PATIENCE;
            let unused = |group: &Group| {
                group.dialling == 0
                    && group.members.iter().all(|member| member.in_flight() == 0 && !awaited(group, member))
            };
            let oldest = self.groups.iter().filter(|(_, group)| unused(group)).min_by_key(|(_, group)| group.used);
            let Some((&id, _)) = oldest else { return };
            open -= self.groups.remove(&id).map_or(0, |group| group.members.len());
        }
    }

    fn forget_if_empty(&mut self, id: u64) {
        if self.groups.get(&id).is_some_and(|group| group.members.is_empty() && group.dialling == 0) {
            self.groups.remove(&id);
        }
    }
}
