/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The top view on a terminal. */
#include <errno.h>
#include <limits.h>
#include <locale.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>
#include <wchar.h>

#include "output/top.h"
#include "util/clock.h"

/* Behind all others: it makes macros of words. */
#include <curses.h>
#include <term.h>
#undef lines
#undef columns
#undef tone

#define FOOT_ROWS	2	/* message, keys */
#define KEY_ESCAPE	27
#define ESCAPE_MS	50	/* a key that sends several bytes sends them within */

struct top {
	SCREEN *screen;
	locale_t locale, before;
	struct termios settings;	/* of the terminal, as they were */
	struct top_choice choice;
	bool is_typing;			/* the filter */
	struct top_page page;
};

void top__prepare(void)
{
	static const char *const names[] = {
		"TERMINFO", "TERMINFO_DIRS", "TERMCAP", "TERMPATH", "HOME",	/* files */
		"LINES", "COLUMNS",		/* any size at all, and the memory for it */
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		unsetenv(names[i]);
}

bool top__is_possible(void)
{
	const char *in = ttyname(STDIN_FILENO);
	char name[64];

	if (!in || !text__is_screen(STDOUT_FILENO))
		return false;
	snprintf(name, sizeof(name), "%s", in);
	in = ttyname(STDOUT_FILENO);
	return in && str_eq(name, in) && tcgetpgrp(STDIN_FILENO) == getpgrp();
}

/* --- life --- */

static void set_colors(void)
{
	const char *no_color = getenv("NO_COLOR");

	if ((no_color && *no_color) || !has_colors() || start_color() == ERR)
		return;
	(void)use_default_colors();	/* else on black */
	init_pair(TONE_GOOD, COLOR_GREEN, -1);
	init_pair(TONE_WARN, COLOR_YELLOW, -1);
	init_pair(TONE_BAD, COLOR_RED, -1);
}

/* Ctrl-Z would stop who empties the rings, Ctrl-S who draws; Ctrl-C is a signal as ever. */
static void set_keys(void)
{
	struct termios settings;

	cbreak();
	noecho();
	if (!tcgetattr(STDIN_FILENO, &settings)) {
		settings.c_cc[VSUSP] = _POSIX_VDISABLE;
		settings.c_iflag &= ~IXON;
		(void)tcsetattr(STDIN_FILENO, TCSADRAIN, &settings);
		def_prog_mode();
	}
	nodelay(stdscr, TRUE);
	keypad(stdscr, TRUE);
	set_escdelay(ESCAPE_MS);
	(void)curs_set(0);
}

int top__open(struct top **ret)
{
	struct termios settings;
	struct top *t;

	if (tcgetattr(STDIN_FILENO, &settings))
		return -errno;
	t = calloc(1, sizeof(*t));
	if (!t)
		return -ENOMEM;
	t->settings = settings;
	/* Of this thread alone; as all our output has it, whatever the caller's locale. */
	t->locale = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
	t->before = t->locale ? uselocale(t->locale) : (locale_t)0;
	/* ncurses catches what nobody has caught or ignored. Who became a background job still cleans up. */
	(void)signal(SIGTSTP, SIG_IGN);
	(void)signal(SIGTTOU, SIG_IGN);
	t->screen = newterm(NULL, stdout, stdin);
	if (!t->screen) {
		top__close(t);
		return -ENOTTY;
	}
	set_keys();
	set_colors();
	*ret = t;
	return 0;
}

void top__close(struct top *t)
{
	if (!t)
		return;
	if (t->screen) {
		endwin();
		delscreen(t->screen);
	}
	(void)tcsetattr(STDIN_FILENO, TCSANOW, &t->settings);
	if (t->locale) {
		(void)uselocale(t->before);
		freelocale(t->locale);
	}
	top_page__free(&t->page);
	free(t);
}

/* The whole of it, in the order in which ncurses would. */
void top__rescue(const struct termios *before)
{
	static const char *const names[] = { "sgr0", "cnorm", "rmkx", "rmcup" };
	int err;

	top__prepare();
	if (setupterm(NULL, STDOUT_FILENO, &err) == OK)
		for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
			const char *text = tigetstr(names[i]);

			if (text && text != (const char *)-1)
				putp(text);
		}
	fflush(stdout);
	(void)tcsetattr(STDIN_FILENO, TCSANOW, before);
}

/* --- keys --- */

static void remove_last(char *text)
{
	size_t n = strlen(text);

	while (n && (text[--n] & 0xc0) == 0x80)
		;
	text[n] = '\0';
}

static void type(struct top *t, bool is_key, wint_t c)
{
	struct str text = {};
	char bytes[MB_LEN_MAX + 1] = "";

	if (c == '\n' || c == '\r' || (is_key && c == KEY_ENTER)) {
		t->is_typing = false;
	} else if (!is_key && c == KEY_ESCAPE) {
		t->is_typing = false;
		*t->choice.filter = '\0';
	} else if (c == '\b' || c == 0x7f || (is_key && c == KEY_BACKSPACE)) {
		remove_last(t->choice.filter);
	} else if (!is_key && wctomb(bytes, (wchar_t)c) > 0) {
		text__safes(&text, bytes);	/* what was typed is shown, too */
		if (text.s && strlen(t->choice.filter) + text.len < TOP_FILTER_SZ)
			strcat(t->choice.filter, text.s);
	}
	str__free(&text);
}

static bool press(struct top *t, wint_t c)
{
	struct top_choice *o = &t->choice;

	switch (c) {
	case 'q':
		return false;
	case 's':
		o->sort = (o->sort + 1) % TOP_SORT_CNT;
		break;
	case 'f':
		o->shown = (o->shown + 1) % TOP_SHOWN_CNT;
		break;
	case 'm':
		o->missed = (o->missed + 1) % TOP_MISSED_CNT;
		break;
	case '/':
		t->is_typing = true;
		break;
	case KEY_ESCAPE:
		*o->filter = '\0';
		break;
	case 'L' & 0x1f:		/* as everywhere: draw all of it anew */
		clearok(curscr, TRUE);
		break;
	default:
		break;
	}
	return true;
}

bool top__keys(struct top *t)
{
	wint_t c;
	int kind;

	while ((kind = get_wch(&c)) != ERR) {
		if (t->is_typing)
			type(t, kind == KEY_CODE_YES, c);
		else if (kind != KEY_CODE_YES && !press(t, c))
			return false;
	}
	return true;
}

/* --- drawing --- */

static attr_t attributes(enum tone tone)
{
	static const attr_t of[] = {
		[TONE_DIM] = A_DIM, [TONE_STRONG] = A_BOLD, [TONE_BAD] = A_BOLD,
	};
	attr_t a = (size_t)tone < sizeof(of) / sizeof(*of) ? of[tone] : 0;

	return a | (tone == TONE_GOOD || tone == TONE_WARN || tone == TONE_BAD ? COLOR_PAIR(tone) : 0);
}

/* The character at text and its length; where the system has no locale for UTF-8, a question mark. */
static size_t decode(const char *text, wchar_t *ret)
{
	mbstate_t state = {};
	size_t len = mbrtowc(ret, text, strlen(text), &state);

	if (len && len <= MB_LEN_MAX)
		return len;
	*ret = L'?';
	for (len = 1; (text[len] & 0xc0) == 0x80; len++)
		;
	return len;
}

/* In one row, as many columns as there are: what goes on would be in the next row. */
static void put_row(int y, attr_t attr, const char *text)
{
	int width = getmaxx(stdscr), x = 0, n;
	cchar_t cell;
	wchar_t c[2] = {};
	size_t len;

	for (; *text && x < width; text += len, x += n) {
		len = decode(text, c);
		n = wcwidth(*c);
		if (n < 0 || x + n > width)
			return;
		if (n) {
			(void)setcchar(&cell, c, attr & ~A_COLOR, PAIR_NUMBER(attr), NULL);
			(void)mvadd_wch(y, x, &cell);	/* ERR: the last place of the screen was written */
		}
	}
}

static void put_foot(const struct top *t, int rows, const char *message)
{
	__free_str struct str text = {};

	if (t->is_typing || *t->choice.filter) {
		str__adds(&text, "filter: ");
		str__adds(&text, t->choice.filter);
		str__adds(&text, t->is_typing ? "_  (Enter keeps it, Esc drops it)" : "  (Esc drops it)");
	}
	put_row(rows - 2, attributes(TONE_WARN), *message ? message : text.s ?: "");
	put_row(rows - 1, A_REVERSE, "q quit  s sort  f which commands  m which misses  / filter  "
				     "Ctrl-L draw anew     ");
}

static void put_page(struct top *t, const char *message)
{
	int rows = getmaxy(stdscr);

	for (size_t i = 0; i < t->page.cnt; i++)
		put_row((int)i, attributes(t->page.tone[i]), t->page.text[i].s ?: "");
	put_foot(t, rows, message);
}

static void put_too_small(size_t rows, size_t columns)
{
	char text[96];

	snprintf(text, sizeof(text), "%zux%zu is too small:", columns, rows);
	put_row(0, 0, text);
	snprintf(text, sizeof(text), "%dx%d is needed; q quits", TOP_MIN_COLUMNS, TOP_MIN_ROWS);
	put_row(1, 0, text);
}

int top__draw(struct top *t, struct now *n, const char *message)
{
	struct pollfd fd = { .fd = STDOUT_FILENO, .events = POLLOUT };
	size_t rows, columns;
	int err = 0;

	if (poll(&fd, 1, 0) != 1 || !(fd.revents & POLLOUT))
		return 0;
	text__screen_size(STDOUT_FILENO, &rows, &columns);
	if (rows != (size_t)getmaxy(stdscr) || columns != (size_t)getmaxx(stdscr)) {
		(void)resizeterm(rows, columns);
		clearok(curscr, TRUE);	/* terminals keep what they like */
	}
	erase();
	if (rows < TOP_MIN_ROWS || columns < TOP_MIN_COLUMNS) {
		put_too_small(rows, columns);
	} else {
		now__lock(n);
		err = top_page__make(&t->page, n, clock__boot_ns(), &t->choice, rows - FOOT_ROWS, columns);
		now__unlock(n);
		put_page(t, message);
	}
	wnoutrefresh(stdscr);
	doupdate();
	return err;
}
