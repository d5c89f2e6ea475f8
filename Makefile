# Each target works on a fresh clone: it makes .venv from the hash lock first.
PYTHON ?= python3.11
BIN := .venv/bin

.PHONY: help run test check bench lock clean

help: ## This list
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/'

run: .venv/service ## Serve with demonstration data on http://127.0.0.1:8000 (PORT changes it)
	@$(BIN)/banggiao serve --demo

test: .venv/tools .venv/provider .venv/s3 ## All tests, on PostgreSQLs of their own (or TEST_DATABASE_URL's)
	@$(BIN)/pytest -n logical --maxprocesses 8 --dist loadfile --no-loadscope-reorder

check: .venv/tools ## Lint, types, layers, migrations against models, OpenAPI document, Dockerfile
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo
	@$(BIN)/pytest tests/test_migrations.py tests/contracts/test_openapi.py
	@$(BIN)/hadolint Dockerfile

bench: .venv/tools ## Ratios against the limit, measured side by side
	@$(BIN)/python -m benchmarks

lock: .venv/tools ## Pin the newest versions that pyproject.toml allows, with hashes, without addresses
	@$(BIN)/uv pip compile -q --upgrade $(LOCK) pyproject.toml --group build -o requirements.txt
	@$(BIN)/uv pip compile -q $(LOCK) pyproject.toml --group build --group dev -c requirements.txt -o requirements-dev.txt
	@$(BIN)/uv pip compile -q --upgrade $(LOCK) $(S3)/requirements.in -o $(S3)/requirements.txt
LOCK := --universal --generate-hashes --no-emit-index-url --no-header

# An S3 service of other people's making, which needs older packages than the service does.
S3 := tests/materials/s3_server
.venv/s3: $(S3)/requirements.txt | .venv/pip
	@echo "Installing an S3 service for the tests ..."
	@rm -rf $@
	@$(BIN)/pip install -q --disable-pip-version-check --require-hashes --target $@ -r $<
	@touch $@

# An identity provider of other people's making, for which tests skip where there is no Node.js.
.venv/provider: tests/access/oidc_provider/package-lock.json | .venv/pip
	@if command -v npm >/dev/null; then \
	  npm ci --silent --prefix tests/access/oidc_provider --ignore-scripts --no-audit --no-fund && touch $@; \
	fi

clean: ## Forget the environment and the embedded database
	rm -rf .venv .banggiao

.venv/pip:
	@$(PYTHON) -m venv .venv
	@touch $@

.venv/service: requirements.txt pyproject.toml | .venv/pip
	@echo "Installing what the service needs ..."
	@$(BIN)/pip install -q --disable-pip-version-check --require-hashes -r requirements.txt
	@$(BIN)/pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

.venv/tools: requirements-dev.txt .venv/service
	@echo "Installing what the tests need ..."
	@$(BIN)/pip install -q --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@
