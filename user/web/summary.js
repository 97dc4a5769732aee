// How it ended, what was found and why it was rebuilt: what a reader meets first.
import { h, badge, path } from "./dom.js";
import { count, plural, duration, time, share, command } from "./text.js";

const TONE_OF = { error: "bad", warning: "miss", note: "plain" };

function outcomeOf(report)
{
	const r = report.record, failed = report.commands.filter(c => c.code > 0 || c.signal);

	if (r.status > 0)
		return ["bad", "failed, exit " + r.status];
	if (failed.length)
		return ["bad", plural(failed.length, "go command") + " failed"];
	if (r.mode === "run" && r.status === undefined)
		return ["miss", "not ended"];
	return ["good", r.mode === "run" ? "ok" : "nothing failed"];
}

// What a reader must know before he believes anything below.
function doubts(report)
{
	const out = [];

	if (report.cut)
		out.push("The record is cut short: it stops without an end. What came later is not known.");
	if (report.lost)
		out.push(plural(report.lost, "event") + " were lost: what is not here may have happened all the same.");
	if (report.bad_lines)
		out.push(plural(report.bad_lines, "line") + " of the record could not be read.");
	for (const b of report.blind)
		out.push((b.exe || "pid " + b.pid) + " could access files unseen, by " + b.what + ".");
	if (report.alive.length)
		out.push(plural(report.alive.length + report.alive_omitted, "process", "processes") + " had not ended when the record did.");
	for (const m of report.record.missing || [])
		out.push("The observer lacked " + m.name + ": " + m.without + ".");
	return out;
}

export function verdict({ answers, terms, show })
{
	const report = answers.report, r = report.record, cache = report.cache;
	const [tone, text] = outcomeOf(report), versions = [...new Set(report.commands.map(c => c.version).filter(Boolean))];
	const findings = ["error", "warning", "note"].map(s => [s, report.findings.filter(f => f.severity === s).length]).filter(x => x[1]);
	const fact = (name, value, meaning, to) => value !== "" && value !== false && value !== undefined && value !== null &&
		h("div.fact", null, h("dt", { title: meaning }, name),
			h("dd", null, to ? h("button.inline", { type: "button", onclick: to }, value) : value));
	const doubt = doubts(report);

	return h("header.verdict", null,
		h("h1", null, badge(tone, text), " ", h("span.mono", { title: r.command.length ? command(r.command) : answers.name }, r.command.length ? command(r.command) : answers.name)),
		doubt.length > 0 && h("div.doubt", { role: "alert" }, h("strong", null, "Not complete. "), doubt.map(d => h("p", null, d))),
		h("dl.facts", null,
			fact("duration", duration(r.duration_ns), terms.of("record", "duration_ns"), () => show("timeline")),
			fact("host", [r.host, r.arch].filter(Boolean).join(", "), terms.of("record", "host")),
			fact("started", (r.start || "").replace("T", " ").replace(/\.\d+/, ""), "UTC"),
			fact("Go", versions.map(v => v.replace(/^go/, "")).join(", "), "version of the go commands", () => show("toolchains")),
			fact("record", report.complete ? "complete" : badge("bad", "not complete"), terms.of("report", "complete") || "all was seen"),
			fact("from the cache", cache && cache.hit + cache.made > 0 &&
				count(cache.hit) + " of " + count(cache.hit + cache.made) + " (" + share(cache.hit, cache.hit + cache.made) + ")",
				"packages that were in the build cache", () => show("cache")),
			fact("compile time spent", cache && cache.spent_ns > 0 && duration(cache.spent_ns), terms.of("cache_total", "spent_ns"), () => show("cache")),
			fact("saved", cache && cache.saved_ns > 0 && duration(cache.saved_ns), terms.of("cache_total", "saved_ns")),
			fact("findings", findings.length ? findings.map(([s, n]) => badge(TONE_OF[s], plural(n, s))) : badge("good", "none"),
				"what is worth to be mended", () => show("findings"))));
}

function proofLinks(events, times, showEvent)
{
	if (!times || !times.length)
		return null;
	return h("span.proof", null, "shown by ", times.slice(0, 8).map(ts => {
		const i = events.at(ts);
		return [i >= 0 ? h("button.inline", { type: "button", onclick: () => showEvent(i) }, time(ts)) : time(ts), " "];
	}), times.length > 8 && "and " + count(times.length - 8) + " more");
}

function finding(f, { answers, events, show, showEvent })
{
	const rule = answers.rules.find(r => r.id === f.rule), by = answers.processes.find(p => p.proc === f.proc);
	const field = (name, value) => value && h("div.field", null, h("dt", null, name), h("dd", null, value));

	return h("article.card." + TONE_OF[f.severity], { id: "finding-" + f.rule },
		h("h3", null, badge(TONE_OF[f.severity], f.severity), " ", f.title, h("span.sure", null, f.confidence)),
		h("dl", null,
			field("what", [h("span.mono.wrap", null, f.subject), f.detail && ": " + f.detail]),
			field("do", f.remedy),
			field("where", by && h("button.inline", { type: "button", onclick: () => show("timeline", null, f.proc) }, by.label,
				f.count > 1 && " and " + plural(f.count - 1, "other command"))),
			field("proof", proofLinks(events, f.proof, showEvent))),
		rule && h("details", null, h("summary", null, "the rule: " + f.rule), h("p", null, rule.why),
			h("p", null, "What to do: ", rule.remedy)));
}

// Which programs failed and why: the deepest ones.
function failures({ answers, events, show, showEvent })
{
	return (answers.report.failed || []).map(f => h("article.card.bad", null,
		h("h3", null, badge("bad", f.signal ? "signal " + f.signal : "exit " + f.code), " ", f.program,
			f.why && h("span.sure", null, f.why.confidence)),
		h("dl", null,
			f.why && h("div.field", null, h("dt", null, "why"), h("dd.wrap", null, f.why.detail)),
			f.package && h("div.field", null, h("dt", null, "package"), h("dd.mono", null, f.package)),
			h("div.field", null, h("dt", null, "look at"), h("dd", null,
				h("button.inline", { type: "button", onclick: () => show("timeline", null, f.proc) }, "the process"), ", ",
				h("button.inline", { type: "button", onclick: () => show("events", "proc:" + f.proc + " outcome:failed") }, "what it was refused"), ", ",
				h("button.inline", { type: "button", onclick: () => show("events", "proc:" + f.proc + " outcome:absent") }, "what it did not find"))),
			f.why && f.why.proof && f.why.proof.length > 0 && h("div.field", null, h("dt", null, "proof"), h("dd", null, proofLinks(events, f.why.proof, showEvent))))));
}

export function findings(page)
{
	const { report } = page.answers, cards = [...failures(page)];

	cards.push(...report.findings.map(f => finding(f, page)));
	return [
		cards.length ? h("div.cards", null, cards) : h("p.none", null, "Nothing was found. " + plural(page.answers.rules.length, "rule") + " were asked."),
		report.not_evaluated.length > 0 && h("details.open", null,
			h("summary", null, plural(report.not_evaluated.length, "rule") + " could not be evaluated"),
			h("ul", null, report.not_evaluated.map(n => h("li", null, h("span.mono", null, n.rule), ": needs ", n.missing)))),
		h("details.open", null, h("summary", null, "all rules"),
			h("dl.rules", null, page.answers.rules.map(r => h("div", null, h("dt", null, h("span.mono", null, r.id), " ", badge(TONE_OF[r.severity], r.severity)),
				h("dd", null, r.title + ". " + r.why + " What to do: " + r.remedy))))),
	];
}

// A small table of what differs; nothing when nothing does.
function changed(title, heads, rows)
{
	return rows.length > 0 && h("div.wide-box", { tabindex: "0", role: "region", "aria-label": title || heads.join(", ") }, h("table.plain", null, title && h("caption", null, title),
		h("thead", null, h("tr", null, heads.map(t => h("th", { scope: "col" }, t)))),
		h("tbody", null, rows.map(r => h("tr", null, r.map((c, i) => (i ? h("td.mono.wrap", null, c) : h("th.mono", { scope: "row" }, c))))))));
}

export function causes({ answers })
{
	const d = answers.diff;

	if (!d)
		return null;
	const packages = d.packages;
	return [
		h("p", null, "Compared with ", h("span.mono", null, answers.baseline), ": " + plural(packages.made, "package") + " built",
			packages.ns > 0 && " in " + duration(packages.ns) + " of tools", ", " + count(packages.hits) + " found in the cache; before, " + count(packages.old_made) + " and " + count(packages.old_hits) + "."),
		d.no_sources && h("p.doubt", null, "A record has no hashes of sources, so that edits are not known."),
		d.causes.length ? h("div.cards", null, d.causes.map(c => h("article.card." + (c.kind === "unknown" ? "plain" : "miss"), null,
			h("h3", null, badge(c.kind === "unknown" ? "plain" : "miss", c.kind), " ", plural(c.packages.length, "package"),
				c.ns > 0 && ", " + duration(c.ns), h("span.sure", null, c.confidence)),
			h("dl", null, h("div.field", null, h("dt", null, c.kind === "unknown" ? "would tell" : "what"), h("dd.wrap", null, c.detail)),
				(c.old || c.new) && h("div.field", null, h("dt", null, "changed"),
					h("dd.mono.wrap", null, h("del", null, c.old || "not set"), " → ", h("ins", null, c.new || "not set"))),
				h("div.field", null, h("dt", null, "first"), h("dd.mono.wrap", null, c.first))),
			c.packages.length > 1 && h("details", null, h("summary", null, "because of it: " + plural(c.packages.length - 1, "more package")),
				h("p.mono.wrap", null, c.packages.filter(p => p !== c.first).join(", ")))))) :
			h("p.none", null, "No package was built again."),
		changed("Settings that differ", ["setting", "before", "now", "origin"], d.settings.map(s =>
			[s.name, s.old ?? "not set", s.new ?? "not set", s.new_origin || s.old_origin || ""])),
		changed("Toolchains that differ", ["tool", "before", "now", "executable"], (d.toolchains || []).map(t =>
			[t.name, t.old || t.old_build_id || "not known", t.new || t.new_build_id || "not known", t.new_path || t.old_path || ""])),
		changed("Modules that differ", ["module", "before", "now"], (d.modules || []).map(m =>
			[m.path, m.old || m.old_origin || "not used", m.new || m.new_origin || "not used"])),
		d.files && d.files.differ.length > 0 && h("details.open", null,
			h("summary", null, plural(d.files.differ.length + (d.files.omitted || 0), "file") + " read by only one of the runs, or changed"),
			changed("", ["change", "file"], d.files.differ.slice(0, 200).map(f => [f.change, f.path])),
			d.files.differ.length > 200 && h("p.dim", null, "The first 200; goenvbpf diff --json has more.")),
	];
}

export { path, proofLinks };
