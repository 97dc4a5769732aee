// A table of which only the rows in sight are in the document: sorted, filtered, copied.
import { h, replace, announce, safe } from "./dom.js";
import { count, plural } from "./text.js";
import * as state from "./state.js";

const ROW = 29, MAX_PX = 8e6, SPARE = 12, PRINTED = 300, SEEN = 14;

// Nothing of a cell is a formula to a spreadsheet, or another cell.
function tsvCell(text)
{
	const s = safe(String(text ?? "")).replace(/[\t\r\n]/g, " ");

	return /^[=+\-@]/.test(s) ? "'" + s : s;
}

/*
 * columns: [{ key, name, text(row), value(row), render(row), num, wide, meaning }]: text is what is
 * searched and copied, value what is sorted by (text, when there is none), render a node (text).
 * rows: an array of anything. find(query): the rows that match; by text, when there is none.
 */
export class Table {
	constructor({ id, label, columns, rows, sort, find, empty, onselect, hint })
	{
		Object.assign(this, { id, label, columns, all: rows, find, onselect });
		this.shown = rows;
		this.order = sort || null;
		this.empty = empty || "nothing";
		this.input = h("input", { type: "search", placeholder: hint || "filter", "aria-label": "filter " + label,
			spellcheck: "false", oninput: () => this.later() });
		this.total = h("span.total", { role: "status" });
		this.copy = h("button", { type: "button", onclick: () => this.copyAll() }, "copy as TSV");
		this.head = h("tr");
		this.body = h("tbody");
		this.box = h("div.scroll", { tabindex: "0", role: "region", "aria-label": label, onscroll: () => this.draw() },
			h("table", { "aria-label": label }, h("thead", null, this.head), this.body));
		this.element = h("div.table", { "data-table": id },
			h("div.bar", null, this.input, this.total, this.copy), this.box);
		this.input.value = state.get("q." + id);
		this.listener = v => { this.input.value = v; this.apply(); };
		state.on("q." + id, this.listener);
		const [key, down] = state.get("o." + id).split(".");
		if (columns.some(c => c.key === key))
			this.order = { key, down: down === "down" };
		this.drawHead();
		this.apply();
	}

	setRows(rows)
	{
		this.all = rows;
		this.apply();
	}

	query(text)
	{
		this.input.value = text;
		state.set("q." + this.id, text, this.listener);
		this.apply();
	}

	later()
	{
		clearTimeout(this.timer);
		this.timer = setTimeout(() => this.query(this.input.value), this.all.length > 20000 ? 200 : 30);
	}

	textOf(row)
	{
		return this.columns.map(c => c.text(row) ?? "").join("\t").toLowerCase();
	}

	apply()
	{
		const q = this.input.value.trim();
		const parts = q.toLowerCase().split(/\s+/);

		this.shown = !q ? this.all : this.find ? this.find(q) :
			this.all.filter(r => { const t = this.textOf(r); return parts.every(p => t.includes(p)); });
		this.sortRows();
		this.total.textContent = this.shown.length === this.all.length ? plural(this.all.length, "row") :
			count(this.shown.length) + " of " + plural(this.all.length, "row");
		this.box.scrollTop = 0;
		this.draw(true);
	}

	sortRows()
	{
		const column = this.order && this.columns.find(c => c.key === this.order.key);

		if (!column)
			return;
		const value = column.value || column.text, sign = this.order.down ? -1 : 1;
		const keyed = Array.from(this.shown, (row, i) => [value(row), i, row]);
		keyed.sort(([a, i], [b, j]) => {
			const x = a ?? (typeof b === "number" ? -Infinity : ""), y = b ?? (typeof a === "number" ? -Infinity : "");
			return (x < y ? -1 : x > y ? 1 : 0) * sign || i - j;
		});
		this.shown = keyed.map(k => k[2]);
	}

	drawHead()
	{
		replace(this.head, this.columns.map(c => {
			const mine = this.order && this.order.key === c.key;
			return h("th" + (c.num ? ".num" : "") + (c.wide ? ".wide" : ""), { scope: "col",
				"aria-sort": mine ? (this.order.down ? "descending" : "ascending") : "none" },
				h("button", { type: "button", title: c.meaning, onclick: () => this.sortBy(c) }, c.name,
					h("span.mark", { "aria-hidden": "true" }, mine ? (this.order.down ? " ▾" : " ▴") : "")));
		}));
	}

	sortBy(c)
	{
		const mine = this.order && this.order.key === c.key;

		this.order = { key: c.key, down: mine ? !this.order.down : !!c.num };
		state.set("o." + this.id, this.order.key + (this.order.down ? ".down" : ""));
		this.drawHead();
		this.apply();
		this.head.children[this.columns.indexOf(c)].firstChild.focus();
		announce("sorted by " + c.name);
	}

	// Beyond what a browser can scroll, a pixel is more than one row.
	draw(fresh)
	{
		const n = this.shown.length, height = Math.min(n * ROW, MAX_PX);
		const view = Math.ceil((this.box.clientHeight || SEEN * ROW) / ROW);
		const top = n * ROW <= MAX_PX ? Math.floor(this.box.scrollTop / ROW) :
			Math.floor(this.box.scrollTop / (MAX_PX - view * ROW || 1) * (n - view));
		const from = Math.max(0, Math.min(top, n - view) - SPARE), to = Math.min(n, from + view + 2 * SPARE);

		if (!fresh && this.from === from && this.to === to)
			return;
		this.from = from;
		this.to = to;
		const above = n * ROW <= MAX_PX ? from * ROW : Math.max(0, this.box.scrollTop - SPARE * ROW);
		this.fill(from, to, above, Math.max(0, height - above - (to - from) * ROW));
		this.body.parentNode.setAttribute("aria-rowcount", n + 1);
	}

	fill(from, to, above, below)
	{
		const space = px => {
			const cell = h("td", { colspan: this.columns.length });
			cell.style.height = px + "px";
			return px > 0 && h("tr.space", { "aria-hidden": "true" }, cell);
		};

		if (!this.shown.length) {
			replace(this.body, h("tr", null, h("td.none", { colspan: this.columns.length },
				this.all.length ? "no row matches" : this.empty)));
			return;
		}
		replace(this.body, space(above), Array.from({ length: to - from }, (_, i) => this.row(from + i)), space(below));
	}

	row(i)
	{
		const row = this.shown[i];
		const select = this.onselect && (() => this.onselect(row));

		return h("tr" + (select ? ".link" : ""), { "aria-rowindex": i + 2, onclick: select,
			tabindex: select ? "0" : null, onkeydown: select && (e => { if (e.key === "Enter") select(); }) },
			this.columns.map(c => h("td" + (c.num ? ".num" : "") + (c.wide ? ".wide" : ""),
				c.render ? null : { title: c.num ? null : c.text(row) }, c.render ? c.render(row) : c.text(row))));
	}

	print(on)
	{
		if (on)
			this.fill(0, Math.min(PRINTED, this.shown.length), 0, 0);
		else
			this.draw(true);
	}

	async copyAll()
	{
		const lines = [this.columns.map(c => c.name).join("\t")];

		for (const row of this.shown)
			lines.push(this.columns.map(c => tsvCell(c.text(row))).join("\t"));
		const text = lines.join("\n") + "\n";
		try {
			await navigator.clipboard.writeText(text);
		} catch {
			const area = h("textarea", { "aria-label": "copied text" });
			area.value = text;
			document.body.append(area);
			area.select();
			document.execCommand("copy");
			area.remove();
		}
		this.copied = text;
		announce(plural(this.shown.length, "row") + " copied");
		this.copy.textContent = "copied";
		setTimeout(() => { this.copy.textContent = "copy as TSV"; }, 1200);
	}
}
