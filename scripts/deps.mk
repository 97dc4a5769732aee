# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# What the build needs, each with the package to install when it is missing.
#        pkg-config name  at least  Debian package  Fedora package
define LIBS
libbpf:1.1:libbpf-dev:libbpf-devel
libelf:0.180:libelf-dev:elfutils-libelf-devel
zlib:1.2:zlib1g-dev:zlib-devel
libcjson:1.7.15:libcjson-dev:cjson-devel
libmd:1.0:libmd-dev:libmd-devel
libzstd:1.4:libzstd-dev:libzstd-devel
libprotobuf-c:1.3:libprotobuf-c-dev:protobuf-c-devel
ncursesw:6.1:libncurses-dev:ncurses-devel
endef

# Of goenvbpf-push, which is built where this is. goenvbpf itself has nothing to do with it.
PUSH_LIB := \
libcurl:7.85:libcurl4-openssl-dev:libcurl-devel

# Of the review page, from Debian's node-d3-*
D3_MODULES := array axis format hierarchy scale selection zoom

NO_DEPS_GOALS := clean uninstall
ifneq ($(filter-out $(NO_DEPS_GOALS),$(or $(MAKECMDGOALS),all)),)

field = $(word $(2),$(subst :, ,$(1)))
lib_ok = $(shell $(PKG_CONFIG) --exists '$(call field,$(1),1) >= $(call field,$(1),2)' 2>/dev/null && echo y)

ifeq ($(shell command -v $(PKG_CONFIG) 2>/dev/null),)
$(error pkg-config is missing. Debian: apt-get install pkg-config; Fedora: dnf install pkgconf-pkg-config)
endif
$(foreach l,$(LIBS),$(if $(call lib_ok,$(l)),,$(error $(call field,$(l),1) $(call field,$(l),2) or newer is missing. \
Debian: apt-get install $(call field,$(l),3); Fedora: dnf install $(call field,$(l),4))))
HAS_PUSH := $(if $(filter 1,$(STATIC)),,$(call lib_ok,$(PUSH_LIB)))
$(if $(HAS_PUSH)$(filter 1,$(STATIC)),,$(info goenvbpf-push (the verb push) is not built: $(call field,$(PUSH_LIB),1) $(call field,$(PUSH_LIB),2) or newer \
is missing. Debian: apt-get install $(call field,$(PUSH_LIB),3); Fedora: dnf install $(call field,$(PUSH_LIB),4)))
ifneq ($(shell echo '#include <uthash.h>' | $(CC) -E -x c -o /dev/null - 2>/dev/null && echo y),y)
$(error uthash.h is missing. Debian: apt-get install uthash-dev; Fedora: dnf install uthash-devel)
endif
ifeq ($(shell command -v $(CLANG) 2>/dev/null),)
$(error clang is missing. Debian: apt-get install clang llvm; Fedora: dnf install clang llvm)
endif
ifeq ($(shell command -v $(BPFTOOL) 2>/dev/null),)
$(error bpftool is missing. Debian: apt-get install bpftool; Fedora: dnf install bpftool)
endif
ifeq ($(shell command -v $(ESBUILD) 2>/dev/null),)
$(error esbuild is missing, it bundles the review page. Debian: apt-get install esbuild; Fedora: npm install -g esbuild)
endif
ifeq ($(shell command -v $(PROTOC_C) 2>/dev/null),)
$(error protoc-c is missing, it makes the code for the Perfetto trace. Debian: apt-get install protobuf-c-compiler; Fedora: dnf install protobuf-c-compiler)
endif
$(foreach m,$(D3_MODULES),$(if $(wildcard $(NODE_PATH)/d3-$(m)),,$(error d3-$(m) is missing, the review page needs it. \
Debian: apt-get install node-d3-$(m); elsewhere: npm install d3-$(m) below a folder, and NODE_PATH=that folder/node_modules)))
ifneq ($(filter doc install,$(MAKECMDGOALS)),)
ifeq ($(and $(shell command -v scdoc 2>/dev/null),$(shell command -v python3 2>/dev/null)),)
$(error scdoc or python3 is missing, manual pages need both. Debian: apt-get install scdoc python3; Fedora: dnf install scdoc python3)
endif
endif
ifneq ($(filter tests check,$(MAKECMDGOALS)),)
ifneq ($(shell $(PKG_CONFIG) --exists cmocka && echo y),y)
$(error cmocka is missing, the unit tests need it. Debian: apt-get install libcmocka-dev; Fedora: dnf install libcmocka-devel)
endif
endif

PC_NAMES := $(foreach l,$(LIBS),$(call field,$(l),1))
LIB_CFLAGS := $(shell $(PKG_CONFIG) --cflags $(PC_NAMES))
ifeq ($(STATIC),1)
$(if $(wildcard $(CJSON_C)),,$(error a static program needs cJSON.c: scripts/static.sh fetches it, or CJSON_C=FILE))
LIB_LIBS   := $(shell $(PKG_CONFIG) --static --libs $(filter-out libcjson,$(PC_NAMES)))
else
LIB_LIBS   := $(shell $(PKG_CONFIG) --libs $(PC_NAMES))
endif
PUSH_CFLAGS := $(if $(HAS_PUSH),$(shell $(PKG_CONFIG) --cflags libcurl))
PUSH_LIBS := $(if $(HAS_PUSH),$(shell $(PKG_CONFIG) --libs libcurl zlib libcjson))
CMOCKA_CFLAGS := $(shell $(PKG_CONFIG) --cflags cmocka 2>/dev/null)
CMOCKA_LIBS   := $(shell $(PKG_CONFIG) --libs cmocka 2>/dev/null)
endif
