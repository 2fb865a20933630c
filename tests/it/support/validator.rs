//! Whether something keeps to a schema, as an independent validator says: Debian's python3-jsonschema.

use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use super::run;

/// One line for each instance: nothing where it is valid, else what is wrong.
const VALIDATOR: &str = "
import json, sys
import jsonschema
asked = json.load(sys.stdin)
cls = jsonschema.validators.validator_for(asked['schema'])
cls.check_schema(asked['schema'])
for instance in asked['instances']:
    errors = [e.json_path + ': ' + e.message[:200] for e in cls(asked['schema']).iter_errors(instance)]
    print(json.dumps(errors))
";

/// YAML 1.2, in which `on` is no boolean.
const YAML: &str = "
import json, re, sys, yaml
class Loader(yaml.SafeLoader): pass
boolean = 'tag:yaml.org,2002:bool'
Loader.yaml_implicit_resolvers = {
    first: [known for known in all if known[0] != boolean] for first, all in Loader.yaml_implicit_resolvers.items()}
Loader.add_implicit_resolver(boolean, re.compile('^(?:true|false)$', re.I), list('tTfF'))
json.dump(yaml.load(open(sys.argv[1]), Loader), sys.stdout)
";

/// What is wrong with each instance.
pub(crate) fn errors(schema: &Value, instances: &[Value]) -> Vec<Vec<String>> {
    let asked = json!({ "schema": schema, "instances": instances }).to_string();
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("asked.json"), asked).unwrap();
    let input = std::fs::File::open(folder.path().join("asked.json")).unwrap();
    let ran = run(Command::new("/usr/bin/python3").args(["-c", VALIDATOR]).stdin(input));
    assert_eq!(ran.code, 0, "python3-jsonschema must be installed: {}", ran.stderr);
    ran.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// What a file in YAML says.
pub(crate) fn yaml(file: &Path) -> Value {
    let ran = run(Command::new("/usr/bin/python3").args(["-c", YAML]).arg(file));
    assert_eq!(ran.code, 0, "{} (python3-yaml must be installed): {}", file.display(), ran.stderr);
    serde_json::from_str(&ran.stdout).unwrap()
}
