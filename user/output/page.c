/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Text in columns: headings, fields and wrapped words. */
#include "output/page.h"
#include "output/text.h"

void page__heading(struct page *p, const char *text)
{
	str__addc(p->out, '\n');
	text__tone(p->out, p->color, TONE_STRONG, text);
	str__addc(p->out, '\n');
}

/* Bytes of the next piece that stays in one: a word, or of a list that no line would hold an item. */
static size_t piece_len(const struct page *p, size_t indent, const char *text, bool in_list)
{
	size_t n = strcspn(text, " "), item = strcspn(text, " ,");
	__free_str struct str word = {};

	str__add(&word, text, n);
	in_list |= indent + text__width(word.s ?: "") > page__width(p);
	return text[item] == ',' && in_list ? item + 1 : n;
}

void page__wrap(struct page *p, size_t indent, size_t column, const char *text)
{
	bool glued = true, in_list = false;	/* glued: no blank before it */

	while (*text) {
		size_t n = piece_len(p, indent, text, in_list);
		__free_str struct str word = {};

		str__add(&word, text, n);
		if (column > indent && column + !glued + text__width(word.s ?: "") > page__width(p)) {
			str__addf(p->out, "\n%*s", (int)indent, "");
			column = indent;
		} else if (!glued) {
			str__addc(p->out, ' ');
			column++;
		}
		str__adds(p->out, word.s ?: "");
		column += text__width(word.s ?: "");
		glued = in_list = text[n] && text[n] != ' ';
		text += n + strspn(text + n, " ");
	}
	str__addc(p->out, '\n');
}

void page__paragraph(struct page *p, size_t indent, enum tone tone, const char *text)
{
	__free_str struct str lines = {};
	struct page inner = { .out = &lines, .width = p->width };

	if (!*text)
		return;
	page__wrap(&inner, indent, indent, text);
	str__cut(&lines, lines.len ? lines.len - 1 : 0);	/* without the end of the last line */
	str__addf(p->out, "%*s", (int)indent, "");
	text__tone(p->out, p->color, tone, lines.s ?: "");
	str__addc(p->out, '\n');
}

void page__more(struct page *p, uint64_t n, uint64_t shown, const char *what)
{
	if (n > shown)
		str__addf(p->out, "  and %llu more%s (--json has all)\n", (unsigned long long)(n - shown), what);
}

void page__field(struct page *p, const char *name, const char *text)
{
	str__addf(p->out, "  %-11s ", name);
	page__wrap(p, 14, 14, text);
}

void page__field_str(struct page *p, const char *name, struct str *text)
{
	page__field(p, name, text->s ?: "");
	str__cut(text, 0);
}

const char *page__role(enum tool_role role)
{
	return role == TOOL_UNKNOWN ? "other programs" : tool_role__name(role);
}
