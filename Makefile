# Needs python3 (3.11 or newer), make and a package index. Everything goes into .venv.

PYTHON ?= python3
VENV ?= .venv
DEMO ?= demo-workspace
BENCH ?= build/bench
# Where a CPU build of torch is taken from when no local build is found. Only tests and training
# need torch; empty it to take the index's default build.
TORCH_INDEX ?= https://download.pytorch.org/whl/cpu

BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
CONSTRAINTS := constraints.txt
# As many tests side by side as there are cores, up to four: each worker loads models of its own.
PYTEST := $(BIN)/python -m pytest --numprocesses auto --maxprocesses 4 --dist worksteal

.PHONY: help demo test check lint quality bench train docs clean

help:  ## Say what there is
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

demo: $(VENV)/.installed  ## Read the sample calls from their audio and write their digest
	@rm -rf $(DEMO)
	@$(BIN)/callmine init $(DEMO) --sample >/dev/null
	@echo "made $(DEMO) with the sample calls and their deals"
	@$(BIN)/callmine run sample -w $(DEMO)
	@echo "next: . $(BIN)/activate && cd $(DEMO) && callmine status"

test: $(VENV)/.installed-test lint  ## Linters, types, layers, and the whole test suite
	$(PYTEST)

check: $(VENV)/.installed-test lint  ## The same without the tests on real audio
	$(PYTEST) -m "not audio and not browser"

lint: $(VENV)/.installed-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

quality: $(VENV)/.installed-test  ## Measure on the labelled data and the sample; writes docs/quality.md
	$(BIN)/python -m benchmarks.quality

bench: $(VENV)/.installed-test  ## Measure against other tools (hours, on an idle machine); writes docs/benchmarks.md
	$(BIN)/python -m benchmarks.peers $(BENCH)/peers
	$(BIN)/python -m benchmarks.transcription --work $(BENCH)
	$(BIN)/python -m benchmarks.invention --work $(BENCH)
	$(BIN)/python -m benchmarks.speakers --work $(BENCH)
	$(BIN)/python -m benchmarks.long --work $(BENCH)

train: $(VENV)/.installed-test  ## Train the encoder again (about an hour on two idle cores)
	$(BIN)/python -m callmine.extractors.training

docs: $(VENV)/.installed-test  ## Write the generated pages again
	$(BIN)/python docs/generate.py

clean:  ## Remove the virtual environment and the demo
	rm -rf $(VENV) $(DEMO)

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "callmine needs Python 3.11 or newer: make PYTHON=python3.12 …"; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: pyproject.toml $(CONSTRAINTS) | $(VENV)/bin/python
	@echo "installing callmine into $(VENV) (about 250 MB, a minute or two)"
	$(PIP) install --constraint $(CONSTRAINTS) --editable .
	@touch $@

# openai-whisper asks for triton, a gigabyte that no CPU needs: its real needs are named instead.
$(VENV)/.installed-test: $(VENV)/.installed
	@echo "installing what the tests need, torch and openai-whisper included (about 450 MB)"
	@$(PIP) install --constraint $(CONSTRAINTS) --no-index --no-deps torch 2>/dev/null \
	  || $(PIP) install --constraint $(CONSTRAINTS) --no-deps --retries 1 --timeout 15 \
	       $(if $(TORCH_INDEX),--index-url "$(TORCH_INDEX)") torch 2>/dev/null \
	  || $(PIP) install --constraint $(CONSTRAINTS) --no-deps torch
	$(PIP) install --constraint $(CONSTRAINTS) torch numba tiktoken more-itertools tqdm onnx --editable ".[test,bench]"
	$(PIP) install --constraint $(CONSTRAINTS) --no-deps openai-whisper
	@touch $@
