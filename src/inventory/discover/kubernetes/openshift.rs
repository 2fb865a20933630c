//! A Route of `OpenShift`, by its host or by what the router gave it.

use std::sync::Arc;

use super::super::super::InventoryError;
use super::field::Field;
use super::hostname::Hostname;
use super::manifest::Object;
use super::paths::{Match, Paths};
use super::teller::{Place, Teller};

pub(super) fn tell(object: &Object<'_>, teller: &mut Teller<'_>) -> Result<(), InventoryError> {
    let Some(spec) = object.spec()? else { return Ok(()) };
    let mut paths = Paths::default();
    paths.add(spec.word("path")?.unwrap_or("/"), Match::Prefix);
    let all_beside = spec.word("wildcardPolicy")? == Some("Subdomain");
    if let Some(field) = spec.filled("host")? {
        return tell_host(&field, all_beside, &paths, teller);
    }
    let given = object.root.get("status")?.map_or(Ok(Vec::new()), |status| status.list("ingress"))?;
    for router in &given {
        if let Some(field) = router.get("host")? {
            tell_host(&field, all_beside, &paths, teller)?;
        }
    }
    if given.is_empty() {
        let pattern = spec.word("subdomain")?.map_or("*".to_owned(), |subdomain| format!("{subdomain}.*"));
        teller.pattern(&Place::from(&spec), &pattern, "the router makes this host up");
    }
    Ok(())
}

fn tell_host(
    field: &Field<'_>,
    all_beside: bool,
    paths: &Paths,
    teller: &mut Teller<'_>,
) -> Result<(), InventoryError> {
    let name = Hostname::read(field.text()?).map_err(|why| field.fail(why))?;
    match &name {
        // The router answers for all names beside this one, so this one stands for them.
        Hostname::One(host) if all_beside && host.contains('.') => {
            let below = host.split_once('.').map_or("", |(_, below)| below);
            let sample: Arc<str> = host.as_str().into();
            teller.wildcard(&Place::from(field), &format!("*.{below}"), Some(sample), paths.named());
        }
        _ => teller.hostname(&Place::from(field), &name, paths.named()),
    }
    Ok(())
}
