# A thin front: each line is a command that can be run by itself.
PRESET ?= release
ATLAS = build/release/atlas

.PHONY: help setup build demo test asan tsan aarch64 format check clean

help:
	@echo "make demo    set up, build, fetch real models and read the text in a real photo"
	@echo "make test    set up, build, run every test"
	@echo "make build   set up, build (PRESET=dev, asan, tsan: see CMakePresets.json)"
	@echo "make asan    unit tests and hostile inputs under the address and undefined-behaviour sanitizers"
	@echo "make tsan    unit tests that use threads under the thread sanitizer"
	@echo "make aarch64 kernel tests for ARM's NEON, under qemu"
	@echo "make format  format the sources;  make check  check format and layers"

setup:
	tools/setup

build: setup
	cmake --preset $(PRESET)
	cmake --build --preset $(PRESET)

demo: setup
	cmake --preset release
	cmake --build --preset release --target atlas
	$(ATLAS) zoo fetch ppocr-v4
	mkdir -p out
	photo=$$($(ATLAS) zoo fetch street-sign) && \
	  $(ATLAS) run ocr "$$photo" --annotate out/street-sign.png --json out/street-sign.json
	@echo "the photo with its lines drawn on it: out/street-sign.png"

test: build
	.venv/bin/python tools/run_tests build/$(PRESET)

asan: setup
	cmake --preset asan
	cmake --build --preset asan --target unit_tests
	ASAN_OPTIONS=allocator_may_return_null=1 \
	LSAN_OPTIONS=suppressions=$(CURDIR)/tools/leak_suppressions.txt:print_suppressions=0 \
	  .venv/bin/python tools/run_tests build/asan --unit
	.venv/bin/python tools/run_tests build/asan --filter fuzz

tsan: setup
	cmake --preset tsan
	cmake --build --preset tsan --target base_test run_test
	.venv/bin/python tools/run_tests build/tsan --unit

aarch64:
	tools/setup_aarch64
	cmake --preset aarch64
	cmake --build --preset aarch64 --target targets_test run_test
	.venv/bin/python tools/run_tests build/aarch64 --unit

format: setup
	tools/check_format --fix

check: setup
	tools/check_format
	tools/check_layers

clean:
	rm -rf build out
