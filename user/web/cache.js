// The build cache: what became of each package, and where the time went.
import { hierarchy, treemap } from "d3-hierarchy";
import { bin, max } from "d3-array";
import { scaleLog } from "d3-scale";
import { h, badge, safe } from "./dom.js";
import { count, plural, duration, time, bytes, share } from "./text.js";
import { table, text, link, processLink, labelOf } from "./sections.js";

const SVG = "http://www.w3.org/2000/svg";
const TONE = { hit: "good", "up-to-date": "good", goroot: "good", miss: "miss", built: "miss", asked: "miss", unseen: "miss", broken: "bad", put: "written" };
export const toneOf = outcome => TONE[outcome] || "plain";

function svg(tag, attributes, ...children)
{
	const el = document.createElementNS(SVG, tag);

	for (const [k, v] of Object.entries(attributes))
		el.setAttribute(k, v);
	el.append(...children.filter(Boolean));
	return el;
}

function packagesOf(page)
{
	const before = new Map();

	for (const c of (page.old ? page.old.commands : []))
		for (const p of (c.cache ? c.cache.packages : []))
			if (p.path)
				before.set(p.path, p);
	return page.answers.report.commands.flatMap(c => (c.cache ? c.cache.packages : []).map(p => ({ ...p, go: c.proc, before: before.get(p.path) })));
}

// One bar for each kind of entry: how its look-ups ended.
function bars(page)
{
	const kinds = new Map();

	for (const c of page.answers.report.commands)
		for (const [kind, k] of Object.entries(c.cache ? c.cache.lookups.kinds : {}))
			for (const [outcome, n] of Object.entries(k.outcomes || k)) {
				const row = kinds.get(kind) || new Map();
				row.set(outcome, (row.get(outcome) || 0) + n);
				kinds.set(kind, row);
			}
	if (!kinds.size)
		return null;
	return h("div.bars", { role: "list", "aria-label": "look-ups by kind and outcome" }, [...kinds].map(([kind, row]) => {
		const all = [...row.values()].reduce((a, b) => a + b, 0);
		const picture = svg("svg", { viewBox: "0 0 1000 10", preserveAspectRatio: "none", class: "stack", "aria-hidden": "true" });
		let at = 0;
		for (const [outcome, n] of [...row].sort((a, b) => toneOf(a[0]) < toneOf(b[0]) ? -1 : 1)) {
			picture.append(svg("rect", { x: at, y: 0, width: Math.max(2, n / all * 1000 - 1), height: 10, class: "fill-" + toneOf(outcome) }));
			at += n / all * 1000;
		}
		return h("div.bar-row", { role: "listitem" }, h("span.bar-name", null, kind), picture,
			h("span.bar-text", null, [...row].map(([o, n]) => count(n) + " " + o).join(", ")));
	}));
}

function tree(rows)
{
	const root = { name: "", children: new Map() };

	for (const r of rows) {
		let at = root;
		const parts = r.path.split("/");
		parts.forEach((part, i) => {
			let next = at.children.get(part);
			if (!next)
				at.children.set(part, next = { name: part, children: new Map() });
			at = next;
			if (i === parts.length - 1) {
				at.own = (at.own || 0) + r.compile_ns;
				at.row = r;
			}
		});
	}
	return root;
}

function map(page, rows)
{
	const timed = rows.filter(r => r.path && r.compile_ns > 0), W = 1000, H = 360;

	if (timed.length < 2)
		return null;
	const root = hierarchy(tree(timed), d => [...d.children.values(), ...(d.own && d.children.size ? [{ name: "", own: d.own, row: d.row, children: new Map() }] : [])])
		.sum(d => (d.children.size ? 0 : d.own || 0)).sort((a, b) => b.value - a.value);
	treemap().size([W, H]).paddingInner(1).paddingTop(d => (d.depth === 1 && d.children && d.value > root.value / 40 ? 15 : 0)).round(true)(root);
	const picture = svg("svg", { viewBox: `0 0 ${W} ${H}`, class: "treemap", role: "img", "aria-label": "time of each package's tools; the table has the same" });
	for (const n of root.descendants()) {
		const w = n.x1 - n.x0, tall = n.y1 - n.y0;
		if (w < 1 || tall < 1)
			continue;
		const fits = (s, px) => (px < 26 ? "" : s.length * 6.2 < px - 6 ? s : s.slice(0, Math.max(0, Math.floor((px - 12) / 6.2))) + "…");
		if (n.depth === 1 && n.children && n.value > root.value / 40) {
			const t = svg("text", { x: n.x0 + 3, y: n.y0 + 11, class: "group" });
			t.textContent = safe(fits(n.data.name, w));
			picture.append(t);
		}
		if (n.children || !n.data.row)
			continue;
		const r = n.data.row, title = svg("title", {});
		title.textContent = safe(r.path + ": " + duration(r.compile_ns) + ", " + r.outcome);
		const g = svg("g", {}, title, svg("rect", { x: n.x0, y: n.y0, width: w, height: tall, class: "fill-" + toneOf(r.outcome) }));
		if (w > 34 && tall > 14) {
			const t = svg("text", { x: n.x0 + 3, y: n.y0 + 11 });
			t.textContent = safe(fits(r.path.slice(r.path.lastIndexOf("/") + 1), w));
			g.append(t);
		}
		if (r.tool) {
			g.addEventListener("click", () => page.show("timeline", null, r.tool));
			g.setAttribute("class", "link");
		}
		picture.append(g);
	}
	return h("figure", null, h("figcaption", null, "Time of each package's tools, grouped by the first word of the path"), picture);
}

function histogram(rows)
{
	const times = rows.map(r => r.compile_ns).filter(t => t > 0), W = 1000, H = 120;

	if (times.length < 8)
		return null;
	const x = scaleLog().domain([Math.min(...times), Math.max(...times) * 1.01]).range([0, W]);
	const edges = Array.from({ length: 23 }, (_, i) => x.invert((i + 1) * W / 24));
	const bins = bin().domain(x.domain()).thresholds(edges)(times), most = max(bins, b => b.length);
	const picture = svg("svg", { viewBox: `0 0 ${W} ${H + 18}`, class: "histogram", role: "img",
		"aria-label": "how long packages took: " + bins.filter(b => b.length).map(b => duration(b.x0) + ": " + b.length).join(", ") });
	for (const b of bins) {
		if (!b.length)
			continue;
		const tall = b.length / most * H, title = svg("title", {});
		title.textContent = safe(duration(b.x0) + " to " + duration(b.x1) + ": " + plural(b.length, "package"));
		picture.append(svg("g", {}, title, svg("rect", { x: x(b.x0) + 1, y: H - tall, width: Math.max(1, x(b.x1) - x(b.x0) - 2), height: tall, class: "fill-miss" })));
	}
	for (let i = 0; i <= 6; i++) {
		const t = svg("text", { x: Math.min(W - 2, i * W / 6), y: H + 14, class: "tick", "text-anchor": i === 0 ? "start" : i === 6 ? "end" : "middle" });
		t.textContent = safe(duration(Math.round(x.invert(i * W / 6))));
		picture.append(t);
	}
	return h("figure", null, h("figcaption", null, "How long packages took (logarithmic)"), picture);
}

export function cache(page)
{
	const rows = packagesOf(page), many = page.answers.report.commands.filter(c => c.cache).length > 1;
	const sums = page.answers.report.cache;

	if (!rows.length)
		return h("p.none", null, "No build cache was used.");
	return [
		sums && sums.hit + sums.made > 0 && h("p", null, plural(sums.hit, "package") + " from the cache (" + share(sums.hit, sums.hit + sums.made) + "), " + count(sums.made) + " made",
			sums.spent_ns > 0 && " in " + duration(sums.spent_ns) + " of tools", sums.saved_ns > 0 && ", " + duration(sums.saved_ns) + " saved", "."),
		bars(page), map(page, rows), histogram(rows),
		table(page, { id: "packages", label: "packages", rows, sort: { key: "compile_ns", down: true }, columns: [
			text("path", "package", "package", { wide: true, render: r => h("span.mono", { title: r.path }, r.path || "not known") }),
			{ key: "outcome", name: "cache", object: "package", text: r => r.outcome, render: r => badge(toneOf(r.outcome), r.outcome) },
			{ key: "compile_ns", name: "time", object: "package", num: true, value: r => r.compile_ns ?? -1, text: r => duration(r.compile_ns),
				render: r => (r.tool ? link(duration(r.compile_ns) || "–", () => page.show("timeline", null, r.tool)) : duration(r.compile_ns)) },
			...(page.old ? [{ key: "before", name: "before", meaning: "outcome in the baseline", text: r => (r.before ? r.before.outcome : "not there"), render: r => (r.before ? badge(toneOf(r.before.outcome), r.before.outcome) : "not there") },
				{ key: "before_ns", name: "time before", meaning: "time in the baseline", num: true, value: r => (r.before && r.before.compile_ns) ?? -1, text: r => (r.before ? duration(r.before.compile_ns) : "") }] : []),
			text("reason", "why", "package", { wide: true }),
			{ key: "bytes", name: "size", object: "package", num: true, value: r => r.bytes ?? -1, text: r => bytes(r.bytes) },
			text("confidence", "sure", "package"),
			{ key: "action", name: "entry", object: "package", text: r => r.action || "", render: r => (r.action ? link(r.action.slice(0, 12), () => page.show("events", r.action.slice(0, 64))) : "") },
			{ key: "ts", name: "looked up", num: true, object: "package", value: r => r.ts, text: r => time(r.ts),
				render: r => { const i = page.events.at(r.ts); const t = (r.ts / 1e9).toFixed(3) + " s"; return i >= 0 ? link(t, () => page.showEvent(i)) : t; } },
			...(many ? [{ key: "go", name: "command", meaning: "the go command that asked", text: r => labelOf(page, r.go), render: r => processLink(page, r.go) }] : []),
		] }),
	];
}
