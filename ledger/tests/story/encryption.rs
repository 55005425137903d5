//! Connections to a server that encrypts, and to impostors.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::path::Path;

use pratiko_ledger::store::StoreError;
use pratiko_ledger::store::postgres::PostgresStore;
use pratiko_test_postgres::{Durability, Server};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};

use crate::directory::Directory;

type Authority = CertifiedIssuer<'static, KeyPair>;

fn authority() -> Authority {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
}

/// Gives the server a certificate for `host`.
fn encrypt(server: &Server, authority: &Authority, host: &str) {
    let key = KeyPair::generate().unwrap();
    let certificate =
        CertificateParams::new(vec![host.to_owned()]).unwrap().signed_by(&key, authority).unwrap();
    let data = server.directory().join("data");
    let owner = fs::metadata(&data).unwrap();
    for (name, text) in [("server.crt", certificate.pem()), ("server.key", key.serialize_pem())] {
        let path = data.join(name);
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        chown(&path, Some(owner.uid()), Some(owner.gid())).unwrap();
    }
    server.sql("postgres", "ALTER SYSTEM SET ssl = on");
    server.sql("postgres", "SELECT pg_reload_conf()");
    let is_on =
        || server.sql("postgres", "SELECT count(*) FROM pg_stat_ssl WHERE pid = pg_backend_pid() AND ssl");
    while is_on() != "1" {
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
}

fn open(server: &Server, more: &str) -> Result<PostgresStore, StoreError> {
    PostgresStore::open(&format!("{}?{more}", server.url("ledger")).parse().unwrap())
}

/// How many connections of daemons are encrypted.
fn encrypted(server: &Server) -> String {
    let count = "SELECT count(*) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid)
                 WHERE ssl AND application_name = 'pratiko-exporter'";
    server.sql("postgres", count)
}

fn write(path: &Path, authority: &Authority) -> String {
    fs::write(path, authority.pem()).unwrap();
    path.display().to_string()
}

#[test]
fn a_server_is_believed_as_far_as_the_address_says() {
    let (directory, server) = (Directory::new(), Server::start(Durability::None));
    server.sql("postgres", "CREATE DATABASE ledger");
    let refused = open(&server, "sslmode=require").map(|_| ()).unwrap_err();
    assert!(refused.to_string().contains("does not support TLS"), "{refused}");
    drop(open(&server, "").unwrap());

    let (ours, theirs) = (authority(), authority());
    let root = write(&directory.path().join("ours.pem"), &ours);
    let other_root = write(&directory.path().join("theirs.pem"), &theirs);
    encrypt(&server, &ours, "127.0.0.1");
    for mode in [
        "sslmode=prefer".to_owned(),
        "sslmode=require".to_owned(),
        format!("sslmode=verify-full&sslrootcert={root}"),
    ] {
        let store = open(&server, &mode).unwrap();
        assert_eq!(encrypted(&server), "1", "{mode}");
        drop(store);
    }
    let plain = open(&server, "sslmode=disable").unwrap();
    assert_eq!(encrypted(&server), "0");
    drop(plain);
    for mode in ["require", "verify-ca", "verify-full"] {
        let refused =
            open(&server, &format!("sslmode={mode}&sslrootcert={other_root}")).map(|_| ()).unwrap_err();
        assert!(refused.to_string().contains("certificate"), "{mode}: {refused}");
    }

    encrypt(&server, &ours, "db.example.com");
    let full = format!("sslmode=verify-full&sslrootcert={root}");
    // Until the server shows the new one.
    let until = std::time::Instant::now() + std::time::Duration::from_secs(30);
    let refused = loop {
        match open(&server, &full) {
            Err(refused) => break refused,
            Ok(_) => assert!(std::time::Instant::now() < until, "the certificate is for another host"),
        }
    };
    assert!(refused.to_string().contains("not valid for name"), "{refused}");
    open(&server, &format!("sslmode=verify-ca&sslrootcert={root}")).unwrap();
    let missing = open(&server, "sslmode=verify-full&sslrootcert=/nowhere.pem").map(|_| ()).unwrap_err();
    assert!(matches!(missing, StoreError::File { .. }), "{missing}");
}
