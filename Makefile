# da3dd: build, test, demo, install. GNU make.
#   make            build/da3dd and build/da3ddctl
#   make demo       install what is missing, build, learn one capture, score another, show the result
#   make check      install what is missing, build, run every test and lint
#   make table2     the paper's Table 2 on the data sets under $DA3DD_DATA; TABLE2=--quick for a glance
#   make compare    da3dd, its views and ablations beside simple detectors on the same data sets, and on
#                   the lab's captures; COMPARE="--quick ..." passes options, of which --help tells
#   make calibration   whether promised shares of false alarms are kept on recordings of normal traffic
#   make pollution  what attacks among the training flows cost, with trimming and without
#   make bench      build, measure training, scoring and packets against what the machine can do
#   make bench-explain  whether scores fall without the features that explanations name, and their cost
#   make bench-retrain  what retraining costs scoring: a minute or two
#   make soak       30 simulated days of spooling and retraining, an attacker among them: minutes
#   make install    DESTDIR= PREFIX=/usr/local
#   make captures   every capture under $DA3DD_CAPTURES through sanitizers and valgrind: minutes
#   make fuzz       FUZZ_SECONDS=60 [FUZZ_TARGETS="decode flow"]: libFuzzer on each target in turn
# Variants live side by side under build/<variant>/: release (default), asan, clang, fuzz.

PREFIX  ?= /usr/local
SYSCONFDIR ?= /etc
DESTDIR ?=
VARIANT ?= release
BUILD   := build/$(VARIANT)

CC_release := gcc
CC_asan    := gcc
CC_clang   := clang
CC_fuzz    := clang
ifeq ($(origin CC),default)
CC := $(CC_$(VARIANT))
endif

CFLAGS_release := -O3 -g -D_FORTIFY_SOURCE=3
CFLAGS_clang   := -O2 -g -D_FORTIFY_SOURCE=2 -Werror
CFLAGS_asan    := -O1 -g -Werror -fno-omit-frame-pointer -fsanitize=address,undefined \
                  -fno-sanitize-recover=all
LDFLAGS_asan   := -fsanitize=address,undefined
CFLAGS_fuzz    := $(CFLAGS_asan) -fsanitize=fuzzer-no-link
LDFLAGS_fuzz   := -fsanitize=fuzzer,address,undefined
CFLAGS  ?= $(CFLAGS_$(VARIANT))
LDFLAGS ?=

STD      := -std=c11 -D_GNU_SOURCE -I.
WARNINGS := -Wall -Wextra -Wpedantic -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
            -Wpointer-arith -Wcast-qual -Wwrite-strings -Wundef -Wvla -Wformat=2 -Wconversion \
            -Wsign-conversion -Wdouble-promotion -Wnull-dereference -Wimplicit-fallthrough \
            -Wswitch-enum
# Arithmetic keeps NaN and infinities; errno and exception flags of the maths functions are not read.
# Nothing is fused, so that the same code gives the same bits at every vector width.
MATHS    := -fno-math-errno -fno-trapping-math -ffp-contract=off
HARDEN   := -fPIE -fstack-protector-strong -fstack-clash-protection -fcf-protection=full
HARDEN_LD := -pie -Wl,-z,relro,-z,now,-z,noexecstack

LIBRARIES := libpcap libevent_core openblas json-c libgcrypt libsodium libsystemd yaml-0.1 \
             libcap-ng libseccomp
# Asked once, and only when something is compiled: before `make deps` pkg-config may be missing.
LIB_CFLAGS = $(eval LIB_CFLAGS := $$(shell pkg-config --cflags $(LIBRARIES)))$(LIB_CFLAGS)
CTL_LIBS   = $(eval CTL_LIBS := $$(shell pkg-config --libs json-c))$(CTL_LIBS)
LIB_LIBS   = $(eval LIB_LIBS := $$(shell pkg-config --libs $(LIBRARIES)))$(LIB_LIBS)

ROOM_SOURCES := $(sort $(wildcard core/*.c features/*.c daemon/*.c))
CTL_SOURCES  := $(wildcard daemon/ctl*.c)
UNIT_SOURCES := $(sort $(wildcard tests/unit/*.c))
BENCH_SOURCES := $(sort $(wildcard tests/bench/*.c))
OBJECTS      := $(filter-out $(CTL_SOURCES),$(ROOM_SOURCES))
OBJECTS      := $(OBJECTS:%.c=$(BUILD)/%.o)
CTL_OBJECTS  := $(CTL_SOURCES:%.c=$(BUILD)/%.o) \
                $(addprefix $(BUILD)/,core/error.o daemon/human.o daemon/json.o daemon/json_read.o \
                daemon/page.o daemon/request.o daemon/text.o)
PARTS        := $(filter-out $(BUILD)/daemon/main.o,$(OBJECTS))
UNIT_OBJECTS := $(UNIT_SOURCES:%.c=$(BUILD)/%.o) $(PARTS)

.DEFAULT_GOAL := all
.PHONY: all unit replay fuzzers fuzz bench bench-packets bench-explain \
        bench-retrain soak asan captures lint deps deps-check \
        demo check table2 compare calibration pollution install uninstall clean
.DELETE_ON_ERROR:

all: build/da3dd build/da3ddctl

# The contract's paths are the release programs; other variants keep to their own folder.
build/da3dd build/da3ddctl: build/%: build/release/%
	@ln -f $< $@
ifneq ($(VARIANT),release)
build/release/da3dd build/release/da3ddctl:
	+$(MAKE) VARIANT=release $@
endif

$(BUILD)/da3dd: $(OBJECTS)
	$(CC) $(HARDEN_LD) $(LDFLAGS_$(VARIANT)) $(LDFLAGS) -o $@ $^ $(LIB_LIBS) -lm

$(BUILD)/da3ddctl: $(CTL_OBJECTS)
	$(CC) $(HARDEN_LD) $(LDFLAGS_$(VARIANT)) $(LDFLAGS) -o $@ $^ $(CTL_LIBS) -lm

$(BUILD)/tests/unit/unit: $(UNIT_OBJECTS)
	$(CC) $(HARDEN_LD) $(LDFLAGS_$(VARIANT)) $(LDFLAGS) -o $@ $^ $(LIB_LIBS) -lcriterion -lm

# The recorder of products stands between core and BLAS.
$(BUILD)/tests/bench/core: $(addprefix $(BUILD)/tests/bench/,core.o products.o timing.o) \
                           $(filter $(BUILD)/core/%,$(OBJECTS))
	$(CC) $(HARDEN_LD) -Wl,--wrap=cblas_sgemm $(LDFLAGS_$(VARIANT)) $(LDFLAGS) -o $@ $^ \
	    $(LIB_LIBS) -lm

$(BUILD)/tests/bench/peak: $(BUILD)/tests/bench/peak.o
	$(CC) $(HARDEN_LD) $(LDFLAGS_$(VARIANT)) $(LDFLAGS) -o $@ $^

$(BUILD)/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(STD) $(WARNINGS) $(MATHS) $(HARDEN) $(CFLAGS) $(LIB_CFLAGS) -MMD -MP -c -o $@ $<

-include $(OBJECTS:.o=.d) $(CTL_OBJECTS:.o=.d) $(UNIT_SOURCES:%.c=$(BUILD)/%.d) \
    $(BENCH_SOURCES:%.c=$(BUILD)/%.d) $(wildcard $(BUILD)/tests/fuzz/*.d)

unit: $(BUILD)/tests/unit/unit

# Each fuzz target with a driver that replays its corpus, or (VARIANT=fuzz) with libFuzzer.
FUZZ_TARGETS ?= decode flow rows table model labels capture config control
FUZZ_SECONDS ?= 60

replay: $(FUZZ_TARGETS:%=$(BUILD)/tests/fuzz/replay_%)
fuzzers: $(FUZZ_TARGETS:%=$(BUILD)/tests/fuzz/fuzz_%)
.SECONDARY: $(patsubst %.c,$(BUILD)/%.o,$(wildcard tests/fuzz/*.c))

$(BUILD)/tests/fuzz/replay_%: $(BUILD)/tests/fuzz/replay.o $(BUILD)/tests/fuzz/fuzz_%.o $(PARTS)
	$(CC) $(HARDEN_LD) $(LDFLAGS_$(VARIANT)) $(LDFLAGS) -o $@ $^ $(LIB_LIBS) -lm

$(BUILD)/tests/fuzz/fuzz_%: $(BUILD)/tests/fuzz/fuzz_%.o $(PARTS)
	$(CC) $(HARDEN_LD) $(LDFLAGS_$(VARIANT)) $(LDFLAGS) -o $@ $^ $(LIB_LIBS) -lm

fuzz: deps-check
	@+$(MAKE) --no-print-directory VARIANT=fuzz fuzzers
	@tests/fuzz/run $(FUZZ_SECONDS) $(FUZZ_TARGETS)

# Programs that tests/bench/packets runs, and a flood of the flow table.
PACKET_BENCHES := $(addprefix $(BUILD)/tests/bench/,generate stage flood)

$(BUILD)/tests/bench/generate: $(BUILD)/tests/bench/generate.o
	$(CC) $(HARDEN_LD) $(LDFLAGS_$(VARIANT)) $(LDFLAGS) -o $@ $^
$(BUILD)/tests/bench/stage $(BUILD)/tests/bench/flood: %: %.o $(PARTS)
	$(CC) $(HARDEN_LD) $(LDFLAGS_$(VARIANT)) $(LDFLAGS) -o $@ $^ $(LIB_LIBS) -lm

bench-packets: all $(PACKET_BENCHES)
	@tests/deps python3
	@tests/bench/packets

# How good explanations are, and how long one takes.
$(BUILD)/tests/bench/explain: $(BUILD)/tests/bench/explain.o $(filter $(BUILD)/core/%,$(OBJECTS))
	$(CC) $(HARDEN_LD) $(LDFLAGS_$(VARIANT)) $(LDFLAGS) -o $@ $^ $(LIB_LIBS) -lm

bench-explain: all $(BUILD)/tests/bench/explain
	@tests/deps python3-numpy
	@/usr/bin/python3 -B tests/bench/explain.py

bench-retrain: all
	@tests/bench/retraining

# The model's life in compressed time.
$(BUILD)/tests/bench/soak: $(addprefix $(BUILD)/tests/bench/,soak.o soak_lab.o soak_life.o soak_report.o) $(PARTS)
	$(CC) $(HARDEN_LD) $(LDFLAGS_$(VARIANT)) $(LDFLAGS) -o $@ $^ $(LIB_LIBS) -lm

soak: deps
	@+$(MAKE) --no-print-directory build/release/tests/bench/soak
	@build/release/tests/bench/soak

# Dependencies: asked of dpkg first, so that a second run installs nothing and needs no network.
PACKAGES_BUILD := build-essential pkg-config libpcap-dev libevent-dev libopenblas-dev libjson-c-dev \
                  libgcrypt20-dev libsodium-dev libsystemd-dev libyaml-dev \
                  libcap-ng-dev libseccomp-dev gzip
PACKAGES_CHECK := libcriterion-dev clang clang-format clang-tidy mandoc shellcheck python3 \
                  python3-jsonschema python3-numpy xz-utils zstd

deps:
	@tests/deps $(PACKAGES_BUILD)
deps-check:
	@tests/deps $(PACKAGES_BUILD) $(PACKAGES_CHECK)

# Of the builds of these two, as many at once as there are processors, unless make was told.
JOBS = $(if $(filter -j%,$(MAKEFLAGS)),,-j$(shell nproc))

demo: deps
	@+$(MAKE) $(JOBS) --no-print-directory all
	@tests/demo

check: deps-check
	@+$(MAKE) $(JOBS) --no-print-directory all unit
	@+$(MAKE) $(JOBS) --no-print-directory VARIANT=asan build/asan/da3dd build/asan/da3ddctl unit replay
	@+$(MAKE) $(JOBS) --no-print-directory VARIANT=clang build/clang/da3dd build/clang/da3ddctl unit
	@tests/run

bench: deps
	@+$(MAKE) --no-print-directory all build/release/tests/bench/core \
	    build/release/tests/bench/peak
	@tests/bench/run
	@+$(MAKE) --no-print-directory bench-packets

asan: deps-check
	@+$(MAKE) --no-print-directory VARIANT=asan build/asan/da3dd build/asan/da3ddctl unit replay
	@tests/run asan

lint: deps-check
	@+$(MAKE) --no-print-directory all
	@+$(MAKE) --no-print-directory VARIANT=clang build/clang/da3dd build/clang/da3ddctl unit
	@tests/run lint

captures: deps-check
	@tests/deps valgrind tcpdump
	@+$(MAKE) --no-print-directory all
	@+$(MAKE) --no-print-directory VARIANT=asan build/asan/da3dd
	@tests/captures asan
	@tests/captures memcheck

table2: deps
	@tests/deps python3 xz-utils
	@+$(MAKE) --no-print-directory all
	@tests/table2 $(TABLE2)

compare: deps
	@tests/deps python3-sklearn
	@+$(MAKE) --no-print-directory all
	@tests/bench/compare $(COMPARE)

calibration: deps
	@+$(MAKE) --no-print-directory all
	@tests/bench/calibration $(CALIBRATION)

pollution: deps
	@+$(MAKE) --no-print-directory all
	@tests/bench/pollution $(POLLUTION)

# The configuration belongs to who edits it: it is neither overwritten nor, once changed, removed.
CONFIG_FILE = $(DESTDIR)$(SYSCONFDIR)/da3dd/da3dd.yaml
COMPLETIONS = $(PREFIX)/share/bash-completion/completions
UNIT_DIR = $(DESTDIR)$(PREFIX)/lib/systemd/system

install: all
	install -D -m 0755 build/da3dd $(DESTDIR)$(PREFIX)/sbin/da3dd
	install -D -m 0755 build/da3ddctl $(DESTDIR)$(PREFIX)/sbin/da3ddctl
	install -D -m 0644 man/da3dd.8 $(DESTDIR)$(PREFIX)/share/man/man8/da3dd.8
	install -D -m 0644 man/da3ddctl.8 $(DESTDIR)$(PREFIX)/share/man/man8/da3ddctl.8
	install -D -m 0644 man/da3dd-model.5 $(DESTDIR)$(PREFIX)/share/man/man5/da3dd-model.5
	install -D -m 0644 man/da3dd-events.5 $(DESTDIR)$(PREFIX)/share/man/man5/da3dd-events.5
	install -D -m 0644 man/da3dd.yaml.5 $(DESTDIR)$(PREFIX)/share/man/man5/da3dd.yaml.5
	test -e $(CONFIG_FILE) || install -D -m 0644 etc/da3dd.yaml $(CONFIG_FILE)
	install -D -m 0644 man/da3dd-features.7 $(DESTDIR)$(PREFIX)/share/man/man7/da3dd-features.7
	install -D -m 0644 etc/schema.json $(DESTDIR)$(PREFIX)/share/da3dd/schema.json
	install -D -m 0644 etc/bash-completion/da3dd $(DESTDIR)$(COMPLETIONS)/da3dd
	install -D -m 0644 etc/bash-completion/da3ddctl $(DESTDIR)$(COMPLETIONS)/da3ddctl
	install -D -m 0644 etc/da3dd.logrotate $(DESTDIR)$(SYSCONFDIR)/logrotate.d/da3dd
	install -D -m 0644 systemd/da3dd.sysusers $(DESTDIR)$(PREFIX)/lib/sysusers.d/da3dd.conf
	install -D -m 0644 systemd/da3dd.tmpfiles $(DESTDIR)$(PREFIX)/lib/tmpfiles.d/da3dd.conf
	install -D -m 0644 systemd/da3dd.socket $(UNIT_DIR)/da3dd.socket
	install -D -m 0644 systemd/da3dd-control.socket $(UNIT_DIR)/da3dd-control.socket
	install -D -m 0644 systemd/da3dd-retrain.timer $(UNIT_DIR)/da3dd-retrain.timer
	install -D -m 0644 systemd/da3dd-retrain.path $(UNIT_DIR)/da3dd-retrain.path
	for unit in da3dd da3dd-retrain; do \
	    sed 's|@sbindir@|$(PREFIX)/sbin|; s|@sysconfdir@|$(SYSCONFDIR)|' systemd/$$unit.service | \
	        install -D -m 0644 /dev/stdin $(UNIT_DIR)/$$unit.service || exit; \
	done

uninstall:
	! cmp -s etc/da3dd.yaml $(CONFIG_FILE) || rm -f $(CONFIG_FILE)
	rm -f $(DESTDIR)$(PREFIX)/sbin/da3dd $(DESTDIR)$(PREFIX)/sbin/da3ddctl \
	    $(DESTDIR)$(PREFIX)/share/man/man8/da3dd.8 $(DESTDIR)$(PREFIX)/share/man/man8/da3ddctl.8 \
	    $(DESTDIR)$(COMPLETIONS)/da3dd $(DESTDIR)$(COMPLETIONS)/da3ddctl \
	    $(DESTDIR)$(PREFIX)/share/man/man5/da3dd-model.5 \
	    $(DESTDIR)$(PREFIX)/share/man/man5/da3dd-events.5 \
	    $(DESTDIR)$(PREFIX)/share/man/man5/da3dd.yaml.5 \
	    $(DESTDIR)$(SYSCONFDIR)/logrotate.d/da3dd \
	    $(DESTDIR)$(PREFIX)/share/man/man7/da3dd-features.7 \
	    $(DESTDIR)$(PREFIX)/lib/sysusers.d/da3dd.conf $(DESTDIR)$(PREFIX)/lib/tmpfiles.d/da3dd.conf \
	    $(UNIT_DIR)/da3dd.service $(UNIT_DIR)/da3dd.socket $(UNIT_DIR)/da3dd-control.socket \
	    $(UNIT_DIR)/da3dd-retrain.service $(UNIT_DIR)/da3dd-retrain.timer \
	    $(UNIT_DIR)/da3dd-retrain.path
	rm -rf $(DESTDIR)$(PREFIX)/share/da3dd

clean:
	rm -rf build
