# What a newcomer needs: `make run`, `make test`. Everything is installed into .venv, nothing elsewhere.

PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))' 2>/dev/null && echo $$p && break; done)
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
TORCH := torch==2.13.0
PEERS := .venv-peers

# The model comes with the package: no run of this project asks a model hub for anything.
export HF_HUB_OFFLINE = 1

.PHONY: run test paper check docs peers lock clean

run: $(STAMP)
	$(BIN)/research run configs/studies/putin_visit.yaml

test: $(STAMP)
	$(BIN)/python -m pytest -n 2 --dist loadgroup

check: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# Every experiment that needs nothing but seeds/.
paper: $(STAMP)
	$(BIN)/research run configs/studies/putin_visit.yaml
	$(BIN)/python -m experiments.seed_validation configs/experiments/seed_validation.yaml

# The documentation site; nothing is fetched to build or to view it. A broken link or reference is an error.
# -E: the tables of columns and keys are made from the code, which pages do not name.
docs: $(STAMP)
	$(BIN)/sphinx-build -W --keep-going -n -E -d build/doctrees docs site

# Everything but torch is pinned by hash. torch is pinned by version alone: its builds with and without CUDA have other
# hashes, and a machine without CUDA should not be made to download one. To choose the build, see README, "Install".
$(STAMP): requirements.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo "make: no Python 3.11, 3.12 or 3.13 found; install one, or say make PYTHON=/path/to/python" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --no-deps --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet $(TORCH)
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

# Topic models of others, for experiments/theme_benchmark.py alone, in an environment of their own: Python 3.11, and torch
# as above. The environment keeps itself out of version control.
peers: $(PEERS)/.installed

$(PEERS)/.installed: requirements-peers.txt
	python3.11 -m venv $(PEERS)
	@printf '*\n' > $(PEERS)/.gitignore
	$(PEERS)/bin/python -m pip install --quiet $(TORCH)
	$(PEERS)/bin/python -m pip install --quiet --no-deps -r requirements-peers.txt
	$(PEERS)/bin/python -c "import bertopic, turftopic, top2vec"
	@touch $@

# Resolve the versions anew, for every supported Python. Needs uv (pip install uv).
lock:
	uv pip compile pyproject.toml --extra dev --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
		--quiet $(foreach p,torch triton cuda-bindings cuda-pathfinder cuda-toolkit nvidia-cublas nvidia-cuda-cccl nvidia-cuda-cupti \
		nvidia-cuda-nvrtc nvidia-cuda-runtime nvidia-cudnn-cu13 nvidia-cufft nvidia-cufile nvidia-cusolver nvidia-cusparse \
		nvidia-cusparselt-cu13 nvidia-nccl-cu13 nvidia-nvjitlink nvidia-nvshmem-cu13 nvidia-nvtx,--no-emit-package $(p)) \
		--output-file requirements.lock

clean:
	rm -rf $(VENV) $(PEERS) build dist site *.egg-info
