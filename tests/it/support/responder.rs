//! An HTTP/1.1 server of a test's own, for what a lab would never answer.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};

/// The lines of a request head, in, and an answer, out; none: keep silent and hold the connection.
type Answer = dyn Fn(&[String]) -> Option<String> + Send + Sync;

pub(crate) struct Responder {
    pub(crate) address: SocketAddr,
    asked: Receiver<()>,
}

impl Responder {
    /// Serves until the process ends.
    pub(crate) fn start(answer: impl Fn(&[String]) -> Option<String> + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let answer: Arc<Answer> = Arc::new(answer);
        let (heard, asked) = channel();
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let (answer, heard) = (Arc::clone(&answer), heard.clone());
                std::thread::spawn(move || serve(stream, &*answer, &heard));
            }
        });
        Self { address, asked }
    }

    /// Returns once it was asked for something.
    pub(crate) fn wait_until_asked(&self) {
        self.asked.recv().unwrap();
    }

    /// Whether it was asked for anything that nobody waited for.
    pub(crate) fn was_asked(&self) -> bool {
        self.asked.try_recv().is_ok()
    }
}

fn serve(mut stream: TcpStream, answer: &Answer, heard: &Sender<()>) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    loop {
        let lines = head(&mut reader);
        if lines.is_empty() {
            return;
        }
        // A test that does not listen is no reason to stop.
        let _ = heard.send(());
        if let Some(answer) = answer(&lines)
            && stream.write_all(answer.as_bytes()).is_err()
        {
            return;
        }
    }
}

/// Lines up to the empty one; none at the end of the stream.
fn head(reader: &mut BufReader<TcpStream>) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    while reader.read_line(&mut line).is_ok_and(|read| read > 0) {
        let text = line.trim_end();
        if text.is_empty() {
            break;
        }
        lines.push(text.to_owned());
        line.clear();
    }
    lines
}

/// A whole answer to HEAD and GET alike.
pub(crate) fn answer(request: &[String], status: &str, fields: &str, body: &str) -> String {
    let body_sent = if request[0].starts_with("HEAD ") { "" } else { body };
    format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\n{fields}\r\n{body_sent}", body.len())
}
