/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* goenvbpf service: stay, observe for clients, keep a record for each job. */
#include <errno.h>

#include "cmd/caller.h"
#include "cmd/cmd.h"
#include "cmd/worker.h"
#include "cmd/worker_figures.h"
#include "service/service.h"
#include "util/log.h"

struct service_options {
	const char *config;
	bool check;
	bool verbose;
};

static int service(const struct call *call)
{
	const struct service_options *o = call->options;
	const struct service_opts opts = { .config_path = o->config, .work = worker__run,
					   .tell_figures = worker_figures__tell };
	__free_str struct str why = {};
	struct config config;
	int err;

	err = config__read(o->config, &config, &why);
	if (err) {
		log_error("%s", why.s ?: "out of memory");
		return EXIT_USAGE;
	}
	if (o->verbose)
		log__set_level(LOG_LEVEL_DEBUG);
	if (o->check) {
		log_info("the configuration is fine");
	} else if (!caller__is_privileged()) {
		log_error("a service observes for others, which needs root: start it as root, or by systemctl start goenvbpf");
		err = -EPERM;
	} else {
		err = service__run(&opts, &config);
	}
	config__free(&config);
	return err ? EXIT_FAILED : EXIT_FINE;
}

static const struct option_row rows[] = {
	{ "config", OPT_TEXT(struct service_options, config), .arg = "FILE",
	  .help = "settings (" CONFIG_FILE ", if it is there)" },
	{ "check", OPT_FLAG(struct service_options, check), .help = "only say whether the settings are right" },
	{ "verbose", OPT_FLAG(struct service_options, verbose), .letter = 'v', .help = "say more" },
	{}
};

static const struct option_group group = { .rows = rows };

const struct verb verb_service = {
	.name = "service",
	.is_privileged = true,
	.groups = { &group },
	.options_sz = sizeof(struct service_options),
	.summary = "stay: observe for others without sudo, keep one record for each job",
	.details =
"Members of the group goenvbpf, and root, run and attach without sudo where it runs: goenvbpf asks it by "
"itself. They see their own processes, in records that they write themselves, and nothing of others'. A job "
"(goenvbpf help job) gets a record in the service's folder, which goenvbpf records lists. SIGHUP reads the "
"settings anew; SIGTERM ends all sessions, and jobs go on in another part when it is started again.\n"
"\n"
"Its settings are a file of lines KEY = VALUE; # begins a comment.",
	.settings = &config_group,
	.notes = "Exit status: 0 after SIGTERM or SIGINT; 1 it could not start; 2 its settings are wrong.",
	.run = service,
};
