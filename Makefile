# A thin front: each line is a command that can be run by itself.
PRESET ?= release

.PHONY: help setup build test asan tsan format check clean

help:
	@echo "make test    set up, build, run every test"
	@echo "make build   set up, build (PRESET=dev, asan, tsan: see CMakePresets.json)"
	@echo "make asan    unit tests under the address and undefined-behaviour sanitizers"
	@echo "make tsan    unit tests that use threads under the thread sanitizer"
	@echo "make format  format the sources;  make check  check format and layers"

setup:
	tools/setup

build: setup
	cmake --preset $(PRESET)
	cmake --build --preset $(PRESET)

test: build
	.venv/bin/python tools/run_tests build/$(PRESET)

asan: setup
	cmake --preset asan
	cmake --build --preset asan
	.venv/bin/python tools/run_tests build/asan --unit

tsan: setup
	cmake --preset tsan
	cmake --build --preset tsan --target base_test run_test
	.venv/bin/python tools/run_tests build/tsan --unit

format: setup
	tools/check_format --fix

check: setup
	tools/check_format
	tools/check_layers

clean:
	rm -rf build out
