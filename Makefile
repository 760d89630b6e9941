# `make` lists the targets. What is built lies in build/, .build/, .venv/ and .venv-bench/, and is built again only
# where its sources changed; `make clean` removes it.

SHELL := /bin/bash
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
export PATH := $(CURDIR)/.venv/bin:$(PATH)

$(shell mkdir -p build && : >build/steps.tsv)  # the times of this run's steps
STEP := tools/step
VENV := .venv/ready
SYSTEM := build/system_packages
INSTALLED := .venv/installed
BENCH := .venv-bench/ready
PYTEST := pytest -n 2 --quiet

# Everything that the installed Python package is made of.
PACKAGE_SOURCES := $(wildcard $(shell git ls-files core bindings/python cmake CMakeLists.txt pyproject.toml README.md))

SWIFT_SOURCES := $(wildcard $(shell git ls-files bindings/swift bench/swift Package.swift))

.PHONY: help setup gen check build test test-full test-core test-sanitize test-aarch64 test-metal test-cuda test-python test-swift test-bytes test-languages gpu-check cubins wheel gpu-kit demo accuracy bench bench-quick clean

help:  ## list the targets
	@awk -F':.*## ' '/^[a-z-]+:.*## / { printf "make %-14s %s\n", $$1, $$2 }' Makefile

setup: $(VENV) $(SYSTEM)  ## make .venv, and install the system packages where apt-get may

$(VENV): requirements-dev.txt tools/make_venv.sh
	@$(STEP) "Make .venv" tools/make_venv.sh
	@touch $@

$(SYSTEM): tools/install_system_packages.sh
	@$(STEP) "Install system packages" tools/install_system_packages.sh
	@touch $@

gen: $(VENV)  ## generate everything that follows from the schema
	@$(STEP) "Generate" python -m codegen gen

check: $(VENV)  ## generated files as they should be; formats, lint and types
	@$(STEP) "Check the generated files" python -m codegen check
	@$(STEP) "Check formats, lint and types" tools/check_sources.sh

build: setup  ## build the core with gcc and with clang, warnings being errors
	@$(STEP) "Build the core with gcc" tools/build_core.sh gcc
	@$(STEP) "Build the core with clang" tools/build_core.sh clang

test-core: build  ## the C ABI and the vectors, built by gcc and by clang
	@$(STEP) "Test the core, built by gcc" tools/run_core_tests.sh gcc
	@$(STEP) "Test the core, built by clang" tools/run_core_tests.sh clang

test-sanitize: setup  ## the same tests under ASan, UBSan and TSan
	@$(STEP) "Build the core for ASan and UBSan" tools/build_core.sh gcc-asan \
	    -DTHINBIT_SANITIZE=address,undefined -DCMAKE_BUILD_TYPE=RelWithDebInfo
	@$(STEP) "Test the core under ASan and UBSan" tools/run_core_tests.sh gcc-asan
	@$(STEP) "Build the core for TSan" tools/build_core.sh gcc-tsan \
	    -DTHINBIT_SANITIZE=thread -DCMAKE_BUILD_TYPE=RelWithDebInfo
	@# levels_test, the longest, has one thread.
	@$(STEP) "Test the core under TSan" tools/run_core_tests.sh gcc-tsan -E levels_test

test-aarch64: setup  ## the vectors on aarch64, under qemu
	@$(STEP) "Test the core for aarch64, under qemu" tools/test_aarch64.sh

test-metal: $(INSTALLED)  ## the Metal backend, its kernels run on this machine's processor by the emulation in tests/metal
	@$(STEP) "Test the Metal backend on its emulation" tools/test_metal.sh

$(INSTALLED): $(VENV) $(SYSTEM) $(PACKAGE_SOURCES)
	@$(STEP) "Install the Python package" tools/install_package.sh
	@touch $@

test-cuda: $(INSTALLED)  ## the CUDA backend, its kernels run on this machine's processor by the emulation in tests/cuda
	@$(STEP) "Test the CUDA backend on its emulation" tools/test_cuda.sh

cubins: $(VENV)  ## compile the CUDA kernels for every architecture, to ship beside the plugin; needs no GPU
	@$(STEP) "Compile the CUDA kernels" python -m tools.cubins build/cubins/thinbit_cuda.cubins

wheel: cubins $(SYSTEM)  ## the Python package with the compiled CUDA kernels, into dist/
	@$(STEP) "Make the wheel" tools/make_wheel.sh

test-python: $(INSTALLED)  ## the generator, the numpy model and the Python package
	@$(STEP) "Test in Python" $(PYTEST) -m "not full" --ignore tests/metal --ignore tests/cuda --ignore tests/languages

test-swift:  ## the Swift package, debug and release, and a package that uses it
	@$(STEP) "Test in Swift" tools/test_swift.sh

test-bytes: test-core test-swift  ## the same bytes from every compiler
	@$(STEP) "Compare the bytes of all compilers" tools/compare_bytes.sh

test-languages: test-swift $(INSTALLED)  ## one model in Python and in Swift: the same tokens, the same bytes
	@$(STEP) "Compare Python and Swift" tools/compare_languages.sh

test: check test-core test-sanitize test-aarch64 test-metal test-cuda test-python test-swift test-bytes test-languages  ## everything but the longest matrices
	@$(STEP) --summary

test-full: test-sanitize $(INSTALLED)  ## the longest matrices, and the fuzzer at length
	@$(STEP) "Test every product for aarch64, under qemu" tools/test_aarch64.sh --all
	@$(STEP) "Fuzz the C ABI under ASan and UBSan" tools/fuzz_at_length.sh
	@$(STEP) "Test the longest matrices in Python" $(PYTEST) -m full --ignore tests/metal --ignore tests/cuda --ignore tests/languages
	@$(STEP) --summary

gpu-check: $(if $(filter Darwin,$(shell uname)),$(INSTALLED))  ## on a machine with a GPU: verify Metal or CUDA there, and measure it
	@$(STEP) "Check the GPU" tools/gpu_check.sh

gpu-kit: wheel  ## what gpu-check needs on a machine with an NVIDIA GPU and no network, into build/gpu_kit
	@$(STEP) "Make the kit for a GPU" tools/make_gpu_kit.sh

demo: $(INSTALLED)  ## quantize a real model in every mode, and use it from Python and from Swift
	@$(STEP) "Demo" python examples/demo/demo.py

accuracy: $(INSTALLED)  ## what each mode costs a real model, in Python and in Swift, and docs/accuracy/minilm.md
	@$(STEP) "Accuracy" python examples/embeddings/accuracy.py

bench: $(BENCH)  ## thinbit beside its peers, and docs/benchmarks/cpu.md: about 10 minutes
	@$(STEP) "Benchmark" .venv-bench/bin/python -m bench

bench-quick: $(BENCH)  ## a part of it, in about a minute, into build/bench
	@$(STEP) "Benchmark, the quick part" .venv-bench/bin/python -m bench --quick \
	    --raw build/bench/quick.json --page build/bench/quick.md

$(BENCH): bench/requirements.txt bench/prepare.sh $(PACKAGE_SOURCES) $(SWIFT_SOURCES)
	@$(STEP) "Make .venv-bench" bench/prepare.sh
	@touch $@

clean:  ## remove what was built, and .venv
	rm -rf build .build .venv .venv-bench examples/*/.build
