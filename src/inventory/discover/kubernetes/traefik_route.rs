//! Traefik's `IngressRoute`, by the rules of its routes.

use super::super::super::InventoryError;
use super::super::traefik::{Named, hosts};
use super::manifest::Object;
use super::teller::{Place, Teller};

pub(super) fn tell(object: &Object<'_>, teller: &mut Teller<'_>) -> Result<(), InventoryError> {
    let routes = object.spec()?.map_or(Ok(Vec::new()), |spec| spec.list("routes"))?;
    for route in routes {
        let Some(rule) = route.get("match")? else {
            return Err(route.fail("needs \"match\", write match: Host(`shop.example.com`)"));
        };
        let place = Place::from(&rule);
        for named in hosts(rule.text()?).map_err(|why| rule.fail(why))? {
            match named {
                Named::Host(name) | Named::Wildcard(name) if object.kind == "IngressRouteTCP" => {
                    teller.unprobeable(&place, &name, super::NOT_HTTP.to_owned());
                }
                // Any connection to a port: nothing by name.
                Named::Pattern { .. } if object.kind == "IngressRouteTCP" => {}
                named => teller.named(&place, &named),
            }
        }
    }
    Ok(())
}
