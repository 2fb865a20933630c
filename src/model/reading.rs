/// The short name of a CDN or cache server, as files and reports use it (`cloudfront`).
pub type ProviderId = &'static str;

/// What a cache did for a request, in one vocabulary for all of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CacheStatus {
    /// Answered from a fresh stored copy.
    Hit,
    /// Answered from a stale stored copy.
    Stale,
    /// Answered from a stale copy while a new one is fetched.
    Updating,
    /// The stored copy was too old; whoever is behind confirmed it.
    Revalidated,
    /// The stored copy was too old; a new one was fetched.
    Expired,
    /// No stored copy; fetched from behind.
    Miss,
    /// Storing was forbidden or switched off for this request.
    Bypass,
    /// Not something this cache stores.
    Dynamic,
    /// Made by the cache itself.
    Synthetic,
    /// The cache's own error.
    Error,
    /// It did not say.
    Unknown,
}

impl CacheStatus {
    /// All of them.
    pub const ALL: [Self; 11] = [
        Self::Hit,
        Self::Stale,
        Self::Updating,
        Self::Revalidated,
        Self::Expired,
        Self::Miss,
        Self::Bypass,
        Self::Dynamic,
        Self::Synthetic,
        Self::Error,
        Self::Unknown,
    ];

    /// The word used in reports.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Hit => "hit",
            Self::Stale => "stale",
            Self::Updating => "updating",
            Self::Revalidated => "revalidated",
            Self::Expired => "expired",
            Self::Miss => "miss",
            Self::Bypass => "bypass",
            Self::Dynamic => "dynamic",
            Self::Synthetic => "synthetic",
            Self::Error => "error",
            Self::Unknown => "unknown",
        }
    }

    /// The body came out of this cache's store.
    pub const fn is_stored(self) -> bool {
        matches!(self, Self::Hit | Self::Stale | Self::Updating | Self::Revalidated)
    }

    /// The cache itself says that what it served is out of date.
    pub const fn is_stale(self) -> bool {
        matches!(self, Self::Stale | Self::Updating)
    }

    /// The cache says that it neither served from its store nor keeps the answer.
    pub const fn is_passed(self) -> bool {
        matches!(self, Self::Bypass | Self::Dynamic)
    }
}

/// A city, whatever notation a provider has for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
pub struct City {
    /// The IATA code of the city, or of the airport that the provider names.
    pub iata: &'static str,
    /// Its English name.
    pub name: &'static str,
}

/// One cache on the way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layer {
    /// Whose it is.
    pub provider: ProviderId,
    /// Its own name for itself, where it gives one.
    pub name: Option<String>,
    /// What it did.
    pub status: CacheStatus,
    /// Where it stands, in upper case, as the provider writes it.
    pub pop: Option<String>,
    /// How old its copy is by its own word.
    pub age_seconds: Option<u64>,
    /// It speaks of the request that once filled a cache nearer to the client, not of this one.
    pub history: bool,
}

/// What a response head says about the caches it came through. Neutral: no CDN's own words.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub struct Reading {
    /// The cache nearest the client, or `unknown`.
    pub provider: ProviderId,
    /// What that cache did.
    pub status: CacheStatus,
    /// Where it stands.
    pub pop: Option<String>,
    /// The copy's age: by that cache's own word, else `Age`.
    pub age_seconds: Option<u64>,
    /// `Date` is the origin's, so it may stand in for an absent age.
    pub date_is_origins: bool,
    /// `max-age` is what is left of the copy's lifetime, not what the origin said.
    pub counts_max_age_down: bool,
    /// The page is the CDN's own challenge or block page.
    pub blocked: bool,
    /// It served a stale copy because it asked for a new one and got none.
    pub refresh_failed: bool,
    /// Origin side first, client side last.
    pub layers: Vec<Layer>,
    /// Oddities worth a line.
    pub notes: Vec<String>,
}

impl Default for Reading {
    fn default() -> Self {
        Self {
            provider: "unknown",
            status: CacheStatus::Unknown,
            pop: None,
            age_seconds: None,
            date_is_origins: false,
            counts_max_age_down: false,
            blocked: false,
            refresh_failed: false,
            layers: Vec::new(),
            notes: Vec::new(),
        }
    }
}

impl Reading {
    /// The answer came out of a store: the nearest cache's, or one behind it that was asked for this answer.
    pub fn is_from_a_store(&self) -> bool {
        self.status.is_stored() || self.live().any(CacheStatus::is_stored)
    }

    /// A cache that this answer came through says that it is out of date.
    pub fn says_stale(&self) -> bool {
        self.status.is_stale() || self.live().any(CacheStatus::is_stale)
    }

    fn live(&self) -> impl Iterator<Item = CacheStatus> {
        self.layers.iter().filter(|layer| !layer.history).map(|layer| layer.status)
    }
}
