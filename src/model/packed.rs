use std::borrow::Cow;

use super::{Digest, Validators};

/// How many of the validators are text.
const TEXTS: usize = 11;

/// [`Validators`] kept in few bytes, for there may be millions of them: all text is one, with the end of each part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Packed {
    status: u16,
    /// By bit, which texts there are.
    there: u16,
    ends: [u32; TEXTS],
    text: Box<str>,
    digest: Option<Box<Digest>>,
}

impl Packed {
    /// The status code.
    pub const fn status(&self) -> u16 {
        self.status
    }

    /// The decoded body, where it was read.
    pub fn digest(&self) -> Option<&Digest> {
        self.digest.as_deref()
    }

    /// As they were.
    pub fn view(&self) -> Validators<'_> {
        let mut begin = 0;
        let mut next = (0..TEXTS).map(|nth| {
            let end = self.ends[nth] as usize;
            let text = (self.there & 1 << nth != 0).then(|| self.text.get(begin..end).unwrap_or_default());
            begin = end;
            text.map(Cow::Borrowed)
        });
        let mut next = || next.next().flatten();
        Validators {
            status: self.status,
            etag: next(),
            last_modified: next(),
            content_length: next(),
            content_encoding: next(),
            content_type: next(),
            location: next(),
            repr_digest: next(),
            cache_control: next(),
            cdn_cache_control: next(),
            surrogate_control: next(),
            vary: next(),
            digest: self.digest.as_deref().copied(),
        }
    }
}

impl From<&Validators<'_>> for Packed {
    fn from(validators: &Validators<'_>) -> Self {
        // In the order in which they are taken out again; none is left out unseen.
        let Validators {
            status,
            etag,
            last_modified,
            content_length,
            content_encoding,
            content_type,
            location,
            repr_digest,
            cache_control,
            cdn_cache_control,
            surrogate_control,
            vary,
            digest,
        } = validators;
        let texts: [&Option<Cow<'_, str>>; TEXTS] = [
            etag,
            last_modified,
            content_length,
            content_encoding,
            content_type,
            location,
            repr_digest,
            cache_control,
            cdn_cache_control,
            surrogate_control,
            vary,
        ];
        let mut packed = Self {
            status: *status,
            there: 0,
            ends: [0; TEXTS],
            text: texts.into_iter().flatten().map(|text| &**text).collect(),
            digest: digest.map(Box::new),
        };
        let mut end = 0;
        for (nth, text) in texts.into_iter().enumerate() {
            packed.there |= u16::from(text.is_some()) << nth;
            end += text.as_ref().map_or(0, |text| u32::try_from(text.len()).unwrap_or(u32::MAX));
            packed.ends[nth] = end;
        }
        packed
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_is_packed_comes_out_as_it_was(
            texts in prop::collection::vec(prop::option::of("\\PC{0,20}"), TEXTS),
            status in 100_u16..600,
            digest in prop::option::of(any::<([u8; 32], u64)>()),
        ) {
            let mut texts = texts.into_iter().map(|text| text.map(Cow::Owned));
            let mut next = || texts.next().flatten();
            let validators = Validators {
                status,
                etag: next(),
                last_modified: next(),
                content_length: next(),
                content_encoding: next(),
                content_type: next(),
                location: next(),
                repr_digest: next(),
                cache_control: next(),
                cdn_cache_control: next(),
                surrogate_control: next(),
                vary: next(),
                digest: digest.map(|(sha256, length)| Digest { sha256, length }),
            };
            let packed = Packed::from(&validators);
            prop_assert_eq!((packed.status(), packed.digest().copied()), (status, validators.digest));
            prop_assert_eq!(packed.view(), validators);
        }
    }

    #[test]
    fn it_takes_less_than_half() {
        assert!(size_of::<Packed>() * 3 <= size_of::<Validators<'_>>(), "{}", size_of::<Packed>());
    }
}
