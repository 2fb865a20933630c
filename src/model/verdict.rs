use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What may be claimed of one check; ordered as it is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Same as the reference, and stored after the purge where that is known.
    Fresh,
    /// Not taken from any cache, and nothing contradicts the reference.
    Uncached,
    /// Same as the reference, yet the stored copy predates the purge.
    Unpurged,
    /// Not the reference, and shown to be an old copy.
    Stale,
    /// Not the reference, and nothing shows it to be the older one.
    Divergent,
    /// An error that the reference does not have.
    Failing,
    /// It answered, and nothing can be compared.
    Unverifiable,
    /// No answer.
    Unreachable,
}

impl Verdict {
    /// All of them, in the order of their counts.
    pub const ALL: [Self; 8] = [
        Self::Fresh,
        Self::Uncached,
        Self::Unpurged,
        Self::Stale,
        Self::Divergent,
        Self::Failing,
        Self::Unverifiable,
        Self::Unreachable,
    ];

    /// The word used in files, flags and reports.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Fresh => "fresh",
            Self::Uncached => "uncached",
            Self::Unpurged => "unpurged",
            Self::Stale => "stale",
            Self::Divergent => "divergent",
            Self::Failing => "failing",
            Self::Unverifiable => "unverifiable",
            Self::Unreachable => "unreachable",
        }
    }

    /// The verdict of that name.
    pub fn named(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|verdict| verdict.id() == id)
    }

    /// Place among findings: 0 is the worst.
    pub const fn rank(self) -> u8 {
        match self {
            Self::Stale => 0,
            Self::Divergent => 1,
            Self::Failing => 2,
            Self::Unpurged => 3,
            Self::Unverifiable => 4,
            Self::Unreachable => 5,
            Self::Fresh | Self::Uncached => 6,
        }
    }

    /// Whether this check needs no finding.
    pub const fn is_good(self) -> bool {
        matches!(self, Self::Fresh | Self::Uncached)
    }

    /// Whether the check was answered and could be compared.
    pub const fn is_comparable(self) -> bool {
        !matches!(self, Self::Unverifiable | Self::Unreachable)
    }
}

/// Where on its way a request got no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Phase {
    /// Resolving the edge's name.
    Dns,
    /// Opening the TCP connection.
    Connect,
    /// Through the region's proxy.
    Proxy,
    /// The TLS handshake, certificates included.
    Tls,
    /// Connected, and no answer in time.
    Timeout,
    /// An answer that is not HTTP, or a connection that broke.
    Protocol,
    /// Not asked: the run's deadline passed first.
    Deadline,
    /// Not asked: a vendor's budget is spent, or it cannot or must not be told what to ask for.
    Unasked,
}

impl Phase {
    /// The word used in reports.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Dns => "dns",
            Self::Connect => "connect",
            Self::Proxy => "proxy",
            Self::Tls => "tls",
            Self::Timeout => "timeout",
            Self::Protocol => "protocol",
            Self::Deadline => "deadline",
            Self::Unasked => "unasked",
        }
    }
}

/// What stands in the way of a plain verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Trouble {
    /// Nobody named an origin.
    NoOrigin,
    /// The origin did not answer.
    OriginUnreachable,
    /// The origin answers with an error that is no reference.
    OriginFailing,
    /// The origin contradicts itself.
    OriginInconsistent,
    /// Bodies were needed and could not be had, or not decoded.
    BodyUnavailable,
    /// Neither side gives anything to compare by.
    NothingToCompare,
    /// Another POP answered.
    WrongPop,
    /// Another provider answered.
    WrongProvider,
    /// An edge of another POP is at the same address.
    NotToldApart,
    /// 429.
    RateLimited,
    /// 421, or a certificate for another name.
    HostNotServed,
    /// The CDN's own challenge or block page.
    Blocked,
}
