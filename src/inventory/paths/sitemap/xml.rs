//! URLs of a sitemap in XML, by element and namespace; entities are not declared here, and none is expanded.

use quick_xml::NsReader;
use quick_xml::errors::{Error, IllFormedError};
use quick_xml::escape::resolve_xml_entity;
use quick_xml::events::{BytesRef, BytesStart, Event};
use quick_xml::name::ResolveResult;

use super::{Entry, Form};
use crate::inventory::paths::asked::shown;

/// Line, and what is wrong there.
type Misread = (u64, String);

/// A sitemap with all its extensions is not half as deep.
const DEEPEST: usize = 32;

pub(super) fn entries(text: &str) -> Result<(Form, Vec<Entry<'static>>), Misread> {
    let mut reader = NsReader::from_str(text);
    reader.config_mut().expand_empty_elements = true;
    let mut lines = Lines { text: text.as_bytes(), at: 0, line: 1 };
    let mut walk = Walk::default();
    loop {
        let read = reader.read_resolved_event().map(|(space, event)| (walk.is_ours(&space, &event), event));
        let (is_ours, event) = match read {
            Ok(read) => read,
            Err(error) => return Err((lines.of(reader.error_position()), ill_formed(&error))),
        };
        let line = lines.of(reader.buffer_position());
        let step = match event {
            Event::Start(element) => walk.open(&element, is_ours),
            Event::End(_) => walk.close(line),
            Event::Text(text) => walk.text(text.decode().map_err(|error| (line, error.to_string()))?.as_ref()),
            Event::CData(text) => walk.text(text.decode().map_err(|error| (line, error.to_string()))?.as_ref()),
            Event::GeneralRef(reference) => walk.reference(&reference),
            Event::DocType(doctype) if doctype.windows(8).any(|word| word == b"<!ENTITY") => {
                Err("declares entities, which no sitemap needs: write them out and take the DOCTYPE out".to_owned())
            }
            Event::Eof => return walk.done().map_err(|what| (line, what)),
            _ => Ok(()),
        };
        step.map_err(|what| (line, what))?;
    }
}

fn ill_formed(error: &Error) -> String {
    match error {
        Error::IllFormed(IllFormedError::UnclosedReference) => "an & in XML is written &amp;, mend it there".to_owned(),
        error => format!("is no XML ({}), mend it there", shown(&error.to_string())),
    }
}

/// Counts lines up to a position that only grows.
struct Lines<'t> {
    text: &'t [u8],
    at: usize,
    line: u64,
}

impl Lines<'_> {
    fn of(&mut self, position: u64) -> u64 {
        let end = usize::try_from(position).unwrap_or(usize::MAX).clamp(self.at, self.text.len());
        self.line += self.text[self.at..end].split(|byte| *byte == b'\n').skip(1).count() as u64;
        self.at = end;
        self.line
    }
}

/// Where the reader stands.
#[derive(Default)]
struct Walk {
    form: Option<Form>,
    /// The root's namespace, that of the protocol in whatever version.
    space: Vec<u8>,
    depth: usize,
    /// Within an entry of the root, and whether its URL was read.
    entry: Option<bool>,
    /// Within an entry's own `loc`.
    loc: Option<String>,
    found: Vec<Entry<'static>>,
}

impl Walk {
    /// Whether an element is the protocol's own; the outermost one says what that is.
    fn is_ours(&mut self, space: &ResolveResult<'_>, event: &Event<'_>) -> bool {
        let name: &[u8] = match space {
            ResolveResult::Bound(space) => space.as_ref(),
            ResolveResult::Unbound => b"",
            ResolveResult::Unknown(_) => return false,
        };
        if self.form.is_none() && matches!(event, Event::Start(_)) {
            self.space = name.to_vec();
        }
        self.space == name
    }

    fn open(&mut self, element: &BytesStart<'_>, is_ours: bool) -> Result<(), String> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(format!("is nested more than {DEEPEST} elements deep, that is no sitemap"));
        }
        let name = element.local_name();
        let name = name.as_ref();
        match (self.depth, self.form, &mut self.entry) {
            (1, None, _) => {
                self.form = Some(match name {
                    b"urlset" => Form::Pages,
                    b"sitemapindex" => Form::Index,
                    other => {
                        let other = shown(&String::from_utf8_lossy(other));
                        return Err(format!(
                            "the outermost element is <{other}>, a sitemap has <urlset> or <sitemapindex>"
                        ));
                    }
                });
            }
            (1, Some(_), _) => return Err("a second outermost element, keep one of them".to_owned()),
            (2, Some(Form::Pages), entry) if is_ours && name == b"url" => *entry = Some(false),
            (2, Some(Form::Index), entry) if is_ours && name == b"sitemap" => *entry = Some(false),
            (3, _, Some(true)) if is_ours && name == b"loc" => {
                return Err("a second <loc> in one entry, keep one of them".to_owned());
            }
            (3, _, Some(false)) if is_ours && name == b"loc" => self.loc = Some(String::new()),
            _ if self.loc.is_some() => return Err("an element within <loc>, write the URL alone".to_owned()),
            _ => {}
        }
        Ok(())
    }

    fn close(&mut self, line: u64) -> Result<(), String> {
        if let Some(loc) = self.loc.take() {
            let url = loc.trim();
            if url.is_empty() {
                return Err("<loc> holds no URL, write one or take the entry out".to_owned());
            }
            self.found.push((line, url.to_owned().into()));
            self.entry = Some(true);
        } else if self.depth == 2 && self.entry.take() == Some(false) {
            return Err("an entry without <loc>, add its URL or take it out".to_owned());
        }
        self.depth = self.depth.saturating_sub(1);
        Ok(())
    }

    fn text(&mut self, text: &str) -> Result<(), String> {
        if let Some(loc) = &mut self.loc {
            loc.push_str(text);
        } else if self.depth == 0 && !text.trim().is_empty() {
            return Err(format!("\"{}\" stands outside of all elements, take it out", shown(text.trim())));
        }
        Ok(())
    }

    fn reference(&mut self, reference: &BytesRef<'_>) -> Result<(), String> {
        let Some(loc) = &mut self.loc else { return Ok(()) };
        let name = reference.decode().map_err(|error| error.to_string())?;
        let unknown = || format!("\"&{};\" is no entity of XML, write the character or its number", shown(&name));
        match reference.resolve_char_ref().map_err(|_| unknown())? {
            Some(character) => loc.push(character),
            None => loc.push_str(resolve_xml_entity(&name).ok_or_else(unknown)?),
        }
        Ok(())
    }

    fn done(self) -> Result<(Form, Vec<Entry<'static>>), String> {
        match self.form {
            Some(form) if self.depth == 0 => Ok((form, self.found)),
            Some(_) => Err("ends within an element, is it cut off?".to_owned()),
            None => Err("holds no element, a sitemap has <urlset> or <sitemapindex>".to_owned()),
        }
    }
}
