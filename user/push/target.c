/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Where it is sent to, and with which headers. */
#include <arpa/inet.h>
#include <curl/curl.h>
#include <errno.h>
#include <fcntl.h>
#include <strings.h>
#include <sys/stat.h>

#include "push/target.h"
#include "util/file.h"

#define MAX_HEADERS_FILE 65536
#define MIN_SECRET 4	/* shorter ones are words that anybody may say */

static int wrong(struct str *why, const char *sentence)
{
	str__adds(why, sentence);
	return str__err(why) ?: -EINVAL;
}

static bool is_loopback(const char *host)
{
	struct in_addr v4;

	if (!strcasecmp(host, "localhost") || str_eq(host, "[::1]"))
		return true;
	return inet_pton(AF_INET, host, &v4) == 1 && ntohl(v4.s_addr) >> 24 == 127;
}

static bool has_part(CURLU *u, CURLUPart part)
{
	char *text = NULL;
	bool has = !curl_url_get(u, part, &text, 0);

	curl_free(text);
	return has;
}

static int check_url(CURLU *u, const char *url, bool insecure_http, struct str *why)
{
	char *scheme = NULL, *host = NULL;
	bool is_https, is_http, is_near;

	if (curl_url_set(u, CURLUPART_URL, url, 0) || curl_url_get(u, CURLUPART_SCHEME, &scheme, 0) ||
	    curl_url_get(u, CURLUPART_HOST, &host, 0)) {
		curl_free(scheme);
		return wrong(why, "--otlp is no URL: https://HOST[:PORT][/PATH]");
	}
	is_https = str_eq(scheme, "https");
	is_http = str_eq(scheme, "http");
	is_near = is_loopback(host);
	curl_free(scheme);
	curl_free(host);
	if (has_part(u, CURLUPART_USER) || has_part(u, CURLUPART_PASSWORD))
		return wrong(why, "--otlp has a user or a password, which everybody on this host could see: "
				  "give it as a header, --headers FILE");
	if (has_part(u, CURLUPART_QUERY) || has_part(u, CURLUPART_FRAGMENT))
		return wrong(why, "--otlp has a query or a fragment: /v1/traces could not follow it");
	if (!is_https && !is_http)
		return wrong(why, "--otlp has to be https://, or http:// for this host");
	if (is_http && !is_near && !insecure_http)
		return wrong(why, "--otlp is http:// to another host: whoever is on the way could read the record "
				  "and the headers; use https://, or --insecure-http where the network is trusted");
	return 0;
}

int target__set_url(struct target *t, const char *url, bool insecure_http, struct str *why)
{
	CURLU *u = curl_url();
	size_t n;
	int err = u ? check_url(u, url, insecure_http, why) : -ENOMEM;

	curl_url_cleanup(u);
	if (err)
		return err;
	t->url = strdup(url);
	if (!t->url)
		return -ENOMEM;
	for (n = strlen(t->url); n && t->url[n - 1] == '/'; n--)
		t->url[n - 1] = '\0';
	return 0;
}

/* --- headers --- */

static bool is_token(const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!((s[i] | 32) >= 'a' && (s[i] | 32) <= 'z') && !(s[i] >= '0' && s[i] <= '9') &&
		    !strchr("!#$%&'*+-.^_`|~", s[i]))
			return false;
	return n;
}

/* Ours, or of the connection's alone. */
static bool is_ours(const char *s, size_t n)
{
	static const char *const names[] = {
		"Content-Type", "Content-Encoding", "Content-Length", "Transfer-Encoding", "Host", "Connection", "Expect",
	};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (strlen(names[i]) == n && !strncasecmp(names[i], s, n))
			return true;
	return false;
}

static int add_header(struct target *t, const char *line, unsigned int number, struct str *why)
{
	const char *colon = strchr(line, ':');
	const char *value = colon ? colon + 1 + strspn(colon + 1, " \t") : NULL;

	if (!colon || !is_token(line, colon - line) || !*value) {
		str__addf(why, "line %u of the file of --headers is no \"Name: value\"", number);
		return -EINVAL;
	}
	for (const char *s = value; *s; s++)
		if ((unsigned char)*s < ' ' || *s == 0x7f) {
			str__addf(why, "line %u of the file of --headers has a control character", number);
			return -EINVAL;
		}
	if (is_ours(line, colon - line)) {
		str__addf(why, "line %u of the file of --headers is a header that push sets by itself", number);
		return -EINVAL;
	}
	if (t->header_cnt == TARGET_MAX_HEADERS)
		return wrong(why, "the file of --headers has more than 64 headers");
	t->headers[t->header_cnt] = strdup(line);
	return t->headers[t->header_cnt++] ? 0 : -ENOMEM;
}

static int open_headers(const char *path, struct str *why)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	struct stat st;

	if (fd < 0 || fstat(fd, &st)) {
		str__addf(why, "cannot read the file of --headers, '%s': %s", path, strerror(errno));
	} else if (st.st_mode & (S_IRWXG | S_IRWXO)) {
		str__addf(why, "'%s' is open to others, and may have a token: chmod 600 it", path);
	} else if (st.st_uid != geteuid() && st.st_uid) {
		str__addf(why, "'%s' belongs to another user", path);
	} else {
		return fd;
	}
	if (fd >= 0)
		close(fd);
	return -EINVAL;
}

int target__read_headers(struct target *t, const char *path, struct str *why)
{
	__close_fd int fd = open_headers(path, why);
	__free_str struct str text = {};
	unsigned int number = 0;
	char *line, *rest;
	int err;

	if (fd < 0)
		return fd;
	err = file__read_fd(fd, MAX_HEADERS_FILE, &text);
	if (err || memchr(text.s ?: "", '\0', text.len))
		return wrong(why, err == -EFBIG ? "the file of --headers is too large" :
						  "the file of --headers cannot be read");
	rest = text.s;
	while (!err && (line = strsep(&rest, "\n"))) {
		size_t n = strlen(line);

		number++;
		while (n && strchr("\r \t", line[n - 1]))
			line[--n] = '\0';
		if (n && *line != '#')
			err = add_header(t, line, number, why);
	}
	if (text.s)
		explicit_bzero(text.s, text.len);
	return err;
}

/* "Bearer TOKEN": the last word may be said without the first one. */
bool target__is_secret(const struct target *t, const char *text)
{
	for (size_t i = 0; i < t->header_cnt; i++) {
		const char *colon = strchr(t->headers[i], ':'), *space = strrchr(t->headers[i], ' ');
		const char *value = space && space > colon ? space + 1 : colon + 1;

		if (strlen(value) >= MIN_SECRET && strstr(text, value))
			return true;
	}
	return false;
}

void target__free(struct target *t)
{
	for (size_t i = 0; i < t->header_cnt; i++) {
		explicit_bzero(t->headers[i], strlen(t->headers[i]));
		free(t->headers[i]);
	}
	free(t->url);
}
