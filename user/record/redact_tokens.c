/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Shapes that are secret by themselves, as data. */
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

static bool is_base36(unsigned char c)
{
	return isdigit(c) || islower(c);
}

static bool is_hex(unsigned char c)
{
	return isdigit(c) || (c >= 'a' && c <= 'f');
}

/* What may stand in the path of a URL: a webhook's secret is all of it. */
static bool is_path(unsigned char c)
{
	return is_b64url(c) || (c && strchr("/.@~%:=+", c));
}

static bool is_bot(unsigned char c)
{
	return is_b64url(c) || c == ':';
}

const struct token_rule token_rules[] = {
	{ "ghp_",		20, is_word, .inside = true },		/* GitHub */
	{ "gho_",		20, is_word, .inside = true },
	{ "ghu_",		20, is_word, .inside = true },
	{ "ghs_",		20, is_word, .inside = true },
	{ "ghr_",		20, is_word, .inside = true },
	{ "github_pat_",	20, is_word, .inside = true },
	{ "glpat-",		16, is_dotted, .inside = true },	/* GitLab */
	{ "gldt-",		16, is_dotted },
	{ "glrt-",		16, is_dotted },
	{ "glcbt-",		16, is_dotted },
	{ "glptt-",		16, is_dotted, .inside = true },
	{ "gloas-",		16, is_dotted },
	{ "glft-",		16, is_dotted },
	{ "glsoat-",		16, is_dotted },
	{ "glimt-",		16, is_dotted },
	{ "glagent-",		16, is_dotted },
	{ "glffct-",		16, is_dotted },
	{ "GR1348941",		20, is_b64url },
	{ "ATATT3x",		20, is_dotted },	/* Atlassian, Bitbucket */
	{ "ATCTT3x",		20, is_dotted },
	{ "ATBB",		24, is_word },
	{ "BBDC-",		24, is_b64url },
	{ "AKIA",		16, is_upper, .inside = true },		/* AWS */
	{ "ASIA",		16, is_upper, .inside = true },
	{ "ABIA",		16, is_upper },
	{ "ACCA",		16, is_upper },
	{ "AIza",		30, is_b64url },	/* Google */
	{ "ya29.",		20, is_dotted },
	{ "1//0",		30, is_b64url },
	{ "GOCSPX-",		20, is_b64url },
	{ "eyJ",		24, is_dotted, 1 },	/* JSON web tokens, signed or encrypted */
	{ "eyJ",		32, is_b64url },	/* base64 of a JSON object */
	{ "xoxb-",		16, is_b64url, .inside = true },	/* Slack */
	{ "xoxp-",		16, is_b64url, .inside = true },
	{ "xoxa-",		16, is_b64url },
	{ "xoxr-",		16, is_b64url },
	{ "xoxs-",		16, is_b64url },
	{ "xoxc-",		16, is_b64url },
	{ "xoxd-",		16, is_b64url },
	{ "xoxe-",		16, is_b64url },
	{ "xoxe.xox",		16, is_dotted },
	{ "xapp-",		12, is_b64url },
	{ "npm_",		30, is_word },		/* package registries */
	{ "pypi-AgE",		20, is_b64url },
	{ "rubygems_",		32, is_word },
	{ "oy2",		43, is_word },
	{ "cio",		32, is_word },
	{ "tfp_",		40, is_word },		/* forms */
	{ "dckr_pat_",		20, is_b64url, .inside = true },
	{ "dckr_oat_",		20, is_b64url },
	{ "AKCp",		60, is_word },
	{ "cmVmdGtuO",		40, is_word },
	{ "CLOJARS_",		40, is_word },
	{ "hvs.",		20, is_dotted },	/* Vault and other keepers */
	{ "hvb.",		20, is_dotted },
	{ "hvr.",		20, is_dotted },
	{ "dp.pt.",		32, is_word },
	{ "dp.st.",		32, is_dotted },
	{ "dp.sa.",		32, is_word },
	{ "pul-",		40, is_hex },
	{ "ops_eyJ",		32, is_b64url },
	{ "AGE-SECRET-KEY-1",	20, is_upper },
	{ "dop_v1_",		32, is_word, .inside = true },		/* hosting */
	{ "doo_v1_",		32, is_word },
	{ "dor_v1_",		32, is_word },
	{ "HRKU-",		32, is_b64url },
	{ "nfp_",		32, is_word },
	{ "rnd_",		28, is_word },
	{ "sbp_",		32, is_word },
	{ "sb_secret_",		20, is_b64url },
	{ "pscale_tkn_",	20, is_dotted },
	{ "pscale_pw_",		20, is_dotted },
	{ "pscale_oauth_",	20, is_dotted },
	{ "FlyV1 fm2_",		32, is_path },
	{ "fm2_",		40, is_path },
	{ "fo1_",		32, is_b64url },
	{ "tskey-",		16, is_b64url },
	{ "dapi",		32, is_hex },		/* databases and clouds */
	{ "SWMTKN-1-",		32, is_b64url },
	{ "sha256~",		32, is_b64url },
	{ "dt0c01.",		40, is_dotted },
	{ "sk_live_",		16, is_word, .inside = true },		/* payment, mail, telephone */
	{ "sk_test_",		16, is_word, .inside = true },
	{ "rk_live_",		16, is_word, .inside = true },
	{ "rk_test_",		16, is_word },
	{ "whsec_",		20, is_path },
	{ "sq0atp-",		20, is_b64url },
	{ "sq0csp-",		20, is_b64url },
	{ "EAAA",		50, is_b64url },
	{ "SG.",		40, is_dotted },
	{ "SK",			32, is_hex },
	{ "key-",		32, is_hex },
	{ "xkeysib-",		40, is_b64url },
	{ "shpat_",		32, is_word, .inside = true },
	{ "shpss_",		32, is_word },
	{ "shpca_",		32, is_word },
	{ "shppa_",		32, is_word },
	{ "sk-",		32, is_b64url },	/* models */
	{ "gsk_",		40, is_word },
	{ "hf_",		30, is_word },
	{ "api_org_",		30, is_word },
	{ "r8_",		36, is_word },
	{ "pplx-",		40, is_word },
	{ "xai-",		60, is_word },
	{ "lin_api_",		20, is_word },		/* work */
	{ "lin_oauth_",		20, is_word },
	{ "ntn_",		40, is_word },
	{ "secret_",		40, is_word },
	{ "figd_",		30, is_b64url },
	{ "PMAK-",		40, is_b64url },
	{ "CFPAT-",		40, is_b64url },
	{ "glsa_",		32, is_word },		/* what watches and checks */
	{ "glc_eyJ",		32, is_dotted },
	{ "sntrys_",		40, is_path },
	{ "sntryu_",		40, is_word },
	{ "NRAK-",		24, is_word },
	{ "NRII-",		24, is_b64url },
	{ "NRJS-",		16, is_word },
	{ "squ_",		40, is_hex },
	{ "sqp_",		40, is_hex },
	{ "sqa_",		40, is_hex },
	{ "sgp_",		40, is_word },
	{ "phx_",		32, is_word },
	{ "bkua_",		32, is_word },
	{ "CCIPAT_",		30, is_word },
	{ "jdbc:oracle:thin:",				4, is_path, 0, true },	/* scott/tiger@… */
	{ "hooks.slack.com/services/",			8, is_path, 0, true },	/* webhooks */
	{ "hooks.slack.com/workflows/",			8, is_path, 0, true },
	{ "hooks.slack.com/triggers/",			8, is_path, 0, true },
	{ "discord.com/api/webhooks/",			8, is_path, 0, true },
	{ "discord.com/api/v10/webhooks/",		8, is_path, 0, true },
	{ "discord.com/api/v9/webhooks/",		8, is_path, 0, true },
	{ "discordapp.com/api/webhooks/",		8, is_path, 0, true },
	{ "webhook.office.com/webhookb2/",		8, is_path, 0, true },
	{ "outlook.office.com/webhook/",		8, is_path, 0, true },
	{ "outlook.office365.com/webhook/",		8, is_path, 0, true },
	{ "api.telegram.org/bot",			8, is_bot, 0, true },
	{ "api.telegram.org/file/bot",			8, is_bot, 0, true },
	{ "hooks.zapier.com/hooks/",			8, is_path, 0, true },
	{ "maker.ifttt.com/trigger/",			8, is_path, 0, true },
	{ "events.pagerduty.com/integration/",		8, is_path, 0, true },
	{ "open.feishu.cn/open-apis/bot/v2/hook/",	8, is_path, 0, true },
	{ "open.larksuite.com/open-apis/bot/v2/hook/",	8, is_path, 0, true },
	{ "hooks.chime.aws/incomingwebhooks/",		8, is_path, 0, true },
	{ "hooks/",					24, is_base36, 0, true },
	{ "webhook.site/",				16, is_path, 0, true },
	{ "hc-ping.com/",				16, is_path, 0, true },
	{ "ntfy.sh/",					16, is_path, 0, true },
};
const size_t token_rule_cnt = ARRAY_SIZE(token_rules);
_Static_assert(ARRAY_SIZE(token_rules) < 256, "redact_shapes.c numbers them in a byte");

const char *const secret_headers[] = {
	"authorization", "proxy-authorization", "private-token", "job-token", "deploy-token",
	"x-api-key", "x-auth-token", "x-vault-token", "x-jfrog-art-api", "x-goog-api-key",
	"x-amz-security-token", "x-access-token", "x-csrf-token", "x-auth-key", "x-gitlab-token",
	"cookie", "set-cookie", "api-key", "apikey", "x-apikey", "circle-token",
	"ocp-apim-subscription-key",
};
const size_t secret_header_cnt = ARRAY_SIZE(secret_headers);

const char *const public_xdefs[] = { "runtime.godebugDefault", "testing.testBinary" };
const size_t public_xdef_cnt = ARRAY_SIZE(public_xdefs);

const char *const url_schemes[] = {
	"http", "https", "ssh", "git", "ftp", "ftps", "sftp", "socks5", "socks5h", "svn", "srv",
	"postgres", "postgresql", "mysql", "redis", "rediss", "mongodb", "amqp", "amqps", "ldap",
	"ldaps", "smb", "nats", "mqtt", "mqtts", "clickhouse", "sqlserver", "smtp", "smtps",
};
const size_t url_scheme_cnt = ARRAY_SIZE(url_schemes);
