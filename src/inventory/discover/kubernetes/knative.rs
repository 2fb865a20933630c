//! Knative's `DomainMapping`, whose name is the host; a Service's tags make names of the cluster's own.

use super::super::super::InventoryError;
use super::hostname::Hostname;
use super::manifest::Object;
use super::teller::{Place, Teller};

pub(super) fn tell(object: &Object<'_>, teller: &mut Teller<'_>) -> Result<(), InventoryError> {
    let Some(field) = object.root.at(&["metadata", "name"])? else {
        return Err(object.root.fail("has no name, write the host as metadata.name"));
    };
    let name = Hostname::read(field.text()?).map_err(|why| field.fail(why))?;
    teller.hostname(&Place::from(&field), &name, &[]);
    Ok(())
}
