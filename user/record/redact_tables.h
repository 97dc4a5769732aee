/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_RECORD_REDACT_TABLES_H
#define GOENVBPF_RECORD_REDACT_TABLES_H
/*
 * What is redacted, as data; the redact_*.c beside it hold the how. Private to user/record and its
 * tests.
 */
#include <stdbool.h>
#include <stddef.h>

#include "util/str.h"

/* How a value is treated. */
enum redact_rule {
	RULE_NONE,	/* nothing known: as an argument of its own */
	RULE_KEEP,	/* no secret, and nothing in it is */
	RULE_SWITCH,	/* an option that takes no value */
	RULE_TEXT,	/* URLs and tokens inside */
	RULE_WORDS,	/* flags and assignments inside */
	RULE_URLS,	/* a list of URLs */
	RULE_AUTH,	/* GOAUTH: method keywords only */
	RULE_XDEF,	/* link -X importpath.name=value: the value goes */
	RULE_PROGRAM,	/* a command: the program, its options and subcommands stay */
	RULE_HELPER,	/* git's credential.helper: a name stays, a command goes */
	RULE_USER,	/* user:password, the password goes */
	RULE_CREDS,	/* the same, or a token alone */
	RULE_PERCENT,	/* user%password */
	RULE_COMMA,	/* user,password */
	RULE_SLASH,	/* user/password@database */
	RULE_PASSARG,	/* openssl's pass:VALUE, but env:NAME, file:PATH, fd:N stay */
	RULE_PAIR,	/* name=VALUE */
	RULE_HEADER,	/* an HTTP header: its name says whether the rest goes */
	RULE_SHELL,	/* a shell's text */
	RULE_FORM,	/* name=value&name=value */
	RULE_SENT,	/* what expect types, but for the line's end */
	RULE_KEY,	/* all of it goes, unless it is a path or a short or plain word */
	RULE_PRIVATE,	/* all of it goes, unless it is a path */
	RULE_WHOLE,	/* all of it goes, unless it says yes, no or where to look */
	RULE_ALL,	/* all of it goes */
	RULE_MARKED,	/* what a mark shows: redis' >VALUE, a remote desktop's /p:VALUE */
	RULE_LOGIN,	/* the same, but of name=value what the name says */
	RULE_RANDOM,	/* all of it goes when it looks like a token */
	RULE_CNT,
};

struct env_rule {
	const char *name;
	enum redact_rule rule;
};

extern const struct env_rule env_rules[];	/* the allow-list, sorted by name (strcmp) */
extern const size_t env_rule_cnt;

/* --- programs that take secrets --- */

enum redact_family {
	FAMILY_NONE, /* of any program */
	FAMILY_GO,   /* the toolchain: no other program's options follow its own name */
	FAMILY_ANSIBLE,
	FAMILY_ARCHIVE,
	FAMILY_AWS,
	FAMILY_AZURE,
	FAMILY_BITWARDEN,
	FAMILY_BUNDLE,
	FAMILY_CADDY,
	FAMILY_CARGO,
	FAMILY_CCRYPT,
	FAMILY_CF,
	FAMILY_COMPOSER,
	FAMILY_CONSUL,
	FAMILY_CQLSH,
	FAMILY_CTR,
	FAMILY_CURL,
	FAMILY_DASH_BIG_P, /* all that is known of them is one option */
	FAMILY_DASH_K,
	FAMILY_DASH_P,
	FAMILY_DASH_T,
	FAMILY_DOCKER,
	FAMILY_ETCD,
	FAMILY_EXPECT,
	FAMILY_FLY,
	FAMILY_GH,
	FAMILY_GITLAB_RUNNER,
	FAMILY_GLAB,
	FAMILY_HTPASSWD,
	FAMILY_HTTPIE,
	FAMILY_INFLUX,
	FAMILY_IPMI,
	FAMILY_KUBECTL,
	FAMILY_LDAP,
	FAMILY_LDAPPASSWD,
	FAMILY_LFTP,
	FAMILY_MAIL,
	FAMILY_MAVEN,
	FAMILY_MINIO,
	FAMILY_MKPASSWD,
	FAMILY_MONGO,
	FAMILY_MOSQUITTO,
	FAMILY_MYSQL,
	FAMILY_NET,
	FAMILY_NETLIFY,
	FAMILY_NMCLI,
	FAMILY_NPM,
	FAMILY_NUGET,
	FAMILY_OPENSSL,
	FAMILY_PKCS11,
	FAMILY_PULUMI,
	FAMILY_RABBIT,
	FAMILY_RCLONE,
	FAMILY_RDP,
	FAMILY_REDIS,
	FAMILY_SEND,
	FAMILY_SHELL,
	FAMILY_SMB,
	FAMILY_SNMP,
	FAMILY_SQLPLUS,
	FAMILY_SSHKEYGEN,
	FAMILY_SSHPASS,
	FAMILY_TWINE,
	FAMILY_USERS,
	FAMILY_VAULT,
	FAMILY_WPA,
	FAMILY_ZIP,
	FAMILY_CNT,
};

struct program_rule {
	const char *name;
	enum redact_family family;
};

extern const struct program_rule program_rules[];	/* sorted by name */
extern const size_t program_rule_cnt;

/* How a family writes its options. */
struct family_rule {
	bool starts; /* another program's name and options may follow: docker exec db mysql -pX */
	bool glues;		/* -pVALUE is -p VALUE */
	bool pairs; /* a secret's bare name is followed by its value: nmcli password X */
	const char *bare;	/* letters of options without a value: -sSu VALUE */
	const char *valued;	/* letters of other options that take a value */
	char counts;		/* an option that stands for a word: htpasswd -n for the file */
};

extern const struct family_rule family_rules[FAMILY_CNT];

/*
 * An option without its dashes, or (name NULL) the word at that position, the first one of sub or
 * behind the program being 1.
 */
struct option_rule {
	enum redact_family family;
	const char *sub;	/* subcommands that it belongs to, "secret set"; NULL: any */
	const char *name;
	signed char pos;	/* negative: that one and all after it */
	enum redact_rule rule;
};

extern const struct option_rule option_rules[];	/* sorted by family */
extern const size_t option_rule_cnt;

/* --- names --- */

enum redact_word {
	WORD_STRONG = 1 << 0,	/* wherever it stands in a name, and at the end of a longer word */
	WORD_LAST = 1 << 1,	/* as the last word of a name */
	WORD_FACT = 1 << 2,	/* as the last word: TOKEN_FILE, BUCKET are facts about a secret */
	WORD_HEAD = 1 << 3,	/* as the first one: --no-token, --with-token */
	WORD_OPEN_KEY = 1 << 4,	/* in front of KEY: a public one */
	WORD_KEY = 1 << 5,	/* in front of KEY: a secret one, also within a name */
	WORD_PRIVATE = 1 << 6,	/* both in one: signingkey */
};

struct name_word {
	const char *word;	/* upper case */
	unsigned int kinds;
};

extern const struct name_word name_words[];	/* sorted by word */
extern const size_t name_word_cnt;

/* Values that are no secret by whatever name, lower case, sorted. */
extern const char *const open_values[];
extern const size_t open_value_cnt;

/* Names of HTTP headers whose value is secret, lower case. */
extern const char *const secret_headers[];
extern const size_t secret_header_cnt;

/* --- shapes --- */

struct token_rule {
	const char *prefix;
	unsigned int min;	/* token characters that must follow */
	bool (*is_char)(unsigned char c);
	unsigned int dots;	/* of which this many must be '.' */
	bool keeps_prefix;	/* it says where to, the rest is the secret: webhooks */
	bool inside;		/* also behind '-' or '_' in a word: no other name has this prefix */
};

extern const struct token_rule token_rules[];
extern const size_t token_rule_cnt;
/* No token is shorter: what is looked for in paths. */
#define TOKEN_MIN 16

/* What -X may say in the clear: the go command itself puts it there. */
extern const char *const public_xdefs[];
extern const size_t public_xdef_cnt;

/*
 * URL schemes (or what follows their last '+'), also recognised when "//" was folded into "/"
 * because the URL was taken for a path.
 */
extern const char *const url_schemes[];
extern const size_t url_scheme_cnt;

#endif
