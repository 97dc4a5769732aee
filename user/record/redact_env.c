/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The allow-list of environment variables: what decides how Go builds and where from, and what says
 * where a build ran. Everything else is in a record by name only, so a variable that may hold a
 * secret just stays out: NETRC, SSH_*, GIT_ASKPASS, SUDO_COMMAND, cloud settings, whatever is not
 * Go's.
 */
#include <pthread.h>

#include "record/redact.h"
#include "record/redact_env.h"

#define MAX_NAME 128

const struct env_rule env_rules[] = {
	{ "ALL_PROXY",                           RULE_URLS },
	{ "AR",                                  RULE_WORDS },
	{ "BUILDKITE",                           RULE_TEXT },
	{ "BUILDKITE_BUILD_ID",                  RULE_TEXT },
	{ "BUILDKITE_JOB_ID",                    RULE_TEXT },
	{ "BUILDPLATFORM",                       RULE_TEXT },
	{ "BUILD_ID",                            RULE_TEXT },
	{ "BUILD_NUMBER",                        RULE_TEXT },
	{ "CC",                                  RULE_WORDS },
	{ "CCACHE_DIR",                          RULE_TEXT },
	{ "CCACHE_DISABLE",                      RULE_TEXT },
	{ "CFLAGS",                              RULE_WORDS },
	{ "CGO_CFLAGS",                          RULE_WORDS },
	{ "CGO_CFLAGS_ALLOW",                    RULE_WORDS },
	{ "CGO_CFLAGS_DISALLOW",                 RULE_WORDS },
	{ "CGO_CPPFLAGS",                        RULE_WORDS },
	{ "CGO_CPPFLAGS_ALLOW",                  RULE_WORDS },
	{ "CGO_CPPFLAGS_DISALLOW",               RULE_WORDS },
	{ "CGO_CXXFLAGS",                        RULE_WORDS },
	{ "CGO_CXXFLAGS_ALLOW",                  RULE_WORDS },
	{ "CGO_CXXFLAGS_DISALLOW",               RULE_WORDS },
	{ "CGO_ENABLED",                         RULE_TEXT },
	{ "CGO_FFLAGS",                          RULE_WORDS },
	{ "CGO_FFLAGS_ALLOW",                    RULE_WORDS },
	{ "CGO_FFLAGS_DISALLOW",                 RULE_WORDS },
	{ "CGO_LDFLAGS",                         RULE_WORDS },
	{ "CGO_LDFLAGS_ALLOW",                   RULE_WORDS },
	{ "CGO_LDFLAGS_DISALLOW",                RULE_WORDS },
	{ "CI",                                  RULE_TEXT },
	{ "CIRCLECI",                            RULE_TEXT },
	{ "CIRCLE_BUILD_NUM",                    RULE_TEXT },
	{ "CIRCLE_JOB",                          RULE_TEXT },
	{ "CI_COMMIT_REF_NAME",                  RULE_TEXT },
	{ "CI_COMMIT_SHA",                       RULE_TEXT },
	{ "CI_JOB_ID",                           RULE_TEXT },
	{ "CI_JOB_NAME",                         RULE_TEXT },
	{ "CI_JOB_STAGE",                        RULE_TEXT },
	{ "CI_PIPELINE_ID",                      RULE_TEXT },
	{ "CI_PROJECT_DIR",                      RULE_TEXT },
	{ "CI_PROJECT_PATH",                     RULE_TEXT },
	{ "CI_RUNNER_ID",                        RULE_TEXT },
	{ "CLICOLOR",                            RULE_TEXT },
	{ "COMPILER_PATH",                       RULE_TEXT },
	{ "CPATH",                               RULE_TEXT },
	{ "CPLUS_INCLUDE_PATH",                  RULE_TEXT },
	{ "CPPFLAGS",                            RULE_WORDS },
	{ "CXX",                                 RULE_WORDS },
	{ "CXXFLAGS",                            RULE_WORDS },
	{ "C_INCLUDE_PATH",                      RULE_TEXT },
	{ "DOCKER_BUILDKIT",                     RULE_TEXT },
	{ "FC",                                  RULE_WORDS },
	{ "FFLAGS",                              RULE_WORDS },
	{ "FTP_PROXY",                           RULE_URLS },
	{ "GCCGO",                               RULE_WORDS },
	{ "GCCGOTOOLDIR",                        RULE_TEXT },
	{ "GCC_COLORS",                          RULE_TEXT },
	{ "GCC_EXEC_PREFIX",                     RULE_TEXT },
	{ "GITHUB_ACTION",                       RULE_TEXT },
	{ "GITHUB_ACTIONS",                      RULE_TEXT },
	{ "GITHUB_EVENT_NAME",                   RULE_TEXT },
	{ "GITHUB_JOB",                          RULE_TEXT },
	{ "GITHUB_REF",                          RULE_TEXT },
	{ "GITHUB_REF_NAME",                     RULE_TEXT },
	{ "GITHUB_REPOSITORY",                   RULE_TEXT },
	{ "GITHUB_RUN_ATTEMPT",                  RULE_TEXT },
	{ "GITHUB_RUN_ID",                       RULE_TEXT },
	{ "GITHUB_RUN_NUMBER",                   RULE_TEXT },
	{ "GITHUB_SHA",                          RULE_TEXT },
	{ "GITHUB_WORKFLOW",                     RULE_TEXT },
	{ "GITHUB_WORKSPACE",                    RULE_TEXT },
	{ "GITLAB_CI",                           RULE_TEXT },
	{ "GIT_ALLOW_PROTOCOL",                  RULE_TEXT },
	{ "GIT_CEILING_DIRECTORIES",             RULE_TEXT },
	{ "GIT_CONFIG_NOSYSTEM",                 RULE_TEXT },
	{ "GIT_DIR",                             RULE_TEXT },
	{ "GIT_DISCOVERY_ACROSS_FILESYSTEM",     RULE_TEXT },
	{ "GIT_TERMINAL_PROMPT",                 RULE_TEXT },
	{ "GIT_WORK_TREE",                       RULE_TEXT },
	{ "GO111MODULE",                         RULE_TEXT },
	{ "GO386",                               RULE_TEXT },
	{ "GOAMD64",                             RULE_TEXT },
	{ "GOARCH",                              RULE_TEXT },
	{ "GOARM",                               RULE_TEXT },
	{ "GOARM64",                             RULE_TEXT },
	{ "GOAUTH",                              RULE_AUTH },
	{ "GOBIN",                               RULE_TEXT },
	{ "GOBUILDTIMELOGFILE",                  RULE_TEXT },
	{ "GOCACHE",                             RULE_TEXT },
	{ "GOCACHEPROG",                         RULE_WHOLE },
	{ "GOCLOBBERDEADHASH",                   RULE_TEXT },
	{ "GOCOMPILEDEBUG",                      RULE_TEXT },
	{ "GOCOVERDIR",                          RULE_TEXT },
	{ "GODEBUG",                             RULE_TEXT },
	{ "GOENV",                               RULE_TEXT },
	{ "GOEXE",                               RULE_TEXT },
	{ "GOEXPERIMENT",                        RULE_TEXT },
	{ "GOFIPS140",                           RULE_TEXT },
	{ "GOFLAGS",                             RULE_WORDS },
	{ "GOGC",                                RULE_TEXT },
	{ "GOGCCFLAGS",                          RULE_WORDS },
	{ "GOHOSTARCH",                          RULE_TEXT },
	{ "GOHOSTOS",                            RULE_TEXT },
	{ "GOINSECURE",                          RULE_TEXT },
	{ "GOLANGCI_LINT_CACHE",                 RULE_TEXT },
	{ "GOMAXPROCS",                          RULE_TEXT },
	{ "GOMEMLIMIT",                          RULE_TEXT },
	{ "GOMIPS",                              RULE_TEXT },
	{ "GOMIPS64",                            RULE_TEXT },
	{ "GOMOD",                               RULE_TEXT },
	{ "GOMODCACHE",                          RULE_TEXT },
	{ "GONOPROXY",                           RULE_TEXT },
	{ "GONOSUMCHECK",                        RULE_TEXT },
	{ "GONOSUMDB",                           RULE_TEXT },
	{ "GOOS",                                RULE_TEXT },
	{ "GOPACKAGESDRIVER",                    RULE_WORDS },
	{ "GOPATH",                              RULE_TEXT },
	{ "GOPLSCACHE",                          RULE_TEXT },
	{ "GOPPC64",                             RULE_TEXT },
	{ "GOPRIVATE",                           RULE_TEXT },
	{ "GOPROXY",                             RULE_URLS },
	{ "GORACE",                              RULE_TEXT },
	{ "GORISCV64",                           RULE_TEXT },
	{ "GOROOT",                              RULE_TEXT },
	{ "GOROOT_BOOTSTRAP",                    RULE_TEXT },
	{ "GOROOT_FINAL",                        RULE_TEXT },
	{ "GOSSADIR",                            RULE_TEXT },
	{ "GOSSAFUNC",                           RULE_TEXT },
	{ "GOSSAHASH",                           RULE_TEXT },
	{ "GOSUMDB",                             RULE_URLS },
	{ "GOTELEMETRY",                         RULE_TEXT },
	{ "GOTELEMETRYDIR",                      RULE_TEXT },
	{ "GOTESTSUM_FORMAT",                    RULE_TEXT },
	{ "GOTMPDIR",                            RULE_TEXT },
	{ "GOTOOLCHAIN",                         RULE_TEXT },
	{ "GOTOOLCHAIN_INTERNAL_SWITCH_COUNT",   RULE_TEXT },
	{ "GOTOOLCHAIN_INTERNAL_SWITCH_VERSION", RULE_TEXT },
	{ "GOTOOLDIR",                           RULE_TEXT },
	{ "GOTRACEBACK",                         RULE_TEXT },
	{ "GOVCS",                               RULE_TEXT },
	{ "GOVERSION",                           RULE_TEXT },
	{ "GOVULNDB",                            RULE_URLS },
	{ "GOWASM",                              RULE_TEXT },
	{ "GOWORK",                              RULE_TEXT },
	{ "GO_BUILDER_NAME",                     RULE_TEXT },
	{ "GO_DISABLE_OUTBOUND_NETWORK",         RULE_TEXT },
	{ "GO_EXTLINK_ENABLED",                  RULE_TEXT },
	{ "GO_GCFLAGS",                          RULE_WORDS },
	{ "GO_GCFLAGS_OPTIONS",                  RULE_TEXT },
	{ "GO_LDFLAGS",                          RULE_WORDS },
	{ "GO_LDSO",                             RULE_TEXT },
	{ "GO_TELEMETRY_CHILD",                  RULE_TEXT },
	{ "GO_TELEMETRY_CHILD_UPLOAD",           RULE_TEXT },
	{ "GO_TEST_TIMEOUT_SCALE",               RULE_TEXT },
	{ "HOME",                                RULE_TEXT },
	{ "HOSTNAME",                            RULE_TEXT },
	{ "HTTPS_PROXY",                         RULE_URLS },
	{ "HTTP_PROXY",                          RULE_URLS },
	{ "ImageOS",                             RULE_TEXT },
	{ "ImageVersion",                        RULE_TEXT },
	{ "JENKINS_HOME",                        RULE_TEXT },
	{ "JOB_NAME",                            RULE_TEXT },
	{ "KUBERNETES_SERVICE_HOST",             RULE_TEXT },
	{ "LANG",                                RULE_TEXT },
	{ "LANGUAGE",                            RULE_TEXT },
	{ "LC_ALL",                              RULE_TEXT },
	{ "LC_COLLATE",                          RULE_TEXT },
	{ "LC_CTYPE",                            RULE_TEXT },
	{ "LC_MESSAGES",                         RULE_TEXT },
	{ "LC_NUMERIC",                          RULE_TEXT },
	{ "LC_TIME",                             RULE_TEXT },
	{ "LDFLAGS",                             RULE_WORDS },
	{ "LD_LIBRARY_PATH",                     RULE_TEXT },
	{ "LD_PRELOAD",                          RULE_TEXT },
	{ "LIBRARY_PATH",                        RULE_TEXT },
	{ "LOGNAME",                             RULE_TEXT },
	{ "MAKEFLAGS",                           RULE_WORDS },
	{ "MAKELEVEL",                           RULE_TEXT },
	{ "NO_COLOR",                            RULE_TEXT },
	{ "NO_PROXY",                            RULE_URLS },
	{ "NPROC",                               RULE_TEXT },
	{ "OLDPWD",                              RULE_TEXT },
	{ "PATH",                                RULE_TEXT },
	{ "PKG_CONFIG",                          RULE_WORDS },
	{ "PKG_CONFIG_LIBDIR",                   RULE_TEXT },
	{ "PKG_CONFIG_PATH",                     RULE_TEXT },
	{ "PKG_CONFIG_SYSROOT_DIR",              RULE_TEXT },
	{ "PWD",                                 RULE_TEXT },
	{ "RUNNER_ARCH",                         RULE_TEXT },
	{ "RUNNER_ENVIRONMENT",                  RULE_TEXT },
	{ "RUNNER_NAME",                         RULE_TEXT },
	{ "RUNNER_OS",                           RULE_TEXT },
	{ "RUNNER_TEMP",                         RULE_TEXT },
	{ "RUNNER_TOOL_CACHE",                   RULE_TEXT },
	{ "SCCACHE_DIR",                         RULE_TEXT },
	{ "SHELL",                               RULE_TEXT },
	{ "SHLVL",                               RULE_TEXT },
	{ "SOURCE_DATE_EPOCH",                   RULE_TEXT },
	{ "SSL_CERT_DIR",                        RULE_TEXT },
	{ "SSL_CERT_FILE",                       RULE_TEXT },
	{ "STATICCHECK_CACHE",                   RULE_TEXT },
	{ "SUDO_GID",                            RULE_TEXT },
	{ "SUDO_UID",                            RULE_TEXT },
	{ "SUDO_USER",                           RULE_TEXT },
	{ "SYSROOT",                             RULE_TEXT },
	{ "TARGETARCH",                          RULE_TEXT },
	{ "TARGETOS",                            RULE_TEXT },
	{ "TARGETPLATFORM",                      RULE_TEXT },
	{ "TARGETVARIANT",                       RULE_TEXT },
	{ "TEAMCITY_VERSION",                    RULE_TEXT },
	{ "TEMP",                                RULE_TEXT },
	{ "TERM",                                RULE_TEXT },
	{ "TF_BUILD",                            RULE_TEXT },
	{ "TMP",                                 RULE_TEXT },
	{ "TMPDIR",                              RULE_TEXT },
	{ "TOOLEXEC_IMPORTPATH",                 RULE_TEXT },
	{ "TRACEPARENT",                         RULE_TEXT },
	{ "TRACESTATE",                          RULE_TEXT },
	{ "TRAVIS",                              RULE_TEXT },
	{ "TZ",                                  RULE_TEXT },
	{ "UMASK",                               RULE_TEXT },
	{ "USER",                                RULE_TEXT },
	{ "XDG_CACHE_HOME",                      RULE_TEXT },
	{ "XDG_CONFIG_DIRS",                     RULE_TEXT },
	{ "XDG_CONFIG_HOME",                     RULE_TEXT },
	{ "XDG_DATA_HOME",                       RULE_TEXT },
	{ "XDG_RUNTIME_DIR",                     RULE_TEXT },
	{ "all_proxy",                           RULE_URLS },
	{ "container",                           RULE_TEXT },
	{ "ftp_proxy",                           RULE_URLS },
	{ "http_proxy",                          RULE_URLS },
	{ "https_proxy",                         RULE_URLS },
	{ "no_proxy",                            RULE_URLS },
};
const size_t env_rule_cnt = ARRAY_SIZE(env_rules);
_Static_assert(ARRAY_SIZE(env_rules) <= REDACT_ENV_MAX, "raise REDACT_ENV_MAX");

/* Asked for each variable of each program, hence by hash: numbers of rules and one, by chain. */
#define BUCKETS 1024

static unsigned short first[BUCKETS], next[ARRAY_SIZE(env_rules)];
static pthread_once_t once = PTHREAD_ONCE_INIT;

static unsigned int hash(const char *s, size_t n)
{
	const unsigned char *u = (const unsigned char *)s;

	return (n * 131 + u[0] * 7 + u[n / 2] * 31 + u[n - 1] * 277) % BUCKETS;
}

static void set_up(void)
{
	size_t i;

	for (i = 0; i < env_rule_cnt; i++) {
		unsigned int h = hash(env_rules[i].name, strlen(env_rules[i].name));

		next[i] = first[h];
		first[h] = i + 1;
	}
}

const struct env_rule *env__find(const char *name, size_t n)
{
	unsigned int i;

	if (n == 0 || n > MAX_NAME || memchr(name, '\0', n))
		return NULL;
	pthread_once(&once, set_up);
	for (i = first[hash(name, n)]; i; i = next[i - 1])
		if (!strncmp(env_rules[i - 1].name, name, n) && !env_rules[i - 1].name[n])
			return &env_rules[i - 1];
	return NULL;
}

int redact__env_allowed(const char *name, size_t n)
{
	const struct env_rule *e = env__find(name, n);

	return e ? e - env_rules : -1;
}
