/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Requests, compressed, sent and sent again. */
#include <curl/curl.h>
#include <errno.h>
#include <sys/random.h>
#include <zlib.h>

#include "push/sender.h"
#include "util/clock.h"
#include "util/json.h"

#define MAX_BODY 65536		/* of an answer: the rest is not read */
#define MAX_SAID 200		/* of it, shown */
#define TRY_MS 30000		/* a single try */
#define CONNECT_MS 10000
#define FIRST_PAUSE_NS (500 * NSEC_PER_MSEC)
#define MAX_PAUSE_NS (30 * NSEC_PER_SEC)
#define STEP_NS (100 * NSEC_PER_MSEC)	/* of a pause: a signal is looked for between */

struct sender {
	struct sender_opts opts;
	CURL *curl;
	struct curl_slist *headers;
	struct str url, packed, body;
	char error[CURL_ERROR_SIZE];
};

/* What came of one try. */
struct attempt {
	CURLcode code;
	long status;
	curl_off_t retry_after;	/* seconds; 0: nothing was said */
};

static size_t take_body(char *bytes, size_t size, size_t n, void *ctx)
{
	struct str *body = ctx;
	size_t room = MAX_BODY - body->len;

	str__add(body, bytes, size * n < room ? size * n : room);
	return size * n;
}

static int look(void *ctx, curl_off_t dl_total, curl_off_t dl, curl_off_t ul_total, curl_off_t ul)
{
	const struct sender *s = ctx;

	return s->opts.is_stopped();
}

static bool add_header(struct sender *s, const char *line)
{
	struct curl_slist *list = curl_slist_append(s->headers, line);

	if (list)
		s->headers = list;
	return list;
}

static bool add_headers(struct sender *s)
{
	const struct target *t = s->opts.target;
	bool ok = add_header(s, "Content-Type: application/json") && add_header(s, "Content-Encoding: gzip") &&
		  add_header(s, "Expect:");	/* nothing is large enough to ask first */

	for (size_t i = 0; i < t->header_cnt; i++)
		ok = ok && add_header(s, t->headers[i]);
	return ok;
}

static bool set_up(struct sender *s)
{
	CURL *c = s->curl;

	/* A CURLcode is 0 when it worked, so any that did not is in the sum. */
	int failed = curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "http,https") |
		     curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, 0L) | curl_easy_setopt(c, CURLOPT_PROXY, "") |
		     curl_easy_setopt(c, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED) |
		     curl_easy_setopt(c, CURLOPT_SSL_VERIFYPEER, 1L) | curl_easy_setopt(c, CURLOPT_SSL_VERIFYHOST, 2L) |
		     curl_easy_setopt(c, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2) |
		     curl_easy_setopt(c, CURLOPT_USERAGENT, "goenvbpf/" GOENVBPF_VERSION) |
		     curl_easy_setopt(c, CURLOPT_HTTPHEADER, s->headers) | curl_easy_setopt(c, CURLOPT_POST, 1L) |
		     curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, take_body) |
		     curl_easy_setopt(c, CURLOPT_WRITEDATA, &s->body) |
		     curl_easy_setopt(c, CURLOPT_XFERINFOFUNCTION, look) | curl_easy_setopt(c, CURLOPT_XFERINFODATA, s) |
		     curl_easy_setopt(c, CURLOPT_NOPROGRESS, 0L) | curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L) |
		     curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_MS) |
		     curl_easy_setopt(c, CURLOPT_ERRORBUFFER, s->error);

	if (s->opts.cacert)
		failed |= curl_easy_setopt(c, CURLOPT_CAINFO, s->opts.cacert) |
			  curl_easy_setopt(c, CURLOPT_CAPATH, NULL);
	return !failed;
}

struct sender *sender__new(const struct sender_opts *opts)
{
	struct sender *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->opts = *opts;
	s->curl = curl_easy_init();
	if (s->curl && add_headers(s) && set_up(s))
		return s;
	sender__free(s);
	return NULL;
}

void sender__free(struct sender *s)
{
	if (!s)
		return;
	curl_easy_cleanup(s->curl);
	curl_slist_free_all(s->headers);
	str__free(&s->url);
	str__free(&s->packed);
	str__free(&s->body);
	free(s);
}

static int pack(struct str *out, const char *bytes, size_t n)
{
	z_stream z = { .next_in = (Bytef *)bytes, .avail_in = n };
	size_t room;
	int ret;

	str__cut(out, 0);
	if (n > UINT32_MAX || deflateInit2(&z, Z_DEFAULT_COMPRESSION, Z_DEFLATED, 16 + MAX_WBITS, MAX_MEM_LEVEL,
					   Z_DEFAULT_STRATEGY) != Z_OK)
		return -ENOMEM;
	room = deflateBound(&z, n);
	if (!str__room(out, room)) {
		deflateEnd(&z);
		return -ENOMEM;
	}
	z.next_out = (Bytef *)out->s;
	z.avail_out = room;
	ret = deflate(&z, Z_FINISH);
	out->len = room - z.avail_out;
	deflateEnd(&z);
	return ret == Z_STREAM_END ? 0 : -EIO;
}

/* --- one try --- */

static uint64_t ms_left(const struct sender *s)
{
	uint64_t now = clock__ns(CLOCK_MONOTONIC);

	return now < s->opts.until ? (s->opts.until - now) / NSEC_PER_MSEC : 0;
}

static struct attempt try_once(struct sender *s)
{
	struct attempt a = { .code = CURLE_OPERATION_TIMEDOUT };
	uint64_t ms = ms_left(s);

	str__cut(&s->body, 0);
	s->error[0] = '\0';
	if (!ms)
		return a;
	curl_easy_setopt(s->curl, CURLOPT_URL, s->url.s);
	curl_easy_setopt(s->curl, CURLOPT_POSTFIELDS, s->packed.s);
	curl_easy_setopt(s->curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)s->packed.len);
	curl_easy_setopt(s->curl, CURLOPT_TIMEOUT_MS, (long)(ms < TRY_MS ? ms : TRY_MS));
	a.code = curl_easy_perform(s->curl);
	if (a.code == CURLE_OK) {
		curl_easy_getinfo(s->curl, CURLINFO_RESPONSE_CODE, &a.status);
		curl_easy_getinfo(s->curl, CURLINFO_RETRY_AFTER, &a.retry_after);
	}
	return a;
}

static bool may_work_later(const struct attempt *a)
{
	switch (a->code) {
	case CURLE_OK:
		return a->status == 429 || a->status == 502 || a->status == 503 || a->status == 504;
	case CURLE_COULDNT_RESOLVE_HOST:
	case CURLE_COULDNT_CONNECT:
	case CURLE_OPERATION_TIMEDOUT:
	case CURLE_GOT_NOTHING:
	case CURLE_SEND_ERROR:
	case CURLE_RECV_ERROR:
	case CURLE_PARTIAL_FILE:
	case CURLE_SSL_CONNECT_ERROR:
	case CURLE_HTTP2:
	case CURLE_HTTP2_STREAM:
		return true;
	default:
		return false;
	}
}

/* What is wrong with this request and not with all of them. */
static bool is_about_request(long status)
{
	return status == 400 || status == 413 || status == 422;
}

/* --- pauses --- */

static uint64_t random_below(uint64_t n)
{
	uint64_t x = 0;

	/* Without randomness all wait equally long, which is the worst that comes of it. */
	(void)!getrandom(&x, sizeof(x), GRND_NONBLOCK);
	return n ? x % n : 0;
}

/* Half of it at least, so that many that failed together do not come back together. */
static uint64_t pause_ns(const struct attempt *a, unsigned int nth)
{
	uint64_t ns = FIRST_PAUSE_NS << (nth < 10 ? nth : 10);

	if (ns > MAX_PAUSE_NS)
		ns = MAX_PAUSE_NS;
	if (a->code == CURLE_OK && a->retry_after > 0)
		return (uint64_t)a->retry_after * NSEC_PER_SEC + random_below(FIRST_PAUSE_NS / 2);
	return ns / 2 + random_below(ns / 2);
}

/* False: there is not that much time, or it was stopped. */
static bool wait_for(const struct sender *s, uint64_t ns)
{
	uint64_t until = clock__ns(CLOCK_MONOTONIC) + ns;
	const struct timespec step = { .tv_nsec = STEP_NS };

	if (until >= s->opts.until)
		return false;
	while (clock__ns(CLOCK_MONOTONIC) < until && !s->opts.is_stopped())
		nanosleep(&step, NULL);
	return !s->opts.is_stopped();
}

/* --- answers --- */

/* A receiver may say anything, even what it was told: printable ASCII of it is shown, and no header. */
static void add_said(const struct sender *s, struct str *out, const char *text)
{
	size_t n = 0;

	if (target__is_secret(s->opts.target, text)) {
		str__adds(out, "(what it said has a header in it)");
		return;
	}
	for (; n < MAX_SAID && text[n]; n++)
		str__addc(out, text[n] >= ' ' && text[n] <= '~' ? text[n] : '?');
	if (text[n])
		str__adds(out, "...");
}

static void read_failure(const struct sender *s, const struct attempt *a, struct answer *ret)
{
	__free_jsonv struct jsonv *root = NULL;
	const char *said = s->body.len ? s->body.s : NULL;

	if (a->code != CURLE_OK) {
		str__adds(&ret->text, *s->error ? s->error : curl_easy_strerror(a->code));
		return;
	}
	str__addf(&ret->text, "HTTP status %ld", a->status);
	if (said && !jsonv__parse(s->body.s, s->body.len, &root))
		said = jsonv__kstr(root, "message");
	if (said && *said) {
		str__adds(&ret->text, ": ");
		add_said(s, &ret->text, said);
	}
}

static void read_partial(const struct sender *s, struct answer *ret)
{
	__free_jsonv struct jsonv *root = NULL;
	const struct jsonv *partial = NULL, *cnt = NULL;
	const char *said;
	double n;

	if (s->body.len && !jsonv__parse(s->body.s, s->body.len, &root))
		partial = jsonv__get(root, "partialSuccess");
	cnt = jsonv__get(partial, "rejectedSpans") ?: jsonv__get(partial, "rejectedLogRecords") ?:
	      jsonv__get(partial, "rejectedDataPoints");
	/* 64-bit integers are strings, and receivers write numbers all the same. */
	n = jsonv__string(cnt) ? strtod(jsonv__string(cnt), NULL) : jsonv__number(cnt, 0);
	ret->rejected = n > 0 && n < 1e15 ? (uint64_t)n : 0;
	said = jsonv__kstr(partial, "errorMessage");
	if (said && *said)
		add_said(s, &ret->text, said);
}

enum delivery sender__post(struct sender *s, const char *path, const char *json, size_t n, struct answer *ret)
{
	struct attempt a;

	str__cut(&s->url, 0);
	str__addf(&s->url, "%s%s", s->opts.target->url, path);
	if (str__err(&s->url) || pack(&s->packed, json, n)) {
		str__adds(&ret->text, "out of memory");
		return UNREACHABLE;
	}
	for (unsigned int nth = 0;; nth++) {
		a = try_once(s);
		if (a.code == CURLE_OK && a.status >= 200 && a.status < 300) {
			read_partial(s, ret);
			return DELIVERED;
		}
		if (!may_work_later(&a) || nth >= s->opts.retries || !wait_for(s, pause_ns(&a, nth)))
			break;
	}
	read_failure(s, &a, ret);
	return a.code == CURLE_OK && is_about_request(a.status) ? REFUSED : UNREACHABLE;
}
