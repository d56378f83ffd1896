//! Soak test of the hosts: sign-in, session and sign-out, repeated on loopback sockets.
//!
//! `cargo run --release -p aura-benches --features stores --bin soak -- --host axum --seconds 60 --connections 64`
//!
//! With `--store postgres`, the sessions are in a store. `--outages 3` stops its server three times.
#![forbid(unsafe_code)]
#![expect(clippy::print_stdout, reason = "a tool prints what it found")]

mod site;
mod store;
mod visitor;

use aura_http::Driver;
use aura_proto::SessionPolicy;
use site::{Host, serve};
use std::error::Error;
use std::fs;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use store::Kept;
use tokio::time::{Instant, sleep, sleep_until};
use visitor::Visitor;

/// The part of the time after which memory is looked at first.
const WARM_UP: u32 = 6;

/// How long an outage of the store lasts, beside what its server takes to end and to start.
const OUTAGE: Duration = Duration::from_secs(1);

/// Arguments of the command line.
struct Arguments {
    host: Host,
    store: Option<String>,
    outages: u32,
    seconds: u64,
    connections: u64,
}

/// How many requests were answered as they should be, and how many were not.
#[derive(Debug, Default)]
pub(crate) struct Count {
    pub(crate) requests: AtomicU64,
    pub(crate) errors: AtomicU64,
    /// Whether the store is stopped meanwhile, and 503 is no error.
    pub(crate) may_be_away: bool,
    /// How many requests found the store away, and when the last one did.
    away: Mutex<(u64, Option<Instant>)>,
}

impl Count {
    pub(crate) fn was_away(&self) {
        let mut away = self.away.lock().unwrap_or_else(PoisonError::into_inner);
        *away = (away.0.saturating_add(1), Some(Instant::now()));
    }

    fn away(&self) -> (u64, Option<Instant>) {
        *self.away.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let Arguments { host, store, outages, seconds, connections } = Arguments::read(std::env::args().skip(1))?;
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let address = listener.local_addr()?;
    let policy = if store.is_some() { SessionPolicy::default().stored() } else { SessionPolicy::default() };
    let (driver, kept) = driver_of(host, address, policy, store.as_deref()).await?;
    serve(host, driver, listener)?;

    let count = Arc::new(Count { may_be_away: outages > 0, ..Count::default() });
    let time = Duration::from_secs(seconds);
    let end = Instant::now().checked_add(time).ok_or("so many seconds do not pass")?;
    for _ in 0..connections {
        let count = Arc::clone(&count);
        tokio::spawn(async move {
            while Instant::now() < end {
                if Visitor::connect(address, &count).await.is_err() {
                    count.errors.fetch_add(1, Relaxed);
                }
            }
        });
    }
    sleep(time.checked_div(WARM_UP).unwrap_or_default()).await;
    let warm = Process::look()?;
    let kept = interrupt(kept, outages, time, &count).await?;
    sleep_until(end).await;
    let last = Process::look()?;
    let (requests, errors) = (count.requests.load(Relaxed), count.errors.load(Relaxed));
    let rate = requests.checked_div(seconds).unwrap_or_default();
    drop(kept);
    println!(
        "{host:?}, {}: {requests} requests ({rate} a second), {errors} errors; resident set {} KiB after warm-up, {} KiB at the end; \
         {} and {} descriptors",
        store.as_deref().unwrap_or("cookie"),
        warm.resident_kib,
        last.resident_kib,
        warm.descriptors,
        last.descriptors
    );
    if errors > 0 { Err("some requests failed".into()) } else { Ok(()) }
}

/// Makes the driver, with the store where there is one.
async fn driver_of(
    host: Host,
    address: SocketAddr,
    policy: SessionPolicy,
    store: Option<&str>,
) -> Result<(Driver, Option<Kept>), Box<dyn Error>> {
    let Some(name) = store else { return Ok((site::driver(address, policy)?, None)) };
    if host == Host::Blocking {
        return Err("--store is for the asynchronous hosts".into());
    }
    let (driver, kept) =
        store::driver(address, policy, name).await.map_err(|error| -> Box<dyn Error> { error })?;
    Ok((driver, Some(kept)))
}

/// Stops the store's server for a second, several times, and says how soon the site served again after it was back.
async fn interrupt(
    kept: Option<Kept>,
    outages: u32,
    time: Duration,
    count: &Count,
) -> Result<Option<Kept>, Box<dyn Error>> {
    if let Some(Kept::Server(mut server)) = kept {
        let between = time.checked_div(outages.saturating_add(2)).unwrap_or_default();
        for _ in 0..outages {
            server = Box::new(
                tokio::task::spawn_blocking(|| server.restart(|| std::thread::sleep(OUTAGE))).await?,
            );
            let back = Instant::now();
            sleep(between).await;
            let (away, last) = count.away();
            let late = last.map(|last| last.saturating_duration_since(back)).unwrap_or_default();
            if late > Duration::from_secs(1) {
                return Err(format!("the site served again {late:?} after the store was back").into());
            }
            println!(
                "store away: {away} answers 503 so far, the last one {} ms after it was back",
                late.as_millis()
            );
        }
        return Ok(Some(Kept::Server(server)));
    }
    if outages > 0 { Err("--outages is for the stores postgres and redis".into()) } else { Ok(kept) }
}

impl Arguments {
    fn read(mut arguments: impl Iterator<Item = String>) -> Result<Self, String> {
        let mut read = Self { host: Host::Axum, store: None, outages: 0, seconds: 60, connections: 64 };
        while let Some(name) = arguments.next() {
            let value = arguments.next().ok_or(format!("{name} has no value"))?;
            let number = || value.parse::<u64>().map_err(|_| format!("{name} {value}: give a number"));
            match name.as_str() {
                "--host" => {
                    read.host =
                        Host::named(&value).ok_or(format!("{value}: give axum, hyper, warp or blocking"))?
                }
                "--store" => read.store = Some(value),
                "--outages" => read.outages = u32::try_from(number()?).map_err(|_| "--outages: too many")?,
                "--seconds" => read.seconds = number()?,
                "--connections" => read.connections = number()?,
                _ => {
                    return Err(format!(
                        "{name}: give --host, --store, --outages, --seconds or --connections"
                    ));
                }
            }
        }
        Ok(read)
    }
}

/// Resource usage of this process, which contains both server and clients.
struct Process {
    resident_kib: u64,
    descriptors: usize,
}

impl Process {
    fn look() -> Result<Self, Box<dyn Error>> {
        let status = fs::read_to_string("/proc/self/status")?;
        let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let resident = resident.and_then(|text| text.trim().strip_suffix(" kB")).ok_or("no VmRSS")?;
        Ok(Self { resident_kib: resident.parse()?, descriptors: fs::read_dir("/proc/self/fd")?.count() })
    }
}
