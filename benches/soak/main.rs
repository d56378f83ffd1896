//! Soak test of the hosts: sign-in, session and sign-out, repeated on loopback sockets.
//!
//! `cargo run --release -p aura-benches --bin soak -- --host axum --seconds 60 --connections 64`
#![forbid(unsafe_code)]
#![expect(clippy::print_stdout, reason = "a tool prints what it found")]

mod site;
mod visitor;

use site::{Host, serve};
use std::error::Error;
use std::fs;
use std::net::{Ipv4Addr, TcpListener};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;
use tokio::time::{Instant, sleep, sleep_until};
use visitor::Visitor;

/// The part of the time after which memory is looked at first.
const WARM_UP: u32 = 6;

/// Arguments of the command line.
struct Arguments {
    host: Host,
    seconds: u64,
    connections: u64,
}

/// How many requests were answered as they should be, and how many were not.
#[derive(Debug, Default)]
pub(crate) struct Count {
    pub(crate) requests: AtomicU64,
    pub(crate) errors: AtomicU64,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let Arguments { host, seconds, connections } = Arguments::read(std::env::args().skip(1))?;
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let address = listener.local_addr()?;
    serve(host, listener)?;

    let count = Arc::new(Count::default());
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
    sleep_until(end).await;
    let last = Process::look()?;
    let (requests, errors) = (count.requests.load(Relaxed), count.errors.load(Relaxed));
    let rate = requests.checked_div(seconds).unwrap_or_default();
    println!(
        "{host:?}: {requests} requests ({rate} a second), {errors} errors; resident set {} KiB after warm-up, {} KiB at the end; \
         {} and {} descriptors",
        warm.resident_kib, last.resident_kib, warm.descriptors, last.descriptors
    );
    if errors > 0 { Err("some requests failed".into()) } else { Ok(()) }
}

impl Arguments {
    fn read(mut arguments: impl Iterator<Item = String>) -> Result<Self, String> {
        let mut read = Self { host: Host::Axum, seconds: 60, connections: 64 };
        while let Some(name) = arguments.next() {
            let value = arguments.next().ok_or(format!("{name} has no value"))?;
            let number = || value.parse().map_err(|_| format!("{name} {value}: give a number"));
            match name.as_str() {
                "--host" => {
                    read.host =
                        Host::named(&value).ok_or(format!("{value}: give axum, hyper, warp or blocking"))?
                }
                "--seconds" => read.seconds = number()?,
                "--connections" => read.connections = number()?,
                _ => return Err(format!("{name}: give --host, --seconds or --connections")),
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
