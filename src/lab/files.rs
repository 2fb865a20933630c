//! The lab as a probe is told of it: regions file, tenants file, authority. It never starts or asks anything.

use std::fmt::Write as _;
use std::path::Path;

use super::LabError;
use super::options::host_of;
use super::running::Lab;

/// The authority's file, as the regions file names it.
const CA_FILE: &str = "lab-ca.pem";

impl Lab {
    /// The regions file.
    pub fn regions_toml(&self) -> String {
        let scheme = if self.options().tls { "https" } else { "http" };
        let ca_file = if self.options().tls { format!("ca_file = {}\n", quoted(CA_FILE)) } else { String::new() };
        let mut text = format!(
            "schema = 1\nenvironment = \"lab\"\n\n\
             [origin]\nurl = \"{scheme}://{}\"\nhost = \"{{host}}\"\nsni = \"{{host}}\"\n{ca_file}\n\
             [defaults]\nscheme = \"{scheme}\"\nedge_rate = \"none\"\n{ca_file}",
            self.origin(),
        );
        for region in &self.options().regions {
            let _ = write!(text, "\n[regions.{}]\nname = {}\nedges = [\n", region.key, quoted(region.title));
            for edge in self.edges().iter().filter(|edge| edge.region == region.key) {
                let _ = write!(text, "  {{ name = {}", quoted(&edge.name));
                // A POP or a provider that the answers do not name cannot be expected of them.
                if edge.voice.names_pop() {
                    let _ = write!(text, ", pop = {}", quoted(edge.pop));
                }
                if let Some(provider) = edge.voice.provider() {
                    let _ = write!(text, ", provider = {}", quoted(provider));
                }
                let _ = writeln!(text, ", address = \"{}\" }},", edge.address);
            }
            text.push_str("]\n");
        }
        text
    }

    /// The tenants file.
    pub fn tenants_yaml(&self) -> String {
        let paths: Vec<String> = self.options().paths.iter().map(|path| quoted(path)).collect();
        let mut text =
            format!("schema: 1\ndefaults:\n  paths: [{}]\n  variants: [identity]\ntenants:\n", paths.join(", "));
        for id in self.options().tenant_ids() {
            let _ = write!(text, "  - id: {id}\n    host: {}\n", host_of(&id));
        }
        text
    }

    /// Writes `regions.toml`, `tenants.yaml` and, with TLS, `lab-ca.pem` into a directory that exists.
    pub fn write_files(&self, directory: &Path) -> Result<(), LabError> {
        let files = [
            ("regions.toml", Some(self.regions_toml())),
            ("tenants.yaml", Some(self.tenants_yaml())),
            (CA_FILE, self.ca_pem().map(str::to_owned)),
        ];
        for (name, text) in files {
            let path = directory.join(name);
            if let Some(text) = text {
                std::fs::write(&path, text).map_err(|source| LabError::Write { path, source })?;
            }
        }
        Ok(())
    }
}

/// A string as JSON, YAML and TOML all read it.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
