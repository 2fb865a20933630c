//! `purgeproof inspect`: what each cache layer did, read from response heads.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use schemars::JsonSchema;
use serde::Serialize;

use super::AppError;
use super::output::stream;
use crate::clock::Clock;
use crate::model::{CacheStatus, City, Head, Layer, LayerRow, Reading, Timestamp, human};
use crate::report::{unheard, unspoken};
use crate::syntax::{heads, http_date};
use crate::{dialect, exit};

/// Read response heads, as `curl -I` prints them, and say what each cache layer did.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  curl -sI https://www.example.com/ | purgeproof inspect
  purgeproof inspect before.txt after.txt --format json
  purgeproof inspect session.har

Exit codes: 0 where at least one head was read, else 2.")]
pub(super) struct Args {
    /// Files with response heads, or HAR files; `-` or nothing reads standard input.
    files: Vec<PathBuf>,

    /// How to print what was read; `json` is one object a head, one line each.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// How readings are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum Format {
    /// Lines for people.
    #[default]
    Text,
    /// One object a head, one line each.
    Json,
}

pub(super) fn run(args: &Args) -> Result<u8, AppError> {
    let standard_input = [PathBuf::from("-")];
    let files = if args.files.is_empty() { &standard_input[..] } else { &args.files };
    let mut all = Vec::new();
    for file in files {
        let text = contents(file).map_err(|error| AppError::Usage(format!("{}: {error}", named(file))))?;
        all.extend(heads::parse(&text));
    }
    if all.is_empty() {
        let names: Vec<_> = files.iter().map(|file| named(file)).collect();
        return Err(AppError::Usage(format!(
            "{}: no response head found; give it what `curl -sI URL` prints, or a HAR file",
            names.join(", ")
        )));
    }
    let now = Clock::start().wall();
    stream(|out| print(&all, args.format, now, out))
        .map_err(|error| AppError::Unwritten(format!("standard output: {error}")))?;
    Ok(exit::PASS)
}

/// Heads and HAR files are far smaller; what is larger is something else.
const LARGEST: u64 = 64 << 20;

fn is_standard_input(file: &Path) -> bool {
    file.as_os_str() == "-"
}

fn named(file: &Path) -> Cow<'_, str> {
    if is_standard_input(file) { Cow::Borrowed("standard input") } else { file.to_string_lossy() }
}

fn contents(file: &Path) -> io::Result<Vec<u8>> {
    let mut text = Vec::new();
    let read = if is_standard_input(file) {
        io::stdin().lock().take(LARGEST + 1).read_to_end(&mut text)?
    } else {
        std::fs::File::open(file)?.take(LARGEST + 1).read_to_end(&mut text)?
    };
    if read as u64 > LARGEST {
        return Err(io::Error::other(format!("more than {} MiB, give it less at once", LARGEST >> 20)));
    }
    Ok(text)
}

/// Prints what each head says; `now` is when those arrived that bear no `Date`.
pub fn print(all: &[Head], format: Format, now: Timestamp, out: &mut (impl Write + ?Sized)) -> io::Result<()> {
    for (at, head) in all.iter().enumerate() {
        let reading = dialect::read(head, received(head, now));
        match format {
            Format::Json => writeln!(out, "{}", unspoken(&json(head, &reading)?))?,
            Format::Text => {
                let gap = if at == 0 { "" } else { "\n" };
                write!(out, "{gap}{}", unheard(&text(head, &reading)))?;
            }
        }
    }
    out.flush()
}

/// A head on paper says by its `Date` when it was made; how long ago it was saved does not make its copy older.
fn received(head: &Head, now: Timestamp) -> Timestamp {
    head.first("date").and_then(|date| http_date::parse(&date)).unwrap_or(now)
}

const SCHEMA: &str = "purgeproof.inspect/1";

/// One line of `purgeproof inspect --format json`: what one head says.
#[derive(Serialize, JsonSchema)]
pub(super) struct Inspected<'r> {
    #[schemars(extend("const" = SCHEMA))]
    schema: &'static str,
    /// Whose the cache nearest the client is.
    provider: &'r str,
    /// What it did.
    status: &'static str,
    /// Where it stands.
    pop: Option<&'r str>,
    /// The city of that POP.
    city: Option<City>,
    /// How old its copy is.
    age_seconds: Option<u64>,
    /// Every cache on the way, the origin's side first.
    layers: Vec<LayerRow>,
    etag: Option<Cow<'r, str>>,
    last_modified: Option<Cow<'r, str>>,
    /// How long the copy may be called fresh.
    lifetime: Option<dialect::Lifetime>,
    notes: Vec<&'r str>,
}

fn json(head: &Head, reading: &Reading) -> serde_json::Result<String> {
    let (lifetime, notes) = dialect::lifetime(reading.provider, head);
    let row = Inspected {
        schema: SCHEMA,
        provider: reading.provider,
        status: reading.status.id(),
        pop: reading.pop.as_deref(),
        city: city(reading),
        age_seconds: reading.age_seconds,
        layers: reading.layers.iter().map(layer_row).collect(),
        etag: head.first("etag"),
        last_modified: head.first("last-modified"),
        lifetime,
        notes: reading.notes.iter().chain(&notes).map(String::as_str).collect(),
    };
    let line = serde_json::to_string(&row)?;
    // What JSON allows unescaped can still steer a terminal; outside strings there is none of it.
    Ok(defused(&line, |char, plain| write!(plain, "\\u{:04x}", u32::from(char))).into_owned())
}

fn city(reading: &Reading) -> Option<City> {
    dialect::city(reading.provider, reading.pop.as_deref()?)
}

fn layer_row(layer: &Layer) -> LayerRow {
    LayerRow {
        provider: layer.provider.to_owned(),
        name: layer.name.clone(),
        status: layer.status.id().to_owned(),
        pop: layer.pop.clone(),
        age_seconds: layer.age_seconds,
        history: layer.history,
    }
}

fn text(head: &Head, reading: &Reading) -> String {
    let mut lines = String::new();
    // Writing to a string does not fail.
    let _ = describe(head, reading, &mut lines);
    defused(&lines, |char, plain| write!(plain, "{}", char.escape_default())).into_owned()
}

fn describe(head: &Head, reading: &Reading, lines: &mut String) -> std::fmt::Result {
    let provider = match reading.provider {
        "unknown" => "a cache that does not name itself, or none",
        known => known,
    };
    write!(lines, "{:?} {}: from {provider}", head.version, head.status)?;
    if let Some(pop) = &reading.pop {
        write!(lines, " at {pop}")?;
        describe_city(reading.provider, pop, lines)?;
    }
    write!(lines, ", {}", in_words(reading.status))?;
    if let Some(age) = reading.age_seconds {
        write!(lines, ", age {}", aged(age))?;
    }
    lines.push('\n');
    if reading.layers.len() > 1 {
        for layer in &reading.layers {
            describe_layer(layer, lines)?;
        }
    }
    for name in ["etag", "last-modified"] {
        if let Some(value) = head.first(name) {
            writeln!(lines, "  {name}: {value}")?;
        }
    }
    let (lifetime, notes) = dialect::lifetime(reading.provider, head);
    if let Some(lifetime) = lifetime {
        writeln!(lines, "  lifetime: {}, by {}", in_lifetime(&lifetime), lifetime.by)?;
    }
    describe_unknown(reading, lines)?;
    if reading.blocked {
        writeln!(lines, "  this is the provider's own challenge or block page")?;
    }
    reading.notes.iter().chain(&notes).try_for_each(|note| writeln!(lines, "  note: {note}"))
}

/// The city, unless that is what the POP says in letters.
fn describe_city(provider: &str, pop: &str, lines: &mut String) -> std::fmt::Result {
    match dialect::city(provider, pop) {
        Some(city) => write!(lines, " ({})", city.name),
        None => Ok(()),
    }
}

fn in_lifetime(lifetime: &dialect::Lifetime) -> String {
    match lifetime.seconds {
        Some(seconds) => format!("fresh for {}", aged(seconds)),
        None if lifetime.no_store => "not to be stored".to_owned(),
        None => "to be confirmed each time".to_owned(),
    }
}

/// What a head leaves open, and how to be told.
fn describe_unknown(reading: &Reading, lines: &mut String) -> std::fmt::Result {
    if reading.status.is_stored() && reading.age_seconds.is_none() {
        writeln!(lines, "  unknown: how old that copy is")?;
    }
    if reading.status == CacheStatus::Unknown {
        for (name, value) in dialect::debug_headers(reading.provider) {
            writeln!(lines, "  unknown: what it did; it may say so if asked with \"{name}: {value}\"")?;
        }
    }
    Ok(())
}

fn describe_layer(layer: &Layer, lines: &mut String) -> std::fmt::Result {
    write!(lines, "  {}", layer.provider)?;
    for part in [&layer.name, &layer.pop].into_iter().flatten() {
        write!(lines, " {part}")?;
    }
    if let Some(pop) = &layer.pop {
        describe_city(layer.provider, pop, lines)?;
    }
    write!(lines, ": {}", in_words(layer.status))?;
    if let Some(age) = layer.age_seconds {
        write!(lines, ", age {}", aged(age))?;
    }
    if layer.history {
        write!(lines, " (earlier, when a cache nearer to the client was filled)")?;
    }
    writeln!(lines)
}

/// `Age` counts whole seconds.
fn aged(seconds: u64) -> String {
    if seconds == 0 { "0 s".to_owned() } else { human(Duration::from_secs(seconds)) }
}

const fn in_words(status: CacheStatus) -> &'static str {
    match status {
        CacheStatus::Hit => "hit: a stored copy",
        CacheStatus::Stale => "stale: a stored copy that is out of date",
        CacheStatus::Updating => "updating: a stored copy that is out of date, while a new one is fetched",
        CacheStatus::Revalidated => "revalidated: a stored copy that whoever is behind confirmed",
        CacheStatus::Expired => "expired: the stored copy was too old, a new one was fetched",
        CacheStatus::Miss => "miss: fetched from behind",
        CacheStatus::Bypass => "bypass: not stored for this request",
        CacheStatus::Dynamic => "dynamic: not something this cache stores",
        CacheStatus::Synthetic => "synthetic: made by the cache itself",
        CacheStatus::Error => "error: the cache's own error",
        CacheStatus::Unknown => "unknown: it does not say what its cache did",
    }
}

/// Control characters and those that reorder text, escaped as the format has it; line ends are ours and stay.
fn defused(text: &str, escape: impl Fn(char, &mut String) -> std::fmt::Result) -> Cow<'_, str> {
    let steers = |char: char| {
        (char.is_control() && char != '\n') || matches!(char, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    if !text.contains(steers) {
        return Cow::Borrowed(text);
    }
    let mut plain = String::with_capacity(text.len() + 16);
    for char in text.chars() {
        if steers(char) {
            // Writing to a string does not fail.
            let _ = escape(char, &mut plain);
        } else {
            plain.push(char);
        }
    }
    Cow::Owned(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn printed(text: &str, format: Format) -> String {
        let mut out = Vec::new();
        let now = Timestamp::from_second(1_718_179_200).unwrap();
        print(&heads::parse(text.as_bytes()), format, now, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    const FASTLY: &str = "HTTP/2 200\nvia: 1.1 varnish, 1.1 varnish\nx-cache: MISS, HIT\nage: 96\netag: \"5f\"\n\
                          x-served-by: cache-jfk1-JFK, cache-ams2-AMS\n";

    #[test]
    fn json_is_one_object_a_head_in_the_agreed_shape() {
        let expected = r#"{"schema":"purgeproof.inspect/1","provider":"fastly","status":"hit","pop":"AMS","city":{"iata":"AMS","name":"Amsterdam"},"age_seconds":96,"layers":[{"provider":"fastly","name":"cache-jfk1-JFK","status":"miss","pop":"JFK","age_seconds":null,"history":true},{"provider":"fastly","name":"cache-ams2-AMS","status":"hit","pop":"AMS","age_seconds":96,"history":false}],"etag":"\"5f\"","last_modified":null,"lifetime":null,"notes":[]}"#;
        assert_eq!(printed(FASTLY, Format::Json), format!("{expected}\n"));
        assert_eq!(printed(&format!("{FASTLY}\n{FASTLY}"), Format::Json).lines().count(), 2);
    }

    #[test]
    fn text_names_provider_place_and_age() {
        let text = printed(FASTLY, Format::Text);
        assert!(
            text.starts_with("HTTP/2.0 200: from fastly at AMS (Amsterdam), hit: a stored copy, age 1 min 36 s\n"),
            "{text}"
        );
        assert!(text.contains("  fastly cache-jfk1-JFK JFK (New York): miss: fetched from behind (earlier"), "{text}");
        assert!(text.contains("  etag: \"5f\"\n"), "{text}");
    }

    #[test]
    fn text_says_how_long_a_copy_may_be_kept_and_what_stays_unknown() {
        // RFC 9213 section 2.2; the Pragma is https://techdocs.akamai.com/edge-diagnostics/docs/pragma-headers.
        let cloudflare = "HTTP/2 200\nserver: cloudflare\ncf-cache-status: HIT\ncache-control: max-age=5\n\
                          cdn-cache-control: max-age=600\n";
        let text = printed(cloudflare, Format::Text);
        assert!(text.contains("  lifetime: fresh for 10 min, by CDN-Cache-Control\n"), "{text}");
        assert!(text.contains("  unknown: how old that copy is\n"), "{text}");
        assert!(text.contains("  note: CDN-Cache-Control goes before Cache-Control at cloudflare\n"), "{text}");
        let row: serde_json::Value = serde_json::from_str(&printed(cloudflare, Format::Json)).unwrap();
        assert_eq!(
            (row["lifetime"]["seconds"].as_u64(), row["lifetime"]["by"].as_str()),
            (Some(600), Some("CDN-Cache-Control"))
        );
        let akamai = printed("HTTP/2 200\nserver: AkamaiGHost\ncache-control: no-store\n", Format::Text);
        assert!(akamai.contains("asked with \"Pragma: akamai-x-cache-on"), "{akamai}");
    }

    #[test]
    fn text_from_outside_cannot_steer_the_terminal() {
        let head = "HTTP/1.1 200 OK\nserver: cloudflare\ncf-ray: 1-\u{9b}31mA\u{202e}\netag: \"\u{1b}[2J\"\n";
        for format in [Format::Text, Format::Json] {
            let out = printed(head, format);
            assert!(!out.contains(['\u{9b}', '\u{202e}', '\u{1b}']), "{out:?}");
        }
        let line = printed(head, Format::Json);
        let value: serde_json::Value = serde_json::from_str(&line).unwrap();
        assert_eq!(value["pop"], "\u{9b}31MA\u{202e}");
    }

    #[test]
    fn a_saved_head_is_as_old_as_on_the_day_it_was_made() {
        let head = "HTTP/1.1 200 OK\nserver: BunnyCDN-DE1-1\ncdn-cache: HIT\ncdn-cachedat: 05/04/2023 10:00:00\n\
                    date: Thu, 04 May 2023 10:01:40 GMT\n";
        assert!(printed(head, Format::Json).contains("\"age_seconds\":100,"));
    }
}
