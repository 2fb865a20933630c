//! A name server that falls silent during the run.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket};

use hickory_resolver::proto::op::{Message, MessageType};
use hickory_resolver::proto::rr::rdata::A;
use hickory_resolver::proto::rr::{Name, RData, Record, RecordType};
use serde_json::Value;

use super::{tenants, write};
use crate::support::purgeproof;
use crate::support::responder::{Responder, answer};
use crate::support::run;

/// Tells where the first so many names are; to whoever asks for more it does not speak.
fn falling_silent(after: usize, leads_to: Ipv4Addr) -> SocketAddr {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    let at = socket.local_addr().unwrap();
    std::thread::spawn(move || {
        let mut told: BTreeSet<Name> = BTreeSet::new();
        let mut packet = [0; 4096];
        while let Ok((length, from)) = socket.recv_from(&mut packet) {
            let mut message = Message::from_vec(&packet[..length]).unwrap();
            let (name, kind) = (message.queries[0].name().clone(), message.queries[0].query_type());
            if !told.contains(&name) && told.len() == after {
                continue;
            }
            told.insert(name.clone());
            message.metadata.message_type = MessageType::Response;
            if kind == RecordType::A {
                message.add_answer(Record::from_rdata(name, 60, RData::A(A(leads_to))));
            }
            socket.send_to(&message.to_vec().unwrap(), from).unwrap();
        }
    });
    at
}

#[test]
fn names_lost_during_the_run_are_unreachable_and_the_others_stay_fresh() {
    let server = Responder::start(|request| Some(answer(request, "200 OK", "etag: \"a\"\r\n", "a")));
    let (address, folder) = (server.address, tempfile::tempdir().unwrap());
    let IpAddr::V4(leads_to) = address.ip() else { panic!("{address}") };
    let resolver = falling_silent(4, leads_to);
    let regions = format!(
        "schema = 1\n[origin]\nurl = 'http://{address}'\n[defaults]\nscheme = 'http'\nport = {}\nip = 'v4'\n[regions.eu]\n\
         resolver = 'udp://{resolver}'\nedges = [{{ name = 'fra' }}]\n",
        address.port()
    );
    write(folder.path(), "regions.toml", regions);
    write(folder.path(), "tenants.yaml", tenants(10));
    let mut command = purgeproof();
    command.current_dir(folder.path()).args(["verify", "--tenants", "tenants.yaml", "--format", "json"]);
    let ran = run(command.args(["--connect-timeout", "500ms", "--retry", "0"]));
    let report: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!((ran.code, &report["run"]["complete"]), (3, &true.into()), "{}", ran.stderr);
    let verdicts = &report["summary"]["verdicts"];
    assert_eq!((&verdicts["fresh"], &verdicts["unreachable"]), (&4.into(), &6.into()), "{verdicts}");
    for finding in report["findings"].as_array().unwrap() {
        let summary = finding["cause"]["summary"].as_str().unwrap();
        assert_eq!(finding["phase"], "dns", "{summary}");
        assert!(summary.starts_with("dns t") && summary.contains("timed out"), "{summary}");
    }
}
