//! The servers that everyone asks: one nginx, in whose place stand an origin and all edges, each on a port of its own.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tempfile::TempDir;

/// Edges, each on its port.
pub(crate) const EDGES: usize = 40;
pub(crate) struct Stage {
    folder: TempDir,
    nginx: Child,
    ports: Vec<u16>,
}

/// What every edge serves.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Certificates {
    /// One for all tenants.
    Shared,
    /// One for each: no connection can be shared.
    OneEach(usize),
}

impl Stage {
    pub(crate) fn start(certificates: Certificates) -> Self {
        Self::serving(certificates, "object")
    }

    /// The same, but the first 25 tenants get an old copy from every edge.
    pub(crate) fn partly_old() -> Self {
        Self::serving(Certificates::Shared, "$content")
    }

    fn serving(certificates: Certificates, content: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let ports = free_ports(EDGES + 1);
        write_content(folder.path());
        write_certificates(folder.path(), certificates);
        std::fs::write(folder.path().join("nginx.conf"), configuration(&ports, certificates, content)).unwrap();
        let nginx = Command::new("nginx")
            .arg("-p")
            .arg(folder.path())
            .args(["-c", "nginx.conf", "-e", "error.log"])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("nginx is needed: apt-get install nginx");
        let stage = Self { folder, nginx, ports };
        stage.wait();
        stage
    }

    /// Until it takes connections.
    fn wait(&self) {
        while std::net::TcpStream::connect(("127.0.0.1", self.ports[EDGES])).is_err() {
            std::thread::yield_now();
        }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The port of an edge.
    pub(crate) fn edge(&self, nth: usize) -> u16 {
        self.ports[nth + 1]
    }

    /// regions.toml and a tenants file of so many tenants.
    pub(crate) fn files(&self, tenants: usize, paths: usize) -> [PathBuf; 2] {
        let mut regions = format!(
            "schema = 1\n[origin]\nurl = \"https://127.0.0.1:{}\"\nca_file = \"ca.pem\"\nsamples = 1\n\
             concurrency = 64\nrate = \"none\"\n[defaults]\nca_file = \"ca.pem\"\nedge_rate = \"none\"\n[regions.all]\nedges = [\n",
            self.ports[0]
        );
        for nth in 0..EDGES {
            let _ = writeln!(regions, "  {{ name = \"e{nth:02}\", address = \"127.0.0.1:{}\" }},", self.edge(nth));
        }
        regions.push_str("]\n");
        let paths: Vec<String> = (0..paths).map(path).collect();
        let tenants: Vec<_> =
            (0..tenants).map(|nth| serde_json::json!({ "id": format!("t{nth}"), "host": host(nth) })).collect();
        let tenants = serde_json::json!({ "schema": 1, "defaults": { "paths": paths }, "tenants": tenants });
        let files = [self.path("regions.toml"), self.path("tenants.json")];
        std::fs::write(&files[0], regions).unwrap();
        std::fs::write(&files[1], tenants.to_string()).unwrap();
        files
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        let _ = self.nginx.kill();
        let _ = self.nginx.wait();
    }
}

pub(crate) fn host(tenant: usize) -> String {
    format!("t{tenant}.bench.example")
}

pub(crate) fn path(nth: usize) -> String {
    format!("/assets/{nth}.js")
}

fn free_ports(count: usize) -> Vec<u16> {
    let held: Vec<_> = (0..count).map(|_| std::net::TcpListener::bind("127.0.0.1:0").unwrap()).collect();
    held.iter().map(|listener| listener.local_addr().unwrap().port()).collect()
}

/// One object for everything; what is old stands beside it.
fn write_content(folder: &Path) {
    std::fs::create_dir(folder.join("www")).unwrap();
    std::fs::write(folder.join("www/object"), vec![b'x'; 1 << 10]).unwrap();
    std::fs::write(folder.join("www/old"), vec![b'o'; 1 << 10]).unwrap();
    let long_ago = std::time::SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000);
    std::fs::File::open(folder.join("www/old")).unwrap().set_modified(long_ago).unwrap();
}

fn write_certificates(folder: &Path, certificates: Certificates) {
    use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair, KeyUsagePurpose};
    let mut authority = CertificateParams::default();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    authority.distinguished_name.push(rcgen::DnType::CommonName, "bench authority");
    authority.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    let authority = CertifiedIssuer::self_signed(authority, KeyPair::generate().unwrap()).unwrap();
    std::fs::write(folder.join("ca.pem"), authority.pem()).unwrap();
    let make = |file: &str, names: Vec<String>| {
        let key = KeyPair::generate().unwrap();
        let made = CertificateParams::new(names).unwrap().signed_by(&key, &authority).unwrap();
        std::fs::write(folder.join(file), format!("{}{}", made.pem(), key.serialize_pem())).unwrap();
    };
    match certificates {
        Certificates::Shared => make("server.pem", vec!["*.bench.example".to_owned(), "127.0.0.1".to_owned()]),
        Certificates::OneEach(tenants) => {
            (0..tenants).for_each(|nth| make(&format!("{}.pem", host(nth)), vec![host(nth)]));
        }
    }
}

fn configuration(ports: &[u16], certificates: Certificates, content: &str) -> String {
    let listen = |ports: &[u16]| {
        ports.iter().fold(String::new(), |mut all, port| {
            let _ = writeln!(all, "listen 127.0.0.1:{port} ssl http2 backlog=8192;");
            all
        })
    };
    let certificate = match certificates {
        Certificates::Shared => "server.pem",
        Certificates::OneEach(_) => "$ssl_server_name.pem",
    };
    let server = |ports: &[u16], content: &str| {
        let listen = listen(ports);
        format!(
            "server {{ {listen} ssl_certificate {certificate}; ssl_certificate_key {certificate}; ssl_protocols TLSv1.3;\n\
             ssl_session_tickets off; root www; location / {{ try_files /{content} =404; }} }}\n"
        )
    };
    let (origin, edges) = (server(&ports[..1], "object"), server(&ports[1..], content));
    format!(
        "daemon off; worker_processes 1; pid nginx.pid; worker_rlimit_nofile 65536;\n\
         events {{ worker_connections 32768; }}\n\
         http {{ access_log off; keepalive_requests 1000000000; keepalive_timeout 300s;\n\
         client_body_temp_path t1; proxy_temp_path t2; fastcgi_temp_path t3; uwsgi_temp_path t4; scgi_temp_path t5;\n\
         open_file_cache max=1000; open_file_cache_valid 60s;\n\
         map $host $content {{ default object; \"~^t([0-9]|1[0-9]|2[0-4])\\\\.\" old; }}\n\
         {origin} {edges} }}\n"
    )
}
