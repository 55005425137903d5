//! Basic authentication against bcrypt hashes, made so that a scrape does not pay for bcrypt each time
//! and that nobody learns from a clock which users exist.

use std::collections::{BTreeMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};

use sha2::{Digest, Sha256};
use tokio::sync::Semaphore;

use super::config::PasswordHash;
use super::counters::{Counters, count};

/// How many right passwords are remembered. There is one for each user, but for those that differ only
/// after bcrypt's 72 bytes.
const REMEMBERED: usize = 256;
/// How many checks may wait for their turn: a flood of guesses must not pile up.
const WAITING: usize = 64;
/// How many checks run at once, so that guesses leave the processor to others.
const RUNNING: usize = 1;

/// The users of the file, by name.
pub(super) type Users = BTreeMap<String, PasswordHash>;

/// What came of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// The user exists and this is the password.
    Right,
    /// It is not.
    Wrong,
    /// Too many others are being checked.
    Busy,
}

/// Checks passwords and remembers those that were right.
#[derive(Debug)]
pub(super) struct Passwords {
    /// Random for this process: what is remembered is of no use outside it.
    key: [u8; 32],
    right: Mutex<HashSet<[u8; 32]>>,
    waiting: Semaphore,
    running: Arc<Semaphore>,
    counters: Arc<Counters>,
}

impl Passwords {
    pub(super) fn new(counters: Arc<Counters>) -> Result<Self, getrandom::Error> {
        let mut key = [0; 32];
        getrandom::fill(&mut key)?;
        Ok(Self {
            key,
            right: Mutex::default(),
            waiting: Semaphore::new(WAITING),
            running: Arc::new(Semaphore::new(RUNNING)),
            counters,
        })
    }

    /// Whether `password` is that of `user`.
    pub(super) async fn check(&self, users: &Users, user: &[u8], password: &[u8]) -> Verdict {
        let known = std::str::from_utf8(user).ok().and_then(|user| users.get(user));
        // An unknown user costs the same as one of the known, and always the same one.
        let Some(hash) = known.or_else(|| self.decoy(users, user)) else { return Verdict::Wrong };
        let digest = self.digest(&[user, hash.as_str().as_bytes(), password]);
        if known.is_some() && self.right.lock().unwrap_or_else(PoisonError::into_inner).contains(&digest) {
            return Verdict::Right;
        }
        let Ok(_place) = self.waiting.try_acquire() else { return Verdict::Busy };
        let matches = self.compare(hash.clone(), password.to_vec()).await;
        if !matches || known.is_none() {
            return Verdict::Wrong;
        }
        let mut right = self.right.lock().unwrap_or_else(PoisonError::into_inner);
        if right.len() >= REMEMBERED {
            right.clear();
        }
        right.insert(digest);
        Verdict::Right
    }

    async fn compare(&self, hash: PasswordHash, password: Vec<u8>) -> bool {
        let Ok(turn) = Arc::clone(&self.running).acquire_owned().await else { return false };
        count(&self.counters.passwords_compared);
        let comparison = tokio::task::spawn_blocking(move || {
            // Held here, so that it outlives a request that was given up.
            let _turn = turn;
            bcrypt::verify(password, hash.as_str()).unwrap_or(false)
        });
        comparison.await.unwrap_or(false)
    }

    fn decoy<'a>(&self, users: &'a Users, user: &[u8]) -> Option<&'a PasswordHash> {
        let [first, second, ..] = self.digest(&[user]);
        let number = usize::from(u16::from_le_bytes([first, second]));
        users.values().nth(number.checked_rem(users.len())?)
    }

    fn digest(&self, parts: &[&[u8]]) -> [u8; 32] {
        let mut hasher = Sha256::new_with_prefix(self.key);
        for part in parts {
            hasher.update((part.len() as u64).to_le_bytes());
            hasher.update(part);
        }
        hasher.finalize().into()
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;
    use std::path::Path;
    use std::time::{Duration, Instant};

    use super::super::config::WebConfig;
    use super::*;

    fn passwords() -> Passwords {
        Passwords::new(Arc::default()).unwrap()
    }

    fn users(cost: u32, list: &[(&str, &str)]) -> Users {
        let mut text = String::from("basic_auth_users:\n");
        for (user, password) in list {
            writeln!(text, "  {user}: {}", bcrypt::hash(password, cost).unwrap()).unwrap();
        }
        WebConfig::parse(&text, Path::new("web.yml")).unwrap().users
    }

    /// What came of a check, and how many passwords have been compared so far.
    async fn check(passwords: &Passwords, users: &Users, user: &str, password: &str) -> (Verdict, u64) {
        let verdict = passwords.check(users, user.as_bytes(), password.as_bytes()).await;
        (verdict, passwords.counters.read().passwords_compared)
    }

    #[tokio::test]
    async fn a_right_password_is_paid_for_once_and_a_wrong_one_each_time() {
        let passwords = passwords();
        let users = users(4, &[("alice", "secret")]);
        assert_eq!(check(&passwords, &users, "alice", "secret").await, (Verdict::Right, 1));
        assert_eq!(check(&passwords, &users, "alice", "secret").await, (Verdict::Right, 1));
        assert_eq!(check(&passwords, &users, "alice", "guess").await, (Verdict::Wrong, 2));
        assert_eq!(check(&passwords, &users, "alice", "guess").await, (Verdict::Wrong, 3));
    }

    #[tokio::test]
    async fn an_unknown_user_costs_as_much_as_a_known_one_even_with_a_known_password() {
        let passwords = passwords();
        let users = users(4, &[("alice", "secret")]);
        assert_eq!(check(&passwords, &users, "alice", "secret").await, (Verdict::Right, 1));
        assert_eq!(check(&passwords, &users, "mallory", "secret").await, (Verdict::Wrong, 2));
        assert_eq!(check(&passwords, &users, "mallory", "secret").await, (Verdict::Wrong, 3));
    }

    #[test]
    fn an_unknown_user_is_always_compared_with_the_same_one_of_the_known() {
        let passwords = passwords();
        let users = users(4, &[("alice", "a"), ("bob", "b"), ("carol", "c")]);
        let decoys = ["mallory", "trudy", "oscar", "eve", "sybil", "walter", "peggy", "victor"];
        let first = decoys.map(|user| passwords.decoy(&users, user.as_bytes()).unwrap());
        assert_eq!(first, decoys.map(|user| passwords.decoy(&users, user.as_bytes()).unwrap()));
        assert_eq!(passwords.decoy(&Users::new(), b"mallory"), None);
    }

    #[tokio::test]
    async fn a_changed_password_is_not_remembered() {
        let passwords = passwords();
        let before = users(4, &[("alice", "old")]);
        let after = users(4, &[("alice", "new")]);
        assert_eq!(check(&passwords, &before, "alice", "old").await.0, Verdict::Right);
        assert_eq!(check(&passwords, &after, "alice", "old").await.0, Verdict::Wrong);
        assert_eq!(check(&passwords, &after, "alice", "new").await.0, Verdict::Right);
    }

    #[tokio::test]
    async fn one_users_password_is_not_another_ones() {
        let passwords = passwords();
        let users = users(4, &[("alice", "a"), ("bob", "b")]);
        assert_eq!(check(&passwords, &users, "alice", "a").await.0, Verdict::Right);
        assert_eq!(check(&passwords, &users, "bob", "a").await.0, Verdict::Wrong);
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_flood_of_guesses_is_turned_away_and_never_delays_who_is_remembered() {
        let passwords = Arc::new(passwords());
        let users = Arc::new(users(8, &[("alice", "secret")]));
        check(&passwords, &users, "alice", "secret").await;
        let guesses: Vec<_> = (0..WAITING + 8)
            .map(|number| {
                let (passwords, users) = (Arc::clone(&passwords), Arc::clone(&users));
                tokio::spawn(
                    async move { passwords.check(&users, b"alice", number.to_string().as_bytes()).await },
                )
            })
            .collect();
        let deadline = Instant::now() + Duration::from_secs(20);
        while guesses.iter().filter(|guess| guess.is_finished()).count() < 8 {
            assert!(Instant::now() < deadline, "nobody was turned away");
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        let before = passwords.counters.read().passwords_compared;
        assert!(before < 60, "the flood was worked off instead of turned away: {before}");
        assert_eq!(passwords.check(&users, b"alice", b"secret").await, Verdict::Right);
        let mut busy = 0;
        for guess in guesses {
            guess.abort();
            busy += usize::from(matches!(guess.await, Ok(Verdict::Busy)));
        }
        assert!(busy > 0, "nobody was turned away");
    }
}
