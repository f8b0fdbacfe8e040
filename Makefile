# ftpool: `make help` lists what can be made.
#
# MODE=release (default) | debug | asan | tsan | fuzz; each builds in build/$(MODE)/.

MODE ?= release
PREFIX ?= /usr/local
EXEC_PREFIX ?= $(PREFIX)
BINDIR ?= $(EXEC_PREFIX)/bin
SBINDIR ?= $(EXEC_PREFIX)/sbin
SYSCONFDIR ?= /etc
DATADIR ?= $(PREFIX)/share
MANDIR ?= $(DATADIR)/man
LOCALEDIR ?= $(DATADIR)/locale
DOCDIR ?= $(DATADIR)/doc/ftpool
UNITDIR ?= $(PREFIX)/lib/systemd/system
SYSUSERSDIR ?= $(PREFIX)/lib/sysusers.d
TMPFILESDIR ?= $(PREFIX)/lib/tmpfiles.d
DESTDIR ?=

VERSION := $(shell cat VERSION)
BUILD := build/$(MODE)

CFLAGS_release := -O2 -g -D_FORTIFY_SOURCE=2
CFLAGS_debug := -O0 -g3
CFLAGS_asan := -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
CFLAGS_tsan := -O1 -g -fsanitize=thread -fno-omit-frame-pointer -Wno-tsan
CFLAGS_fuzz := -O1 -g -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all
WARNINGS := -Wall -Wextra -Wshadow -Wpointer-arith -Wstrict-prototypes -Wmissing-prototypes \
	-Wwrite-strings -Wformat=2 -Wvla -Wundef -Wnull-dereference -Wno-format-nonliteral -Wno-format-zero-length
WERROR ?=
HARDENING := -fstack-protector-strong -fPIE -fno-strict-overflow
ifneq ($(filter release debug,$(MODE)),)
HARDENING += -fstack-clash-protection
endif

override CFLAGS := -std=gnu17 $(CFLAGS_$(MODE)) $(HARDENING) $(WARNINGS) $(WERROR) $(CFLAGS)
override CPPFLAGS := -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 -I. -DFTPOOL_VERSION='"$(VERSION)"' \
	-DFTPOOL_SYSCONFDIR='"$(SYSCONFDIR)"' -DFTPOOL_LOCALEDIR='"$(LOCALEDIR)"' $(CPPFLAGS)
override LDFLAGS := $(CFLAGS_$(MODE)) -pie -pthread -Wl,-z,relro,-z,now $(LDFLAGS)

SERVER_LIBS := -lconfuse -lssl -lcrypto -lz -lseccomp -lcap -lsystemd -ljansson -lbsd -lcrypt -largon2 -lpam
CLIENT_LIBS := -ledit -lcurl -lssl -lcrypto
CTL_LIBS := -lncursesw -ljansson -lcrypt -lbsd -lcrypto -lconfuse -lcurl -lssl

COMMON := $(wildcard common/*.c)
SUPERVISOR := $(filter-out supervisor/main.c,$(wildcard supervisor/*.c))
AUTHENTICATOR := $(wildcard authenticator/*.c)
HERALD := $(wildcard herald/*.c)
WORKER := $(wildcard worker/*.c worker/*/*.c)
CTL := $(filter-out client/ctl_main.c,$(wildcard client/ctl*.c))
CLIENT := $(filter-out client/main.c $(wildcard client/ctl*.c),$(wildcard client/*.c))
UNIT := $(wildcard tests/unit/check_*.c)
FUZZ := $(wildcard tests/fuzz/fuzz_*.c)

objects = $(patsubst %.c,$(BUILD)/%.o,$(1))
HOUSE := $(BUILD)/libhouse.a
PROGRAMS := $(BUILD)/ftpoold $(BUILD)/ftpctl $(BUILD)/ftpool
UNIT_PROGRAMS := $(patsubst tests/unit/%.c,$(BUILD)/tests/%,$(UNIT))
FUZZ_PROGRAMS := $(patsubst tests/fuzz/%.c,$(BUILD)/fuzz/%,$(FUZZ))
BENCH_PROGRAMS := $(patsubst %,$(BUILD)/bench/%,lgpq_load ftp_load ftp_limit)
CATALOGUES := $(patsubst po/%.po,$(BUILD)/locale/%/LC_MESSAGES/ftpool.mo,$(wildcard po/*.po))
SOURCES := $(wildcard common/*.[ch] supervisor/*.[ch] authenticator/*.[ch] herald/*.[ch] worker/*.[ch] worker/*/*.[ch] client/*.[ch] \
	tests/unit/*.[ch] tests/fuzz/*.[ch] tests/bench/*.[ch] tests/e2e/*.[ch])

.DEFAULT_GOAL := all
.PHONY: all help run check unit e2e matrix house headers lint format format-check fuzz fuzz-smoke \
	install uninstall check-systemd check-package deb docs clean everything FORCE

## all: the programs: ftpoold, ftpctl, ftpool
all: $(PROGRAMS) $(CATALOGUES)

## help: this list
help:
	@sed -n 's/^## \([^:]*\): /\1\t/p' Makefile | awk -F'\t' '{ printf "  make %-15s %s\n", $$1, $$2 }'
	@echo "  T=NAME picks one test (make check T=vpath); MODE=asan|tsan|debug builds another way; V=1 shows commands"

# ---- the two commands ----

# All processors, unless whoever called make has said how many.
JOBS = $(if $(filter -j% --jobserver%,$(MAKEFLAGS)),,-j$(shell nproc))

## run: install what the build needs, build, and serve the directory library/
run:
	@tools/need build
	@$(MAKE) --no-print-directory $(JOBS) all
	@tools/run $(BUILD)

## check: install what the tests need, build, and pass every test that needs no special machine
check:
	@tools/need build test clients
	@$(MAKE) --no-print-directory $(JOBS) everything
	@tools/check $(BUILD) $(MODE) "$(T)"

## unit: the unit suites alone (Check)
unit: $(UNIT_PROGRAMS)
	@tools/unit $(BUILD) "$(T)"

## e2e: the end-to-end tests alone (pytest)
e2e: all
	@FTPOOL_BUILD=$(abspath $(BUILD)) FTPOOL_MODE=$(MODE) tools/e2e "$(T)"

## matrix: FTP clients against the server, and a table of what ran (T=lftp picks one)
matrix: all
	@tools/need clients clients-large
	@FTPOOL_BUILD=$(abspath $(BUILD)) tools/matrix "$(T)"

# ---- building ----

# One short line a step; `make V=1` shows the commands.
Q := $(if $(V),,@)
say = @printf '  %-6s %s\n' $(1) $(2)

$(BUILD)/%.o: %.c $(BUILD)/flags
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c $< -o $@

# Objects are made again when the flags or the version change.
$(BUILD)/flags: FORCE
	@mkdir -p $(@D)
	@echo '$(CC) $(subst ','\'',$(CPPFLAGS) $(CFLAGS))' | cmp -s - $@ || \
		echo '$(CC) $(subst ','\'',$(CPPFLAGS) $(CFLAGS))' > $@
FORCE:

$(HOUSE): $(call objects,$(COMMON) $(SUPERVISOR) $(AUTHENTICATOR) $(HERALD) $(WORKER) $(CTL) $(CLIENT))
	@rm -f $@
	$(call say,AR,$@)
	$(Q)$(AR) rcs $@ $^

$(BUILD)/ftpoold: $(BUILD)/supervisor/main.o $(HOUSE)
	$(call say,LINK,$@)
	$(Q)$(CC) $(LDFLAGS) -rdynamic -o $@ $^ $(SERVER_LIBS)

$(BUILD)/ftpctl: $(BUILD)/client/ctl_main.o $(HOUSE)
	$(call say,LINK,$@)
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ $(CTL_LIBS)

$(BUILD)/ftpool: $(BUILD)/client/main.o $(HOUSE)
	$(call say,LINK,$@)
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ $(CLIENT_LIBS)

$(BUILD)/tests/check_%: $(BUILD)/tests/unit/check_%.o $(HOUSE)
	@mkdir -p $(@D)
	$(call say,LINK,$@)
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ $$(pkg-config --libs check) $(SERVER_LIBS) $(CLIENT_LIBS)

$(BUILD)/fuzz/fuzz_%: $(BUILD)/tests/fuzz/fuzz_%.o $(HOUSE)
	@mkdir -p $(@D)
	$(call say,LINK,$@)
	$(Q)$(CC) $(LDFLAGS) -fsanitize=fuzzer -o $@ $^ $(SERVER_LIBS) $(CLIENT_LIBS)

$(BUILD)/locale/%/LC_MESSAGES/ftpool.mo: po/%.po
	@mkdir -p $(@D)
	$(call say,MSGFMT,$@)
	$(Q)msgfmt --check -o $@ $<

-include $(patsubst %.o,%.d,$(call objects,$(COMMON) $(SUPERVISOR) $(AUTHENTICATOR) $(HERALD) $(WORKER) $(CTL) $(CLIENT) \
	supervisor/main.c client/main.c client/ctl_main.c $(UNIT) $(FUZZ)))

# ---- tests and checks ----

# Each fuzz target is also an ordinary program that runs over files: the corpus is a test.
CORPUS_PROGRAMS := $(patsubst tests/fuzz/%.c,$(BUILD)/corpus/%,$(FUZZ))

$(BUILD)/corpus/fuzz_%: $(BUILD)/tests/fuzz/fuzz_%.o $(BUILD)/tests/fuzz/corpus_main.o $(HOUSE)
	@mkdir -p $(@D)
	$(call say,LINK,$@)
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ $(SERVER_LIBS) $(CLIENT_LIBS)

-include $(BUILD)/tests/fuzz/corpus_main.d

## everything: the programs and all that tests them
everything: all $(UNIT_PROGRAMS) $(CORPUS_PROGRAMS) $(BENCH_PROGRAMS)

## house: check the house rules: who includes whom, sizes, headers, documents
house: $(BUILD)/ftpoold $(BUILD)/ftpctl
	@tools/house $(BUILD) "$(T)"

## headers: check that each header compiles alone
headers: $(BUILD)/flags
	@tests/house/headers $(BUILD)

## check-systemd: install into a small Debian with systemd, and test the service there (as root)
check-systemd: all
	@tests/systemd/test_service $(BUILD) "$(T)"

## deb: the Debian package, in build/deb; VERSION_TRIED=1.2 makes one to be tried
deb:
	@tools/deb $(VERSION_TRIED)

## check-package: build the package, and install, upgrade, remove and purge it in the same lab (as root)
check-package:
	@tests/systemd/test_package "$(T)"

## lint: gcc and clang without a warning, clang-tidy, cppcheck, shellcheck, the code's layout
lint:
	@tools/need build test lint
	@tools/lint "$(T)"

## format: lay the code out as .clang-format says
format:
	clang-format -i $(SOURCES)

## format-check: say where the layout differs
format-check:
	@clang-format --dry-run -Werror $(SOURCES)

## fuzz: fuzz each target for TIME seconds (60); T=NAME picks one
fuzz:
	@tools/need build fuzz
	@tools/fuzz "$(or $(TIME),60)" "$(T)" "$(SEED)"

## fuzz-smoke: fuzz each target for 3 seconds, on the same way each time
fuzz-smoke:
	@$(MAKE) --no-print-directory fuzz TIME=3 SEED=1

fuzz-programs: $(FUZZ_PROGRAMS)
.PHONY: fuzz-programs

## bench: FTP beside other servers, as ratios within one run (as root); T=NAME, QUICK=1
bench:
	@tools/need build bench
	@$(MAKE) --no-print-directory $(JOBS) all $(BENCH_PROGRAMS)
	@tests/bench/peers build/peers
	@QUICK="$(QUICK)" SERVERS="$(SERVERS)" tests/bench/bench $(BUILD) "$(T)"

$(BUILD)/bench/lgpq_load: $(BUILD)/tests/bench/lgpq_load.o
$(BUILD)/bench/ftp_load: $(patsubst %,$(BUILD)/tests/bench/ftp_%.o,load session secure work)
$(BUILD)/bench/ftp_limit: $(patsubst %,$(BUILD)/tests/bench/ftp_%.o,limit limit_wire)

$(BENCH_PROGRAMS):
	@mkdir -p $(@D)
	$(call say,LINK,$@)
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ -lssl -lcrypto

-include $(wildcard $(BUILD)/tests/bench/*.d)

# ---- documents and installation ----

## docs: write what is generated: etc/ftpool.conf, tables in man/ftpool.conf.5 and ftpool-import.7
docs: $(BUILD)/ftpoold $(BUILD)/ftpctl
	@tools/docs $(BUILD)

PLACES = DESTDIR='$(DESTDIR)' BINDIR='$(BINDIR)' SBINDIR='$(SBINDIR)' SYSCONFDIR='$(SYSCONFDIR)' \
	DATADIR='$(DATADIR)' MANDIR='$(MANDIR)' LOCALEDIR='$(LOCALEDIR)' DOCDIR='$(DOCDIR)' UNITDIR='$(UNITDIR)' \
	SYSUSERSDIR='$(SYSUSERSDIR)' TMPFILESDIR='$(TMPFILESDIR)'

## install: install below PREFIX (/usr/local), the config in SYSCONFDIR (/etc); DESTDIR is obeyed
install: all
	@$(PLACES) tools/install $(BUILD)

## uninstall: remove what install put there; a changed config stays
uninstall:
	@$(PLACES) tools/install --remove $(BUILD)

## clean: remove all that was built
clean:
	rm -rf build

.SECONDARY:
