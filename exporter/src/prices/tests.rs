use std::fs;

use pratiko_domain::event::{LlmUsage, TokenUsage};

use super::*;

struct TempDir(PathBuf);

impl TempDir {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("pratiko-prices-{}-{name}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn file(&self, text: &str) -> PathBuf {
        let path = self.0.join("own.yml");
        fs::write(&path, text).unwrap();
        path
    }
}

impl Drop for TempDir {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn file(price: &str) -> String {
    format!(
        "providers:\n  - provider: openai\n    models:\n      - model: gpt-x\n        prices: {{input: {price}}}\n"
    )
}

fn open(files: &[&Path], bundled: bool) -> Result<Prices, String> {
    let files = files.iter().map(|file| (*file).to_owned()).collect();
    Prices::open(&config::Prices { files, bundled }).map_err(|error| error.to_string())
}

/// The id of the price and what a million tokens of input cost.
fn price(prices: &Prices, model: &str) -> Option<String> {
    let usage = LlmUsage::new("openai", model, TokenUsage { input: 1_000_000, ..TokenUsage::default() });
    let priced = prices.price(&usage, "2026-11-22T12:00:00Z".parse().unwrap())?;
    Some(format!("{} {}", priced.price, priced.amount()))
}

#[test]
fn own_files_win_over_the_bundled_list_which_can_be_left_out() {
    let directory = TempDir::new("win");
    let own = directory.file(&file("7").replace("gpt-x", "gpt-5"));
    let both = open(&[&own], true).unwrap();
    assert_eq!(price(&both, "gpt-5").as_deref(), Some("own:openai/gpt-5 7"));
    assert_eq!(price(&both, "gpt-5-mini").as_deref(), Some("openai/gpt-5-mini@2025-08-07 0.25"));
    let alone = open(&[&own], false).unwrap();
    assert_eq!(price(&alone, "gpt-5-mini"), None);
}

#[test]
fn a_file_that_changes_is_read_again_and_a_broken_one_changes_nothing_but_the_metric() {
    let directory = TempDir::new("reload");
    let path = directory.file(&file("1"));
    let prices = open(&[&path], false).unwrap();
    let state = |prices: &Prices| {
        prices.reload_if_changed();
        (price(prices, "gpt-x"), prices.is_ok(), prices.reload_failures())
    };
    let amount = |amount: &str| Some(format!("own:openai/gpt-x {amount}"));
    assert_eq!(state(&prices), (amount("1"), true, 0));
    directory.file(&file("2"));
    assert_eq!(state(&prices), (amount("2"), true, 0));
    directory.file(&file("cheap"));
    assert_eq!(state(&prices), (amount("2"), false, 1));
    // It is looked at again, and is still the same.
    assert_eq!(state(&prices), (amount("2"), false, 1));
    fs::remove_file(&path).unwrap();
    assert_eq!(state(&prices), (amount("2"), false, 2));
    directory.file(&file("3"));
    assert_eq!(state(&prices), (amount("3"), true, 2));
}

#[test]
fn files_are_followed_while_somebody_wants_them_to_be() {
    let directory = TempDir::new("follow");
    let prices = Arc::new(open(&[&directory.file(&file("1"))], false).unwrap());
    let followed = Prices::follow(&prices).unwrap();
    directory.file(&file("2"));
    let start = std::time::Instant::now();
    while price(&prices, "gpt-x").as_deref() != Some("own:openai/gpt-x 2") {
        assert!(start.elapsed().as_secs() < 30, "the new price was not seen");
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    drop(followed);
}

#[test]
fn what_is_wrong_from_the_start_is_told_with_file_and_line() {
    let directory = TempDir::new("wrong");
    let path = directory.file(&file("cheap"));
    let error = open(&[&path], true).unwrap_err();
    let expected = format!("{}:5: input: \"cheap\" is no price: ", path.display());
    assert!(error.starts_with(&expected), "{error}");
    let error = open(&[Path::new("/nonexistent/prices.yml")], true).unwrap_err();
    assert!(error.starts_with("cannot read the price file /nonexistent/prices.yml: "), "{error}");
}
