# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# goenvbpf's build. Everything made is under build/ (build/asan with ASAN=1).
#
#   make            build/goenvbpf, one binary with the BPF objects inside; build/goenvbpf-push with libcurl
#   make check      the unit tests (no root)
#   make fuzz       the fuzz targets, FUZZ_SECONDS=20 each; as with ASAN=1
#   make doc        manual pages and completion (scdoc, python3)
#   make dist       what a release is, under build/dist: scripts/dist.sh
#   make install    DESTDIR=, PREFIX=/usr/local     make uninstall
#   V=1             show the commands
#   ASAN=1          AddressSanitizer and UBSan, under build/asan (clang, libclang-rt-dev)
#   STATIC=1        one file that needs no library, under build/static: scripts/static.sh says CJSON_C=
#   ARCH=x86|arm64  the BPF side's architecture; CROSS_COMPILE= and PKG_CONFIG= for the rest
.DELETE_ON_ERROR:
.SECONDARY:
MAKEFLAGS += -rR

V ?= 0
ifeq ($(V),1)
Q :=
msg = @:
else
Q := @
msg = @printf '  %-8s %s\n' "$(1)" "$(2)"
endif

ASAN ?= $(if $(filter fuzz,$(MAKECMDGOALS)),1,0)
STATIC ?= 0
OUT  := build$(if $(filter 1,$(ASAN)),/asan)$(if $(filter 1,$(STATIC)),/static)
PREFIX ?= /usr/local
CROSS_COMPILE ?=
CLANG   ?= clang
CC      := $(if $(filter 1,$(ASAN)),$(CLANG),$(CROSS_COMPILE)gcc)
AR      := $(CROSS_COMPILE)ar
STRIP   ?= llvm-strip
ESBUILD ?= esbuild
PROTOC_C ?= protoc-c
NODE_PATH ?= /usr/share/nodejs
BPFTOOL ?= $(shell command -v bpftool 2>/dev/null || echo /usr/sbin/bpftool)
PKG_CONFIG ?= pkg-config
ARCH ?= $(shell uname -m | sed -e 's/x86_64/x86/' -e 's/aarch64/arm64/')
VERSION := $(shell cat VERSION)

include scripts/deps.mk

comma := ,
WARN := -Wall -Wextra -Wshadow -Wvla -Wformat=2 -Wstrict-prototypes -Wmissing-prototypes -Wno-unused-parameter \
	-Wno-missing-field-initializers $(if $(filter 1,$(ASAN)),-Wno-gnu -Wno-string-concatenation) \
	$(if $(WERROR),-Werror)
# One set of objects for unit tests and fuzz targets: these count what ran, which others ignore.
SAN  := $(if $(filter 1,$(ASAN)),-fsanitize=address$(comma)undefined$(comma)fuzzer-no-link \
	-fno-sanitize-recover=undefined -fno-omit-frame-pointer)
# Checked by tests/hardening.sh. The sanitizers do their own checks in place of the C library's.
HARDEN := -fstack-protector-strong -fPIE -fvisibility=hidden $(if $(SAN),,-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2)
HARDEN_LD := $(if $(filter 1,$(STATIC)),-static-pie,-pie) -Wl,-z,relro,-z,now,-z,noexecstack
# By it an image of loaded programs is known as our own (user/capture/image_cache.c).
LINK_ID := -Wl,--build-id=sha1
CFLAGS ?= $(if $(filter 1,$(ASAN)),-O1,-O2) -g
ALL_CFLAGS = -std=gnu11 -D_GNU_SOURCE -DGOENVBPF_VERSION='"$(VERSION)"' -Iuser -I. -I$(OUT)/gen \
	-DWEB_OUT='"$(OUT)/gen"' \
	$(WARN) $(SAN) $(HARDEN) $(PREFIX_MAP) $(LIB_CFLAGS) $(CFLAGS)
ALL_LDLIBS = $(LIB_LIBS) -lpthread -lm
# The same bytes in every folder: neither debug information nor BPF line information names this one.
PREFIX_MAP := '-ffile-prefix-map=$(CURDIR)=.'
BPF_CFLAGS := -target bpf $(PREFIX_MAP) -D__TARGET_ARCH_$(ARCH) -O2 -g -mcpu=v3 -Wall -Werror -Ivmlinux/$(ARCH) -Ibpf $(LIB_CFLAGS)

# goenvbpf-push is a program of its own; what it is told is the verb's, too.
PUSH_SRC := $(filter-out user/push/options.c,$(sort $(wildcard user/push/*.c)))
PUSH_OBJ := $(PUSH_SRC:%.c=$(OUT)/%.o)
USER_SRC := $(filter-out $(PUSH_SRC),$(sort $(wildcard user/*/*.c user/*/*/*.c)))
PROTO_C  := $(OUT)/gen/perfetto.pb-c.c
USER_OBJ := $(USER_SRC:%.c=$(OUT)/%.o) $(PROTO_C:.c=.o)
BPF_SRC  := $(sort $(wildcard bpf/*.bpf.c))
BPF_OBJ  := $(BPF_SRC:%.bpf.c=$(OUT)/%.bpf.o)
SKEL     := $(OUT)/gen/goenvbpf.skel.h
TEST_BIN := $(patsubst tests/unit/%.c,$(OUT)/tests/%,$(sort $(wildcard tests/unit/test_*.c)))

PROGRAMS := $(OUT)/goenvbpf $(if $(HAS_PUSH),$(OUT)/goenvbpf-push)

all: $(PROGRAMS)

$(OUT)/goenvbpf: $(OUT)/user/main.o $(OUT)/libgoenvbpf.a $(if $(filter 1,$(STATIC)),$(OUT)/cJSON.o)
	$(call msg,LINK,$@)
	$(Q)$(CC) $(SAN) $(HARDEN_LD) $(LINK_ID) $(LDFLAGS) -o $@ $^ $(ALL_LDLIBS)

$(OUT)/goenvbpf-push: $(PUSH_OBJ) $(OUT)/libgoenvbpf.a
	$(call msg,LINK,$@)
	$(Q)$(CC) $(SAN) $(HARDEN_LD) $(LDFLAGS) -o $@ $^ $(PUSH_LIBS)

$(PUSH_OBJ): LIB_CFLAGS += $(PUSH_CFLAGS)

$(OUT)/libgoenvbpf.a: $(USER_OBJ)
	$(call msg,AR,$@)
	$(Q)rm -f $@ && $(AR) rcs $@ $^

$(OUT)/%.o: %.c
	$(call msg,CC,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

# Debian has no archive of it.
$(OUT)/cJSON.o: $(CJSON_C)
	$(call msg,CC,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) -O2 -g $(HARDEN) $(PREFIX_MAP) -c -o $@ $<

# Included by the assembler, where -MMD does not see it.
$(OUT)/user/record/schema.o: user/record/schema.json
$(OUT)/user/rules/policy_text.o: user/rules/policy.schema.json

$(OUT)/user/output/export/html.o: $(OUT)/gen/page.js user/web/page.css user/web/page.html

# The review page's modules and those of d3 that they use, in one file: the same bytes each time.
WEB_SRC := $(sort $(wildcard user/web/*.js))
$(OUT)/gen/page.js: $(WEB_SRC)
	$(call msg,BUNDLE,$@)
	$(Q)mkdir -p $(@D)
	$(Q)NODE_PATH=$(NODE_PATH) $(ESBUILD) user/web/main.js --bundle --minify --format=iife --target=es2020 \
		--charset=utf8 --log-level=warning --outfile=$@

$(PROTO_C): user/output/export/perfetto.proto
	$(call msg,PROTO,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(PROTOC_C) -I$(<D) --c_out=$(@D) $<

$(PROTO_C:.c=.o): $(PROTO_C)
	$(call msg,CC,$@)
	$(Q)$(CC) $(ALL_CFLAGS) -c -o $@ $<

$(OUT)/user/output/export/perfetto.o: $(PROTO_C)

# Only user/capture knows the skeleton.
$(filter $(OUT)/user/capture/%,$(USER_OBJ)): $(SKEL)

$(OUT)/%.bpf.o: %.bpf.c
	$(call msg,BPF,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CLANG) $(BPF_CFLAGS) -MMD -MP -c -o $@ $<
	$(Q)$(STRIP) -g $@

$(OUT)/goenvbpf.bpf.o: $(BPF_OBJ)
	$(call msg,BPFLINK,$@)
	$(Q)$(BPFTOOL) gen object $@ $^

$(SKEL): $(OUT)/goenvbpf.bpf.o
	$(call msg,SKEL,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(BPFTOOL) gen skeleton $< name goenvbpf_bpf > $@

$(OUT)/tests/%: tests/unit/%.c $(OUT)/libgoenvbpf.a
	$(call msg,TEST,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) -Wno-format-nonliteral $(CMOCKA_CFLAGS) -MMD -MP -MF $@.d -o $@ $< $(OUT)/libgoenvbpf.a $(ALL_LDLIBS) $(CMOCKA_LIBS)

# Asks user/golang the questions that tests/oracle asks real toolchains.
$(OUT)/tests/query: tests/oracle/query.c $(OUT)/libgoenvbpf.a
	$(call msg,TEST,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) -MMD -MP -MF $@.d -o $@ $< $(OUT)/libgoenvbpf.a $(ALL_LDLIBS)

# Plays events of the ring again: tests/bench/stream.c says how.
$(OUT)/tests/stream: tests/bench/stream.c $(OUT)/libgoenvbpf.a
	$(call msg,TEST,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) -MMD -MP -MF $@.d -o $@ $< $(OUT)/libgoenvbpf.a $(ALL_LDLIBS)

tests: $(TEST_BIN) $(OUT)/tests/query $(OUT)/tests/stream $(PROGRAMS)

check: tests
	$(Q)set -e; for t in $(TEST_BIN); do echo "== $$t"; $$t; done

# Fuzz targets; with ASAN=1.
FUZZ_SECONDS ?= 20
FUZZ_BIN := $(patsubst tests/fuzz/%.c,$(OUT)/fuzz/%,$(sort $(wildcard tests/fuzz/fuzz_*.c)))

$(OUT)/fuzz/%: tests/fuzz/%.c $(OUT)/libgoenvbpf.a
	$(call msg,FUZZ,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) -fsanitize=fuzzer -MMD -MP -MF $@.d -o $@ $< $(OUT)/libgoenvbpf.a $(ALL_LDLIBS)

fuzz: $(FUZZ_BIN)
	$(Q)set -e; for f in $(FUZZ_BIN); do echo "== $$f"; mkdir -p $$f.corpus; \
		$$f -max_total_time=$(FUZZ_SECONDS) -timeout=10 -verbosity=0 -print_final_stats=1 \
			-artifact_prefix=$$f. $$f.corpus; done

# Manual pages and completion, from the program's own tables. Of a program that runs here: CROSS_TOOL=
# names one when it was built for another machine. Pages have the date of the last change.
CROSS_TOOL ?= $(OUT)/goenvbpf
doc: export SOURCE_DATE_EPOCH ?= $(shell git log -1 --format=%ct 2>/dev/null || stat -c %Y VERSION)
doc: $(OUT)/goenvbpf scripts/manual.py
	$(call msg,DOC,$(OUT)/man)
	$(Q)rm -rf $(OUT)/man $(OUT)/completion
	$(Q)python3 scripts/manual.py $(CROSS_TOOL) man $(OUT)/man
	$(Q)python3 scripts/manual.py $(CROSS_TOOL) completion $(OUT)/completion
	$(Q)set -e; for p in $(OUT)/man/*.scd; do scdoc < $$p > $${p%.scd}; rm $$p; done

dist:
	scripts/dist.sh

SHARE := $(DESTDIR)$(PREFIX)/share
SYSTEMD_DIR ?= $(PREFIX)/lib/systemd/system
# Debian's zsh does not look there below /usr.
ZSH_DIR ?= $(PREFIX)/share/zsh/site-functions
install: $(PROGRAMS) doc
	install -D -m 0755 $(OUT)/goenvbpf $(DESTDIR)$(PREFIX)/bin/goenvbpf
	$(if $(HAS_PUSH),install -D -m 0755 $(OUT)/goenvbpf-push $(DESTDIR)$(PREFIX)/libexec/goenvbpf-push)
	for p in $(OUT)/man/*; do install -D -m 0644 $$p $(SHARE)/man/man$${p##*.}/$${p##*/}; done
	for u in service socket; do install -d $(DESTDIR)$(SYSTEMD_DIR) && \
		sed 's,/usr/bin/,$(PREFIX)/bin/,' system/goenvbpf.$$u >$(DESTDIR)$(SYSTEMD_DIR)/goenvbpf.$$u; done
	install -D -m 0644 system/goenvbpf.sysusers $(DESTDIR)$(PREFIX)/lib/sysusers.d/goenvbpf.conf
	install -D -m 0644 system/goenvbpf.conf $(SHARE)/doc/goenvbpf/examples/goenvbpf.conf
	install -D -m 0644 $(OUT)/completion/goenvbpf.bash $(SHARE)/bash-completion/completions/goenvbpf
	install -D -m 0644 $(OUT)/completion/_goenvbpf $(DESTDIR)$(ZSH_DIR)/_goenvbpf
	install -D -m 0644 $(OUT)/completion/goenvbpf.fish $(SHARE)/fish/vendor_completions.d/goenvbpf.fish

uninstall:
	rm -f $(DESTDIR)$(PREFIX)/bin/goenvbpf $(DESTDIR)$(PREFIX)/libexec/goenvbpf-push
	rm -f $(SHARE)/man/man[1578]/goenvbpf.[1578] $(SHARE)/man/man[1578]/goenvbpf-*.[1578]
	rm -f $(DESTDIR)$(SYSTEMD_DIR)/goenvbpf.service $(DESTDIR)$(SYSTEMD_DIR)/goenvbpf.socket
	rm -f $(DESTDIR)$(PREFIX)/lib/sysusers.d/goenvbpf.conf $(SHARE)/doc/goenvbpf/examples/goenvbpf.conf
	rm -f $(SHARE)/bash-completion/completions/goenvbpf $(DESTDIR)$(ZSH_DIR)/_goenvbpf \
		$(SHARE)/fish/vendor_completions.d/goenvbpf.fish

clean:
	rm -rf $(OUT)

.PHONY: all tests check fuzz doc dist install uninstall clean

-include $(USER_OBJ:.o=.d) $(PUSH_OBJ:.o=.d) $(OUT)/user/main.d $(BPF_OBJ:.o=.d) $(TEST_BIN:%=%.d) $(OUT)/tests/query.d $(OUT)/tests/stream.d $(FUZZ_BIN:%=%.d)
