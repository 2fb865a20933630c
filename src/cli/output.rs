//! Writes what was found: to standard output, and to files that are whole or not there at all.

use std::fs::{File, OpenOptions};
use std::io::{self, IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use super::gate_flags::{Color, Target, Written};
use super::{AppError, annotated};
use crate::exit;
use crate::model::{Outcome, Report};
use crate::report::{Format, Look, defused, unheard};

/// Where a run's reports go, opened before anything is sent.
pub(super) struct Outputs {
    format: &'static Format,
    look: Look,
    files: Vec<(Target, Sink)>,
    /// GitHub's summary of the step, where a report is for GitHub.
    step_summary: Option<(&'static Format, File)>,
    /// When a run last passed, by the metrics that are about to be replaced.
    last_passed_at: Option<String>,
}

pub(super) enum Sink {
    /// Written beside its place, then renamed.
    Renamed { file: NamedTempFile, to: PathBuf },
    /// A device or a pipe, which cannot be replaced.
    Direct(File),
}

impl Outputs {
    pub(super) fn open(flags: &Written, events: Option<&Path>) -> Result<Self, AppError> {
        each_its_own(&flags.report, events)?;
        let open = |target: &Target| {
            let sink = Sink::open(&target.path).map_err(|error| {
                AppError::Usage(format!(
                    "--report {}: {error}, choose a file that can be written",
                    target.path.display()
                ))
            })?;
            Ok((target.clone(), sink))
        };
        let files = flags.report.iter().map(open).collect::<Result<_, AppError>>()?;
        Ok(Self {
            format: flags.format,
            look: look(flags.color),
            files,
            step_summary: step_summary(flags)?,
            last_passed_at: flags.report.iter().filter_map(last_passed_at).max(),
        })
    }

    /// Writes all of them, as far as it can: one that fails spoils no other.
    pub(super) fn write(self, mut report: Report) -> Result<(), AppError> {
        report.run.last_passed_at = last_passed(&report, self.last_passed_at);
        let report = &report;
        let mut failed = Vec::new();
        for (target, sink) in self.files {
            if let Err(error) = sink.write(&rendered(target.format, report, Look::PLAIN)) {
                failed.push(format!("{}: {error}", target.path.display()));
            }
        }
        if let Some((format, mut file)) = self.step_summary
            && let Err(error) = file.write_all(&(format.render)(report, Look::PLAIN))
        {
            failed.push(format!("${STEP_SUMMARY}: {error}"));
        }
        if let Err(error) = to_stdout(&rendered(self.format, report, self.look)) {
            failed.push(format!("standard output: {error}"));
        }
        if failed.is_empty() { Ok(()) } else { Err(AppError::Unwritten(failed.join("; "))) }
    }
}

/// No two outputs are one file.
fn each_its_own(reports: &[Target], events: Option<&Path>) -> Result<(), AppError> {
    let places: Vec<PathBuf> = reports.iter().map(|target| resolved(&target.path)).collect();
    for (nth, target) in reports.iter().enumerate() {
        let is_file = !target.path.exists() || target.path.is_file();
        let path = target.path.display();
        if is_file && places[..nth].contains(&places[nth]) {
            return Err(AppError::Usage(format!("--report {path}: stands twice, give each report a file of its own")));
        }
        if let Some(events) = events.filter(|events| is_file && resolved(events) == places[nth]) {
            let events = events.display();
            let what = format!("--events {events} and --report {path}: are one file, give each a file of its own");
            return Err(AppError::Usage(what));
        }
    }
    Ok(())
}

/// Where a path leads, though its last part may not be there yet.
fn resolved(path: &Path) -> PathBuf {
    let of_folder = || Some(folder_of(path).canonicalize().ok()?.join(path.file_name()?));
    path.canonicalize().ok().or_else(of_folder).unwrap_or_else(|| path.to_owned())
}

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

fn rendered(format: &Format, report: &Report, look: Look) -> Vec<u8> {
    if format.step_summary.is_some() {
        return (format.render)(&annotated::placed(report), look);
    }
    (format.render)(report, look)
}

/// When a run last passed, this one or one before. A report that was decided again is no pass of its own.
fn last_passed(report: &Report, before: Option<String>) -> Option<String> {
    let (gate, run) = (&report.gate, &report.run);
    if gate.outcome == Outcome::Pass && gate.exit_code == exit::PASS {
        return Some(run.finished_at.clone());
    }
    run.last_passed_at.clone().filter(|at| *at != run.finished_at).max(before)
}

/// GitHub's variable for the file that a step's summary is appended to.
const STEP_SUMMARY: &str = "GITHUB_STEP_SUMMARY";

fn step_summary(flags: &Written) -> Result<Option<(&'static Format, File)>, AppError> {
    let mut formats = flags.report.iter().map(|target| target.format).chain([flags.format]);
    let summary = formats.find_map(|format| format.step_summary);
    let path = std::env::var_os(STEP_SUMMARY).filter(|path| !path.is_empty());
    let Some((summary, path)) = summary.zip(path) else { return Ok(None) };
    let opened = OpenOptions::new().append(true).create(true).open(&path);
    opened.map(|file| Some((summary, file))).map_err(|error| {
        AppError::Usage(format!("${STEP_SUMMARY} {}: {error}, name a file that can be written", path.display()))
    })
}

/// When a run last passed, as the file knows that is about to be replaced.
fn last_passed_at(target: &Target) -> Option<String> {
    let read = target.format.last_pass?;
    read(&std::fs::read_to_string(&target.path).ok()?)
}

impl Sink {
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        // What a link points to is replaced, not the link.
        let to = path.canonicalize().unwrap_or_else(|_| path.to_owned());
        match to.metadata() {
            Ok(known) if known.is_dir() => return Err(io::Error::other("is a folder")),
            Ok(known) if !known.is_file() => return Ok(Self::Direct(OpenOptions::new().write(true).open(&to)?)),
            Ok(known) if known.permissions().readonly() => return Err(io::ErrorKind::PermissionDenied.into()),
            Ok(_) | Err(_) => {}
        }
        let prefix = format!(".{}.", to.file_name().unwrap_or_default().to_string_lossy());
        let mut named = tempfile::Builder::new();
        named.prefix(&prefix).suffix(".part");
        // Opened here: its name means nothing to whom an error names the report.
        let file = named.make_in(folder_of(&to), |beside| File::create_new(beside))?;
        Ok(Self::Renamed { file, to })
    }

    pub(super) fn write(self, bytes: &[u8]) -> io::Result<()> {
        match self {
            Self::Renamed { mut file, to } => {
                file.as_file_mut().write_all(bytes)?;
                file.as_file().sync_all()?;
                file.persist(to).map(drop).map_err(|error| error.error)
            }
            Self::Direct(mut file) => file.write_all(bytes),
        }
    }
}

/// A reader that has seen enough, as `head` has, is no failure.
pub(super) fn to_stdout(bytes: &[u8]) -> io::Result<()> {
    stream(|out| out.write_all(bytes))
}

/// The same piece by piece, for what is too long to be held whole.
pub(super) fn stream(write: impl FnOnce(&mut dyn io::Write) -> io::Result<()>) -> io::Result<()> {
    let mut out = io::BufWriter::new(io::stdout().lock());
    match write(&mut out).and_then(|()| out.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        done => done,
    }
}

/// The code a run ends with once it is told: what could not be written fails what had passed, and outweighs nothing else.
pub(super) fn ended(code: u8, written: Result<(), AppError>) -> Result<u8, AppError> {
    match written {
        Err(error) if code == exit::PASS => Err(error),
        Err(error) => {
            complain(&error);
            Ok(code)
        }
        Ok(()) => Ok(code),
    }
}

/// A message for people. No word in it that came from outside moves a terminal, or is a command to a CI server's log.
pub(super) fn say(text: &str) {
    let harmless: Vec<String> = text.split('\n').map(defused).collect();
    let _ = writeln!(io::stderr().lock(), "{}", unheard(&harmless.join("\n")));
}

/// An error: one line, whatever stands in what it names.
pub(super) fn complain(error: &AppError) {
    say(&defused(&format!("error: {error}")));
}

pub(super) fn look(color: Color) -> Look {
    let terminal = io::stdout().is_terminal();
    let plain = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
    let color = match color {
        Color::Always => true,
        Color::Never => false,
        Color::Auto => terminal && !plain("NO_COLOR") && !dumb,
    };
    let width = if terminal { terminal_width() } else { Look::PLAIN.width };
    Look { color, width }
}

/// The terminal's width, within what reads well.
fn terminal_width() -> u16 {
    let (_, columns) = console::Term::stdout().size();
    columns.clamp(60, 140)
}
