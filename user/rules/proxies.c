/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Rules about module proxies: which one was asked, for what, and which one was not. */
#include <stdlib.h>

#include "model/effects/effects.h"
#include "model/modules/modules.h"
#include "rules/rule.h"

/* --- a chain of them --- */

/* Host and port of a proxy's URL, as connections have them; false: only a name is known. */
static bool proxy_address(const char *url, size_t n, struct str *host, unsigned int *ret_port)
{
	const char *at = strstr(url, "://"), *end = url + n;
	size_t len;

	if (!at || at + 3 > end)
		return false;
	*ret_port = str_has_prefix(url, "https") ? 443 : 80;
	at += 3;
	len = strcspn(at, ":/,|");
	str__add(host, at, len);
	if (at[len] == ':')
		*ret_port = atoi(at + len + 1);
	if (host->s && str_eq(host->s, "localhost")) {
		str__cut(host, 0);
		str__adds(host, "127.0.0.1");
	}
	return host->s && strspn(host->s, "0123456789.") == host->len;
}

static const struct connection *connected(const struct model *m, const struct go_command *c, const char *host,
					  unsigned int port)
{
	for (const struct connection *k = model__next_connection(m, NULL); k; k = model__next_connection(m, k))
		if (str_eq(k->addr, host) && k->port == port &&
		    model__command_of(m, model__process(m, k->proc)) == c)
			return k;
	return NULL;
}

static int match_proxy_chain_stopped(struct matching *x, const struct go_command *c)
{
	const struct effective *e = process__has_failed(c->p) ? rule__setting(c, "GOPROXY") : NULL;
	const struct connection *last = NULL;

	if (!e || !rule__is_known(e->won.value))
		return 0;
	for (const char *at = e->won.value; *at; at += *at ? 1 : 0) {
		size_t n = strcspn(at, ",|");
		__free_str struct str host = {};
		const struct connection *k;
		unsigned int port;

		if (!proxy_address(at, n, &host, &port))
			return 0;
		k = connected(x->m, c, host.s, port);
		if (!k && last && at[-1] == ',')
			return found(x, &(struct found){ PROVEN, c->proc, "GOPROXY", rule__at(last->ts) },
				     "%s:%u failed, and %.*s was never asked", last->addr, last->port, (int)n, at);
		last = k;
		at += n;
	}
	return 0;
}

/* --- private modules --- */

/* The first entry of GOPROXY that is asked over the network, and its length; NULL: none is. */
static const char *first_server(const char *proxies, size_t *ret_n)
{
	for (const char *at = proxies; *at; at += *at ? 1 : 0) {
		*ret_n = strcspn(at, ",|");
		if (str_has_prefix(at, "http"))
			return at;
		if (!str_has_prefix(at, "file:"))
			return NULL;	/* off, direct: what follows is never asked */
		at += *ret_n;
	}
	return NULL;
}

/* Servers on which everybody has modules: neighbours there are those of one owner. */
static bool is_public_host(const char *path, size_t n)
{
	static const char *const hosts[] = { "github.com", "gitlab.com", "bitbucket.org", "codeberg.org", "gopkg.in" };

	for (size_t i = 0; i < ARRAY_SIZE(hosts); i++)
		if (strlen(hosts[i]) == n && !strncmp(path, hosts[i], n))
			return true;
	return false;
}

/* Length of what neighbours have in common with a module: "git.example.org", "github.com/owner". */
static size_t neighbourhood(const char *path)
{
	size_t n = strcspn(path, "/");

	return path[n] && is_public_host(path, n) ? n + 1 + strcspn(path + n + 1, "/") : n;
}

static bool is_neighbour(const char *path, const char *other, size_t len)
{
	size_t n = neighbourhood(path);

	return len >= n && !strncmp(path, other, n) && (len == n || other[n] == '/');
}

/* The pattern of the list that is for a neighbour of the module; NULL. */
static const char *pattern_beside(const struct effective *e, const char *path, size_t *ret_n)
{
	for (const char *at = e ? e->won.value : NULL; at && *at; at += *at == ',') {
		*ret_n = strcspn(at, ",");
		if (is_neighbour(path, at, *ret_n))
			return at;
		at += *ret_n;
	}
	return NULL;
}

/* A neighbour whose sources are at hand; NULL. */
static const char *source_beside(const struct module_set *s, const char *path)
{
	for (const struct module_use *u = module_set__next(s, NULL); u; u = module_set__next(s, u))
		if ((u->origin == MODULE_REPLACED || u->origin == MODULE_WORKSPACE) && u->path &&
		    !str_eq(u->path, path) && is_neighbour(path, u->path, strlen(u->path)))
			return u->path;
	return NULL;
}

static int judge_wanted(struct matching *x, const struct module_set *s, const struct module_wanted *w)
{
	static const char *const lists[] = { "GOPRIVATE", "GONOPROXY" };
	const struct effective *e = rule__setting(s->c, "GOPROXY");
	const char *server, *beside = NULL;
	__free_str struct str why = {};
	size_t n, len;

	server = e && rule__is_known(e->won.value) ? first_server(e->won.value, &n) : NULL;
	if (!server)
		return 0;
	for (size_t i = 0; i < ARRAY_SIZE(lists); i++) {
		const struct effective *list = rule__set(s->c, lists[i]);

		if (list && rule__matches_module(list->won.value, w->path))
			return 0;
		beside = beside ?: pattern_beside(list, w->path, &len);
		if (beside && !why.len)
			str__addf(&why, "%s has %.*s", lists[i], (int)len, beside);
	}
	beside = beside ?: source_beside(s, w->path);
	if (!beside)
		return 0;
	if (!why.len)
		str__addf(&why, "the sources of %s are at hand", beside);
	return found(x, &(struct found){ LIKELY, s->go, w->path, rule__at(w->ts) },
		     "could not be had, and %.*s was to be asked for it, while %s", (int)n, server, why.s ?: "");
}

static int match_private_module(struct matching *x)
{
	int err = 0;

	for (const struct module_set *s = model__next_module_set(x->m, NULL); s && !err;
	     s = model__next_module_set(x->m, s)) {
		if (!s->c || !s->c->settings || !process__has_failed(s->c->p))
			continue;
		for (size_t i = 0; i < s->wanted_cnt && !err; i++)
			if (!s->wanted[i].is_had)
				err = judge_wanted(x, s, &s->wanted[i]);
	}
	return err;
}

#define FILES (EVIDENCE_LIFE | EVIDENCE_FILES)

const struct rule rules_proxies[] = {
	{ "proxy-chain-stopped", SEVERITY_WARNING, FILES | EVIDENCE_NET, NULL,
	  "A proxy failed, and the next one was never asked",
	  "After a comma go goes on only when the answer is 404 or 410.",
	  "separate the entries of GOPROXY by |",
	  .match_command = match_proxy_chain_stopped },
	{ "private-module-asked-of-proxy", SEVERITY_WARNING, FILES | EVIDENCE_ENVIRONMENT, NULL,
	  "A module that seems to be private was asked of a proxy",
	  "The proxy does not have it, and has learnt its name; with the checksum database so has everybody.",
	  "add its prefix to GOPRIVATE: go env -w GOPRIVATE=git.example.org",
	  .match = match_private_module },
	{}
};
