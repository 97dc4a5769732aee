/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_CAPTURE_DECODE_H
#define GOENVBPF_CAPTURE_DECODE_H
/*
 * From what lies in the ring to lines of the record.
 *
 * Lifecycle: decoder__new() → decoder__event() for each ring record, in order, and now and then
 * decoder__settle() → decoder__finish() after the last one → decoder__free(). One thread.
 */
#include <stdbool.h>
#include <stdint.h>

#include "bpf/event.h"
#include "capture/inspector.h"
#include "capture/sources.h"
#include "record/record.h"

struct decoder;
struct identity;

struct decoder_opts {
	struct record *record;
	struct inspector *inspector;
	struct sources *sources;	/* NULL: what is built from is not hashed */
	uint64_t boot_ns;	/* the record's start on the boot clock */
	const struct identity *owner;	/* of the record, NULL: root */
	bool only_own;		/* of its processes alone: see decode_foreign.c */
	bool watch;
	int exes_fd;		/* watch: maps that take what we found out, else -1 */
	int verdicts_fd;
};

int decoder__new(const struct decoder_opts *opts, struct decoder **ret);
void decoder__free(struct decoder *d);

/* For ring_buffer__new(): ctx is the decoder. Always 0. */
int decoder__event(void *ctx, void *data, size_t n);
/* watch: takes what the inspector found out; what was held back is recorded or dropped. */
void decoder__settle(struct decoder *d);
/* Has something been added since the last call? From any thread. */
bool decoder__has_adopted(struct decoder *d);
/* Processes that are followed, as far as the ring was read; from any thread. */
size_t decoder__alive(struct decoder *d);
/* What is still undecided is kept: better too much than too little. */
void decoder__finish(struct decoder *d);

/* One that had not ended by the end. */
struct alive {
	uint64_t proc;		/* the record's number */
	uint32_t pid;
	const void *at;		/* private */
};

/* After decoder__finish(): the next one, the first for a cleared a; false: no more. */
bool decoder__next_alive(const struct decoder *d, struct alive *a);

/* Events taken, per class: with the losses they must sum up to what the programs have seen. */
uint64_t decoder__received(const struct decoder *d, enum ev_class class);
/* Facts lost on this side: memory ran out for a line, too many requests to the inspector. */
uint64_t decoder__lost(const struct decoder *d);
/* Writes the "lost" lines for losses that no event has told (the end of the capture). */
void decoder__tell_loss(struct decoder *d, const uint64_t cnt[LOSS_CNT], uint64_t since);

DEFINE_CLEANUP(decoder, struct decoder *, decoder__free);
#define __free_decoder __cleanup_with(decoder)

#endif
