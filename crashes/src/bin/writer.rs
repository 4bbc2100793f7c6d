//! Gives commands without end, and tells of each commit. It is told what to do in JSON as its argument, and to pause
//! or go on in lines on standard input; when that ends, so does it.

use std::error::Error;
use std::io::BufRead;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use std::{env, io, process, thread};

use misp_onboarding_crashes::journal::{Journal, Line, tell, with_causes};
use misp_onboarding_crashes::work::{Job, Worker};
use misp_onboarding_testkit::conformance::Layered;

/// How long to wait before trying again what the store could not do.
const PAUSE: Duration = Duration::from_millis(30);

fn main() -> Result<(), Box<dyn Error>> {
    let job: Job = serde_json::from_str(&env::args().nth(1).ok_or("a job is needed, found none")?)?;
    let paused = Arc::new(AtomicBool::new(false));
    let listener = paused.clone();
    thread::spawn(move || {
        for order in io::stdin().lock().lines() {
            listener.store(order.is_ok_and(|order| order == "pause"), Ordering::SeqCst);
        }
        process::exit(0);
    });
    let store = Arc::new(Layered(Journal::new(job.place.open()?, tell).with(job.flaw)));
    tell(&Line::Ready);
    let mut worker = Worker::new(store, &job)?;
    loop {
        if paused.load(Ordering::SeqCst) {
            tell(&Line::Paused);
            while paused.load(Ordering::SeqCst) {
                thread::sleep(PAUSE);
            }
        }
        if let Err(error) = worker.act() {
            tell(&Line::Failed { code: error.code().to_owned(), text: with_causes(&error) });
            thread::sleep(PAUSE);
        }
    }
}
