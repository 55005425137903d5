//! Another program that stands in for Stripe, `localstripe` (`.ci/python-tools` installs it): its signed
//! webhooks, and its lists, of the same account.
//!
//! It listens on every address. So the test runs itself once more within a network of its own, where
//! nobody else is.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};

use super::backfills::{backfill_with_key, current};
use super::{SECRET, start_with};
use crate::http;
use crate::support::{TempDir, eventually};

const PORT: u16 = 8420;
const KEY: &str = "sk_test_12345";

/// What runs localstripe, without the copy of its data that it would leave in /tmp.
const PROGRAM: &str = "import localstripe.resources as r\n\
                       r.Store.dump_to_disk = lambda self: None\n\
                       from localstripe.server import start\n\
                       start()";

/// A new network has no address until its loopback is up.
const LOOPBACK_UP: &str = "import fcntl, os, socket, struct, sys\n\
                           up = struct.pack('16sh', b'lo', 0x41)\n\
                           fcntl.ioctl(socket.socket(), 0x8914, up)\n\
                           os.execv(sys.argv[1], sys.argv[1:])";

fn python() -> Command {
    let packages = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/python/localstripe");
    assert!(
        packages.exists(),
        "localstripe is not installed; run .ci/python-tools, which puts it into {}",
        packages.display()
    );
    let mut python = Command::new("python3");
    python.env("PYTHONPATH", packages);
    python
}

/// Whether this process can be reached from nowhere else.
fn is_alone() -> bool {
    let interfaces = std::fs::read_to_string("/proc/self/net/dev").unwrap();
    let mut names = interfaces.lines().skip(2).filter_map(|line| line.split(':').next());
    names.all(|name| name.trim() == "lo")
}

#[test]
fn what_localstripe_tells_and_what_it_lists_end_in_the_same() {
    let _ = python();
    let test = std::env::current_exe().unwrap();
    let arguments =
        ["--exact", "stripe::localstripe::within_a_network_of_its_own", "--ignored", "--nocapture"];
    let run = |unshare: &[&str]| {
        let mut command = Command::new(unshare[0]);
        command.args(&unshare[1..]).args(["python3", "-c", LOOPBACK_UP]);
        command.arg(&test).args(arguments).output()
    };
    let can = |unshare: &[&str]| {
        let tried = Command::new(unshare[0]).args(&unshare[1..]).arg("true").stderr(Stdio::null()).status();
        tried.is_ok_and(|status| status.success())
    };
    let ways: [&[&str]; 2] = [&["unshare", "--net"], &["unshare", "--user", "--map-root-user", "--net"]];
    let output = match ways.into_iter().find(|way| can(way)) {
        Some(way) => run(way).unwrap(),
        None => panic!(
            "localstripe listens on every address, and this user may not make a network of its own for it \
             (unshare --net, unshare --user --net); run the tests as root or allow user namespaces"
        ),
    };
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}\n{}", String::from_utf8_lossy(&output.stderr));
    assert!(said.contains("1 passed"), "{said}");
}

/// A running localstripe; ends with the value.
struct Localstripe(Child);

impl Localstripe {
    fn start() -> Self {
        let child = python()
            .args(["-c", PROGRAM, "--port", &PORT.to_string(), "--from-scratch"])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let running = Self(child);
        eventually("localstripe", || running.request("GET", "/v1/customers", &Value::Null).ok());
        running
    }

    #[expect(clippy::unused_self, reason = "it has to run to be asked")]
    fn request(&self, method: &str, path: &str, body: &Value) -> Result<Value, String> {
        let bearer = format!("Bearer {KEY}");
        let headers = [("Authorization", bearer.as_str()), ("Content-Type", "application/json")];
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let address = ([127, 0, 0, 1], PORT).into();
        let answer = http::request(address, method, path, &headers, body.as_bytes());
        let answer = answer.map_err(|error| error.to_string())?;
        let json = serde_json::from_str(&answer.body).unwrap_or(Value::Null);
        if answer.status < 300 { Ok(json) } else { Err(format!("{} {}", answer.status, answer.body)) }
    }

    fn post(&self, path: &str, body: &Value) -> Value {
        self.request("POST", path, body).unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    /// A customer with a card.
    fn customer(&self, card: &str) -> String {
        let card = json!({"number": card, "exp_month": 12, "exp_year": 2050, "cvc": "123"});
        let method = self.post("/v1/payment_methods", &json!({"type": "card", "card": card}));
        let customer = self.post("/v1/customers", &json!({"email": "ada@example.com"}));
        let (method, customer) = (method["id"].as_str().unwrap(), customer["id"].as_str().unwrap());
        self.post(&format!("/v1/payment_methods/{method}/attach"), &json!({"customer": customer}));
        let default = json!({"invoice_settings": {"default_payment_method": method}});
        self.post(&format!("/v1/customers/{customer}"), &default);
        customer.to_owned()
    }
}

impl Drop for Localstripe {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
#[ignore = "run by the test above, within a network of its own"]
fn within_a_network_of_its_own() {
    assert!(
        is_alone(),
        "localstripe would be reachable from elsewhere; run the test above instead of this one"
    );
    let (by_webhooks, by_backfill, files) = (TempDir::new(), TempDir::new(), TempDir::new());
    let stripe = Localstripe::start();
    let flags = ["--stripe.mode=test", "--collector.business"];
    let daemon = start_with(by_webhooks.path(), &files, SECRET, &flags);
    let hook = json!({"url": format!("http://{}/webhooks/stripe", daemon.client.address), "secret": SECRET});
    stripe.post("/_config/webhooks/main", &hook);

    let product = stripe.post("/v1/products", &json!({"name": "Pratiko", "type": "service"}));
    for (id, amount, interval) in [("pro", 2500, "month"), ("yearly", 24_000, "year"), ("team", 900, "month")]
    {
        let plan = json!({"id": id, "product": product["id"], "amount": amount, "currency": "eur", "interval": interval});
        stripe.post("/v1/plans", &plan);
    }
    let mut subscriptions = Vec::new();
    // More than a page holds.
    for number in 0..110_u64 {
        let plan = ["pro", "yearly", "team"][number as usize % 3];
        let customer = stripe.customer("4242424242424242");
        let item = json!({"plan": plan, "quantity": 1 + number % 4});
        let subscription = stripe.post("/v1/subscriptions", &json!({"customer": customer, "items": [item]}));
        subscriptions.push(subscription["id"].as_str().unwrap().to_owned());
    }
    for gone in &subscriptions[..7] {
        stripe.request("DELETE", &format!("/v1/subscriptions/{gone}"), &Value::Null).unwrap();
    }
    // Payments beside subscriptions, of which one is declined.
    for card in ["4242424242424242", "4000000000000341"] {
        let customer = stripe.customer(card);
        let method = stripe.request(
            "GET",
            &format!("/v1/payment_methods?customer={customer}&type=card"),
            &Value::Null,
        );
        let method = method.unwrap()["data"][0]["id"].clone();
        let intent = json!({"amount": 700, "currency": "eur", "customer": customer, "payment_method": method, "confirm": true});
        let _ = stripe.request("POST", "/v1/payment_intents", &intent);
    }
    // 110 beginnings, as many invoices and payments, 7 ends, and two payments more.
    let delivered = |result: &str| {
        daemon.client.metrics()[&format!("pratiko_stripe_webhooks_total{{result=\"{result}\"}}")]
    };
    let expected = f64::from(110 * 3 + 7 + 2);
    eventually("all webhooks", || (delivered("accepted") >= expected).then_some(()));
    std::thread::sleep(Duration::from_millis(1500));
    assert_eq!((delivered("accepted"), delivered("rejected"), delivered("other_mode")), (expected, 0.0, 0.0));
    let refused = daemon.client.metrics();
    let refused = refused.iter().filter(|(series, _)| series.starts_with("pratiko_ingest_refused"));
    assert_eq!(refused.map(|(_, count)| count).sum::<f64>(), 0.0);
    drop(daemon);

    let base = format!("http://127.0.0.1:{PORT}");
    let lists = ["subscriptions", "invoices", "charges", "refunds"];
    let only: Vec<&str> = lists.iter().flat_map(|list| ["--only", list]).collect();
    let said = backfill_with_key(by_backfill.path(), &base, KEY, &["--stripe.mode=test"], &only).unwrap();
    assert!(!said.contains("are of the other mode"), "{said}");
    let (told, seen) = (current(by_webhooks.path()), current(by_backfill.path()));
    assert_eq!(told["subscriptions"].len(), 110);
    assert_eq!(told["invoices"].len(), 110);
    assert_eq!(told, seen);
    // What was told and is then seen is no news.
    let said = backfill_with_key(by_webhooks.path(), &base, KEY, &["--stripe.mode=test"], &only).unwrap();
    assert!(said.contains(" 0 events recorded"), "{said}");
}
