# Two commands: `make app` installs what it needs and opens the app, `make test` installs what it needs
# and passes every check. Both only want Python 3.11 and make.

PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
PORT ?= 8501
# Processes that run the tests; each needs about 4 GB.
WORKERS ?= 2
# pip must not write into the user's home, and its version notice is noise here.
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check

.PHONY: app test venv bench gpu lint clean

app: $(VENV)/app.installed
	$(BIN)/streamlit run app.py --server.port $(PORT)

venv: $(VENV)/app.installed

test: $(VENV)/test.installed lint
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder

lint: $(VENV)/test.installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check --quiet .
	$(BIN)/mypy
	$(BIN)/vulture
	$(BIN)/lint-imports

bench: $(VENV)/test.installed
	$(BIN)/python -m bench

# What a machine with GPUs can do, within ten minutes; writes gpu.json.
gpu: $(VENV)/test.installed
	$(BIN)/python -m bench gpu

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

# A machine with an NVIDIA GPU gets TensorFlow with CUDA; every other the plain one.
$(VENV)/app.installed: requirements.txt | $(VENV)/bin/python
	@echo "Installing what BCC needs (about 3 GB, some minutes, once) ..."
	@if nvidia-smi > /dev/null 2>&1; then \
		sed 's/^tensorflow==/tensorflow[and-cuda]==/' requirements.txt > $(VENV)/requirements.txt; \
	else \
		cp requirements.txt $(VENV)/requirements.txt; \
	fi
	$(PIP) -r $(VENV)/requirements.txt
	@touch $@

$(VENV)/test.installed: requirements-dev.txt $(VENV)/app.installed
	$(PIP) -r requirements-dev.txt
	@touch $@

clean:
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis
