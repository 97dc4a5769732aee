// The page: reads its data, makes the sections, and leads from one to the other.
import { h, replace, add } from "./dom.js";
import { load } from "./data.js";
import { Timeline } from "./timeline.js";
import { verdict, findings, causes } from "./summary.js";
import { settings, toolchains, modules, tests, ladders, files, processes, events } from "./sections.js";
import { cache } from "./cache.js";
import * as state from "./state.js";

const SECTIONS = [
	["findings", "Findings", findings, "What failed, and what is worth to be mended. Proven: nothing else can be; likely: the record leaves another reading."],
	["rebuilt", "Why it was rebuilt", causes, "What changed since the baseline, and which packages that rebuilt."],
	["timeline", "Timeline", null, "Processes, and what they did with files. A lane is a process; where one started many, their lanes are shared."],
	["settings", "Settings", settings, "The value that counted for each go command, where it came from, and what it hides."],
	["toolchains", "Toolchains", toolchains, "The executables that ran: go, its tools, C compilers, and programs."],
	["cache", "Cache", cache, "What the build cache had, and what had to be made."],
	["modules", "Modules", modules, "Modules whose files were read."],
	["tests", "Tests", tests, "Tests that ran, or whose result was in the cache."],
	["lookups", "Look-ups", ladders, "Places that were tried one after the other, and what was found."],
	["files", "Files", files, "Every path that was accessed."],
	["processes", "Processes", processes, "Every program that ran."],
	["events", "Events", events, "Everything that was seen, in the order of time."],
];

class Page {
	constructor(data)
	{
		Object.assign(this, data);
		this.tables = new Map();
		this.procs = new Map(this.answers.processes.map(p => [p.proc, p]));
		this.show = this.show.bind(this);
		this.showEvent = this.showEvent.bind(this);
		this.made = new Map();
	}

	build(app)
	{
		this.nav = h("nav", { "aria-label": "sections" });
		this.main = h("main", { id: "main", tabindex: "-1" });
		for (const [id, title, make, about] of SECTIONS) {
			if (id === "rebuilt" && !this.answers.diff)
				continue;
			if (id === "tests" && !(this.answers.report.tests.runs || []).length && !(this.answers.report.tests.cached || []).length)
				continue;
			const body = h("div.body");
			const section = h("section", { id, "aria-labelledby": "h-" + id }, h("h2", { id: "h-" + id }, title, " ",
				h("button.about", { type: "button", "aria-label": "what is this? " + about, title: about, "aria-expanded": "false",
					onclick: e => this.about(e.currentTarget, section, about) }, "?")), body);
			this.main.append(section);
			add(this.nav, h("a", { href: "#s=" + id, onclick: e => { e.preventDefault(); this.show(id); } }, title));
			this.made.set(id, { section, body, make, done: false });
		}
		replace(app, h("a.skip", { href: "#main", onclick: e => { e.preventDefault(); this.main.querySelector("h2").scrollIntoView(); } }, "to the findings"),
			verdict(this), this.nav, this.main,
			h("footer", null, "Made by goenvbpf " + this.answers.version + " from ", h("span.mono", null, this.answers.name), ". Times are since the start of the record. ",
				"It holds what the record holds; secrets were left out when it was written."));
		this.timeline = new Timeline(this);
		this.fill("timeline");
		// What is first in sight comes first; the rest when it is about to be seen, or asked for.
		this.fill("findings");
		this.fill("rebuilt");
		this.watch();
		state.on("s", s => s && this.goTo(s));
		if (state.get("s"))
			requestAnimationFrame(() => this.goTo(state.get("s")));
		addEventListener("beforeprint", () => { this.fillAll(); this.tables.forEach(t => t.print(true)); });
		addEventListener("afterprint", () => this.tables.forEach(t => t.print(false)));
	}

	fill(id)
	{
		const part = this.made.get(id);

		if (!part || part.done)
			return;
		part.done = true;
		replace(part.body, id === "timeline" ? this.timeline.element : part.make(this));
		part.section.dataset.ready = "1";
		if (id === "timeline")
			this.timeline.resize();
	}

	fillAll()
	{
		for (const id of this.made.keys())
			this.fill(id);
	}

	about(button, section, text)
	{
		const known = section.querySelector(".about-text");

		button.setAttribute("aria-expanded", String(!known));
		if (known)
			known.remove();
		else
			section.querySelector("h2").after(h("p.about-text", null, text));
	}

	watch()
	{
		const near = new IntersectionObserver(seen => seen.filter(s => s.isIntersecting).forEach(s => this.fill(s.target.id)), { rootMargin: "600px" });
		const here = new IntersectionObserver(seen => seen.forEach(s => {
			const link = [...this.nav.children].find(a => a.getAttribute("href") === "#s=" + s.target.id);
			if (s.isIntersecting)
				link.setAttribute("aria-current", "true");
			else
				link.removeAttribute("aria-current");
		}), { rootMargin: "-10% 0px -70% 0px" });

		for (const { section } of this.made.values()) {
			near.observe(section);
			here.observe(section);
		}
	}

	goTo(id)
	{
		if (!this.made.has(id))
			return;
		this.fill(id);
		this.made.get(id).section.scrollIntoView({ block: "start" });
	}

	// query: of the section's table; proc: to be selected in the timeline
	show(id, query, proc)
	{
		this.fill(id);
		if (query !== undefined && query !== null)
			(this.tables.get(id) || { query() {} }).query(query);
		state.set("s", id);
		this.goTo(id);
		if (proc)
			this.timeline.showProcess(proc, true);
	}

	showEvent(i, stays)
	{
		this.timeline.showEvent(i, true);
		if (!stays)
			this.show("timeline");
	}
}

async function start()
{
	const app = document.getElementById("app");

	try {
		const page = new Page(await load());
		page.build(app);
		requestAnimationFrame(() => requestAnimationFrame(() => {
			document.documentElement.dataset.ready = String(Math.round(performance.now()));
		}));
		window.goenvbpf = page;
	} catch (e) {
		replace(app, h("p.alone", { role: "alert" }, "The page cannot be shown: " + e.message));
		throw e;
	}
}

start();
