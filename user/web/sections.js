// The tables: settings, toolchains, modules, files, processes, events.
import { h, badge, path } from "./dom.js";
import { count, duration, time, bytes, command } from "./text.js";
import { Table } from "./table.js";
import { rows as eventRows, word } from "./query.js";
import { endOf, hasFailed } from "./timeline.js";

const text = (key, name, object, more) => ({ key, name, object, text: r => r[key] ?? "", ...more });
const number = (key, name, object, more) => ({ key, name, object, num: true, value: r => r[key] ?? -1,
	text: r => (r[key] === undefined ? "" : count(r[key])), ...more });
const link = (label, fn) => h("button.inline", { type: "button", onclick: e => { e.stopPropagation(); fn(); } }, label);

// Columns know what they are about; what that means, the answers' own tables say.
function table(page, options)
{
	const columns = options.columns.map(c => ({ meaning: page.terms.of(c.object, c.field || c.key), ...c }));
	const t = new Table({ ...options, columns });

	page.tables.set(options.id, t);
	return t.element;
}

function labelOf(page, proc)
{
	const p = page.procs.get(proc);

	return p ? p.label : proc ? "proc " + proc : "";
}

const processLink = (page, proc) => proc ? link(labelOf(page, proc), () => page.show("timeline", null, proc)) : "";

export function settings(page)
{
	const many = page.answers.report.commands.length > 1;
	const rows = page.answers.report.commands.flatMap(c => Object.entries(c.settings || {}).map(([name, s]) => ({ name, c, ...s })));
	const changed = rows.filter(r => r.changed || r.disagrees);
	const box = h("input", { type: "checkbox", id: "all-settings", onchange: () => page.tables.get("settings").setRows(box.checked ? rows : changed) });
	const element = table(page, { id: "settings", label: "settings", rows: changed, empty: "every setting has its default", columns: [
		text("name", "setting", null, { meaning: "a variable of go, or a flag that counted", render: r => h("span.mono", null, r.name) }),
		text("value", "value", "setting", { wide: true, render: r => h("span.mono", { title: r.value }, r.value === "" ? h("i", null, "empty") : r.value) }),
		text("origin", "origin", "setting"),
		{ key: "where", name: "where", object: "setting", field: "path", wide: true, text: r => (r.path ? r.path + (r.line ? ":" + r.line : "") : r.via ? "via " + r.via : ""),
			render: r => (r.path ? [path(r.path), r.line && ":" + r.line] : r.via ? "via " + r.via : "") },
		{ key: "shadowed", name: "hides", object: "setting", wide: true, text: r => (r.shadowed || []).map(s => (s.value || "empty") + " (" + s.origin + ")").join(", ") },
		text("confidence", "sure", "setting"),
		{ key: "proof", name: "proof", object: "setting", text: r => (r.proof || []).map(time).join(", "), render: r => proof(page, r) },
		...(many ? [{ key: "command", name: "command", meaning: "the go command that it counted for", text: r => command(r.c.args), render: r => processLink(page, r.c.proc) }] : []),
	] });
	return [h("label.check", { for: "all-settings" }, box, " those that have their default, too"), element];
}

// The event to look at: the last one, since what comes first is the command's own start.
function proof(page, r)
{
	const ts = (r.proof || [])[r.proof.length - 1], i = ts === undefined ? -1 : page.events.at(ts);

	return i >= 0 ? link(time(ts), () => page.showEvent(i)) : ts === undefined ? "" : time(ts);
}

export function toolchains(page)
{
	const { report } = page.answers;
	const rows = [...report.toolchains, ...report.executables.map(e => ({ ...e, program: true }))];

	return [
		(report.toolchain_switches || []).length > 0 && h("ul.notes", null, report.toolchain_switches.map(s =>
			h("li", null, "The toolchain was switched", s.from && [" from ", h("span.mono", null, s.from)], s.to && [" to ", h("span.mono", null, s.to)],
				s.reason && ": " + s.reason, "."))),
		table(page, { id: "toolchains", label: "toolchains and programs", rows, empty: "no toolchain ran", columns: [
			text("path", "executable", "executable", { wide: true, render: r => path(r.path || "") }),
			text("role", "role", "executable"), text("version", "version", "executable"), text("package", "package", "executable", { wide: true }),
			number("runs", "runs", "executable"), number("probes", "probes", "executable"),
			text("build_id", "build ID", "executable", { wide: true, render: r => h("span.mono", { title: r.build_id }, (r.build_id || "").slice(0, 24)) }) ] }),
	];
}

export function modules(page)
{
	const { report } = page.answers;
	const rows = report.modules.flatMap(set => set.modules.map(m => ({ ...m, go: set.proc, main: set.main })));

	return table(page, { id: "modules", label: "modules", rows, empty: "no module was read", columns: [
		text("path", "module", "module", { wide: true, render: r => h("span.mono", null, r.path) }), text("version", "version", "module"),
		text("origin", "origin", "module"), text("dir", "folder", "module", { wide: true, render: r => (r.dir ? path(r.dir) : "") }),
		number("reads", "files read", "module", { render: r => (r.dir ? link(count(r.reads ?? 0), () => page.show("files", r.dir + "/")) : count(r.reads ?? 0)) }),
		text("confidence", "sure", "module"),
		{ key: "go", name: "command", meaning: "the go command that read them", text: r => labelOf(page, r.go), render: r => processLink(page, r.go) } ] });
}

export function tests(page)
{
	const { tests: t } = page.answers.report;
	const rows = [...(t.runs || []).map(r => ({ ...r, how: "ran" })), ...(t.cached || []).map(r => ({ ...r, how: "cached" }))];

	return rows.length > 0 && table(page, { id: "tests", label: "tests", rows, columns: [
		text("package", "package", "test_run", { wide: true, render: r => h("span.mono", null, r.package || "") }),
		text("how", "how", null, { meaning: "it ran, or its result was in the cache", render: r => badge(r.how === "cached" ? "good" : "miss", r.how) }),
		{ key: "reason", name: "why it ran", object: "test_reason", wide: true, text: r => (r.reasons || []).map(x => x.reason + (x.subject ? " " + x.subject : "")).join(", ") },
		{ key: "inputs", name: "inputs", num: true, meaning: "files and variables that the test asked for", value: r => (r.inputs || []).length, text: r => (r.inputs ? count(r.inputs.length + (r.omitted || 0)) : "") },
		{ key: "proc", name: "process", object: "test_run", text: r => labelOf(page, r.proc), render: r => processLink(page, r.proc) } ] });
}

export function ladders(page)
{
	return table(page, { id: "ladders", label: "look-ups", rows: page.answers.report.ladders, empty: "nothing was looked for", columns: [
		text("purpose", "looked for", "ladder", { render: r => [r.purpose, r.key && h("span.mono", null, " " + r.key)] }),
		{ key: "won", name: "found", object: "ladder", wide: true, text: r => r.won || "nothing",
			render: r => (r.won ? link(r.won, () => page.show("events", word("path", r.won))) : badge("miss", "nothing")) },
		{ key: "tries", name: "tried", object: "ladder", num: true, value: r => r.tries.length, text: r => count(r.tries.length + (r.omitted || 0)),
			render: r => { const i = r.tries.length ? page.events.at(r.tries[0].ts) : -1; const n = count(r.tries.length + (r.omitted || 0)); return i >= 0 ? link(n, () => page.showEvent(i)) : n; } },
		{ key: "shadowed", name: "hides", object: "ladder", wide: true, text: r => (r.shadowed || []).map(s => s.path || s).join(", ") },
		{ key: "surprise", name: "surprise", object: "ladder", text: r => (r.surprise === "none" ? "" : r.surprise || "") },
		text("confidence", "sure", "ladder"),
		{ key: "proc", name: "process", object: "ladder", text: r => labelOf(page, r.proc), render: r => processLink(page, r.proc) } ] });
}

// How each path was accessed: counted over the events that the page has.
function countFiles(e)
{
	const all = new Uint32Array(e.pathCount), bad = all.slice(), absent = all.slice(), written = all.slice(), first = new Int32Array(e.pathCount).fill(-1);
	const isAccess = e.kinds.map(k => ["open", "stat", "access", "readlink", "mkdir", "unlink", "rename", "link", "symlink", "truncate", "utimes", "chmod", "chdir"].includes(k));
	const rows = [];

	for (let i = 0; i < e.n; i++) {
		const id = e.path[i];
		if (!id || !isAccess[e.kind[i]])
			continue;
		if (first[id] < 0)
			first[id] = i;
		all[id]++;
		bad[id] += e.outcome[i] === e.FAILED;
		absent[id] += e.outcome[i] === e.ABSENT;
		written[id] += e.outcome[i] === e.WRITTEN;
	}
	for (let id = 1; id < e.pathCount; id++)
		if (all[id])
			rows.push({ id, all: all[id], bad: bad[id], absent: absent[id], written: written[id], first: first[id] });
	return rows;
}

export function files(page)
{
	const e = page.events, rows = countFiles(e);
	const of = (key, name, what, outcome) => ({ key, name, num: true, meaning: what, value: r => r[key], text: r => (r[key] ? count(r[key]) : ""),
		render: r => r[key] > 0 && link(count(r[key]), () => page.show("events", word("path", e.pathText(r.id)) + (outcome ? " outcome:" + outcome : ""))) });

	return table(page, { id: "files", label: "files", rows, sort: { key: "all", down: true }, empty: "no path was accessed",
		find: q => { const parts = q.split(/\s+/).map(p => e.pathsWith(p)); return rows.filter(r => parts.every(p => p[r.id])); },
		columns: [
			{ key: "path", name: "path", meaning: "the path, absolute", wide: true, text: r => e.pathText(r.id), value: r => r.id, render: r => path(e.pathText(r.id)) },
			{ key: "area", name: "what it is", meaning: "what a path is to a build", text: r => e.areas[e.area[r.first]] },
			of("all", "accesses", "how often it was looked at, opened or changed"), of("absent", "not there", "it was not there", "absent"),
			of("bad", "failed", "it was refused, or failed otherwise", "failed"), of("written", "written", "opened to be written, or changed", "written"),
			{ key: "first", name: "first", num: true, meaning: "when that was first", value: r => e.time[r.first], text: r => time(e.time[r.first]), render: r => link(time(e.time[r.first]), () => page.showEvent(r.first)) },
		] });
}

export function processes(page)
{
	const rows = page.answers.processes.map(p => ({ ...p, duration: p.finish !== undefined && p.start !== undefined ? p.finish - p.start : undefined }));

	return table(page, { id: "processes", label: "processes", rows, hint: "filter: a word, or proc:12", find: q => {
		const m = /^proc:([\d,]+)$/.exec(q), procs = m && new Set(m[1].split(",").map(Number));
		const parts = q.toLowerCase().split(/\s+/);
		return rows.filter(r => procs ? procs.has(r.proc) : parts.every(p => (r.label + " " + r.pid + " " + r.role + " " + (r.package || "") + " " + endOf(r) + " " + r.args.join(" ")).toLowerCase().includes(p)));
	}, columns: [
		text("label", "process", "process_row", { render: r => link(r.label, () => page.show("timeline", null, r.proc)) }),
		number("pid", "pid", "process_row", { text: r => String(r.pid) }), text("role", "role", "process_row"),
		text("package", "package", "process_row", { wide: true, render: r => h("span.mono", null, r.package || "") }),
		number("start", "start", "process_row", { text: r => time(r.start) }),
		{ key: "duration", name: "ran", num: true, meaning: "from its start to its end", value: r => r.duration ?? -1, text: r => duration(r.duration) },
		{ key: "end", name: "end", object: "process_row", text: endOf, render: r => (hasFailed(r) ? badge("bad", endOf(r)) : endOf(r)) },
		number("accesses", "accesses", "process_row", { render: r => (r.accesses > 0 ? link(count(r.accesses), () => page.show("events", "proc:" + r.proc)) : "0") }),
		number("failed", "failed", "process_row", { render: r => (r.failed > 0 ? link(count(r.failed), () => page.show("events", "proc:" + r.proc + " err:E")) : "0") }),
		{ key: "args", name: "arguments", object: "process_row", wide: true, text: r => command(r.args), render: r => h("span.mono", { title: command(r.args).slice(0, 2000) }, command(r.args).slice(0, 300)) },
	] });
}

export function events(page)
{
	const e = page.events, all = eventRows(e, "");
	const outcome = i => e.errors[e.error[i]] || e.outcomes[e.outcome[i]];

	return [
		e.mergedRows > 0 && h("p.doubt", null, "There were more events than a page can show: the oldest are put together, " +
			count([...e.merged.values()].reduce((a, b) => a + b, 0) || e.mergedRows) + " of them in " + count(e.mergedRows) + " rows without paths. The record has each of them."),
		table(page, { id: "events", label: "events", rows: all, find: q => eventRows(e, q), empty: "no event is in the record",
			hint: "filter: a part of a path, proc:12, kind:open, outcome:failed, err:EACCES, area:source", onselect: i => page.showEvent(i, true), columns: [
				{ key: "time", name: "time", num: true, meaning: "since the start of the record", value: i => i, text: i => time(e.time[i]) },
				{ key: "process", name: "process", meaning: "who did it", text: i => labelOf(page, e.proc[i]), value: i => e.proc[i] },
				{ key: "kind", name: "what", meaning: "kind of the record's line: open, stat, exec …", text: i => e.kinds[e.kind[i]] },
				{ key: "outcome", name: "outcome", meaning: "absent: there is no such path; else the error, or what was done", text: outcome, render: i => badge(e.tone(i), outcome(i) + (e.merged.has(i) ? " ×" + count(e.merged.get(i)) : "")) },
				{ key: "area", name: "what it is", meaning: "what a path is to a build", text: i => e.areas[e.area[i]] },
				{ key: "path", name: "path", meaning: "the path, absolute", wide: true, value: i => e.path[i], text: i => e.pathText(e.path[i]) + (e.second.has(i) ? " → " + e.pathText(e.second.get(i)) : ""),
					render: i => [path(e.pathText(e.path[i])), e.second.has(i) && [" → ", path(e.pathText(e.second.get(i)))]] },
			] }),
	];
}

export { table, text, number, link, processLink, labelOf, bytes };
