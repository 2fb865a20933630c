//! Variables that mean nothing, and a plan that programs read.

use serde_json::Value;

use super::Plain;
use crate::support::run;

#[test]
fn a_misspelt_variable_is_told_once_and_its_value_never() {
    let plain = Plain::start();
    let misspelt = |flags: &[&str]| run(plain.verify().env("PURGEPROOF_TIMEOUTS", "s3cret").args(flags));
    let said =
        "warning: the environment variable PURGEPROOF_TIMEOUTS means nothing, did you mean PURGEPROOF_TIMEOUT?\n";
    let ran = misspelt(&["--format", "json"]);
    assert_eq!((ran.code, ran.stderr.as_str()), (0, said));
    assert!(!ran.stdout.contains("s3cret"));
    assert_eq!(misspelt(&["--quiet"]).stderr, "");
    // A flag's, of another command; and one that is somebody's own.
    let ran = run(plain.verify().env("PURGEPROOF_NO_DEBUG_HEADERS", "1").env("PURGEPROOF_API_TOKEN", "s3cret"));
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
}

#[test]
fn a_plan_as_json_says_what_the_plan_for_people_says() {
    let plain = Plain::start();
    let ran = run(plain.verify().args(["--dry-run", "--format", "json", "--deadline", "2m"]));
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
    let planned: Value = serde_json::from_str(&ran.stdout).unwrap();
    let counts = ["tenants", "regions", "edges", "objects", "checks", "deadline_ms"].map(|key| planned[key].as_u64());
    assert_eq!(counts, [3, 1, 1, 3, 3, 120_000].map(Some));
    let (environment, address) = (&planned["environments"][0], plain.server.address.to_string());
    assert_eq!(environment["origin"]["url"], format!("http://{address}"));
    // Two looks at the start and one at the end for each object; 500 requests a second.
    assert_eq!(environment["origin"]["requests"], 9);
    assert_eq!(environment["origin"]["at_least_ms"], 18);
    let edge = serde_json::json!({ "region": "eu", "name": "fra", "at": address, "checks": 3, "at_least_ms": 6 });
    assert_eq!(environment["edges"], serde_json::json!([edge]));
    let text = run(plain.verify().args(["--dry-run", "--deadline", "2m"])).stdout;
    assert!(
        text.starts_with("3 tenants, 1 edge in 1 region, 3 objects: 3 checks\n") && text.contains(&address),
        "{text}"
    );
    assert!(!plain.server.was_asked(), "something was sent");
}

#[test]
fn an_empty_plan_is_json_too() {
    let plain = Plain::start();
    let ran = run(plain.verify().args(["--dry-run", "--format", "json", "--only", "tenant=nobody"]));
    let planned: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!((ran.code, &planned["checks"]), (4, &0.into()));
}
