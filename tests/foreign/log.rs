//! Collector of the hosts' `tracing` events, from every thread.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::sync::{LazyLock, Mutex};
use tracing::field::{Field, Visit};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};

/// The fields of a record.
pub(crate) type Fields = BTreeMap<&'static str, String>;

static LOG: LazyLock<Mutex<Vec<Fields>>> = LazyLock::new(|| {
    tracing::subscriber::set_global_default(tracing_subscriber::registry().with(Recorder)).unwrap();
    Mutex::default()
});

struct Recorder;

#[derive(Default)]
struct Reader(Fields);

impl Visit for Reader {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.0.insert(field.name(), format!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.insert(field.name(), value.to_owned());
    }
}

impl<S: tracing::Subscriber> Layer<S> for Recorder {
    fn on_event(&self, event: &tracing::Event<'_>, _: Context<'_, S>) {
        if event.metadata().target() != "aura" {
            return;
        }
        let mut reader = Reader::default();
        event.record(&mut reader);
        LOG.lock().unwrap().push(reader.0);
    }
}

/// Starts to listen.
pub(crate) fn listen() {
    LazyLock::force(&LOG);
}

/// Returns the records about a provider, first to last.
pub(crate) fn about(provider: &str) -> Vec<Fields> {
    let log = LOG.lock().unwrap();
    log.iter().filter(|fields| fields.get("provider").is_some_and(|id| id == provider)).cloned().collect()
}
