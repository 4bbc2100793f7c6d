//! The example `forward_events` against a receiver on this machine that fails when it is told to.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::support::{Ran, program};
use misp_onboarding::event::{Event, EventKind, EventSequence};
use misp_onboarding::store::EventRepository;
use misp_onboarding_sqlite::SqliteStore;
use misp_onboarding_testkit::scenario::Scenario;

#[test]
fn every_event_arrives_in_order_and_once_while_nothing_goes_wrong() {
    let setup = Setup::new();
    let receiver = Receiver::start(|_| 204);
    let ran = setup.forward(&receiver.url, &[]);
    assert_eq!(ran.code, 0, "{}", ran.all());
    assert_eq!(receiver.accepted(), setup.events);
    assert_eq!(setup.cursor(), Some(setup.last()));

    assert_eq!(setup.forward(&receiver.url, &[]).code, 0);
    assert_eq!(receiver.accepted(), setup.events, "nothing is sent a second time");
    let request = receiver.requests.lock().unwrap().remove(0);
    for header in ["content-type: application/json", "idempotency-key: 1", "authorization: bearer sesame"] {
        assert!(request.head.contains(header), "{header}: {}", request.head);
    }
}

#[test]
fn what_may_pass_is_tried_again_and_nothing_overtakes() {
    let setup = Setup::new();
    // Each request that is the first or second of its event fails, in every way that may pass.
    let receiver = Receiver::start(|count| [503, 429, 200][count % 3]);
    let ran = setup.forward(&receiver.url, &[]);
    assert_eq!(ran.code, 0, "{}", ran.all());
    assert_eq!(receiver.accepted(), setup.events);
    assert_eq!(receiver.requests.lock().unwrap().len(), 3 * setup.events.len());
}

#[test]
fn giving_up_leaves_the_cursor_and_the_next_run_goes_on() {
    let setup = Setup::new();
    let down = Receiver::start(|count| if count < 2 { 200 } else { 500 });
    let ran = setup.forward(&down.url, &["--attempts", "3"]);
    assert_eq!(ran.code, 1, "{}", ran.all());
    assert_eq!(ran.stderr, "error: event 3 was not delivered in 3 attempts: the answer was 500\n");
    assert_eq!(setup.cursor(), Some(2));

    let up = Receiver::start(|_| 200);
    assert_eq!(setup.forward(&up.url, &[]).code, 0);
    assert_eq!(up.accepted(), setup.events[2..]);
}

#[test]
fn a_receiver_that_refuses_for_good_is_not_asked_again() {
    let setup = Setup::new();
    let receiver = Receiver::start(|_| 410);
    let ran = setup.forward(&receiver.url, &[]);
    assert_eq!(ran.stderr, "error: event 1 was not delivered in 1 attempts: the answer was 410\n");
    assert_eq!((ran.code, setup.cursor()), (1, None));
}

#[test]
fn a_crash_before_the_cursor_moved_repeats_an_event_and_loses_none() {
    let setup = Setup::new();
    let receiver = Receiver::start(|_| 200);
    assert_eq!(setup.forward(&receiver.url, &[]).code, 0);
    // As if the last write had never happened.
    fs::write(setup.folder.path().join("cursor"), (setup.last() - 1).to_string()).unwrap();
    assert_eq!(setup.forward(&receiver.url, &[]).code, 0);
    let mut want = setup.events.clone();
    want.push(want.last().unwrap().clone());
    assert_eq!(receiver.accepted(), want);
}

#[test]
fn nobody_listening_may_pass_and_a_broken_cursor_does_not() {
    let setup = Setup::new();
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let ran = setup.forward(&format!("http://{closed}/"), &["--attempts", "2"]);
    assert_eq!(ran.code, 1, "{}", ran.all());
    assert!(ran.stderr.contains("event 1 was not delivered in 2 attempts: "), "{}", ran.stderr);

    fs::write(setup.folder.path().join("cursor"), "one").unwrap();
    let ran = setup.forward(&format!("http://{closed}/"), &[]);
    assert!(ran.stderr.contains("cursor: a number is needed, found \"one\""), "{}", ran.stderr);
}

#[test]
fn following_it_sends_what_happens_later() {
    let setup = Setup::new();
    let receiver = Receiver::start(|_| 200);
    let mut following =
        setup.command(&receiver.url, &["--follow", "1"]).stdout(Stdio::null()).spawn().unwrap();
    receiver.wait_for(setup.events.len());
    let store = SqliteStore::open(setup.folder.path().join("onboarding.sqlite")).unwrap();
    Scenario::new(Arc::new(store)).partner("later");
    receiver.wait_for(setup.events.len() + 1);
    following.kill().unwrap();
    following.wait().unwrap();
    let last = receiver.accepted().pop().unwrap().event;
    assert_eq!((last.kind, last.partner), (EventKind::PartnerCreated, Some("later".parse().unwrap())));
}

/// A store with events.
struct Setup {
    folder: tempfile::TempDir,
    program: PathBuf,
    events: Vec<Event>,
}

impl Setup {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Arc::new(SqliteStore::open(folder.path().join("onboarding.sqlite")).unwrap());
        let s = Scenario::new(store.clone());
        let bank = s.active_partner("bank");
        s.license_key(&bank, "production");
        let events = store.events_after(EventSequence::START, 1_000).unwrap();
        assert!(events.len() > 4, "{events:?}");
        Self { folder, program: program("forward_events"), events }
    }

    fn forward(&self, url: &str, options: &[&str]) -> Ran {
        Ran::from(self.command(url, options).output().unwrap())
    }

    fn command(&self, url: &str, options: &[&str]) -> Command {
        let file = |name: &str| self.folder.path().join(name);
        let mut command = Command::new(&self.program);
        command.arg("--db").arg(file("onboarding.sqlite")).arg("--cursor").arg(file("cursor"));
        command.args(["--url", url, "--pause-ms", "1"]).args(options).env("WEBHOOK_TOKEN", "Sesame");
        command
    }

    fn cursor(&self) -> Option<u64> {
        let text = fs::read_to_string(self.folder.path().join("cursor")).ok()?;
        Some(text.trim().parse().unwrap())
    }

    fn last(&self) -> u64 {
        self.events.last().unwrap().sequence.number()
    }
}

struct Request {
    head: String,
    event: Event,
    answered: u16,
}

/// An HTTP server that answers each request with the status it is told for it, and keeps what it got.
struct Receiver {
    url: String,
    requests: Arc<Mutex<Vec<Request>>>,
}

impl Receiver {
    fn start(status: impl Fn(usize) -> u16 + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/events", listener.local_addr().unwrap());
        let requests = Arc::new(Mutex::new(Vec::new()));
        let kept = requests.clone();
        std::thread::spawn(move || {
            for connection in listener.incoming() {
                let mut kept = kept.lock().unwrap();
                let answered = status(kept.len());
                kept.push(receive(connection.unwrap(), answered));
            }
        });
        Self { url, requests }
    }

    /// Returns once so many events were accepted.
    fn wait_for(&self, events: usize) {
        // Two minutes, so that a failure does not hang.
        for _ in 0..2_400 {
            if self.accepted().len() >= events {
                return;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        panic!("only {} events came, not {events}", self.accepted().len());
    }

    /// The events that were answered with a 2xx, as they came.
    fn accepted(&self) -> Vec<Event> {
        let requests = self.requests.lock().unwrap();
        requests.iter().filter(|r| r.answered < 300).map(|r| r.event.clone()).collect()
    }
}

fn receive(mut connection: TcpStream, answered: u16) -> Request {
    let mut reader = BufReader::new(connection.try_clone().unwrap());
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        assert_ne!(reader.read_line(&mut head).unwrap(), 0, "the request ends early: {head}");
    }
    let head = head.to_lowercase();
    let length = head.split("content-length: ").nth(1).unwrap().lines().next().unwrap();
    let mut body = vec![0; length.parse().unwrap()];
    reader.read_exact(&mut body).unwrap();
    let answer = format!("HTTP/1.1 {answered} X\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    connection.write_all(answer.as_bytes()).unwrap();
    Request { head, event: serde_json::from_slice(&body).unwrap(), answered }
}
