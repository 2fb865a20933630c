use std::time::Duration;

use tokio::sync::Barrier;

use super::*;
use crate::model::Phase;

/// Answers nobody before so many have asked.
struct Slow {
    samples: u32,
    at_once: bool,
    together: Barrier,
}

impl Asker for Slow {
    async fn ask(&self, _with_body: bool) -> Result<Observation, Silence> {
        self.together.wait().await;
        Err(Silence::new(Phase::Timeout, "origin", "late"))
    }

    fn samples(&self) -> u32 {
        self.samples
    }

    fn at_once(&self) -> bool {
        self.at_once
    }

    fn told(&self) -> Told {
        Told::default()
    }

    fn always_bodies(&self) -> bool {
        false
    }

    fn bodies_allowed(&self) -> bool {
        true
    }
}

async fn asked(samples: u32, at_once: bool) -> Option<Reference> {
    let slow = Slow { samples, at_once, together: Barrier::new(2) };
    let known = tokio::time::timeout(Duration::from_secs(60), Cell::default().first(&slow)).await;
    known.ok().map(|known| known.reference.clone())
}

#[tokio::test(start_paused = true)]
async fn looks_wait_for_each_other_only_where_they_must() {
    assert!(matches!(asked(2, true).await, Some(Reference::Unreachable(_))));
    assert!(asked(2, false).await.is_none());
}

#[tokio::test(start_paused = true)]
async fn where_nobody_is_there_to_ask_there_is_no_reference() {
    assert!(matches!(asked(0, false).await, Some(Reference::Unnamed)));
}
