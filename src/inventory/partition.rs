//! Which tenants of a plan fall to one of several machines; a tenant is never divided. It looks at their ids alone.

use std::fmt;
use std::str::FromStr;

use sha2::{Digest, Sha256};

use super::InventoryError;
use crate::model::Tenant;

/// `hash:3/20`, or `hash:/20` where something else says which.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Share {
    /// How tenants are dealt out.
    pub by: By,
    /// Which partition, from 1 on, where it is written.
    pub nth: Option<u32>,
    /// How many there are.
    pub of: u32,
}

/// How tenants are dealt out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// By a hash of the id: a tenant stays where it is when others come and go.
    Hash,
    /// In turns over the sorted ids: partitions differ by one tenant at most.
    Slice,
}

/// One of several disjoint parts that together are the whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Partition {
    by: By,
    nth: u32,
    of: u32,
}

impl FromStr for Share {
    type Err = InventoryError;

    fn from_str(text: &str) -> Result<Self, InventoryError> {
        let fail = |what: String| InventoryError::flag(format!("\"{text}\""), what);
        let Some((by, share)) = text.split_once(':') else {
            return Err(fail("says not how to divide, write hash:M/N or slice:M/N such as hash:3/20".to_owned()));
        };
        let by = match by {
            "hash" => By::Hash,
            "slice" => By::Slice,
            _ => return Err(fail(format!("\"{by}\" is no way to divide, write hash:M/N or slice:M/N"))),
        };
        let Some((nth, of)) = share.split_once('/') else {
            return Err(fail("says not of how many, write M/N such as 3/20".to_owned()));
        };
        let number = |text: &str| {
            let written = text.bytes().all(|byte| byte.is_ascii_digit());
            text.parse::<u32>().ok().filter(|number| written && *number > 0)
        };
        let no_number = |text: &str| fail(format!("\"{text}\" is no number from 1 on, write M/N such as 3/20"));
        let of = number(of).ok_or_else(|| no_number(of))?;
        let nth = match nth {
            "" => None,
            written => Some(number(written).ok_or_else(|| no_number(written))?),
        };
        match nth {
            Some(nth) if nth > of => {
                Err(fail(format!("there is no partition {nth} of {of}, write 1/{of} to {of}/{of}")))
            }
            _ => Ok(Self { by, nth, of }),
        }
    }
}

impl Share {
    /// The partition; where none is written, that of the job's index, which counts from 0 on.
    pub fn partition(self, index: Option<&str>) -> Result<Partition, InventoryError> {
        const INDEX: &str = "JOB_COMPLETION_INDEX";
        let Self { by, nth, of } = self;
        let fail = |what: String| InventoryError::flag("--partition", what);
        let nth = match (nth, index) {
            (Some(nth), _) => nth,
            (None, None) => {
                let what = format!(
                    "says not which of the {of} this is, write 1/{of} to {of}/{of}, or set {INDEX} (from 0 on, as Kubernetes \
                     does for an indexed job)"
                );
                return Err(fail(what));
            }
            (None, Some(index)) => {
                let nth = index.parse::<u32>().ok().and_then(|index| index.checked_add(1)).filter(|nth| *nth <= of);
                nth.ok_or_else(|| {
                    let most = of - 1;
                    fail(format!("{INDEX} is \"{index}\", of {of} partitions it counts from 0 to {most}: give both the same number"))
                })?
            }
        };
        Ok(Partition { by, nth, of })
    }
}

impl Partition {
    /// The word used in flags and reports.
    pub const fn divided_by(self) -> &'static str {
        match self.by {
            By::Hash => "hash",
            By::Slice => "slice",
        }
    }

    /// Whether it is the one that tells what is told once.
    pub(super) const fn is_first(self) -> bool {
        self.nth == 1
    }

    /// Leaves the tenants that fall to it; they come by id.
    pub(super) fn of_tenants(self, tenants: &mut Vec<Tenant>) {
        let mut position = 0_u64;
        tenants.retain(|tenant| {
            let turn = match self.by {
                By::Hash => hash(&tenant.id),
                By::Slice => position,
            };
            position += 1;
            turn % u64::from(self.of) == u64::from(self.nth - 1)
        });
    }
}

impl fmt::Display for Partition {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}/{}", self.nth, self.of)
    }
}

/// The same on every machine and in every version: the first eight bytes of SHA-256.
fn hash(id: &str) -> u64 {
    Sha256::digest(id).iter().take(8).fold(0, |hash, byte| hash << 8 | u64::from(*byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_read_as_it_is_written() {
        for (text, by, nth, of) in [
            ("hash:3/20", By::Hash, Some(3), 20),
            ("slice:1/1", By::Slice, Some(1), 1),
            ("hash:/20", By::Hash, None, 20),
        ] {
            assert_eq!(text.parse::<Share>().unwrap(), Share { by, nth, of });
        }
    }

    #[test]
    fn a_bad_share_says_what_to_write() {
        for (text, message) in [
            ("3/20", "\"3/20\": says not how to divide, write hash:M/N or slice:M/N such as hash:3/20"),
            ("mod:3/20", "\"mod:3/20\": \"mod\" is no way to divide, write hash:M/N or slice:M/N"),
            ("hash:3", "\"hash:3\": says not of how many, write M/N such as 3/20"),
            ("hash:0/20", "\"hash:0/20\": \"0\" is no number from 1 on, write M/N such as 3/20"),
            ("hash:+1/2", "\"hash:+1/2\": \"+1\" is no number from 1 on, write M/N such as 3/20"),
            ("hash:/0", "\"hash:/0\": \"0\" is no number from 1 on, write M/N such as 3/20"),
            ("slice:21/20", "\"slice:21/20\": there is no partition 21 of 20, write 1/20 to 20/20"),
        ] {
            assert_eq!(text.parse::<Share>().unwrap_err().to_string(), message);
        }
    }

    #[test]
    fn a_jobs_index_counts_from_0_and_stands_in_only_where_none_is_written() {
        let share = |text: &str, index| text.parse::<Share>().unwrap().partition(index).map(|part| part.to_string());
        assert_eq!(share("hash:/20", Some("0")).unwrap(), "1/20");
        assert_eq!(share("slice:/20", Some("19")).unwrap(), "20/20");
        assert_eq!(share("hash:3/20", Some("7")).unwrap(), "3/20");
        let error = |index| share("hash:/20", index).unwrap_err().to_string();
        assert!(
            error(None).starts_with("--partition: says not which of the 20 this is, write 1/20 to 20/20, or set JOB")
        );
        for bad in ["20", "-1", "x", "4294967295"] {
            let message =
                format!("--partition: JOB_COMPLETION_INDEX is \"{bad}\", of 20 partitions it counts from 0 to 19");
            assert!(error(Some(bad)).starts_with(&message), "{}", error(Some(bad)));
        }
    }

    /// The empty message, and the example of FIPS 180-4.
    #[test]
    fn the_hash_is_that_of_sha256() {
        assert_eq!(hash(""), 0xe3b0_c442_98fc_1c14);
        assert_eq!(hash("abc"), 0xba78_16bf_8f01_cfea);
    }
}
