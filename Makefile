# The commands that people type. `make` alone lists them.

.DEFAULT_GOAL := help
.PHONY: help run test test-long lint bench fuzz monitoring-up monitoring-down

help: ## This list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-15s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: ## Run the daemon on http://127.0.0.1:9000, as `cargo run --release` does
	cargo run --release

test: ## Build everything and run every test; installs what they need through apt where it may
	.ci/test-tools
	cargo build --workspace
	cargo test --workspace --all-features --no-fail-fast
	cargo test --package pratiko_metrics --features process,prometheus-0-14 --test prometheus

test-long: ## A month in which all is well, and every scenario of the demo, unscaled, to the end of its alerts: an hour or more
	.ci/test-tools
	cargo test --package pratiko_tests --test demo -- --ignored
	cargo test --package pratiko_tests --test notifications -- --ignored --test-threads 6

lint: ## Formatting, clippy, documentation, dependencies; no warning passes
	.ci/lint-tools
	cargo fmt --all --check
	cargo clippy --workspace --all-targets --all-features -- -D warnings
	.ci/check-features
	.ci/check-oldest-rust
	RUSTDOCFLAGS=-Dwarnings cargo doc --workspace --all-features --no-deps
	.ci/check-dependencies

bench: ## Measure time and memory of a scrape, and of recording; the SDK beside its peers
	./benches/run
	cargo run --release --manifest-path benches/sdk/Cargo.toml

fuzz: ## Feed each reader of foreign bytes with what nobody would think of, SECONDS each (60)
	.ci/fuzz $(or $(SECONDS),60)

monitoring-up: ## Exporter, Prometheus and Alertmanager on the loopback address; DEMO=1 with a made-up company
	@DEMO=$(DEMO) deploy/monitoring up

monitoring-down: ## End what monitoring-up started, and remove what it recorded; KEEP=1 keeps it
	@KEEP=$(KEEP) deploy/monitoring down
