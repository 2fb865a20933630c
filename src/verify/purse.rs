//! What may be asked of vendors: before a run, which objects their budgets go to, the most urgent first; during it, what
//! is left of them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::Options;
use super::asks::{Asks, Body};
use super::lane;
use super::run::thing;
use crate::clock::Clock;
use crate::inventory::Plan;
use crate::model::{Edge, EdgeId, Priority, Vantage, counted};
use crate::vantage;

/// What budgets are counted by.
const HOUR: Duration = Duration::from_secs(3_600);

/// One account's budget, hour by hour.
#[derive(Debug, Default)]
pub(super) struct Purse {
    allowance: u32,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    since: Option<Instant>,
    spent: u32,
    /// Set aside for looks that must be taken.
    promised: u32,
}

/// What one edge may ask for.
#[derive(Debug, Clone, Default)]
pub(super) struct Allotted {
    /// Most urgent first.
    pub(super) objects: Arc<[u32]>,
    pub(super) purse: Arc<Purse>,
}

impl Purse {
    fn new(allowance: u32, promised: u32) -> Self {
        Self { allowance, state: Mutex::new(State { promised, ..State::default() }) }
    }

    /// Pays for a look that was promised.
    pub(super) fn keep_promise(&self, cost: u32) {
        let mut state = self.state();
        state.promised = state.promised.saturating_sub(cost);
        state.spent += cost;
    }

    /// A look that was promised need not be taken.
    pub(super) fn release(&self, cost: u32) {
        let mut state = self.state();
        state.promised = state.promised.saturating_sub(cost);
    }

    /// Pays for one more look, unless all is spent or promised.
    pub(super) fn spare(&self, cost: u32) -> bool {
        let mut state = self.state();
        let enough = state.spent + state.promised + cost <= self.allowance;
        state.spent += if enough { cost } else { 0 };
        enough
    }

    /// As it stands in this hour.
    fn state(&self) -> MutexGuard<'_, State> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Clock::now();
        if *state.since.get_or_insert(now) + HOUR <= now {
            (state.since, state.spent) = (Some(now), 0);
        }
        state
    }
}

/// An edge that a vendor's account pays for.
struct Member<'p> {
    environment: usize,
    edge: &'p Edge,
    vantage: &'p Vantage,
    asks: Asks,
    objects: Vec<u32>,
}

/// One account with a vendor, and all that is asked through it.
struct Account<'p> {
    members: Vec<Member<'p>>,
    budget: u32,
    promised: u32,
}

impl<'p> Account<'p> {
    fn all(plan: &'p Plan, options: &Options) -> Vec<Self> {
        let mut accounts: BTreeMap<_, Self> = BTreeMap::new();
        let inventory = plan.inventory();
        for (environment, known) in inventory.environments.iter().enumerate() {
            for edge in &known.edges {
                let Some(vantage) = edge.place.vantage() else { continue };
                let account = accounts.entry(vantage.account());
                let account = account.or_insert(Self { members: Vec::new(), budget: vantage.budget, promised: 0 });
                account.budget = account.budget.min(vantage.budget);
                let asks = lane::asks(inventory, edge, options.max_body);
                account.members.push(Member { environment, edge, vantage, asks, objects: Vec::new() });
            }
        }
        // With patience, the first look and the last one must be had.
        let looks = if options.patience.is_some() { 2 } else { 1 };
        let mut accounts: Vec<Self> = accounts.into_values().collect();
        for account in &mut accounts {
            account.allot(plan, looks);
        }
        accounts
    }

    /// Gives what there is to the most urgent objects; each is asked for at all places or at none.
    fn allot(&mut self, plan: &Plan, looks: u32) {
        let environments: BTreeSet<usize> = self.members.iter().map(|member| member.environment).collect();
        for priority in Priority::ALL {
            for environment in environments.iter().copied() {
                for object in 0..plan.objects(environment) {
                    let (tenant, _) = thing(plan, environment, object);
                    if plan.inventory().tenants[tenant].priority != priority {
                        continue;
                    }
                    let able =
                        |member: &&mut Member<'_>| member.environment == environment && member.can_ask(plan, object);
                    let able: Vec<_> = self.members.iter_mut().filter(able).collect();
                    let cost = looks * able.iter().map(|member| member.vantage.cost()).sum::<u32>();
                    if self.promised + cost > self.budget {
                        return;
                    }
                    self.promised += cost;
                    for member in able {
                        member.objects.push(object);
                    }
                }
            }
        }
    }

    /// `region apac: Globalping: 120 tests of 250 an hour`
    fn words(&self, plan: &Plan) -> String {
        let Some(first) = self.members.first() else { return String::new() };
        let regions: BTreeSet<&str> = self.members.iter().map(|member| &*member.edge.id.region).collect();
        let noun = if regions.len() == 1 { "region" } else { "regions" };
        let regions = regions.into_iter().collect::<Vec<_>>().join(", ");
        let asked: u64 = self.members.iter().map(|member| member.objects.len() as u64).sum();
        let planned: u64 = self.members.iter().map(|member| u64::from(plan.objects(member.environment))).sum();
        let left = match planned - asked {
            0 => String::new(),
            left => format!("; {} not asked", counted(left, "check")),
        };
        let (title, spent) = (first.vantage.title(), counted(self.promised.into(), first.vantage.unit()));
        format!("{noun} {regions}: {title}: {spent} of {} an hour{left}", self.budget)
    }
}

impl Member<'_> {
    fn can_ask(&self, plan: &Plan, object: u32) -> bool {
        let (_, thing) = thing(plan, self.environment, object);
        let ask = self.asks.edge(self.edge, &thing, Body::Leave, false);
        vantage::cannot_ask(self.vantage, &ask, &plan.inventory().secrets).is_none()
    }
}

/// What each vendor's account is to be spent on, a line for each account.
pub fn budgets(plan: &Plan, options: &Options) -> Vec<String> {
    Account::all(plan, options).iter().map(|account| account.words(plan)).collect()
}

/// What each edge that stands for a vendor may ask for.
pub(super) fn allotted(plan: &Plan, options: &Options) -> BTreeMap<EdgeId, Allotted> {
    let mut allotted = BTreeMap::new();
    for account in Account::all(plan, options) {
        let purse = Arc::new(Purse::new(account.budget, account.promised));
        for member in account.members {
            let of_edge = Allotted { objects: member.objects.into(), purse: Arc::clone(&purse) };
            allotted.insert(member.edge.id.clone(), of_edge);
        }
    }
    allotted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn what_is_promised_is_not_spent_on_anything_else() {
        let purse = Purse::new(5, 4);
        assert!(purse.spare(1));
        assert!(!purse.spare(1));
        purse.keep_promise(2);
        assert!(!purse.spare(1));
        purse.release(2);
        assert!(purse.spare(2));
        assert!(!purse.spare(1));
    }

    #[tokio::test(start_paused = true)]
    async fn each_hour_has_its_own_budget() {
        let purse = Purse::new(1, 0);
        assert!(purse.spare(1));
        tokio::time::advance(Duration::from_secs(3_599)).await;
        assert!(!purse.spare(1));
        tokio::time::advance(Duration::from_secs(1)).await;
        assert!(purse.spare(1));
    }
}
