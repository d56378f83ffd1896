//! The folder that outlives the demo, with its secret, its salt and its sessions, and the choice of another store.

use crate::notes::Watched;
use crate::{driver, stored_driver};
use aura_axum::{Driver, HttpClient, UnixTime};
use aura_examples::{Sessions, Settings, random_text};
use aura_host::env;
use aura_host::store::{CountStore, SessionStore};
use aura_store::SqliteStore;
use std::error::Error;
use std::fmt;
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// How many rows of sessions that ended are deleted at start.
const SWEPT: u32 = 10_000;

/// What outlives the demo: a folder with its secret, its salt and its sessions. Who reads it can sign in as anybody, to this demo.
pub struct Kept {
    folder: PathBuf,
    secret: String,
    salt: String,
}

impl Kept {
    /// Opens a folder, which is made, with a random secret and salt, where there is none.
    ///
    /// # Errors
    /// The folder cannot be written, or its secret has been changed.
    ///
    /// ```
    /// let folder = std::env::temp_dir().join(format!("aura-demo-{}", std::process::id()));
    /// let secret = |kept: &aura_demo::Kept| kept.complete(&|_| None, "SECRET");
    /// let first = aura_demo::Kept::open(&folder)?;
    /// assert_eq!(secret(&first), secret(&aura_demo::Kept::open(&folder)?));
    /// # std::fs::remove_dir_all(folder)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn open(folder: &Path) -> Result<Self, Box<dyn Error>> {
        let failed = |error: io::Error| format!("{}: {error}", folder.display());
        fs::create_dir_all(folder).map_err(failed)?;
        let path = folder.join("secrets");
        let fresh = format!("{}\n{}\n", random_text()?, random_text()?);
        match write_new(&path, &fresh) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            written => written.map_err(failed)?,
        }
        let text = fs::read_to_string(&path).map_err(failed)?;
        let lines: Vec<_> = text.lines().map(str::to_owned).collect();
        let Ok([secret, salt]) = <[String; 2]>::try_from(lines) else {
            return Err(format!("{}: there are no two secrets in it; delete it", path.display()).into());
        };
        Ok(Self { folder: folder.to_owned(), secret, salt })
    }

    /// Looks a variable up. Secret and salt are those of the folder unless the environment has them; sessions are stored unless
    /// it says otherwise.
    ///
    /// ```
    /// # let folder = std::env::temp_dir().join(format!("aura-demo-complete-{}", std::process::id()));
    /// let kept = aura_demo::Kept::open(&folder)?;
    /// assert_eq!(kept.complete(&|_| None, "SESSIONS").as_deref(), Some("stored"));
    /// let given = |name: &str| (name == "AURA_AUTH_SECRET").then(|| "given".to_owned());
    /// assert_eq!(kept.complete(&given, "SECRET"), None);
    /// assert!(kept.complete(&given, "SALT").is_some());
    /// # std::fs::remove_dir_all(folder)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn complete(&self, variable: &dyn Fn(&str) -> Option<String>, name: &str) -> Option<String> {
        let kept = match name {
            "SECRET" => &self.secret,
            "SALT" => &self.salt,
            "SESSIONS" => return variable(name).or_else(|| Some("stored".to_owned())),
            _ => return variable(name),
        };
        match env::variable(variable, name) {
            Some(_) => variable(name),
            None => Some(kept.clone()),
        }
    }

    fn sqlite(&self) -> Result<SqliteStore, Box<dyn Error>> {
        let store = SqliteStore::open(self.folder.join("sessions.sqlite"));
        let store = store.map_err(|error| format!("{}: {error}", self.folder.display()))?;
        store.create_schema().map_err(|error| error.to_string())?;
        Ok(store)
    }
}

impl fmt::Debug for Kept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Kept").field("folder", &self.folder).finish_non_exhaustive()
    }
}

/// Writes a file that only its owner may read, unless it is there. It appears with all of its text, for whoever starts at the
/// same time.
fn write_new(path: &Path, text: &str) -> io::Result<()> {
    let draft = path.with_extension(std::process::id().to_string());
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(&draft)?.write_all(text.as_bytes())?;
    let linked = fs::hard_link(&draft, path);
    fs::remove_file(&draft)?;
    linked
}

/// Makes the demo's driver, with the store that the environment names where the settings keep sessions in one: that of `DATABASE_URL` or `REDIS_URL`, where
/// this demo was built with the feature `postgres` or `redis`, or SQLite in the folder.
///
/// # Errors
/// The store cannot be opened.
///
/// ```
/// # async fn serve(kept: aura_demo::Kept) -> Result<(), Box<dyn std::error::Error>> {
/// let settings = aura_examples::Settings::read(&|name| kept.complete(&|_| None, name))?;
/// let driver = aura_demo::driver_of(&settings, &kept, &|_| None).await?;
/// # Ok(()) }
/// ```
pub async fn driver_of(
    settings: &Settings,
    kept: &Kept,
    variable: &dyn Fn(&str) -> Option<String>,
) -> Result<Driver, Box<dyn Error>> {
    if settings.sessions == Sessions::Cookie {
        return Ok(driver(settings)?);
    }
    #[cfg(feature = "postgres")]
    if let Some(url) = variable("DATABASE_URL") {
        return postgres(settings, &url).await;
    }
    #[cfg(feature = "redis")]
    if let Some(url) = variable("REDIS_URL") {
        return redis(settings, &url).await;
    }
    for (name, feature) in [("DATABASE_URL", "postgres"), ("REDIS_URL", "redis")] {
        if variable(name).is_some() {
            tracing::warn!("{name} is not used: this demo was built without its feature `{feature}`");
        }
    }
    with_store(settings, kept.sqlite()?).await
}

async fn with_store(
    settings: &Settings,
    store: impl SessionStore + CountStore + Clone,
) -> Result<Driver, Box<dyn Error>> {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH)?.as_secs();
    let now = UnixTime::from_secs(now);
    store.sweep(now, SWEPT).await.map_err(|error| error.to_string())?;
    Ok(stored_driver(settings, HttpClient::new(), store.clone()).count_store(Watched(store)))
}

#[cfg(feature = "postgres")]
async fn postgres(settings: &Settings, url: &str) -> Result<Driver, Box<dyn Error>> {
    let store = aura_store::PostgresStore::new(sqlx::PgPool::connect(url).await?);
    store.create_schema().await.map_err(|error| error.to_string())?;
    with_store(settings, store).await
}

#[cfg(feature = "redis")]
async fn redis(settings: &Settings, url: &str) -> Result<Driver, Box<dyn Error>> {
    let connection = redis::Client::open(url)?.get_connection_manager().await?;
    with_store(settings, aura_store::RedisStore::new(connection)).await
}
