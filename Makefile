# The two commands of the README are `make demo` and `make test`; both do all their own set-up.

.PHONY: demo test bench lint docs ci

demo: ## Build and run the demo: upstreams, a server, a batch of ten days, a race weekend, tasks to match. Ctrl-C ends it.
	cargo run --profile demo --bin syncline -- demo $(DEMO_FLAGS)

test: ## Run all tests; installs what is missing, starts its own PostgreSQL.
	scripts/with-postgres scripts/test

bench: ## Measure, side by side in one run; prints one table.
	scripts/with-postgres --durable scripts/bench

lint:
	cargo fmt --all --check
	cargo clippy --workspace --all-targets -- -D warnings

docs:
	RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps --document-private-items

ci:
	bash .ci/run
