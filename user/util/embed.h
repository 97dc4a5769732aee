/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_UTIL_EMBED_H
#define GOENVBPF_UTIL_EMBED_H
/*
 * A file of the source tree inside the program: name_begin and name_end are its bytes, and a NUL is
 * behind them. The assembler finds it from where the build runs: the top of the tree.
 */
#define EMBED(name, path)					\
	__asm__(".pushsection .rodata\n"			\
		#name "_begin: .incbin \"" path "\"\n"		\
		#name "_end: .byte 0\n"			\
		".popsection\n");				\
	extern const char name##_begin[], name##_end[]

#endif
