//! Moments and ages: the arithmetic of RFC 9111 section 4.2.3. It never reads a clock.

use crate::model::Timestamp;

/// A moment in microseconds since the epoch: half the size of a [`Timestamp`], for millions of stored copies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(super) struct Moment(i64);

impl Moment {
    pub(super) const EPOCH: Self = Self(0);
    pub(super) const NEVER: Self = Self(i64::MAX);

    pub(super) fn of(at: Timestamp) -> Self {
        Self(at.as_microsecond())
    }

    pub(super) fn timestamp(self) -> Timestamp {
        Timestamp::from_microsecond(self.0).unwrap_or(Timestamp::MAX)
    }

    /// Whole seconds since another moment; 0 where that one is later.
    pub(super) fn seconds_since(self, earlier: Self) -> u32 {
        u32::try_from((self.0.saturating_sub(earlier.0) / 1_000_000).max(0)).unwrap_or(u32::MAX)
    }

    pub(super) const fn plus_micros(self, micros: i64) -> Self {
        Self(self.0.saturating_add(micros))
    }

    /// As a `Date` says it: cut to the second.
    pub(super) const fn whole(self) -> Self {
        Self(self.0.div_euclid(1_000_000) * 1_000_000)
    }
}

/// What a response was when a cache stored it, as far as its age goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Arrival {
    /// The `Age` it came with, 0 where it came with none.
    pub(super) age_value: u32,
    /// Its `Date`.
    pub(super) date_value: Moment,
    /// When the request for it left.
    pub(super) request_time: Moment,
    /// When it came.
    pub(super) response_time: Moment,
}

impl Arrival {
    /// `corrected_initial_age` where the cache counts by `Date` too.
    pub(super) fn age_by_date(self) -> u32 {
        let apparent_age = self.response_time.seconds_since(self.date_value);
        apparent_age.max(self.age())
    }

    /// `corrected_age_value`: by `Age` and the time the request took.
    pub(super) fn age(self) -> u32 {
        self.age_value.saturating_add(self.response_time.seconds_since(self.request_time))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn second(seconds: u32) -> Moment {
        Moment::EPOCH.plus_micros(i64::from(seconds) * 1_000_000)
    }

    #[test]
    fn an_age_grows_by_the_time_the_request_took() {
        let arrival =
            Arrival { age_value: 30, date_value: second(70), request_time: second(100), response_time: second(104) };
        assert_eq!(arrival.age(), 34);
        assert_eq!(arrival.age_by_date(), 34);
    }

    #[test]
    fn a_date_older_than_the_age_wins_where_it_is_counted() {
        let arrival =
            Arrival { age_value: 0, date_value: second(40), request_time: second(100), response_time: second(100) };
        assert_eq!(arrival.age(), 0);
        assert_eq!(arrival.age_by_date(), 60);
    }

    #[test]
    fn a_date_in_the_future_gives_no_negative_age() {
        let arrival =
            Arrival { age_value: 5, date_value: second(400), request_time: second(100), response_time: second(100) };
        assert_eq!(arrival.age_by_date(), 5);
    }

    #[test]
    fn a_resident_time_is_cut_to_whole_seconds() {
        assert_eq!(second(10).plus_micros(1_999_999).seconds_since(second(10)), 1);
        assert_eq!(second(10).seconds_since(second(11)), 0);
        assert_eq!(Moment::EPOCH.plus_micros(-1).whole(), Moment::EPOCH.plus_micros(-1_000_000));
    }
}
