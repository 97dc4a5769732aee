// The timeline: lanes of the process tree on a canvas, of which only what is in sight is drawn.
import { scaleLinear } from "d3-scale";
import { zoom, zoomIdentity } from "d3-zoom";
import { select, event as d3event } from "d3-selection";
import { h, replace, announce, safe } from "./dom.js";
import { count, duration, time, command } from "./text.js";
import { Lanes } from "./lanes.js";
import { matcher } from "./query.js";
import * as state from "./state.js";

const LANE = 26, RULER = 24, OVERVIEW = 44, MIN_SPAN_NS = 1000;
const TONES = ["plain", "good", "written", "miss", "bad"];	// what is drawn last is seen

function colors(el)
{
	const style = getComputedStyle(el);
	const of = name => style.getPropertyValue("--" + name).trim();

	return Object.fromEntries(["plain", "good", "written", "miss", "bad", "selected", "text", "dim", "line", "panel",
		"span", "span-text", "critical", "found"].map(n => [n, of(n)]));
}

export class Timeline {
	constructor({ answers, events, show })
	{
		const run = answers.report.record;

		Object.assign(this, { answers, events, show });
		this.end = Math.max(run.duration_ns || 0, events.n ? events.time[events.n - 1] : 0, 1);
		this.lanes = new Lanes(answers.processes, this.end);
		this.procs = new Map(answers.processes.map(p => [p.proc, p]));
		this.critical = new Set((answers.critical || []).map(s => s.proc));
		this.x0 = scaleLinear().domain([0, this.end]);
		this.x = this.x0.copy();
		this.areas = new Set();	// hidden ones
		this.build();
		this.sortEvents();
		this.restore();
	}

	build()
	{
		this.canvas = h("canvas.lanes", { tabindex: "0", role: "application", "aria-label":
			"timeline: arrow keys move, plus and minus zoom, Enter opens what is selected; the tables below have the same", onkeydown: e => this.key(e) });
		this.overview = h("canvas.overview", { "aria-hidden": "true" });
		this.spacer = h("div.spacer");
		this.scroller = h("div.lanes-scroll", { tabindex: "-1", onscroll: () => this.later() }, this.canvas, this.spacer);
		this.tip = h("div.tip", { role: "status", hidden: true });
		this.details = h("div.details", { "aria-live": "polite" });
		this.search = h("input", { type: "search", placeholder: "mark events: a part of a path, err:EACCES, kind:exec",
			"aria-label": "mark events in lanes", spellcheck: "false", oninput: () => this.searchLater() });
		this.found = h("span.total", { role: "status" });
		const button = (text, label, fn) => h("button", { type: "button", "aria-label": label, title: label, onclick: fn }, text);
		const order = h("select", { "aria-label": "order of lanes", onchange: () => {
			this.lanes.order = order.value;
			this.relayout();
		} }, ["start", "duration", "failures"].map(o => h("option", { value: o }, "by " + o)));
		this.chips = h("div.chips", { role: "group", "aria-label": "kinds of paths" }, this.events.areas.map((a, i) =>
			h("button.chip", { type: "button", "aria-pressed": "true", onclick: e => this.toggleArea(i, e.currentTarget) }, a)));
		this.element = h("div.timeline", null,
			h("div.bar", null, this.search, this.found, order,
				button("+", "zoom in", () => this.zoomBy(2)), button("−", "zoom out", () => this.zoomBy(0.5)),
				button("all", "show all", () => this.showAll()),
				this.pinButton = button("pin", "pin the selected lane to the top", () => this.pin())),
			this.chips, this.legend(), this.overview, this.scroller, this.tip, this.details);
		this.zoom = zoom().scaleExtent([1, Math.max(1, this.end / MIN_SPAN_NS)]).on("zoom", ev => this.zoomed(d3event || ev));
		this.selection = select(this.canvas);
		this.selection.call(this.zoom).on("dblclick.zoom", null);
		this.canvas.addEventListener("click", e => this.click(e));
		this.canvas.addEventListener("mousemove", e => this.hover(e));
		this.canvas.addEventListener("mouseleave", () => { this.tip.hidden = true; });
		this.brush();
		new ResizeObserver(() => this.resize()).observe(this.scroller);
		matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => { this.palette = null; this.later(); });
		this.lastY = 0;
	}

	legend()
	{
		const word = (tone, text) => h("span.key", null, h("i.swatch." + tone), text);

		return h("div.legend", null, word("good", "found in the cache"), word("miss", "not there"), word("bad", "failed, lost, unseen"),
			word("written", "written"), word("plain", "other"), word("critical", "what the build waited for (likely)"));
	}

	// --- events by lane ---

	sortEvents()
	{
		const { events: e, lanes } = this, n = e.n, laneCount = lanes.lanes.length;
		const laneOfProc = new Map();
		const lane = new Int32Array(n), from = new Uint32Array(laneCount + 2);

		for (const [proc, node] of lanes.byProc)
			laneOfProc.set(proc, lanes.laneOf.get(node) ?? -1);
		for (let i = 0, last = 0, at = -1; i < n; i++) {
			if (e.proc[i] !== last || !i) {
				last = e.proc[i];
				at = laneOfProc.get(last) ?? -1;
			}
			lane[i] = this.areas.has(e.area[i]) ? -1 : at;
			if (lane[i] >= 0)
				from[lane[i] + 1]++;
		}
		for (let l = 0; l < laneCount; l++)
			from[l + 1] += from[l];
		const next = from.slice();
		this.sorted = new Uint32Array(from[laneCount]);
		for (let i = 0; i < n; i++)
			if (lane[i] >= 0)
				this.sorted[next[lane[i]]++] = i;
		this.from = from;
		this.times = new Float64Array(this.sorted.length);
		this.tones = new Uint8Array(this.sorted.length);
		// how many of a tone, or a stronger one, came before: a pixel's colour is one subtraction
		this.sums = TONES.map(() => new Uint32Array(this.sorted.length + 1));
		for (let k = 0; k < this.sorted.length; k++) {
			const tone = TONES.indexOf(e.tone(this.sorted[k]));
			this.times[k] = e.time[this.sorted[k]];
			this.tones[k] = tone;
			for (let t = 0; t < TONES.length; t++)
				this.sums[t][k + 1] = this.sums[t][k] + (t === tone);
		}
		this.markFound();
	}

	markFound()
	{
		const match = this.search.value.trim() && matcher(this.events, this.search.value);

		this.marks = match ? this.sorted.map(i => (match(i) ? 1 : 0)) : null;
		let n = 0;
		if (this.marks)
			for (const m of this.marks)
				n += m;
		this.found.textContent = this.marks ? count(n) + " marked" : "";
		if (this.marks) {
			this.markSums = new Uint32Array(this.sorted.length + 1);
			for (let k = 0; k < this.sorted.length; k++)
				this.markSums[k + 1] = this.markSums[k] + this.marks[k];
		}
		this.later();
	}

	searchLater()
	{
		clearTimeout(this.searchTimer);
		this.searchTimer = setTimeout(() => { state.set("m", this.search.value); this.markFound(); }, 150);
	}

	toggleArea(i, chip)
	{
		if (!this.areas.delete(i))
			this.areas.add(i);
		chip.setAttribute("aria-pressed", String(!this.areas.has(i)));
		this.sortEvents();
	}

	relayout()
	{
		this.lanes.layOut();
		this.sortEvents();
		this.resize();
	}

	// --- moving ---

	resize()
	{
		const w = this.scroller.clientWidth, ratio = devicePixelRatio || 1;

		if (!w)
			return;
		this.width = w;
		this.gutter = w < 560 ? 96 : w < 1000 ? 170 : 250;
		const tall = this.lanes.lanes.length * LANE + RULER;
		this.height = Math.min(tall, Math.max(220, Math.round(innerHeight * 0.6)));
		this.scroller.style.height = this.height + "px";
		this.spacer.style.height = Math.max(0, tall - this.height) + "px";
		for (const [c, cw, ch] of [[this.canvas, w, this.height], [this.overview, w, OVERVIEW]]) {
			c.width = Math.round(cw * ratio);
			c.height = Math.round(ch * ratio);
			c.style.width = cw + "px";
			c.style.height = ch + "px";
		}
		this.x0.range([this.gutter, w - 8]);
		this.zoom.translateExtent([[this.gutter, 0], [w - 8, 1]]).extent([[this.gutter, 0], [w - 8, 1]]);
		this.overviewBars = null;
		if (this.wanted) {
			const [a, b] = this.wanted;
			this.wanted = null;
			this.showTimes(a, b);
		} else {
			this.x = this.transform ? this.transform.rescaleX(this.x0) : this.x0.copy();
		}
		this.later();
	}

	zoomed(ev)
	{
		const source = ev.sourceEvent, t = ev.transform;

		this.transform = t;
		this.x = t.rescaleX(this.x0);
		if (source && (source.type === "mousemove" || source.type === "touchmove") && source.movementY)
			this.scroller.scrollTop -= source.movementY;
		const [a, b] = this.x.domain();
		state.set("t", t.k === 1 ? "" : Math.max(0, Math.round(a)) + "-" + Math.round(b), this.timesListener);
		this.later();
	}

	showTimes(a, b)
	{
		if (!this.width) {
			this.wanted = [a, b];
			return;
		}
		const span = Math.max(b - a, MIN_SPAN_NS), k = Math.min(this.end / span, this.end / MIN_SPAN_NS);

		this.selection.call(this.zoom.transform, zoomIdentity.translate(this.gutter, 0).scale(k)
			.translate(-this.x0(a), 0));
	}

	showAll()
	{
		this.selection.call(this.zoom.transform, zoomIdentity);
	}

	zoomBy(k)
	{
		this.selection.call(this.zoom.scaleBy, k);
	}

	panBy(part)
	{
		const [a, b] = this.x.domain(), d = (b - a) * part;
		const from = Math.max(0, Math.min(a + d, this.end - (b - a)));

		this.showTimes(from, from + (b - a));
	}

	key(e)
	{
		const act = { w: () => this.zoomBy(1.5), s: () => this.zoomBy(1 / 1.5), "+": () => this.zoomBy(2), "=": () => this.zoomBy(2),
			"-": () => this.zoomBy(0.5), "−": () => this.zoomBy(0.5), 0: () => this.showAll(), a: () => this.panBy(-0.2), d: () => this.panBy(0.2),
			ArrowLeft: () => this.panBy(-0.2), ArrowRight: () => this.panBy(0.2), ArrowUp: () => this.step(-1), ArrowDown: () => this.step(1),
			p: () => this.pin(), Enter: () => this.turn(), " ": () => this.turn() }[e.key];

		if (!act || e.ctrlKey || e.metaKey || e.altKey)
			return;
		e.preventDefault();
		act();
	}

	step(by)
	{
		const at = this.chosen ? this.lanes.laneOf.get(this.chosen) : -1;
		const lane = this.lanes.lanes[Math.max(0, Math.min(this.lanes.lanes.length - 1, at + by))];

		this.choose(lane.nodes[0]);
	}

	turn()
	{
		if (!this.chosen)
			return;
		this.lanes.turn(this.chosen.children.length ? this.chosen : this.chosen.parent || this.chosen);
		this.relayout();
	}

	pin()
	{
		if (!this.chosen)
			return;
		if (!this.lanes.pinned.delete(this.chosen))
			this.lanes.pinned.add(this.chosen);
		this.relayout();
	}

	brush()
	{
		let from = null;
		const at = e => {
			const box = this.overview.getBoundingClientRect();
			return Math.max(0, Math.min(this.end, this.x0.invert(e.clientX - box.left)));
		};
		this.overview.addEventListener("pointerdown", e => {
			from = at(e);
			this.overview.setPointerCapture(e.pointerId);
		});
		this.overview.addEventListener("pointermove", e => {
			if (from !== null && Math.abs(at(e) - from) > this.end / this.width * 3)
				this.showTimes(Math.min(from, at(e)), Math.max(from, at(e)));
		});
		this.overview.addEventListener("pointerup", e => {
			const [a, b] = this.x.domain(), t = at(e);
			if (Math.abs(t - from) <= this.end / this.width * 3)
				this.showTimes(Math.max(0, t - (b - a) / 2), Math.max(0, t - (b - a) / 2) + (b - a));
			from = null;
		});
	}

	// --- what is selected ---

	restore()
	{
		this.timesListener = v => {
			const m = /^(\d+)-(\d+)$/.exec(v);
			if (m)
				this.showTimes(+m[1], +m[2]);
		};
		this.search.value = state.get("m");
		if (this.search.value)
			this.markFound();
		this.timesListener(state.get("t"));
		state.on("t", this.timesListener);
		this.eventListener = v => this.showEvent(+v - 1, true);
		this.processListener = v => this.showProcess(+v, true);
		state.on("e", this.eventListener);
		state.on("p", this.processListener);
		const moves = !state.get("t");	// where it was says more than what was selected
		if (state.get("e"))
			this.showEvent(+state.get("e") - 1, moves);
		else if (state.get("p"))
			this.showProcess(+state.get("p"), moves);
	}

	scrollToLane(i)
	{
		const top = i * LANE, view = this.height - RULER;

		if (top < this.scroller.scrollTop || top + LANE > this.scroller.scrollTop + view)
			this.scroller.scrollTop = top - view / 2;
	}

	choose(node, image, quiet)
	{
		this.chosen = node;
		this.event = -1;
		if (!quiet)
			state.set("e", "", this.eventListener);
		state.set("p", (image || node.main).proc, this.processListener);
		this.scrollToLane(this.lanes.laneOf.get(node));
		this.describe(node, image || node.main);
		this.later();
	}

	showProcess(proc, moves)
	{
		const node = this.lanes.byProc.get(proc);

		if (!node)
			return;
		if (this.lanes.laneOf.get(node) === undefined) {
			this.lanes.reveal(node);
			this.relayout();
		}
		if (moves && node.end > node.start) {
			const pad = (node.end - node.start) * 0.15 + 1000;
			this.showTimes(Math.max(0, node.start - pad), Math.min(this.end, node.end + pad));
		}
		this.choose(node, node.images.find(p => p.proc === proc));
	}

	showEvent(i, moves)
	{
		const { events: e } = this;

		if (!(i >= 0 && i < e.n))
			return;
		const node = this.lanes.byProc.get(e.proc[i]), [a, b] = this.x.domain();
		if (node)
			this.choose(node, this.procs.get(e.proc[i]), true);
		this.event = i;
		state.set("e", i + 1, this.eventListener);
		if (moves && (e.time[i] < a || e.time[i] > b || b - a > this.end / 20))
			this.showTimes(Math.max(0, e.time[i] - this.end / 100), Math.min(this.end, e.time[i] + this.end / 100));
		this.later();
	}

	describe(node, p)
	{
		const link = (text, fn) => h("button.inline", { type: "button", onclick: fn }, text);
		const family = node.images.map(i => i.proc).join(",");

		replace(this.details, h("h3", null, p.label + (p.package && !p.label.includes(p.package) ? " " + p.package : "")),
			h("p.mono.wrap", null, command(p.args)),
			h("p", null, "pid " + p.pid, p.start !== undefined && ", from " + time(p.start),
				node.end > node.start && ", ran " + duration(node.end - node.start), ", ", endOf(p), ", ",
				link(count(node.accesses) + " accesses", () => this.show("events", "proc:" + family)), ", ",
				link(count(node.failed) + " failed", () => this.show("events", "proc:" + family + " err:E")), ", ",
				link("in the table of processes", () => this.show("processes", "proc:" + p.proc))));
		announce(p.label);
	}

	// The lane and the time below the pointer.
	below(e)
	{
		const box = this.canvas.getBoundingClientRect(), x = e.clientX - box.left, y = e.clientY - box.top;
		const i = Math.floor((y - RULER + this.scroller.scrollTop) / LANE), lane = y >= RULER && this.lanes.lanes[i];

		return { x, y, lane, i, t: this.x.invert(x), inGutter: x < this.gutter };
	}

	nodeAt(lane, t, slack)
	{
		let best = null;

		for (const n of lane.nodes)
			if (n.start - slack <= t && t <= n.end + slack && (!best || n.end - n.start < best.end - best.start))
				best = n;
		return best;
	}

	// The event of a lane that is nearest to a time.
	eventAt(i, t, slack)
	{
		let lo = this.from[i], hi = this.from[i + 1];

		while (lo < hi) {
			const mid = (lo + hi) >> 1;
			if (this.times[mid] < t)
				lo = mid + 1;
			else
				hi = mid;
		}
		let best = -1;
		for (let k = Math.max(lo - 1, this.from[i]); k < Math.min(lo + 1, this.from[i + 1]); k++)
			if (Math.abs(this.times[k] - t) <= slack && (best < 0 || Math.abs(this.times[k] - t) < Math.abs(this.times[best] - t)))
				best = k;
		return best < 0 ? -1 : this.sorted[best];
	}

	slack()
	{
		const [a, b] = this.x.domain();

		return (b - a) / (this.width - this.gutter) * 4;
	}

	click(e)
	{
		const at = this.below(e);

		if (!at.lane)
			return;
		if (at.inGutter) {
			this.choose(at.lane.packed ? at.lane.owner : at.lane.nodes[0]);
			if (at.x < 14 * (at.lane.depth + 1) + 8 || at.lane.packed)
				this.turn();
			return;
		}
		const event = at.y % LANE > 0 ? this.eventAt(at.i, at.t, this.slack()) : -1;
		const node = this.nodeAt(at.lane, at.t, this.slack());
		if (event >= 0)
			this.showEvent(event);
		else if (node || !at.lane.packed)
			this.choose(node || at.lane.nodes[0]);
	}

	hover(e)
	{
		const at = this.below(e), { events } = this;

		if (!at.lane || at.inGutter || e.buttons) {
			this.tip.hidden = true;
			return;
		}
		const i = this.eventAt(at.i, at.t, this.slack()), node = this.nodeAt(at.lane, at.t, this.slack());
		this.tip.hidden = i < 0 && !node;
		replace(this.tip, node && h("div", null, node.main.label, node.main.package && " " + node.main.package, " ", duration(node.end - node.start)),
			i >= 0 && h("div.mono", null, time(events.time[i]), " ", events.kinds[events.kind[i]], " ",
				events.errors[events.error[i]] || events.outcomes[events.outcome[i]],
				events.merged.has(i) && " ×" + count(events.merged.get(i)), " ", events.pathText(events.path[i])));
		const box = this.element.getBoundingClientRect();
		this.tip.style.left = Math.min(e.clientX - box.left + 12, Math.max(0, box.width - 420)) + "px";
		this.tip.style.top = e.clientY - box.top + 16 + "px";
	}

	// --- drawing ---

	later()
	{
		if (this.frame)
			return;
		this.frame = requestAnimationFrame(() => { this.frame = 0; this.draw(); });
	}

	draw()
	{
		const start = performance.now(), c = this.palette ||= colors(this.element), g = this.canvas.getContext("2d");
		const ratio = devicePixelRatio || 1, { width: w, height } = this;

		if (!w)
			return;
		g.setTransform(ratio, 0, 0, ratio, 0, 0);
		g.clearRect(0, 0, w, height);
		g.font = "12px system-ui, sans-serif";
		g.textBaseline = "middle";
		const top = this.scroller.scrollTop, first = Math.floor(top / LANE);
		const last = Math.min(this.lanes.lanes.length, Math.ceil((top + height - RULER) / LANE));
		for (let i = first; i < last; i++)
			this.drawLane(g, c, i, RULER + i * LANE - top);
		this.drawLosses(g, c);
		this.drawRuler(g, c);
		this.drawOverview(c, ratio);
		this.drawMs = performance.now() - start;
	}

	drawRuler(g, c)
	{
		const [a, b] = this.x.domain(), ticks = this.x.ticks(Math.max(2, Math.floor((this.width - this.gutter) / 110)));
		const digits = Math.max(0, Math.min(9, Math.ceil(-Math.log10((b - a) / 8 / 1e9))));

		g.fillStyle = c.panel;
		g.fillRect(0, 0, this.width, RULER);
		g.fillStyle = c.dim;
		g.strokeStyle = c.line;
		g.textAlign = "left";
		for (const t of ticks) {
			const x = Math.round(this.x(t)) + 0.5;
			g.beginPath();
			g.moveTo(x, 4);
			g.lineTo(x, RULER);
			g.stroke();
			if (x < this.width - 60)
				g.fillText((t / 1e9).toFixed(digits) + " s", x + 4, RULER / 2);
		}
	}

	drawLosses(g, c)
	{
		const report = this.answers.report;

		g.fillStyle = c.bad;
		for (const l of report.losses || []) {
			const a = this.x(l.since ?? l.ts ?? 0), b = this.x(l.ts ?? l.since ?? 0);
			if (b >= this.gutter && a <= this.width) {
				g.globalAlpha = 0.25;
				g.fillRect(Math.max(a, this.gutter), RULER, Math.max(2, b - a), this.height);
				g.globalAlpha = 1;
			}
		}
	}

	drawLane(g, c, i, y)
	{
		const lane = this.lanes.lanes[i], chosen = this.chosen && this.lanes.laneOf.get(this.chosen) === i;

		g.strokeStyle = c.line;
		g.beginPath();
		g.moveTo(0, y + LANE - 0.5);
		g.lineTo(this.width, y + LANE - 0.5);
		g.stroke();
		g.save();
		g.beginPath();
		g.rect(this.gutter, y, this.width - this.gutter, LANE);
		g.clip();
		for (const n of lane.nodes)
			this.drawSpan(g, c, n, y, lane);
		this.drawTicks(g, c, i, y + 17);
		g.restore();
		this.drawName(g, c, lane, y, chosen);
	}

	drawSpan(g, c, n, y, lane)
	{
		if (lane.owner !== n && !(lane.packed && n.parent === lane.owner))
			return;	// it has no lane of its own: its events are here
		const a = Math.max(this.x(n.start), this.gutter - 2), b = Math.min(this.x(n.end), this.width + 2);

		if (b < this.gutter || a > this.width)
			return;
		const failed = hasFailed(n.main);
		g.fillStyle = failed ? c.bad : this.critical.has(n.main.proc) ? c.critical : c.span;
		g.fillRect(a, y + 3, Math.max(1, b - a - 0.5), 12);
		if (n === this.chosen) {
			g.strokeStyle = c.selected;
			g.lineWidth = 2;
			g.strokeRect(a, y + 3, Math.max(2, b - a - 0.5), 12);
			g.lineWidth = 1;
		}
		if (b - a > 46 && (lane.packed || n !== lane.owner)) {
			g.fillStyle = failed || this.critical.has(n.main.proc) ? "#fff" : c["span-text"];
			g.font = "10px system-ui, sans-serif";
			g.fillText(fit(g, (n.main.package || n.main.label), b - a - 8), a + 4, y + 9.5);
			g.font = "12px system-ui, sans-serif";
		}
	}

	// For each pixel the strongest tone of what is in it.
	drawTicks(g, c, i, y)
	{
		const { times, sums } = this, end = this.from[i + 1], [a, b] = this.x.domain();
		const from = this.gutter, px = (b - a) / (this.width - 8 - this.gutter);
		let k = search(times, this.from[i], end, a);

		while (k < end && times[k] <= b) {
			const x = Math.floor((times[k] - a) / px);
			const next = search(times, k, end, a + (x + 1) * px);
			const to = Math.max(next, k + 1);
			let tone = TONES.length - 1;

			while (tone > 0 && sums[tone][to] === sums[tone][k])
				tone--;
			g.fillStyle = c[TONES[tone]];
			g.fillRect(from + x, y, 1.4, 6);
			if (this.marks && this.markSums[to] > this.markSums[k]) {
				g.fillStyle = c.found;
				g.fillRect(from + x - 1, y - 15, 3, 3);
				g.fillRect(from + x, y - 14, 1.4, 22);
			}
			k = to;
		}
		if (this.event >= 0 && this.events.proc[this.event] && this.lanes.laneOf.get(this.lanes.byProc.get(this.events.proc[this.event])) === i) {
			const x = this.x(this.events.time[this.event]);
			g.fillStyle = c.selected;
			g.fillRect(x - 1, y - 16, 2.5, 24);
			g.beginPath();
			g.arc(x, y - 14, 4, 0, 7);
			g.fill();
		}
	}

	drawName(g, c, lane, y, chosen)
	{
		const x = 6 + 14 * Math.min(lane.depth, 6), n = lane.nodes[0], owner = lane.owner;
		const kids = owner.children.length, how = this.lanes.how.get(owner);

		if (chosen) {
			g.fillStyle = c.selected;
			g.fillRect(0, y + 2, 3, LANE - 4);
		}
		g.fillStyle = c.dim;
		g.textAlign = "left";
		if (!lane.packed && kids)
			g.fillText(how === "none" ? "▸" : "▾", x, y + LANE / 2);
		g.fillStyle = lane.packed ? c.dim : c.text;
		const text = lane.packed ? (lane.first ? count(kids) + " processes" : "") :
			n.main.label + (n.main.package && !n.main.label.includes(n.main.package) ? " " + n.main.package : "");
		g.fillText(fit(g, (this.lanes.pinned.has(n) ? "📌 " : "") + text, this.gutter - x - 20), x + 14, y + LANE / 2);
	}

	drawOverview(c, ratio)
	{
		const g = this.overview.getContext("2d"), w = this.width, { events: e } = this;

		if (!this.overviewBars) {
			const bars = new Uint32Array(w), bad = new Uint32Array(w);
			for (let i = 0; i < e.n; i++) {
				const x = Math.min(w - 1, Math.max(0, Math.floor(this.x0(e.time[i]))));
				bars[x] += e.merged.get(i) || 1;
				bad[x] += e.outcome[i] === e.FAILED;
			}
			this.overviewBars = { bars, bad, most: Math.max(1, ...bars) };
		}
		const { bars, bad, most } = this.overviewBars;
		g.setTransform(ratio, 0, 0, ratio, 0, 0);
		g.clearRect(0, 0, w, OVERVIEW);
		for (let x = 0; x < w; x++) {
			if (!bars[x])
				continue;
			const tall = Math.max(1, Math.log1p(bars[x]) / Math.log1p(most) * (OVERVIEW - 6));
			g.fillStyle = bad[x] ? c.bad : c.dim;
			g.fillRect(x, OVERVIEW - tall, 1, tall);
		}
		const [a, b] = this.x.domain().map(t => this.x0(t));
		g.fillStyle = c.selected;
		g.globalAlpha = 0.14;
		g.fillRect(a, 0, b - a, OVERVIEW);
		g.globalAlpha = 1;
		g.strokeStyle = c.selected;
		g.strokeRect(a + 0.5, 0.5, Math.max(2, b - a - 1), OVERVIEW - 1);
	}
}

export function hasFailed(p)
{
	return p.end === "killed" || (p.end === "exited" && p.status > 0);
}

export function endOf(p)
{
	switch (p.end) {
	case "exited":	return "exit " + (p.status ?? 0);
	case "killed":	return "killed by signal " + p.status;
	case "replaced": return "became another program";
	default:	return "no end was seen";
	}
}

function search(times, lo, hi, t)
{
	while (lo < hi) {
		const mid = (lo + hi) >> 1;
		if (times[mid] < t)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

const widths = new Map();

// Of a path the end says most, of anything else the beginning.
function cut(text, n)
{
	return text.includes("/") ? "…" + text.slice(text.length - n) : text.slice(0, n) + "…";
}

function fit(g, text, width)
{
	const key = g.font + Math.floor(width) + text;
	let known = widths.get(key);

	if (known !== undefined)
		return known;
	known = text = safe(text);
	if (g.measureText(text).width > width) {
		let lo = 0, hi = text.length;
		while (lo < hi) {
			const mid = (lo + hi + 1) >> 1;
			if (g.measureText(cut(text, mid)).width <= width)
				lo = mid;
			else
				hi = mid - 1;
		}
		known = lo ? cut(text, lo) : "";
	}
	if (widths.size > 20000)
		widths.clear();
	widths.set(key, known);
	return known;
}
