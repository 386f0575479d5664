# Every target is a line or two; how it is done stands in tests/src.
#
#   KUBERNETES=1.35.4      another version than the newest that is supported
#   E2E_KUBECONFIG=FILE    test on a cluster of your own instead of a sandbox
#   TEST=NAME              only the end-to-end tests whose name contains it
#   ONLY=GROUP             only that group of figures

# What is tested and shown is compiled quickly, with every check in it; what is installed or measured
# is optimized.
SANDBOX = target/debug/sandbox
MEASURED = target/release/sandbox --bare --
BESIDE_ROLLOUTS = target/release/sandbox --bare --with rollouts --
INSIDE = $(if $(E2E_KUBECONFIG),env PATH="$(CURDIR)/target/debug:$$PATH",$(SANDBOX) --bare --with clients --)
# Every build is of the whole workspace: the dependencies then have one set of features, and are
# compiled once for each profile.
#
# Tests on a cluster mostly wait for it.
THREADS ?= 4
export KUBERNETES E2E_KUBECONFIG

# For each target of the fuzzer.
FUZZ_SECONDS ?= 600

.PHONY: help build programs image sandbox test test-unit test-sandbox test-e2e demo bench races lint deny guard-mutations guard-report fuzz mutants

help: ## What can be made
	@sed -n 's/^\([a-z0-9-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 14

build: ## The plugin, the webhook and the sandbox, as released
	cargo build --release --workspace

programs:
	cargo build --workspace

image: build ## The webhook's image, as `docker save` writes one: target/webhook-image.tar
	target/release/image

sandbox: programs ## A shell in a cluster of your own; RUN='command' runs that instead
	@$(SANDBOX) $(if $(value RUN),-- sh -c '$(subst ','\'',$(value RUN))')

test: test-unit test-sandbox test-e2e demo ## Everything

test-unit: ## What needs no cluster
	cargo test --workspace

test-sandbox: programs ## That a sandbox leaves nothing behind
	cargo test --workspace --test sandbox

test-e2e: programs ## The end-to-end tests, in one sandbox
	cargo test --workspace --test e2e --no-run
	$(INSIDE) cargo test --offline --workspace --test e2e -- --test-threads=$(THREADS) $(TEST)

demo: programs ## Tomcat 7 is replaced by Tomcat 8, and comes back
	$(SANDBOX) --bare -- demo

# Argo Rollouts is compiled for those that need it.
bench: build ## The figures; ONLY=switch, load, rollouts, broken or crowd for a part of them
	$(if $(filter switch load crowd,$(ONLY)),$(MEASURED),$(BESIDE_ROLLOUTS)) bench $(ONLY:%=--only=%)

races: build ## Two requests meet, a switch loses none: ROUNDS=500 of each kind, SECONDS_PER_RACE=900
	$(MEASURED) races

lint: ## Formatting, and clippy with warnings as errors
	cargo fmt --check
	cargo clippy --workspace --all-targets -- -D warnings
	cargo clippy --workspace --test sandbox --test e2e -- -D warnings

# Kept outside the checkout, as the cluster's programs are.
TOOLS = $(if $(BLUEGREEN_CACHE),$(BLUEGREEN_CACHE),$(if $(XDG_CACHE_HOME),$(XDG_CACHE_HOME),$(HOME)/.cache)/kubectl-bluegreen)/tools

deny: ## What may come into the tree: deny.toml
	cargo install --locked --root $(TOOLS) cargo-deny@0.20.2
	$(TOOLS)/bin/cargo-deny --locked check bans licenses sources

guard-report: programs ## What the guard does to every client: make -s guard-report > tests/guard-report.md
	rm -f target/guard-report.md
	cargo test --workspace --test e2e --no-run
	GUARD_REPORT=$(CURDIR)/target/guard-report.md $(INSIDE) \
	  cargo test --offline --workspace --test e2e -- guard::matrix >&2; result=$$?; cat target/guard-report.md && exit $$result

guard-mutations: programs ## Each rule of the guard off in turn, and the test that notices; RULE=NAME for some of them
	cargo test --workspace --test e2e --no-run
	BLUEGREEN_RULES_OFF=1 $(SANDBOX) --bare --with clients -- guard-mutations

fuzz: ## No panic, whatever comes: FUZZ_SECONDS for each target; takes a nightly compiler
	cargo install --locked --root $(TOOLS) cargo-fuzz@0.13.1
	set -e; for target in review mutate gate; do \
	  mkdir -p target/fuzz/corpus/$$target; \
	  PATH="$(TOOLS)/bin:$$PATH" CARGO_TARGET_DIR=target/fuzz/build cargo +nightly fuzz run --fuzz-dir tests/fuzz $$target \
	    target/fuzz/corpus/$$target tests/fuzz/corpus/$$target -- -max_total_time=$(FUZZ_SECONDS); \
	done

mutants: ## Whether the tests notice what is broken in the core: MUTANTS='--shard 0/20' for a part of it
	cargo install --locked --root $(TOOLS) cargo-mutants@27.1.0
	PATH="$(TOOLS)/bin:$$PATH" cargo mutants --package bluegreen-shared --output target $(MUTANTS)
