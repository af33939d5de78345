# Needs Python 3.11 to 3.14, pip and make; everything else is installed into .venv.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

.PHONY: demo test test-all engines bench lint docs reference pictures readme wheel-test other-pythons extension clean

# Debian's python3 has no ensurepip without python3-venv; then the machine's own pip brings one.
$(BIN)/deckgen: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 15))' || \
	  { echo 'deckgen needs Python 3.11 to 3.14; say which: make $(MAKECMDGOALS) PYTHON=python3.12'; exit 1; }
	@$(PYTHON) -m venv $(VENV) 2>/dev/null || { $(PYTHON) -m venv --without-pip --clear $(VENV) && \
	  $(PYTHON) -m pip --disable-pip-version-check --quiet --python $(BIN)/python install pip; }
	$(PIP) install --constraint constraints.txt --editable .
	@touch $@

$(VENV)/.test: $(BIN)/deckgen
	$(PIP) install --constraint constraints.txt --editable '.[test,lint,docs]'
	$(PIP) install --constraint constraints.txt --no-deps aqt # for its style sheets alone, without Qt
	@touch $@

demo: $(BIN)/deckgen
	@mkdir -p dist
	@for deck in decks/*/; do $(BIN)/deckgen build $$deck -o dist/$$(basename $$deck).apkg || exit 1; done
	@echo
	@echo 'Made:'
	@ls -1 dist/*.apkg | sed 's/^/  /'
	@echo 'Import them in Anki: File > Import, or double-click a file.'

# What takes long is left out: tests/conftest.py names it. CI runs all.
test: $(VENV)/.test
	$(BIN)/python -m pytest -n 2 -q -m 'not slow'

test-all: $(VENV)/.test
	$(BIN)/python -m pytest -n 2 -q --durations=25

# A learner's year in five versions of Anki, each in its own environment in .venv-anki; part of `make test-all` as well.
engines: $(VENV)/.test
	$(BIN)/python -m pytest -q tests/test_engines.py

bench: $(VENV)/.test
	@failed=0; for name in identity notes rendering push ordinary speed commands editor; do $(BIN)/python benchmarks/$$name.py || failed=1; done; exit $$failed

lint: $(VENV)/.test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

# The documentation site, into dist/site. It fails on a link that leads nowhere.
docs: $(VENV)/.test
	$(BIN)/zensical build --strict --config-file mkdocs.yml

# The pages of docs/reference/, from what the program says of itself; and the pictures of README.
reference: $(VENV)/.test
	$(BIN)/python docs/make_reference.py

pictures: $(VENV)/.test
	$(BIN)/python docs/make_pictures.py

# README, followed word by word in a fresh environment, in both languages.
readme: $(BIN)/deckgen
	$(BIN)/python tests/readme_walk.py

# A wheel, installed into a fresh environment outside the checkout, works and carries the rule packs.
wheel-test: $(VENV)/.test
	$(BIN)/python tests/wheel.py

# The same wheel on every other Python that this machine has; says which were not tried.
other-pythons: $(VENV)/.test
	$(BIN)/python tests/other_pythons.py

# The extension for VS Code, into editors/vscode/dist/deckgen.vsix, with its tests. It needs Node 20 or newer, and npm.
extension:
	cd editors/vscode && npm ci && npm run package

clean:
	rm -rf $(VENV) .venv-anki dist build editors/vscode/dist editors/vscode/node_modules .pytest_cache .mypy_cache .ruff_cache .hypothesis
