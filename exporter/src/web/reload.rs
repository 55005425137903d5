//! The web configuration file and the files it names, read again as soon as they change.
//!
//! Whoever needs them asks each time, and is given what was read last unless a file's inode, size or
//! times differ: a few system calls. What cannot be read or understood is not replaced by what was
//! there before: an operator who took a user out and made a mistake would believe that user gone.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::http::HeaderMap;

use super::config::{RateLimit, TlsConfig, WebConfig, WebConfigError};
use super::tls::{self, Tls};
use super::users::Users;
use crate::stamp::{Stamp, has_changed};

/// How often the log says that the file is still broken.
const REMINDER: Duration = Duration::from_secs(60);

/// What the files say, ready to be used.
#[derive(Debug, Default)]
pub(super) struct Settings {
    pub(super) tls: Option<Tls>,
    pub(super) http2: bool,
    pub(super) headers: HeaderMap,
    pub(super) users: Users,
    pub(super) rate_limit: Option<RateLimit>,
}

/// The files cannot be used, and the log says why.
#[derive(Clone, Copy, Debug)]
pub(super) struct Broken {
    /// Whether TLS was on when they last could.
    pub(super) had_tls: bool,
}

/// Keeps the settings up to date.
#[derive(Debug)]
pub(super) struct Reload {
    /// `None` where there is no file: everything is open, in plain HTTP.
    path: Option<PathBuf>,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    settings: Result<Arc<Settings>, String>,
    had_tls: bool,
    watched: Vec<(PathBuf, Option<Stamp>)>,
    reminded: Option<Instant>,
}

impl Reload {
    pub(super) fn open(path: Option<PathBuf>) -> Result<Self, WebConfigError> {
        let mut watched = Vec::new();
        let settings = match &path {
            Some(path) => load(path, &mut watched)?,
            None => Settings { http2: true, ..Settings::default() },
        };
        let had_tls = settings.tls.is_some();
        let state = State { settings: Ok(Arc::new(settings)), had_tls, watched, reminded: None };
        Ok(Self { path, state: Mutex::new(state) })
    }

    /// The settings as the files are now.
    pub(super) fn current(&self) -> Result<Arc<Settings>, Broken> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(path) = &self.path
            && state.watched.iter().any(|(file, stamp)| has_changed(file, stamp.as_ref()))
        {
            state.reload(path);
        }
        if let (Some(path), Err(reason)) = (&self.path, &state.settings)
            && state.reminded.is_none_or(|when| when.elapsed() >= REMINDER)
        {
            tracing::error!(
                file = %path.display(),
                "refusing connections and requests until the web configuration can be used: {reason}"
            );
            state.reminded = Some(Instant::now());
        }
        state.settings.clone().map_err(|_| Broken { had_tls: state.had_tls })
    }
}

impl State {
    fn reload(&mut self, path: &Path) {
        let mut watched = Vec::new();
        let result = load(path, &mut watched).map_err(|error| error.to_string());
        let identities = |watched: &[(PathBuf, Option<Stamp>)]| -> Vec<_> {
            watched.iter().map(|(_, stamp)| stamp.map(Stamp::identity)).collect()
        };
        let is_new = identities(&watched) != identities(&self.watched);
        self.watched = watched;
        match result {
            Ok(settings) => {
                if is_new || self.settings.is_err() {
                    tracing::info!(file = %path.display(), "read the web configuration again");
                }
                self.had_tls = settings.tls.is_some();
                self.settings = Ok(Arc::new(settings));
                self.reminded = None;
            }
            Err(reason) => {
                // Another mistake is worth another line at once.
                if self.settings.as_ref().err() != Some(&reason) {
                    self.reminded = None;
                }
                self.settings = Err(reason);
            }
        }
    }
}

/// Reads everything, and notes in `watched` what was read and how old it was.
fn load(path: &Path, watched: &mut Vec<(PathBuf, Option<Stamp>)>) -> Result<Settings, WebConfigError> {
    // Before reading: a change in between is then noticed the next time.
    watched.push((path.to_owned(), Stamp::of(path)));
    let text =
        fs::read_to_string(path).map_err(|source| WebConfigError::Read { path: path.to_owned(), source })?;
    let config = WebConfig::parse(&text, path)?;
    for file in config.tls.iter().flat_map(files) {
        watched.push((file.to_owned(), Stamp::of(file)));
    }
    let tls = match &config.tls {
        Some(tls) => Some(tls::load(tls, config.http2).map_err(|problem| problem.of(path))?),
        None => None,
    };
    let WebConfig { http2, headers, users, rate_limit, .. } = config;
    Ok(Settings { tls, http2, headers, users, rate_limit })
}

fn files(tls: &TlsConfig) -> impl Iterator<Item = &Path> {
    [Some(&tls.certificate), Some(&tls.key), tls.client_ca.as_ref()]
        .into_iter()
        .flatten()
        .filter_map(|pem| pem.path())
}

#[cfg(test)]
mod tests {
    use super::super::testing::TempDir;
    use super::*;

    fn users(reload: &Reload) -> Option<Vec<String>> {
        reload.current().ok().map(|settings| settings.users.keys().cloned().collect())
    }

    fn file_of(user: &str) -> String {
        format!("basic_auth_users:\n  {user}: $2y$10$X0h1gDsPszWURQaxFh.zoubFi6DXncSjhoQNJgRrnGs7EsimhC7zG\n")
    }

    #[test]
    fn changes_are_seen_at_once_even_of_the_same_size_in_the_same_instant() {
        let dir = TempDir::new();
        let path = dir.path().join("web.yml");
        fs::write(&path, file_of("user0")).unwrap();
        let reload = Reload::open(Some(path.clone())).unwrap();
        for number in 1..10 {
            let user = format!("user{number}");
            fs::write(&path, file_of(&user)).unwrap();
            assert_eq!(users(&reload), Some(vec![user]));
        }
    }

    #[test]
    fn what_did_not_change_is_not_read_again() {
        let dir = TempDir::new();
        let path = dir.path().join("web.yml");
        fs::write(&path, file_of("alice")).unwrap();
        std::thread::sleep(Duration::from_millis(100));
        let reload = Reload::open(Some(path)).unwrap();
        let (first, second) = (reload.current().unwrap(), reload.current().unwrap());
        assert!(Arc::ptr_eq(&first, &second));
    }

    #[test]
    fn a_broken_or_missing_file_refuses_and_recovers() {
        let dir = TempDir::new();
        let path = dir.path().join("web.yml");
        fs::write(&path, file_of("alice")).unwrap();
        let reload = Reload::open(Some(path.clone())).unwrap();
        assert!(users(&reload).is_some());
        for broken in
            ["basic_auth_users: {alice: secret}", "tls_server_config: {cert_file: x, key_file: y}", "}"]
        {
            fs::write(&path, broken).unwrap();
            assert!(!reload.current().unwrap_err().had_tls, "{broken}");
        }
        fs::remove_file(&path).unwrap();
        assert_eq!(users(&reload), None);
        fs::write(&path, file_of("bob")).unwrap();
        assert_eq!(users(&reload), Some(vec!["bob".to_owned()]));
    }

    #[test]
    fn a_file_that_is_missing_or_broken_from_the_start_is_an_error() {
        let dir = TempDir::new();
        let path = dir.path().join("web.yml");
        assert!(matches!(Reload::open(Some(path.clone())), Err(WebConfigError::Read { .. })));
        fs::write(&path, "nonsense: 1").unwrap();
        assert!(matches!(Reload::open(Some(path)), Err(WebConfigError::Syntax { .. })));
    }
}
