//! Users, tokens, and what refused clients are told.

use super::super::testing::{TempDir, TestServer, curl};
use super::super::{Limits, Token, TokenHashes, Tokens};

fn users_file(dir: &TempDir) -> std::path::PathBuf {
    let hash = bcrypt::hash("secret", 4).unwrap();
    dir.write("web.yml", &format!("basic_auth_users:\n  alice: {hash}\n"));
    dir.path().join("web.yml")
}

fn one(token: &Token) -> TokenHashes {
    [token.hash()].into_iter().collect()
}

/// What the body says is wrong.
fn error(text: &str) -> String {
    let body = text.split_once("\r\n\r\n").unwrap().1;
    let body: serde_json::Value = serde_json::from_str(body).unwrap();
    body["error"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn metrics_are_open_and_the_rest_is_closed_until_something_is_configured() {
    let server = TestServer::start(None, Limits::default(), Tokens::default());
    assert_eq!(curl(&[&server.url("http", "/metrics")]).await.status, 200);
    for (path, scope, method) in [("/events", "ingest", "POST"), ("/users", "admin", "GET")] {
        let token = "Authorization: Bearer pk_guess";
        for extra in [&["--request", method][..], &["--request", method, "--header", token]] {
            let url = server.url("http", path);
            let answer = curl(&[extra, &[&url]].concat()).await;
            assert_eq!(answer.status, 403);
            let error = error(&answer.text);
            assert!(error.contains(&format!("auth.{scope}.tokens")), "{error}");
        }
    }
    assert_eq!(server.web.counts().refused_by_auth, 4);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn users_of_the_file_may_read_metrics_and_nobody_else_may() {
    let dir = TempDir::new();
    let server = TestServer::start(Some(users_file(&dir)), Limits::default(), Tokens::default());
    let url = server.url("http", "/metrics");
    assert_eq!(curl(&["--user", "alice:secret", &url]).await.status, 200);
    for arguments in [vec![&*url], vec!["--user", "alice:guess", &url], vec!["--user", "bob:secret", &url]] {
        let answer = curl(&arguments).await;
        assert_eq!(answer.status, 401, "{arguments:?}");
        assert!(answer.text.to_ascii_lowercase().contains("www-authenticate: basic realm="), "{answer:?}");
        assert!(error(&answer.text).contains("name"), "{answer:?}");
    }
    // A user is not an administrator.
    assert_eq!(curl(&["--user", "alice:secret", &server.url("http", "/users")]).await.status, 403);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_opens_its_own_scope_and_no_other() {
    let [old, ingest, admin, metrics] = [0; 4].map(|_| Token::generate().unwrap());
    let tokens = Tokens {
        ingest: [old.hash(), ingest.hash()].into_iter().collect(),
        admin: one(&admin),
        metrics: one(&metrics),
    };
    let server = TestServer::start(None, Limits::default(), tokens);
    for (path, method, good) in [
        ("/events", "POST", vec![&old, &ingest]),
        ("/users", "GET", vec![&admin]),
        ("/metrics", "GET", vec![&metrics]),
    ] {
        let url = server.url("http", path);
        for token in [&old, &ingest, &admin, &metrics] {
            let header = format!("Authorization: bearer {}", token.reveal());
            let answer = curl(&["--request", method, "--header", &header, &url]).await;
            let is_good = good.iter().any(|good| good.reveal() == token.reveal());
            assert_eq!(answer.status, if is_good { 200 } else { 401 }, "{path}");
            let challenge = answer.text.to_ascii_lowercase().contains("www-authenticate: bearer realm=");
            assert_eq!(challenge, !is_good, "{answer:?}");
            assert!(!answer.text.contains(token.reveal()));
        }
        let answer = curl(&["--request", method, &url]).await;
        assert_eq!(answer.status, 401);
        assert!(error(&answer.text).contains("Authorization: Bearer"), "{answer:?}");
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_or_a_user_will_do_where_both_are_configured() {
    let dir = TempDir::new();
    let token = Token::generate().unwrap();
    let tokens = Tokens { metrics: one(&token), ..Tokens::default() };
    let server = TestServer::start(Some(users_file(&dir)), Limits::default(), tokens);
    let url = server.url("http", "/metrics");
    let bearer = format!("Authorization: Bearer {}", token.reveal());
    assert_eq!(curl(&["--header", &bearer, &url]).await.status, 200);
    assert_eq!(curl(&["--user", "alice:secret", &url]).await.status, 200);
    let answer = curl(&[&url]).await;
    assert_eq!(answer.status, 401);
    assert_eq!(answer.text.to_ascii_lowercase().matches("www-authenticate: ").count(), 2);
    // Two credentials in one request are none: whoever stands before this server might read the other.
    assert_eq!(curl(&["--header", &bearer, "--header", &bearer, &url]).await.status, 401);
    server.stop().await;
}
