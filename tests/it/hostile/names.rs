//! A name server that lies.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;

use hickory_resolver::proto::op::{Edns, Message, OpCode, ResponseCode};
use hickory_resolver::proto::rr::rdata::{A, CNAME};
use hickory_resolver::proto::rr::{Name, RData, Record, RecordType};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream, UdpSocket};

use super::row::{Act, Due, FRESH, Lie, Row, silent};

/// Where nothing is ever said.
pub(super) fn dead() -> impl Iterator<Item = Ipv4Addr> {
    (1..=16).map(|nth| Ipv4Addr::new(127, 99, 99, nth))
}

const LATE: Due = silent("dns", "timed out after 4 s");

pub(super) fn rows() -> Vec<Row> {
    let row = |name: &str, lie, due| Row::new(format!("dns-{name}"), Act::Named(lie), due);
    let says = |says| silent("dns", says);
    let refusals = [
        (1, "formerr", "the resolver answered"),
        (2, "servfail", "SERVFAIL: the resolver failed"),
        (3, "nxdomain", "NXDOMAIN: there is no such name"),
        (4, "notimp", "the resolver answered"),
        (5, "refused", "REFUSED: the resolver refused"),
        (6, "yxdomain", "the resolver answered"),
        (7, "yxrrset", "the resolver answered"),
        (8, "nxrrset", "the resolver answered"),
        (9, "notauth", "the resolver answered"),
        (10, "notzone", "the resolver answered"),
        (11, "dsotypeni", "the resolver answered with the unknown code 11"),
        (12, "code-12", "the resolver answered with the unknown code 12"),
        (13, "code-13", "the resolver answered with the unknown code 13"),
        (14, "code-14", "the resolver answered with the unknown code 14"),
        (15, "code-15", "the resolver answered with the unknown code 15"),
        (16, "badvers", "the resolver answered"),
        (23, "badcookie", "the resolver answered"),
    ];
    let others = [
        row("no-records", Lie::Code(0), says("no A records")),
        row("truncated-and-whole-over-tcp", Lie::Truncated, FRESH),
        row("truncated-and-reset-over-tcp", Lie::TruncatedOnly, says("")),
        row("aliases-in-a-circle", Lie::Circle, says("its aliases lead in a circle")),
        row("aliases-without-end", Lie::Chain, says("more than 12 aliases")),
        row("another-id-first", Lie::SpoofedFirst, FRESH),
        row("another-id-alone", Lie::SpoofedOnly, LATE),
        row("another-question", Lie::OtherQuestion, LATE),
        row("1000-addresses", Lie::Addresses(1_000), says("1000 addresses")),
        row("16-dead-addresses", Lie::Dead, silent("tls", "timed out after 4 s")),
        row("rubbish", Lie::Rubbish, LATE),
        row("black-hole", Lie::Silent, LATE),
    ];
    refusals.map(|(code, name, words)| row(name, Lie::Code(code), says(words))).into_iter().chain(others).collect()
}

/// Where every name is lied about like that. What leads anywhere leads to the address given.
pub(super) async fn serve(lie: Lie, leads_to: SocketAddr) -> SocketAddr {
    let IpAddr::V4(leads_to) = leads_to.ip() else { panic!("{leads_to} is none of ours") };
    let (udp, tcp) = both().await;
    let at = udp.local_addr().unwrap();
    let teller = Arc::new(Teller { lie, leads_to });
    let over_tcp = Arc::clone(&teller);
    tokio::spawn(async move {
        while let Ok((stream, _)) = tcp.accept().await {
            let teller = Arc::clone(&over_tcp);
            tokio::spawn(async move { teller.tell_over_tcp(stream).await });
        }
    });
    tokio::spawn(async move {
        let mut packet = [0; 4096];
        while let Ok((length, from)) = udp.recv_from(&mut packet).await {
            for answer in teller.answers(&packet[..length], false) {
                let _ = udp.send_to(&answer, from).await;
            }
        }
    });
    at
}

/// The same port over UDP and TCP.
async fn both() -> (UdpSocket, TcpListener) {
    let at = crate::support::server::free_address();
    (UdpSocket::bind(at).await.unwrap(), TcpListener::bind(at).await.unwrap())
}

struct Teller {
    lie: Lie,
    leads_to: Ipv4Addr,
}

impl Teller {
    async fn tell_over_tcp(&self, mut stream: TcpStream) -> Option<()> {
        loop {
            let mut question = vec![0; stream.read_u16().await.ok()?.into()];
            stream.read_exact(&mut question).await.ok()?;
            let answers = self.answers(&question, true);
            if answers.is_empty() {
                stream.set_zero_linger().unwrap();
                return None;
            }
            for answer in answers {
                stream.write_u16(u16::try_from(answer.len()).unwrap()).await.ok()?;
                stream.write_all(&answer).await.ok()?;
            }
        }
    }

    /// What comes back, one packet after the other.
    fn answers(&self, question: &[u8], over_tcp: bool) -> Vec<Vec<u8>> {
        let question = Message::from_vec(question).unwrap();
        let query = &question.queries[0];
        let (name, kind) = (query.name().clone(), query.query_type());
        let well = |answer: &mut Message| {
            if kind == RecordType::A {
                answer.add_answer(record(&name, RData::A(A(self.leads_to))));
            }
        };
        match self.lie {
            Lie::Code(code) => {
                vec![reply(&question, |answer| {
                    let (high, low) = (u8::try_from(code >> 4).unwrap(), u8::try_from(code & 15).unwrap());
                    answer.metadata.response_code = ResponseCode::from(high, low);
                    if high > 0 {
                        answer.edns = Some(Edns::new());
                    }
                })]
            }
            Lie::Truncated if over_tcp => vec![reply(&question, well)],
            Lie::TruncatedOnly if over_tcp => Vec::new(),
            Lie::Truncated | Lie::TruncatedOnly => vec![reply(&question, |answer| answer.metadata.truncation = true)],
            Lie::Circle => vec![reply(&question, |answer| {
                let other =
                    Name::from_ascii(format!("other.{}", name.to_string().trim_start_matches("other."))).unwrap();
                let one = Name::from_ascii(name.to_string().trim_start_matches("other.")).unwrap();
                answer.add_answer(record(&one, RData::CNAME(CNAME(other.clone()))));
                answer.add_answer(record(&other, RData::CNAME(CNAME(one.clone()))));
            })],
            Lie::Chain => vec![reply(&question, |answer| {
                let mut name = name.clone();
                for _ in 0..10 {
                    let next = Name::from_ascii(format!("x{name}")).unwrap();
                    answer.add_answer(record(&name, RData::CNAME(CNAME(next.clone()))));
                    name = next;
                }
            })],
            Lie::SpoofedFirst => vec![spoofed(&question, self.bad()), reply(&question, well)],
            Lie::SpoofedOnly => vec![spoofed(&question, self.leads_to)],
            Lie::OtherQuestion => {
                let mut other = question.clone();
                other.queries[0].set_name(Name::from_ascii("elsewhere.lies.test.").unwrap());
                vec![reply(&other, |_| {})]
            }
            Lie::Addresses(many) if over_tcp => vec![reply(&question, |answer| {
                for nth in (0..many).filter(|_| kind == RecordType::A) {
                    let [high, low] = nth.to_be_bytes();
                    answer.add_answer(record(&name, RData::A(A(Ipv4Addr::new(127, 99, high, low)))));
                }
            })],
            Lie::Dead => vec![reply(&question, |answer| {
                for at in dead().filter(|_| kind == RecordType::A) {
                    answer.add_answer(record(&name, RData::A(A(at))));
                }
            })],
            Lie::Addresses(_) => vec![reply(&question, |answer| answer.metadata.truncation = true)],
            Lie::Rubbish => vec![b"rubbish".to_vec(), vec![0xff; 600]],
            Lie::Silent => Vec::new(),
        }
    }

    /// Where nobody listens.
    fn bad(&self) -> Ipv4Addr {
        let [first, second, third, fourth] = self.leads_to.octets();
        Ipv4Addr::new(first, second ^ 1, third, fourth)
    }
}

fn reply(question: &Message, fill: impl FnOnce(&mut Message)) -> Vec<u8> {
    let mut answer = Message::response(question.metadata.id, OpCode::Query);
    answer.metadata.recursion_available = true;
    answer.add_query(question.queries[0].clone());
    fill(&mut answer);
    answer.to_vec().unwrap()
}

/// An answer to a question that was never asked.
fn spoofed(question: &Message, leads_to: Ipv4Addr) -> Vec<u8> {
    let name = question.queries[0].name().clone();
    let mut answer = reply(question, |answer| {
        answer.add_answer(record(&name, RData::A(A(leads_to))));
    });
    answer[0] ^= 0x55;
    answer
}

fn record(name: &Name, data: RData) -> Record {
    Record::from_rdata(name.clone(), 60, data)
}
