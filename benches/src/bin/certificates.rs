//! Measures the validation of certificates and writes the ratios as JSON; `cargo xtask bench certificates` shows
//! them as a table.
#![allow(clippy::print_stderr, reason = "a command-line program talks to its terminal")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::{Cell, RefCell};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use misp_onboarding_benches::certificates::{Keys, Loading, Scenario, at, hostile};
use misp_onboarding_benches::contender::{
    Contender, Engine, Process, Provider, WarmUp, leaf_signature, leaf_signature_with_known_key, ours,
    process, race, rustls_webpki, two_signatures,
};
use misp_onboarding_benches::row::Row;

/// Rounds and leaves in each turn.
const ROUNDS: usize = 200;
const TURN: usize = 25;

/// Leaves that a program in another language validates before it is measured: Java compiles what runs often.
const WARM_UP: usize = 20_000;
const PYTHON_WARM_UP: usize = 100;

/// Counts what this thread allocates.
struct Counting;

thread_local! {
    static ALLOCATIONS: Cell<u64> = const { Cell::new(0) };
}

// SAFETY: every call is handed on to the system's allocator as it is.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.set(ALLOCATIONS.get() + 1);
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, place: *mut u8, layout: Layout) {
        unsafe { System.dealloc(place, layout) }
    }

    unsafe fn realloc(&self, place: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        ALLOCATIONS.set(ALLOCATIONS.get() + 1);
        unsafe { System.realloc(place, layout, size) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// A program in another language: how to run it, or why it cannot be.
type Program = Result<PathBuf, String>;

struct Options {
    output: PathBuf,
    python: Program,
    java: Program,
    /// Why OpenSSL is not compiled in.
    no_openssl: String,
    rounds: usize,
    warm_up: WarmUp,
}

fn main() -> Result<()> {
    let options = options()?;
    let folder = options.output.with_extension("");
    let mut rows = Vec::new();
    for keys in Keys::ALL {
        eprintln!("{}: making certificates", keys.name());
        let scenarios = [Scenario::new(keys, 1), Scenario::new(keys, 100)];
        scenarios.iter().try_for_each(|scenario| scenario.write(&folder))?;
        rows.extend(validation(&scenarios, &folder, &options)?);
    }
    for keys in [Keys::Rsa2048, Keys::P256] {
        eprintln!("{}: loading", keys.name());
        rows.extend(loading(&Loading::new(keys), &options)?);
    }
    eprintln!("hostile certificates");
    rows.extend(bounded(&options)?);
    let json = serde_json::to_string_pretty(&rows)?;
    fs::write(&options.output, json).with_context(|| format!("cannot write {}", options.output.display()))
}

fn options() -> Result<Options> {
    use lexopt::prelude::*;
    let mut options = Options {
        output: PathBuf::new(),
        python: Err("not asked for".into()),
        java: Err("not asked for".into()),
        no_openssl: "not asked for".into(),
        rounds: ROUNDS,
        warm_up: WarmUp::SameIssuers,
    };
    let mut args = lexopt::Parser::from_env();
    while let Some(arg) = args.next()? {
        match arg {
            Long("output") => options.output = args.value()?.into(),
            Long("python") => options.python = Ok(args.value()?.into()),
            Long("no-python") => options.python = Err(args.value()?.string()?),
            Long("java") => options.java = Ok(args.value()?.into()),
            Long("no-java") => options.java = Err(args.value()?.string()?),
            Long("no-openssl") => options.no_openssl = args.value()?.string()?,
            Long("rounds") => options.rounds = args.value()?.parse()?,
            Long("cold") => options.warm_up = WarmUp::Nothing,
            other => return Err(other.unexpected().into()),
        }
    }
    if options.output.as_os_str().is_empty() {
        bail!("--output is needed: the file to write");
    }
    Ok(options)
}

/// The same kind of keys with few CAs and with many, all in one race.
fn validation(scenarios: &[Scenario; 2], folder: &Path, options: &Options) -> Result<Vec<Row>> {
    let programs = Path::new(env!("CARGO_MANIFEST_DIR")).join("programs");
    let start = |program: &Program, script: &str| -> Result<RefCell<Process>, String> {
        let mut command = Command::new(program.clone()?);
        command.arg(programs.join(script)).arg(folder).arg(at().unix_seconds().to_string());
        Process::start(&mut command).map(RefCell::new).map_err(|error| format!("{error:#}"))
    };
    let others = [
        ("cryptography", start(&options.python, "validate.py"), PYTHON_WARM_UP),
        ("Java PKIX", start(&options.java, "Pkix.java"), WARM_UP),
    ];
    let mut engines = Vec::new();
    for provider in Provider::ALL {
        for scenario in scenarios {
            engines.push((provider, Engine::new(scenario, provider)?));
        }
    }
    let mut contenders: Vec<_> = engines.iter().map(|(provider, engine)| ours(engine, *provider)).collect();
    let allocations: Vec<_> = engines.iter().map(|(_, engine)| Some(allocations(engine))).collect();
    let place_of_ours = |provider, many: usize| 2 * usize::from(provider == Provider::Ring) + many;

    let rsa = scenarios[0].keys != Keys::P256;
    let (leaf_bar, webpki_bar) = (if rsa { 1.4 } else { 1.15 }, 0.65);
    let mut plans = Vec::new();
    let mut absent = Vec::new();
    for (many, scenario) in scenarios.iter().enumerate() {
        for provider in Provider::ALL {
            let ours = place_of_ours(provider, many);
            plans.push((many, ours, contenders.len(), Some(leaf_bar)));
            contenders.push(leaf_signature(scenario, provider)?);
            plans.push((many, ours, contenders.len(), None));
            contenders.push(two_signatures(scenario, provider)?);
            plans.push((many, ours, contenders.len(), Some(webpki_bar)));
            contenders.push(rustls_webpki(scenario, provider)?);
            if many == 1 {
                plans.push((many, ours, place_of_ours(provider, 0), Some(1.1)));
            }
        }
        let ours = place_of_ours(Provider::AwsLcRs, many);
        plans.push((many, ours, contenders.len(), None));
        contenders.push(leaf_signature_with_known_key(scenario)?);
        match open_ssl(scenario, options)? {
            Ok(contender) => {
                plans.push((many, ours, contenders.len(), None));
                contenders.push(contender);
            }
            Err(reason) => absent.push((many, "OpenSSL", reason)),
        }
        for (name, program, warm_up) in &others {
            let contender = match program {
                Ok(program) => {
                    process(name, program, scenario, *warm_up).map_err(|error| format!("{error:#}"))
                }
                Err(reason) => Err(reason.clone()),
            };
            match contender {
                Ok(contender) => {
                    plans.push((many, ours, contenders.len(), None));
                    contenders.push(contender);
                }
                Err(reason) => absent.push((many, name, reason)),
            }
        }
    }
    eprintln!("{}: measuring", scenarios[0].keys.name());
    race(&mut contenders, options.rounds, TURN, options.warm_up)?;

    let mut rows = Vec::new();
    for (many, ours, yardstick, bar) in plans {
        let case = format!("{}, {}", scenarios[many].name(), contenders[ours].name);
        let mut row = row(case, &contenders[ours], &contenders[yardstick], bar);
        if yardstick < engines.len() {
            row.yardstick = format!("ours with 1 root, 1 intermediate, {}", contenders[yardstick].name);
        }
        row.allocations = allocations[ours];
        rows.push(row);
    }
    for (many, name, reason) in absent {
        rows.push(Row::absent(scenarios[many].name(), name, reason));
    }
    rows.sort_by(|one, other| one.case.cmp(&other.case));
    Ok(rows)
}

#[cfg(feature = "openssl")]
fn open_ssl<'a>(scenario: &'a Scenario, _: &Options) -> Result<Result<Contender<'a>, String>> {
    misp_onboarding_benches::contender::openssl(scenario).map(Ok)
}

#[cfg(not(feature = "openssl"))]
fn open_ssl<'a>(_: &'a Scenario, options: &Options) -> Result<Result<Contender<'a>, String>> {
    Ok(Err(options.no_openssl.clone()))
}

fn row(case: String, ours: &Contender<'_>, yardstick: &Contender<'_>, bar: Option<f64>) -> Row {
    Row::of_times(case, ours.nanoseconds(), (&*yardstick.name, yardstick.nanoseconds()), bar)
}

/// Allocations of one validation, on average over all leaves.
fn allocations(engine: &Engine<'_>) -> f64 {
    let leaves = engine.leaves();
    let before = ALLOCATIONS.get();
    (0..leaves).for_each(|place| drop(engine.validate(place)));
    (ALLOCATIONS.get() - before) as f64 / leaves as f64
}

fn loading(loading: &Loading, options: &Options) -> Result<Vec<Row>> {
    let mut contenders = Vec::new();
    for provider in Provider::ALL {
        contenders.push(loading.ours(provider));
        contenders.push(loading.bare_signatures(provider)?);
    }
    race(&mut contenders, options.rounds.div_ceil(10), 1, WarmUp::Nothing)?;
    let (pairs, _) = contenders.as_chunks::<2>();
    Ok(pairs
        .iter()
        .map(|[ours, bare]| row(format!("{}, {}", loading.name(), ours.name), ours, bare, Some(1.5)))
        .collect())
}

/// The worst that hostile certificates can do, beside the time they are allowed to take.
fn bounded(options: &Options) -> Result<Vec<Row>> {
    let allowed = 50e6;
    let hostile = hostile()?;
    let mut contenders: Vec<_> =
        hostile.iter().map(|hostile| Contender::here(hostile.name, |_| hostile.refuse())).collect();
    race(&mut contenders, options.rounds.div_ceil(10), 1, WarmUp::Nothing)?;
    Ok(contenders
        .iter()
        .map(|ours| {
            let case = format!("hostile: {}", ours.name);
            Row::of_times(case, ours.nanoseconds(), ("50 ms", allowed), Some(1.0))
        })
        .collect())
}
