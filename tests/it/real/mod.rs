//! The built program against real caches, origins and name servers, each started for one test and ended with it.

mod black_hole;
mod causes;
mod cdn;
mod certificates;
mod content;
mod converging;
mod counting;
mod dnsdist;
mod environments;
mod geography;
mod names;
mod nginx;
mod pace;
mod plain;
mod pops;
mod powerdns;
mod protocols;
mod proxies;
mod proxy;
mod silence;
mod varnish;
