use std::num::NonZeroU32;
use std::str::FromStr;

use super::InventoryError;

/// How many requests a second.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rate {
    /// At most so many.
    PerSecond(NonZeroU32),
    /// As many as there are.
    Unlimited,
}

impl Rate {
    /// As a pace holds it.
    pub const fn per_second(self) -> Option<NonZeroU32> {
        match self {
            Self::PerSecond(rate) => Some(rate),
            Self::Unlimited => None,
        }
    }

    pub(super) fn of(rate: u32) -> Self {
        NonZeroU32::new(rate).map_or(Self::Unlimited, Self::PerSecond)
    }
}

impl FromStr for Rate {
    type Err = InventoryError;

    /// `500` or `none`.
    fn from_str(text: &str) -> Result<Self, InventoryError> {
        if text == "none" {
            return Ok(Self::Unlimited);
        }
        let what = || format!("\"{text}\" is no rate, write a number from 1 on or none");
        text.parse().map(Self::PerSecond).map_err(|_| InventoryError::flag("--edge-rate", what()))
    }
}
