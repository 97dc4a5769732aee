/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The keys of GODEBUG that Go has had, up to 1.27: of the runtime, the library and the go command. */
#include <string.h>

#include "golang/godebug.h"
#include "util/str.h"

static const char *const keys[] = {
	"adaptivestackstart", "allocfreetrace", "allowmultiplevcs", "asyncpreemptoff", "asynctimerchan", "bisect", "cgocheck",
	"checkfinalizers", "clobberfree", "cmdgonetlimit", "containermaxprocs", "cryptocustomrand",
	"dataindependenttiming", "decoratemappings", "disablethp", "dontfreezetheworld", "efence", "embedfollowsymlinks",
	"execerrdot", "execwait", "failfipscast", "fips140", "fips140ems", "fuzzdebug", "gccheckmark", "gcpacertrace",
	"gcrescanstacks", "gcshrinkstackoff", "gcstoptheworld", "gctrace", "gocachehash", "gocachetest", "gocacheverify",
	"gofsystrace", "gofsystracelog", "gofsystracestack", "goindex", "gosimd", "gotestjsonbuildtext", "gotoolchainexec",
	"gotypesalias", "goverifycache", "harddecommit", "htmlmetacontenturlescape", "http2client", "http2debug",
	"http2server", "httpcookiemaxnum", "httplaxcontentlength", "httpmuxgo121", "httpservecontentkeepheaders",
	"httpservecontentmaxranges", "inittrace", "installgoroot", "invalidptr", "jstmpllitinterp", "lazymod",
	"madvdontneed", "modcacheunzipinplace", "multipartfiles", "multipartmaxheaders", "multipartmaxparts", "multipathtcp",
	"netdns", "netedns0", "pagetrace", "panicnil", "profstackdepth", "quiclogpackets", "randautoseed", "randseednop",
	"rsa1024min", "runtimecontentionstacks", "sbrk", "scavenge", "scavtrace", "scheddetail", "schedtrace", "simd",
	"tarinsecurepath", "tls10server", "tls13", "tls3des", "tlskyber", "tlsmaxrsasize", "tlsmlkem", "tlsrsakex",
	"tlssecpmlkem", "tlssha1", "tlsunsafeekm", "toolchaintrace", "traceadvanceperiod", "traceallocfree",
	"tracebackancestors", "tracebacklabels", "tracecheckstackownership", "tracefpunwindoff", "updatemaxprocs",
	"urlmaxqueryparams", "urlstrictcolons", "wbshadow", "winreadlinkvolume", "winsymlink", "x509ignoreCN",
	"x509keypairleaf", "x509negativeserial", "x509rsacrt", "x509sha1", "x509sha256skid", "x509sslcertoverrideplatform",
	"x509usefallbackroots", "x509usepolicies", "zipinsecurepath",
};

/* Removed in 1.27. */
static const char *const until_26[] = {
	"asynctimerchan", "gotypesalias", "tls10server", "tls3des", "tlsrsakex", "tlsunsafeekm", "x509keypairleaf",
};

static bool is_listed(const char *const *list, size_t cnt, const char *key, size_t n)
{
	for (size_t i = 0; i < cnt; i++)
		if (!strncmp(list[i], key, n) && !list[i][n])
			return true;
	return false;
}

bool godebug__is_key(const char *key, size_t n)
{
	return (n > 4 && !strncmp(key, "cpu.", 4)) || is_listed(keys, ARRAY_SIZE(keys), key, n);
}

int godebug__last_minor(const char *key, size_t n)
{
	return is_listed(until_26, ARRAY_SIZE(until_26), key, n) ? 26 : 0;
}
