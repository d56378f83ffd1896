//! `aura sessions`: the stored sessions of a user, listed and ended.

use crate::arguments::{Options, SessionsAction};
use crate::environment::Variables;
use crate::report::{Failure, Report, Status, table};
use aura_blocking::env::Lookup;
#[cfg(any(feature = "sqlite", feature = "redis"))]
use aura_blocking::store::BlockingSessionStore;
use aura_blocking::store::{EndSessions, ListSessions, Listed, StoreError};
use aura_blocking::{DeviceSession, UnixTime};
use serde_json::{Value, json};

/// The variables that have the URL of a store.
const URLS: [&str; 2] = ["DATABASE_URL", "REDIS_URL"];

pub(crate) fn sessions(
    options: &Options,
    store: Option<&str>,
    action: &SessionsAction,
    now: UnixTime,
    process: Lookup<'_>,
) -> Result<Report, Failure> {
    let variables = Variables::read(options, process)?;
    let auth = variables.auth(options, |builder| builder.change_session(|policy| policy.stored()))?.auth;
    let (name, url) = url(store, &variables)?;
    let failed = |error: StoreError| Failure(format!("the store of {name} cannot answer: {error}"));
    let store = Store::open(&url).map_err(failed)?;
    match action {
        SessionsAction::List(user) => {
            let listed = (store.list)(auth.list_sessions(&user.provider, &user.sub)).map_err(failed)?;
            Ok(list(&auth.read_sessions(&listed, now)))
        }
        SessionsAction::End(user) => {
            let ended = (store.end)(auth.end_sessions(&user.provider, &user.sub, now)).map_err(failed)?;
            let status = if ended == 0 { Status::Warned } else { Status::Clean };
            Ok(Report { text: format!("ended: {ended}\n"), json: json!({ "ended": ended }), status })
        }
    }
}

fn list(sessions: &[DeviceSession]) -> Report {
    let date = |time: UnixTime| time.to_iso8601().unwrap_or_default();
    let head = ["ID", "DEVICE", "BEGAN", "LAST SEEN", "ENDS"].map(str::to_owned).to_vec();
    let rows = sessions.iter().map(|session| {
        let times = [session.began_at, session.seen_at, session.expires_at].map(date);
        [session.id.clone(), session.device.clone()].into_iter().chain(times).collect()
    });
    let object = |session: &DeviceSession| {
        json!({
            "id": session.id, "provider": session.provider, "device": session.device,
            "createdAt": date(session.began_at), "lastSeenAt": date(session.seen_at), "expires": date(session.expires_at),
        })
    };
    let text = match sessions {
        [] => "no session\n".to_owned(),
        _ => table(&std::iter::once(head).chain(rows).collect::<Vec<_>>()),
    };
    Report { text, json: sessions.iter().map(object).collect::<Value>(), status: Status::Clean }
}

/// Finds the URL of the store, and the variable that has it. Where two are set, none is guessed: a session of the other would
/// go on.
fn url(store: Option<&str>, variables: &Variables<'_>) -> Result<(String, String), Failure> {
    let set = |name: &str| Some((name.to_owned(), variables.get(name).filter(|url| !url.is_empty())?));
    if let Some(name) = store {
        // A URL in the place of a name may have a password, and is not shown.
        if !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
            return Err(Failure("--store takes the name of a variable, which has the URL".to_owned()));
        }
        return set(name).ok_or_else(|| Failure(format!("{name} is not set")));
    }
    let mut found = URLS.iter().filter_map(|name| set(name));
    match (found.next(), found.next()) {
        (Some(found), None) => Ok(found),
        (None, _) => {
            Err(Failure("DATABASE_URL or REDIS_URL must be set, or --store must name a variable".to_owned()))
        }
        (Some(_), Some(_)) => {
            Err(Failure("DATABASE_URL and REDIS_URL are set; --store says which has the sessions".to_owned()))
        }
    }
}

/// A store of sessions, as far as it is asked. Which there are depends on the features of this crate.
struct Store {
    list: Box<dyn Fn(ListSessions) -> Result<Listed, StoreError>>,
    end: Box<dyn Fn(EndSessions) -> Result<u64, StoreError>>,
}

impl Store {
    /// Opens the store of a URL, which no error shows: it may have a password.
    fn open(url: &str) -> Result<Self, StoreError> {
        match url.split(':').next() {
            #[cfg(feature = "sqlite")]
            Some("sqlite") => sqlite(url),
            #[cfg(feature = "redis")]
            Some("redis" | "rediss" | "redis+unix" | "unix") => redis(url),
            #[cfg(feature = "postgres")]
            Some("postgres" | "postgresql") => postgres(url),
            _ => Err(
                "give sqlite:FILE, postgres://.. or redis://.., and build aura with the feature of the store"
                    .into(),
            ),
        }
    }

    #[cfg(any(feature = "sqlite", feature = "redis"))]
    fn blocking(store: impl BlockingSessionStore + Clone) -> Self {
        let other = store.clone();
        Self {
            list: Box::new(move |question| store.list(question)),
            end: Box::new(move |question| other.end(question)),
        }
    }
}

/// Opens a file that is there: one that is made for the purpose has no session to end.
#[cfg(feature = "sqlite")]
fn sqlite(url: &str) -> Result<Store, StoreError> {
    let path = url.strip_prefix("sqlite://").or_else(|| url.strip_prefix("sqlite:")).unwrap_or_default();
    if !std::path::Path::new(path).is_file() {
        return Err("there is no such file; give sqlite:FILE".into());
    }
    Ok(Store::blocking(aura_store::SqliteStore::open(path)?))
}

#[cfg(feature = "redis")]
fn redis(url: &str) -> Result<Store, StoreError> {
    let client = redis::Client::open(url).map_err(|_| "the URL is none of Redis without TLS")?;
    Ok(Store::blocking(aura_store::BlockingRedisStore::new(client)))
}

#[cfg(feature = "postgres")]
fn postgres(url: &str) -> Result<Store, StoreError> {
    use aura_blocking::store::SessionStore;
    let runtime = std::rc::Rc::new(tokio::runtime::Builder::new_current_thread().enable_all().build()?);
    let entered = runtime.enter();
    let pool = sqlx::PgPool::connect_lazy(url).map_err(|_| "the URL is none of PostgreSQL")?;
    drop(entered);
    let (store, other) = (aura_store::PostgresStore::new(pool.clone()), aura_store::PostgresStore::new(pool));
    let same = std::rc::Rc::clone(&runtime);
    Ok(Store {
        list: Box::new(move |question| runtime.block_on(store.list(question))),
        end: Box::new(move |question| same.block_on(other.end(question))),
    })
}
