//! A PostgreSQL server of its own for tests: a new data folder, a free port on loopback, stopped when it is dropped.
//!
//! PostgreSQL refuses to run as root. Where the tests do, it runs as the user `postgres`, whom Debian's package makes.
#![forbid(unsafe_code)]

use std::ffi::OsStr;
use std::fs;
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use tempfile::TempDir;

/// Where Debian keeps the programs of each version.
const DEBIAN: &str = "/usr/lib/postgresql";
/// Whom Debian's package makes to run the server.
const SERVER_USER: &str = "postgres";
/// How long a server may take to start, also after a crash, and to stop.
const PATIENCE: Duration = Duration::from_secs(60);
/// What of the log is told when the server does not start.
const LOG_LINES: usize = 20;
const PAUSE: Duration = Duration::from_millis(20);

/// A running server with the superuser `onboarding` and a database of that name.
#[derive(Debug)]
pub struct Server {
    programs: PathBuf,
    folder: Folder,
    port: u16,
    settings: Vec<String>,
    process: Option<Child>,
}

/// Where a cluster lives.
#[derive(Debug)]
enum Folder {
    /// Removed with the server.
    Temporary(TempDir),
    Kept(PathBuf),
}

impl Folder {
    fn path(&self) -> &Path {
        match self {
            Self::Temporary(folder) => folder.path(),
            Self::Kept(path) => path,
        }
    }
}

impl Server {
    /// Makes an empty cluster in a new folder below `parent` and starts it with these settings (`name=value`). Where
    /// the server's user has no access to `parent`, the folder is made in the system's folder for temporary files.
    ///
    /// # Errors
    /// PostgreSQL is not installed, or does not start; what it says is part of the error.
    pub fn start(parent: &Path, settings: &[&str]) -> Result<Self> {
        let mut server = Self::stopped(Folder::Temporary(folder(parent)?), settings)?;
        server.initialize()?;
        Ok(server)
    }

    /// Starts the cluster in this folder, which stays when the server is dropped; makes an empty one where there is
    /// none yet.
    ///
    /// # Errors
    /// PostgreSQL is not installed, its user has no access to the folder, or it does not start; what it says is part
    /// of the error.
    pub fn open(folder: &Path, settings: &[&str]) -> Result<Self> {
        fs::create_dir_all(folder)?;
        ensure!(is_accessible(folder)?, "the server's user has no access to {}", folder.display());
        let mut server = Self::stopped(Folder::Kept(folder.to_owned()), settings)?;
        if server.data().exists() {
            server.resume()?
        } else {
            server.initialize()?
        }
        Ok(server)
    }

    fn stopped(folder: Folder, settings: &[&str]) -> Result<Self> {
        let mut server = Self {
            programs: programs().context("PostgreSQL's programs are needed, found none")?,
            folder,
            port: free_port()?,
            settings: Vec::new(),
            process: None,
        };
        server.settings(settings);
        Ok(server)
    }

    fn initialize(&mut self) -> Result<()> {
        let password = self.folder().join("password");
        fs::write(&password, PASSWORD)?;
        give_away(self.folder())?;
        let mut initdb = self.program("initdb");
        initdb.args(["--encoding=UTF8", "--locale=C.UTF-8", "--auth=scram-sha-256", "--username", USER]);
        initdb.arg("--pwfile").arg(&password).arg("--pgdata").arg(self.data());
        succeed(&mut initdb)?;
        self.resume()?;
        self.run_sql("postgres", &format!("CREATE DATABASE {USER}"))
    }

    /// Copies this server while it runs, and starts the copy as a streaming replica.
    ///
    /// # Errors
    /// The copy cannot be made or started.
    pub fn replica(&self) -> Result<Self> {
        let parent = self.folder().parent().context("the server's folder has no parent")?;
        let mut replica = Self {
            programs: self.programs.clone(),
            folder: Folder::Temporary(folder(parent)?),
            port: free_port()?,
            settings: self.settings.clone(),
            process: None,
        };
        let mut copy = self.program("pg_basebackup");
        copy.args(["-h", "127.0.0.1", "-p", &self.port.to_string(), "-U", USER, "--write-recovery-conf"]);
        copy.args(["--checkpoint=fast", "-D"]).arg(replica.data()).env("PGPASSWORD", PASSWORD);
        succeed(&mut copy)?;
        replica.resume()?;
        Ok(replica)
    }

    /// Makes a primary of this replica, and returns when it takes writes.
    ///
    /// # Errors
    /// It is none, or cannot be promoted.
    pub fn promote(&self) -> Result<()> {
        self.run_sql(USER, "SELECT pg_promote()")
    }

    /// The URL of the database.
    pub fn url(&self) -> String {
        format!("postgres://{USER}:{PASSWORD}@127.0.0.1:{}/{USER}", self.port)
    }

    /// The port on loopback.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The folder with the cluster, the log and whatever a test puts there before it starts the server again.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The settings used from the next start on.
    pub fn settings(&mut self, settings: &[&str]) {
        self.settings = settings.iter().map(|setting| (*setting).to_owned()).collect();
    }

    /// Starts the stopped server again, on the same port with the same data.
    ///
    /// # Errors
    /// It does not start; the end of its log is part of the error.
    pub fn resume(&mut self) -> Result<()> {
        give_away(self.folder.path())?;
        let started = Instant::now();
        let mut process = self.spawn()?;
        while !self.is_ready() {
            if let Some(status) = process.try_wait()? {
                let log = fs::read_to_string(self.log()).unwrap_or_default();
                let lines: Vec<&str> = log.lines().collect();
                let last = lines[lines.len().saturating_sub(LOG_LINES)..].join("\n");
                // After a crash, processes of the server before may still be about to end.
                ensure!(
                    last.contains("is still in use") && started.elapsed() < PATIENCE,
                    "the server does not start ({status}):\n{last}"
                );
                process = self.spawn()?;
            }
            if started.elapsed() > PATIENCE {
                process.kill()?;
                bail!("the server does not start within {PATIENCE:?}");
            }
            sleep(PAUSE);
        }
        self.process = Some(process);
        Ok(())
    }

    fn spawn(&self) -> Result<Child> {
        let log = fs::OpenOptions::new().create(true).append(true).open(self.log())?;
        let mut command = self.program("postgres");
        command.arg("-D").arg(self.data());
        let port = format!("port={}", self.port);
        let own = ["listen_addresses=127.0.0.1", "unix_socket_directories=", port.as_str()];
        for setting in own.into_iter().chain(self.settings.iter().map(String::as_str)) {
            command.args(["-c", setting]);
        }
        // A child of this process, in its group: it gets the terminal's Ctrl-C too.
        command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log);
        command.spawn().context("cannot run postgres")
    }

    /// Stops the server; connections are cut and their transactions rolled back.
    ///
    /// # Errors
    /// It cannot be told to, or does not stop in time.
    pub fn stop(&mut self) -> Result<()> {
        let Some(mut process) = self.process.take() else { return Ok(()) };
        succeed(Command::new("kill").args(["-INT", &process.id().to_string()]))?;
        let started = Instant::now();
        while process.try_wait()?.is_none() {
            if started.elapsed() > PATIENCE {
                process.kill()?;
                bail!("the server does not stop");
            }
            sleep(PAUSE);
        }
        Ok(())
    }

    /// Ends the server's main process at once, as a crash would; the others notice and end too.
    ///
    /// # Errors
    /// It cannot be ended.
    pub fn kill(&mut self) -> Result<()> {
        if let Some(mut process) = self.process.take() {
            process.kill()?;
            process.wait()?;
        }
        Ok(())
    }

    /// Ends every process of the server at once, so that none gets to finish what it was doing.
    ///
    /// # Errors
    /// They cannot be ended.
    pub fn crash(&mut self) -> Result<()> {
        let Some(mut process) = self.process.take() else { return Ok(()) };
        let id = process.id().to_string();
        // Standing still, the main process neither notices that the others end nor starts new ones.
        succeed(Command::new("kill").args(["-STOP", &id]))?;
        // Where the system does not list them, they notice that the main process is gone and end by themselves.
        let others = fs::read_to_string(format!("/proc/{id}/task/{id}/children")).unwrap_or_default();
        for other in others.split_whitespace() {
            // One may have ended meanwhile.
            let _ = succeed(Command::new("kill").args(["-KILL", other]));
        }
        process.kill()?;
        process.wait()?;
        Ok(())
    }

    /// Runs SQL in a database as the superuser.
    ///
    /// # Errors
    /// What `psql` says.
    pub fn run_sql(&self, database: &str, sql: &str) -> Result<()> {
        let port = self.port.to_string();
        let mut psql = self.program("psql");
        psql.args(["-X", "-q", "-v", "ON_ERROR_STOP=1", "-h", "127.0.0.1", "-p", &port, "-U", USER]);
        psql.args(["-d", database, "-c", sql]).env("PGPASSWORD", PASSWORD);
        succeed(&mut psql)
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    fn log(&self) -> PathBuf {
        self.folder.path().join("log")
    }

    fn is_ready(&self) -> bool {
        let mut ready = Command::new(self.programs.join("pg_isready"));
        ready.args(["-q", "-h", "127.0.0.1", "-p", &self.port.to_string()]);
        ready.stdout(Stdio::null()).stderr(Stdio::null());
        ready.status().is_ok_and(|status| status.success())
    }

    /// A program of PostgreSQL, run as the server's user, in a folder that this user can read.
    fn program(&self, name: &str) -> Command {
        let mut command = as_server_user(self.programs.join(name));
        command.current_dir("/").env("LC_ALL", "C.UTF-8");
        command
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if self.stop().is_err() {
            // It was told to end at once; there is nobody to tell of it.
            let _ = self.kill();
        }
    }
}

const USER: &str = "onboarding";
const PASSWORD: &str = "loopback-only";

/// Where a program of PostgreSQL is installed, such as `pgbench`; none where it is not.
pub fn installed(name: &str) -> Option<PathBuf> {
    programs().map(|programs| programs.join(name)).filter(|program| program.exists())
}

/// The newest version that is installed; where Debian's folder is missing, what `pg_config` says.
fn programs() -> Option<PathBuf> {
    let versions = fs::read_dir(DEBIAN).into_iter().flatten().flatten();
    let newest = versions
        .filter_map(|entry| {
            Some((entry.file_name().to_str()?.parse::<u32>().ok()?, entry.path().join("bin")))
        })
        .filter(|(_, programs)| programs.join("initdb").exists())
        .max();
    newest.map(|(_, programs)| programs).or_else(|| {
        let output = Command::new("pg_config").arg("--bindir").output().ok()?;
        let programs = PathBuf::from(String::from_utf8(output.stdout).ok()?.trim());
        programs.join("initdb").exists().then_some(programs)
    })
}

/// A new folder below `parent`, or where that is out of the server user's reach, among the temporary files.
fn folder(parent: &Path) -> Result<TempDir> {
    fs::create_dir_all(parent)?;
    let folder = tempfile::Builder::new().prefix("cluster-").tempdir_in(parent)?;
    if is_accessible(folder.path())? {
        return Ok(folder);
    }
    Ok(tempfile::Builder::new().prefix("misp-onboarding-postgres-").tempdir()?)
}

/// Whether the server's user, who is made its owner, reaches the folder.
fn is_accessible(folder: &Path) -> Result<bool> {
    give_away(folder)?;
    Ok(as_server_user("test").arg("-w").arg(folder).status()?.success())
}

/// Makes the server's user own the folder and what is in it.
fn give_away(folder: &Path) -> Result<()> {
    if !is_root() {
        return Ok(());
    }
    succeed(Command::new("chown").args(["-R", &format!("{SERVER_USER}:")]).arg(folder))
}

/// The command, as the server's user where this process is root.
fn as_server_user(program: impl AsRef<OsStr>) -> Command {
    if !is_root() {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    command.args(["--reuid", SERVER_USER, "--regid", SERVER_USER, "--init-groups", "--"]).arg(program);
    command
}

fn is_root() -> bool {
    let id = Command::new("id").arg("-u").output();
    id.is_ok_and(|id| id.stdout.trim_ascii() == b"0")
}

fn free_port() -> Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port())
}

fn succeed(command: &mut Command) -> Result<()> {
    let name = PathBuf::from(command.get_program());
    let output = command.stdin(Stdio::null()).output();
    let output = output.with_context(|| format!("cannot run {}", name.display()))?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{} failed ({}):\n{said}", name.display(), output.status);
    Ok(())
}
