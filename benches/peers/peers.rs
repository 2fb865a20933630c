//! What else a team might send such requests with, each as its makers mean it to be used.

use std::fmt::Write as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use super::bare::STREAMS;
use super::measure::{Measured, measured};
use super::stage::{EDGES, Stage, host, path};

/// The same connections and streams, one thread; it looks at nothing that comes back.
pub(crate) fn h2load(stage: &Stage, requests: usize) -> Measured {
    let mut command = Command::new("h2load");
    // It keeps to one address: as many connections go there.
    command.args(["-n", &requests.to_string(), "-c", &EDGES.to_string(), "-m", &STREAMS.to_string(), "-t", "1"]);
    command.args(["-H", ":method: HEAD", "-H", "accept-encoding: identity"]);
    command.arg(format!("https://127.0.0.1:{}{}", stage.edge(0), path(0)));
    measured(&mut command, requests)
}

/// `curl --parallel` over as many URLs: by the tenants' own names, which it opens a connection each for, or each edge by
/// one name, so that its connection is shared.
pub(crate) fn curl(stage: &Stage, edges: usize, tenants: usize, paths: usize, by_name: bool) -> Measured {
    let mut config = String::from("parallel\nparallel-max = 300\nsilent\nhead\n");
    let _ = writeln!(config, "cacert = \"{}\"", stage.path("ca.pem").display());
    for edge in (0..edges).filter(|_| by_name) {
        let _ = writeln!(config, "resolve = \"*:{}:127.0.0.1\"", stage.edge(edge));
    }
    for tenant in 0..tenants {
        for nth in 0..paths {
            for edge in 0..edges {
                let (port, path, host) = (stage.edge(edge), path(nth), host(tenant));
                let url = if by_name {
                    format!("https://{host}:{port}{path}")
                } else {
                    format!("https://127.0.0.1:{port}{path}?{host}")
                };
                let _ = writeln!(config, "url = \"{url}\"\noutput = \"/dev/null\"");
            }
        }
    }
    let file = stage.path("curl.conf");
    std::fs::write(&file, config).unwrap();
    let mut command = Command::new("curl");
    command.arg("--config").arg(file);
    measured(&mut command, edges * tenants * paths)
}

/// Prometheus' prober: asked over HTTP to probe one target at a time, a connection each.
pub(crate) struct Blackbox(Child, u16);

impl Blackbox {
    pub(crate) fn start(stage: &Stage) -> Option<Self> {
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let config = stage.path("blackbox.yml");
        let module = "modules: { head: { prober: http, http: { method: HEAD, preferred_ip_protocol: ip4, \
                      tls_config: { insecure_skip_verify: true } } } }\n";
        std::fs::write(&config, module).unwrap();
        let started = Command::new("prometheus-blackbox-exporter")
            .arg(format!("--config.file={}", config.display()))
            .arg(format!("--web.listen-address=127.0.0.1:{port}"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .ok()?;
        while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
            std::thread::yield_now();
        }
        Some(Self(started, port))
    }

    /// Driven by h2load over HTTP/1.1, which costs next to nothing beside it.
    pub(crate) fn probe(&self, stage: &Stage, requests: usize) -> Measured {
        let target = format!("https%3A%2F%2F127.0.0.1%3A{}%2Fassets%2F0.js", stage.edge(0));
        let mut command = Command::new("h2load");
        command.args(["--h1", "-n", &requests.to_string(), "-c", "32", "-t", "1"]);
        command.arg(format!("http://127.0.0.1:{}/probe?module=head&target={target}", self.1));
        measured(&mut command, requests)
    }
}

impl Drop for Blackbox {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// What teams write today: a script on asyncio with aiohttp, a session for each edge, 64 requests under way.
pub(crate) fn python(stage: &Stage, edges: usize, tenants: usize, paths: usize) -> Measured {
    let script = stage.path("check.py");
    std::fs::write(&script, include_str!("check.py")).unwrap();
    let ports: Vec<String> = (0..edges).map(|nth| stage.edge(nth).to_string()).collect();
    let mut command = Command::new("/usr/bin/python3");
    command.arg(script).arg(stage.path("ca.pem")).arg(tenants.to_string()).arg(paths.to_string()).args(ports);
    measured(&mut command, edges * tenants * paths)
}

/// The program itself.
pub(crate) fn purgeproof(regions: &Path, tenants: &Path, checks: usize, more: &[&str]) -> Measured {
    let mut command = Command::new(env!("CARGO_BIN_EXE_purgeproof"));
    command.env("TOKIO_WORKER_THREADS", "2");
    command.arg("verify").arg("--regions").arg(regions).arg("--tenants").arg(tenants).args(["--no-progress", "-q"]);
    command.args(["--max-concurrency", "100000"].into_iter().chain(more.iter().copied()));
    measured(&mut command, checks)
}
