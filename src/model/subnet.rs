use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

/// A network of clients: `198.51.100.0/24`, `2001:db8::/56`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Subnet {
    address: IpAddr,
    prefix: u8,
}

/// Why a text is no subnet.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SubnetError {
    /// Neither an address nor a prefix.
    #[error("\"{0}\" is no subnet, write it like \"198.51.100.0/24\" or \"2001:db8::/56\"")]
    Shape(String),
    /// An address alone.
    #[error("\"{0}\" has no prefix length, write \"{1}\"")]
    NoPrefix(String, Subnet),
    /// More bits than an address has, or none.
    #[error("\"{0}\" has a prefix of {1} bits, write one from 1 to {2}")]
    Prefix(String, u16, u8),
    /// An address within the subnet.
    #[error("\"{0}\" has bits behind its prefix, write \"{1}\"")]
    HostBits(String, Subnet),
}

impl Subnet {
    /// The subnet that this address lies in.
    fn around(address: IpAddr, prefix: u8) -> Self {
        let address = match address {
            IpAddr::V4(v4) => {
                Ipv4Addr::from_bits(v4.to_bits() & !u32::MAX.checked_shr(prefix.into()).unwrap_or(0)).into()
            }
            IpAddr::V6(v6) => {
                Ipv6Addr::from_bits(v6.to_bits() & !u128::MAX.checked_shr(prefix.into()).unwrap_or(0)).into()
            }
        };
        Self { address, prefix }
    }

    /// Its first address.
    pub const fn address(&self) -> IpAddr {
        self.address
    }

    /// How many bits of the address count.
    pub const fn prefix(&self) -> u8 {
        self.prefix
    }
}

impl FromStr for Subnet {
    type Err = SubnetError;

    fn from_str(text: &str) -> Result<Self, SubnetError> {
        let shape = || SubnetError::Shape(text.to_owned());
        let (address, prefix) = text.split_once('/').map_or((text, None), |(address, prefix)| (address, Some(prefix)));
        let address: IpAddr = address.parse().map_err(|_| shape())?;
        // What RFC 7871 section 11.1 advises to reveal at most.
        let (most, usual) = if address.is_ipv4() { (32, 24) } else { (128, 56) };
        let Some(prefix) = prefix else {
            return Err(SubnetError::NoPrefix(text.to_owned(), Self::around(address, usual)));
        };
        let bits: u16 = prefix.parse().map_err(|_| shape())?;
        let prefix = u8::try_from(bits).ok().filter(|bits| (1..=most).contains(bits));
        let prefix = prefix.ok_or_else(|| SubnetError::Prefix(text.to_owned(), bits, most))?;
        let around = Self::around(address, prefix);
        if around.address == address { Ok(around) } else { Err(SubnetError::HostBits(text.to_owned(), around)) }
    }
}

impl fmt::Display for Subnet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address, self.prefix)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_subnet_is_an_address_and_a_prefix() {
        for text in ["198.51.100.0/24", "2001:db8::/56", "10.0.0.0/8", "192.0.2.1/32", "2001:db8::1/128", "0.0.0.0/1"] {
            assert_eq!(text.parse::<Subnet>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn what_is_no_subnet_says_what_to_write() {
        for (text, message) in [
            ("here", "\"here\" is no subnet, write it like \"198.51.100.0/24\" or \"2001:db8::/56\""),
            (
                "198.51.100.0/x",
                "\"198.51.100.0/x\" is no subnet, write it like \"198.51.100.0/24\" or \"2001:db8::/56\"",
            ),
            ("198.51.100.7", "\"198.51.100.7\" has no prefix length, write \"198.51.100.0/24\""),
            ("2001:db8::1", "\"2001:db8::1\" has no prefix length, write \"2001:db8::/56\""),
            ("198.51.100.0/33", "\"198.51.100.0/33\" has a prefix of 33 bits, write one from 1 to 32"),
            ("2001:db8::/0", "\"2001:db8::/0\" has a prefix of 0 bits, write one from 1 to 128"),
            ("198.51.100.7/24", "\"198.51.100.7/24\" has bits behind its prefix, write \"198.51.100.0/24\""),
        ] {
            assert_eq!(text.parse::<Subnet>().unwrap_err().to_string(), message);
        }
    }

    proptest! {
        #[test]
        fn what_parses_prints_as_it_was_read(text in "[0-9a-f.:]{0,20}(/[0-9]{0,4})?") {
            if let Ok(subnet) = text.parse::<Subnet>() {
                prop_assert_eq!(subnet.to_string().parse(), Ok(subnet));
            }
        }

        #[test]
        fn the_subnet_around_any_address_is_one(bits in any::<u128>(), prefix in 1_u8..=128) {
            let subnet = Subnet::around(Ipv6Addr::from_bits(bits).into(), prefix);
            prop_assert_eq!(subnet.to_string().parse(), Ok(subnet));
        }
    }
}
