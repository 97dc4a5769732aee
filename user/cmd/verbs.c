/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The verbs: the only list of them. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "cmd/caller.h"
#include "cmd/cmd.h"
#include "util/log.h"
#include "util/nearest.h"

/* In the order of help. */
static const struct verb *const verbs[] = {
	&verb_watch,
	&verb_run,
	&verb_attach,
	&verb_service,
	&verb_job,
	&verb_records,
	&verb_report,
	&verb_timeline,
	&verb_env,
	&verb_check,
	&verb_diff,
	&verb_export,
	&verb_push,
	&verb_rules,
	&verb_buildinfo,
	&verb_doctor,
	&verb_schema,
	&verb_version,
	&verb_help,
	&verb_observe,
	NULL,
};

const struct verb *const *verb__all(void)
{
	return verbs;
}

const struct verb *verb__find(const char *name)
{
	for (const struct verb *const *v = verbs; *v; v++)
		if (str_eq((*v)->name, name))
			return *v;
	return NULL;
}

static const char *nearest(const char *name)
{
	struct nearest nearest = { .name = name };

	for (const struct verb *const *v = verbs; *v; v++)
		if (!(*v)->is_hidden)
			nearest__try(&nearest, (*v)->name);
	return nearest.best;
}

int verb__unknown(const char *name)
{
	const char *meant = nearest(name);

	if (meant)
		log_error("'%s' is not a verb of goenvbpf; did you mean '%s'? "
			  "'goenvbpf help' lists all verbs", name, meant);
	else
		log_error("'%s' is not a verb of goenvbpf; 'goenvbpf help' lists all verbs", name);
	return EXIT_USAGE;
}

int cannot_read(const char *record, int err)
{
	if (err == -EINVAL)
		log_error("'%s' is not a record of goenvbpf: its first line is no header", record);
	else if (err == -ENODATA)
		log_error("'%s' is not a record: it is empty, or ends within its first line", record);
	else if (err == -EPROTONOSUPPORT)
		log_error("'%s' is of a schema that this version does not know: read it with the goenvbpf "
			  "that wrote it, or a newer one", record);
	else
		log_error("cannot read the record '%s': %s", record, strerror(-err));
	return EXIT_FAILED;
}

int usage_error(const struct verb *verb, const char *fmt, ...)
{
	char text[1024];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);	/* a message that is too long is cut */
	va_end(ap);
	if (verb)
		log_error("%s: %s; see 'goenvbpf help %s'", verb->name, text, verb->name);
	else
		log_error("%s; see 'goenvbpf help'", text);
	return EXIT_USAGE;
}

/* The operands, against what the verb takes. */
static int check_operands(const struct verb *v, const struct call *call)
{
	if (call->operand_cnt < v->min_operands)
		return v->missing ? usage_error(v, "%s", v->missing) :
				    usage_error(v, "no %s was given", v->operands);
	if (call->operand_cnt > v->max_operands)
		return usage_error(v, "'%s' is one argument too many",
				   call->operands[v->max_operands]);
	return 0;
}

static int run_parsed(struct call *call, int argc, char **argv, void *options)
{
	const struct verb *v = call->verb;
	__free_str struct str why = {};
	int err, next, status;

	err = options__parse(v->groups, options, argc, argv, v->stops, &next, &why);
	if (err == OPTIONS_HELP)
		return help__verb(v);
	if (err == -EINVAL)
		return usage_error(v, "%s", why.s);
	if (err) {
		log_error("cannot read the command line: %s", strerror(-err));
		return EXIT_FAILED;
	}
	call->options = options;
	call->operands = argv + next;
	call->operand_cnt = argc - next;
	status = check_operands(v, call);
	if (status)
		return status;
	err = v->is_privileged ? 0 : caller__give_up_privileges();
	if (err == -EINVAL)
		log_error(CALLER_UNCLEAR);
	else if (err)
		log_error("cannot give up privileges: %s", strerror(-err));
	return err ? EXIT_FAILED : v->run(call);
}

int verb__run(const struct verb *verb, int argc, char **argv)
{
	struct call call = { .verb = verb, .argv = argv };
	__free_mem void *options = calloc(1, verb->options_sz + 1);
	int status;

	if (!options)
		return EXIT_FAILED;
	status = run_parsed(&call, argc, argv, options);
	options__free(verb->groups, options);
	return status;
}
