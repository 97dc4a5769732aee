/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What is redacted in argv and texts. */
#include <ctype.h>

#include "record/redact_tables.h"

static bool is_word(unsigned char c)
{
	return isalnum(c) || c == '_';
}

static bool is_b64url(unsigned char c)
{
	return is_word(c) || c == '-';
}

static bool is_dotted(unsigned char c)
{
	return is_b64url(c) || c == '.' || c == '=';
}

static bool is_upper(unsigned char c)
{
	return isupper(c) || isdigit(c);
}

static bool is_any(unsigned char c)
{
	return c != '\0';
}

const struct token_rule token_rules[] = {
	{ "ghp_",		20, is_word },		/* GitHub */
	{ "gho_",		20, is_word },
	{ "ghu_",		20, is_word },
	{ "ghs_",		20, is_word },
	{ "ghr_",		20, is_word },
	{ "github_pat_",	20, is_word },
	{ "glpat-",		16, is_dotted },	/* GitLab */
	{ "gldt-",		16, is_dotted },
	{ "glrt-",		16, is_dotted },
	{ "glcbt-",		16, is_dotted },
	{ "glptt-",		16, is_dotted },
	{ "gloas-",		16, is_dotted },
	{ "glft-",		16, is_dotted },
	{ "ATATT3x",		20, is_dotted },	/* Atlassian, Bitbucket */
	{ "ATBB",		24, is_word },
	{ "AKIA",		16, is_upper },		/* AWS */
	{ "ASIA",		16, is_upper },
	{ "AIza",		30, is_b64url },	/* Google */
	{ "ya29.",		20, is_dotted },
	{ "GOCSPX-",		20, is_b64url },
	{ "eyJ",		24, is_dotted, 1 },	/* JSON web tokens, signed or encrypted */
	{ "eyJ",		32, is_b64url },	/* base64 of a JSON object */
	{ "xoxb-",		10, is_b64url },	/* Slack */
	{ "xoxp-",		10, is_b64url },
	{ "xoxa-",		10, is_b64url },
	{ "xoxr-",		10, is_b64url },
	{ "xoxs-",		10, is_b64url },
	{ "xapp-",		10, is_b64url },
	{ "npm_",		30, is_word },		/* package registries */
	{ "pypi-AgE",		20, is_b64url },
	{ "rubygems_",		32, is_word },
	{ "dckr_pat_",		20, is_b64url },
	{ "dckr_oat_",		20, is_b64url },
	{ "hvs.",		20, is_dotted },	/* Vault */
	{ "hvb.",		20, is_dotted },
	{ "dop_v1_",		32, is_word },		/* hosting */
	{ "sk_live_",		16, is_word },
	{ "rk_live_",		16, is_word },
	{ "sk-",		32, is_b64url },
	{ "SG.",		40, is_dotted },
	{ "shpat_",		32, is_word },
	{ "tskey-",		16, is_b64url },
	{ "lin_api_",		20, is_word },
	{ "AGE-SECRET-KEY-1",	20, is_upper },
	{ "-----BEGIN ",	1,  is_any },		/* keys in PEM: to the end */
};
const size_t token_rule_cnt = ARRAY_SIZE(token_rules);

const struct flag_rule flag_rules[] = {
	{ "X",			RULE_XDEF },		/* the linker's */
	{ "toolexec",		RULE_WHOLE },		/* a command of the user's own, with its arguments */
	{ "u",			RULE_USER, "curl" },
	{ "user",		RULE_USER, "curl" },
	{ "U",			RULE_USER, "curl" },
	{ "proxy-user",		RULE_USER },
	{ "x",			RULE_URLS, "curl" },
	{ "proxy",		RULE_URLS },
	{ "b",			RULE_WHOLE, "curl" },
	{ "p",			RULE_WHOLE, "sshpass" },
	{ "pass",		RULE_WHOLE },
	{ "passin",		RULE_WHOLE },
	{ "passout",		RULE_WHOLE },
};
const size_t flag_rule_cnt = ARRAY_SIZE(flag_rules);

const char *const secret_globs[] = {
	"*TOKEN*", "*SECRET*", "*PASSW*", "*PASSPHRASE*", "*PASSWD*", "*CREDENTIAL*", "*API_KEY*",
	"*APIKEY*", "*ACCESS_KEY*", "*PRIVATE_KEY*", "*_KEY", "KEY", "*JWT*", "*AUTH*", "*BEARER*",
	"*COOKIE*", "*SIGNATURE*", "*_PAT", "*_PASS", "*_PWD", "*DSN", "*CONNECTION_STRING*",
	"*.EXTRAHEADER", "CREDENTIAL.*", "*_SAS",
};
const size_t secret_glob_cnt = ARRAY_SIZE(secret_globs);

const char *const harmless_globs[] = {
	"*AUTHOR*", "*TOKEN_FILE", "*TOKEN_PATH", "*PASSWORD_FILE", "*KEY_FILE", "*KEYFILE", "NO_*",
	"*TOKENIZE*",
};
const size_t harmless_glob_cnt = ARRAY_SIZE(harmless_globs);

const char *const secret_headers[] = {
	"authorization", "proxy-authorization", "private-token", "job-token", "deploy-token",
	"x-api-key", "x-auth-token", "x-vault-token", "x-jfrog-art-api", "x-goog-api-key",
	"x-amz-security-token", "cookie", "set-cookie", "api-key", "apikey",
};
const size_t secret_header_cnt = ARRAY_SIZE(secret_headers);

const char *const public_xdefs[] = { "runtime.godebugDefault" };
const size_t public_xdef_cnt = ARRAY_SIZE(public_xdefs);

const char *const url_schemes[] = {
	"http", "https", "ssh", "git", "ftp", "ftps", "socks5", "socks5h", "git+ssh", "git+http",
	"git+https", "svn", "svn+ssh", "bzr+ssh", "hg+http", "hg+https", "postgres", "postgresql",
	"mysql", "redis", "rediss", "mongodb", "amqp", "amqps",
};
const size_t url_scheme_cnt = ARRAY_SIZE(url_schemes);
