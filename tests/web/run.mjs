#!/usr/bin/env node
// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
// The review page in a browser: tests/web/run.sh has what this needs, and calls it.
//
//   run.mjs FOLDER GOENVBPF [NAME…]	records and pages in FOLDER; tests with NAME in their name
//
// Prints a line for each test and closes with "N passed, N failed, N skipped".
import { execFileSync, spawn } from "node:child_process";
import { readFileSync, readdirSync, writeFileSync, existsSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { strict as assert } from "node:assert";

const require = createRequire(process.env.GOENVBPF_NODE_MODULES + "/x.js");
const { chromium } = require("playwright-core");
const AXE = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
const [,, dir, tool, ...names] = process.argv;
const tests = [], LONG = process.env.GOENVBPF_LONG === "1";
// What a slow machine may take, so that only what is wrong by far is found here: tests/web/bench.mjs measures.
const PATIENCE = 4;

const test = (name, fn) => tests.push({ name, fn });
const path = name => `${dir}/${name}`;
const json = (...args) => JSON.parse(execFileSync(tool, args, { maxBuffer: 1 << 30, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }));

function records()
{
	return ["cold", "warm", "fail", "test", "commands", "empty", "hostile", "cut"].filter(n => existsSync(path(n + ".jsonl")));
}

function page(name, ...args)
{
	const out = path(name + (args.length ? "-with-baseline" : "") + ".html");

	execFileSync(tool, ["export", path(name + ".jsonl"), "--format", "html", "-o", out, "--force", ...args]);
	return out;
}

async function open(browser, file, { hash = "", width = 1280, height = 900, scheme = "light", init } = {})
{
	const context = await browser.newContext({ viewport: { width, height }, colorScheme: scheme });
	const p = await context.newPage(), said = [];

	p.on("console", m => ["error", "warning"].includes(m.type()) && said.push(m.text()));
	p.on("pageerror", e => said.push(e.stack));
	if (init)
		await p.addInitScript(init);
	await p.goto("file://" + file + (hash && "#" + hash));
	await p.waitForFunction(() => document.documentElement.dataset.ready, null, { timeout: 20000 * PATIENCE });
	p.said = said;
	return p;
}

const close = p => p.context().close();
const settle = p => p.evaluate(() => new Promise(r => requestAnimationFrame(() => requestAnimationFrame(r))));
const state = p => p.evaluate(() => new Promise(r => setTimeout(() => r(location.hash), 250)));
const domain = p => p.evaluate(() => window.goenvbpf.timeline.x.domain());

for (const name of ["cold", "warm", "fail", "test", "commands", "empty", "hostile", "cut"])
	test("renders " + name, async browser => {
		assert.ok(existsSync(path(name + ".jsonl")), "no record " + name);
		const p = await open(browser, page(name));

		await p.evaluate(() => window.goenvbpf.fillAll());
		const empty = await p.$$eval("section", all => all.filter(s => !s.querySelector(".body").textContent.trim() && !s.querySelector("canvas")).map(s => s.id));
		assert.deepEqual(empty, [], "sections without content");
		assert.ok(await p.evaluate(() => document.documentElement.scrollWidth <= innerWidth), "the page scrolls sideways");
		assert.deepEqual(p.said, []);
		await close(p);
	});

test("the same numbers as the report", async browser => {
	const report = json("report", "--json", path("test.jsonl")), p = await open(browser, page("test"));
	const text = await p.textContent(".verdict"), plain = await p.evaluate(() => window.goenvbpf.answers.report);

	assert.ok(text.includes(`${report.cache.hit} of ${report.cache.hit + report.cache.made}`), text);
	for (const key of ["complete", "lost", "cache", "findings", "modules", "tests", "failed", "events"])
		assert.deepEqual(plain[key], report[key], key);
	assert.equal(await p.evaluate(() => window.goenvbpf.answers.processes.filter(x => x.program).length), report.events.exec);
	await close(p);
});

for (const [name, options] of [["light", {}], ["dark", { scheme: "dark" }], ["narrow", { width: 320, height: 700 }], ["wide", { width: 3840, height: 2160 }]])
	test("accessible and in bounds, " + name, async browser => {
		for (const record of ["fail", "warm"]) {
			const p = await open(browser, page(record, ...(record === "warm" ? ["--baseline", path("cold.jsonl")] : [])), options);

			await p.evaluate(() => window.goenvbpf.fillAll());
			await p.evaluate(AXE);
			const found = await p.evaluate(() => window.axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"] }));
			assert.deepEqual(found.violations.map(v => v.id + ": " + v.nodes[0].html.slice(0, 200) + " " + v.nodes[0].failureSummary), []);
			assert.ok(await p.evaluate(() => document.documentElement.scrollWidth <= innerWidth), "the page scrolls sideways");
			assert.deepEqual(p.said, []);
			await close(p);
		}
	});

test("zoom by wheel, drag and keys; the place is in the fragment", async browser => {
	const file = page("test"), p = await open(browser, file, { hash: "s=timeline" });
	const box = await (await p.waitForSelector("canvas.lanes")).boundingBox();
	const all = await domain(p), x = box.x + box.width * 0.7, y = box.y + 60;

	await p.mouse.move(x, y);
	await p.mouse.wheel(0, -600);
	await settle(p);
	const near = await domain(p);
	assert.ok(near[1] - near[0] < (all[1] - all[0]) * 0.8, "the wheel did not zoom");
	await p.mouse.down();
	await p.mouse.move(x - 150, y, { steps: 5 });
	await p.mouse.up();
	const moved = await domain(p);
	assert.ok(moved[0] > near[0], "a drag did not move");
	await p.focus("canvas.lanes");
	for (const [key, check] of [["w", (a, b) => b[1] - b[0] < a[1] - a[0]], ["s", (a, b) => b[1] - b[0] > a[1] - a[0]], ["a", (a, b) => b[0] < a[0]],
		["d", (a, b) => b[0] > a[0]], ["+", (a, b) => b[1] - b[0] < a[1] - a[0]], ["-", (a, b) => b[1] - b[0] > a[1] - a[0]], ["ArrowLeft", (a, b) => b[0] < a[0]], ["0", (a, b) => Math.abs(b[1] - b[0] - (all[1] - all[0])) < 1]]) {
		const before = await domain(p);
		await p.keyboard.press(key);
		await settle(p);
		assert.ok(check(before, await domain(p)), key);
	}
	await p.evaluate(() => window.goenvbpf.timeline.showTimes(1e8, 3e8));
	await p.keyboard.press("ArrowDown");
	const hash = await state(p);
	assert.match(hash, /t=\d+-\d+/);
	assert.match(hash, /p=\d+/);
	const again = await open(browser, file, { hash: hash.slice(1) });
	await settle(again);
	const there = await domain(again), here = await domain(p);
	assert.ok(Math.abs(there[0] - here[0]) < 1e4 && Math.abs(there[1] - here[1]) < 1e4, `${there} is not ${here}`);
	assert.equal(await again.textContent(".details h3"), await p.textContent(".details h3"));
	assert.deepEqual([...p.said, ...again.said], []);
	await close(p);
	await close(again);
});

test("the overview's brush", async browser => {
	const p = await open(browser, page("test"), { hash: "s=timeline" });
	const box = await (await p.waitForSelector("canvas.overview")).boundingBox(), all = await domain(p);

	await p.mouse.move(box.x + box.width * 0.5, box.y + 20);
	await p.mouse.down();
	await p.mouse.move(box.x + box.width * 0.6, box.y + 20, { steps: 6 });
	await p.mouse.up();
	const [a, b] = await domain(p);
	assert.ok(b - a < (all[1] - all[0]) * 0.2 && b - a > (all[1] - all[0]) * 0.05, `${a} to ${b}`);
	await close(p);
});

test("a tree of many processes: packed, each alone, hidden, pinned", async browser => {
	const p = await open(browser, page("commands"), { hash: "s=timeline" });
	const lanes = () => p.evaluate(() => window.goenvbpf.timeline.lanes.lanes.length);

	assert.equal(await lanes(), 2100);
	await p.evaluate(() => window.goenvbpf.show("timeline", null, 4));
	await p.focus("canvas.lanes");
	await p.keyboard.press("Enter");
	const fewer = await lanes();
	assert.equal(fewer, 2098, "its two tools were not hidden");
	await p.keyboard.press("p");
	assert.equal(await p.evaluate(() => window.goenvbpf.timeline.lanes.lanes[0].nodes[0].proc), 4);
	const cold = await open(browser, page("cold"), { hash: "s=timeline" });
	const packed = await cold.evaluate(() => { const t = window.goenvbpf.timeline; return [t.lanes.lanes.length, t.lanes.nodes.length]; });
	assert.ok(packed[0] < packed[1] / 4, `${packed[0]} lanes for ${packed[1]} processes`);
	assert.ok(await cold.evaluate(() => { const t = window.goenvbpf.timeline; return t.lanes.lanes.filter(l => l.packed).every(l => {
		const own = l.nodes.filter(n => n.parent === l.owner); return own.every((n, i) => !i || n.start >= own[i - 1].end); }); }), "spans of a lane overlap");
	await close(p);
	await close(cold);
});

test("marks and filters find what the record has", async browser => {
	const lines = readFileSync(path("fail.jsonl"), "utf8").split("\n").filter(Boolean).map(l => JSON.parse(l));
	const p = await open(browser, page("fail"), { hash: "s=events" });
	const ask = async q => { await p.evaluate(q => window.goenvbpf.show("events", q), q); return p.textContent('[data-table="events"] .total'); };
	const number = text => Number(text.split(" ")[0].replaceAll(",", ""));
	const accesses = lines.filter(l => l.ts !== undefined && !["header", "end"].includes(l.k));

	assert.equal(number(await ask("")), accesses.length);
	assert.equal(number(await ask("err:ENOENT")), accesses.filter(l => l.err === "ENOENT").length);
	assert.equal(number(await ask("kind:stat outcome:absent")), accesses.filter(l => l.k === "stat" && ["ENOENT", "ENOTDIR"].includes(l.err)).length);
	assert.equal(number(await ask("GO.MOD kind:open")), accesses.filter(l => l.k === "open" && (l.path || "").toLowerCase().includes("go.mod")).length);
	await ask("no-such-path-anywhere");
	assert.match(await p.textContent('[data-table="events"] tbody'), /no row matches/);
	await p.fill('.timeline input[type=search]', "go.mod");
	await p.waitForFunction(() => / marked/.test(document.querySelector(".timeline .total").textContent));
	assert.ok(number(await p.textContent(".timeline .total")) > 0);
	assert.deepEqual(p.said, []);
	await close(p);
});

test("from a finding and a failure to the event that shows it", async browser => {
	const file = page("fail"), p = await open(browser, file), report = json("report", "--json", path("fail.jsonl"));
	const shown = [...report.failed.flatMap(f => (f.why ? f.why.proof : [])), ...report.findings.flatMap(f => f.proof)];

	assert.ok(shown.length > 0, "the record has no proof");
	await p.click(".card .proof button");
	const i = await p.evaluate(() => window.goenvbpf.timeline.event);
	assert.ok(shown.includes(await p.evaluate(i => window.goenvbpf.events.time[i], i)), "another event");
	assert.match(await state(p), new RegExp("e=" + (i + 1)));
	const again = await open(browser, file, { hash: (await state(p)).slice(1) });
	assert.equal(await again.evaluate(() => window.goenvbpf.timeline.event), i);
	const names = await p.$$eval("#findings .card details summary", all => all.map(s => s.textContent));
	assert.ok(report.findings.every(f => names.includes("the rule: " + f.rule)), "a finding without its rule");
	await close(p);
	await close(again);
});

test("why it failed, in the words of the report", async browser => {
	const p = await open(browser, page("fail")), text = await p.textContent("#findings");

	for (const f of json("report", "--json", path("fail.jsonl")).failed)
		assert.ok(text.includes(f.program) && (!f.why || text.includes(f.why.detail)), f.program);
	assert.match(await p.textContent("h1"), /failed, exit 1/);
	await close(p);
});

test("a baseline: causes, settings, columns beside each other", async browser => {
	const answer = json("diff", "--json", path("cold.jsonl"), path("test.jsonl"));
	const p = await open(browser, page("test", "--baseline", path("cold.jsonl"))), text = await p.textContent("#rebuilt");

	assert.ok(answer.causes.length > 0);
	for (const c of answer.causes)
		assert.ok(text.includes(c.kind) && text.includes(c.detail), c.kind);
	await p.evaluate(() => window.goenvbpf.show("cache"));
	const heads = await p.$$eval('[data-table="packages"] th', all => all.map(t => t.textContent.replace(/ [▾▴]/, "")));
	assert.ok(heads.includes("before") && heads.includes("time before"), String(heads));
	assert.deepEqual(p.said, []);
	await close(p);
});

test("tables: sorted, filtered, copied", async browser => {
	const p = await open(browser, page("cold"), { hash: "s=cache" });
	const table = '[data-table="packages"]';
	const report = json("report", "--json", path("cold.jsonl")), packages = report.commands.flatMap(c => (c.cache ? c.cache.packages : []));
	const slowest = packages.filter(x => x.compile_ns).sort((a, b) => b.compile_ns - a.compile_ns)[0];
	const first = () => p.textContent(table + " tbody tr:not(.space) td");

	assert.equal(await first(), slowest.path);
	await p.click(table + " th:first-child button");
	assert.equal(await first(), packages.map(x => x.path || "").sort()[0] || "not known");
	assert.equal(await p.getAttribute(table + " th:first-child", "aria-sort"), "ascending");
	await p.fill(table + " input", "internal/abi");
	await p.waitForFunction(t => / of /.test(document.querySelector(t + " .total").textContent), table);
	const rows = await p.$$eval(table + " tbody tr td:first-child", all => all.map(t => t.textContent));
	assert.ok(rows.length && rows.every(r => r.includes("internal/abi")), String(rows));
	await p.click(table + " .bar button");
	const tsv = await p.evaluate(() => window.goenvbpf.tables.get("packages").copied);
	assert.equal(tsv.trim().split("\n").length, rows.length + 1);
	await close(p);
});

test("every column says what it means", async browser => {
	const p = await open(browser, page("test"));

	await p.evaluate(() => window.goenvbpf.fillAll());
	assert.deepEqual(await p.evaluate(() => [...window.goenvbpf.tables].flatMap(([id, t]) => t.columns.filter(c => !c.meaning).map(c => id + "." + c.key))), []);
	await p.click("#cache .about");
	assert.match(await p.textContent("#cache .about-text"), /build cache/);
	await close(p);
});

test("a large table is scrolled to its end", async browser => {
	const p = await open(browser, page("cold"), { hash: "s=events" });

	await p.waitForSelector('[data-table="events"] .scroll');
	await p.evaluate(() => { const b = document.querySelector('[data-table="events"] .scroll'); b.scrollTop = b.scrollHeight; });
	await settle(p);
	const [shown, last] = await p.evaluate(() => { const t = window.goenvbpf.tables.get("events"); const rows = document.querySelectorAll('[data-table="events"] tbody tr:not(.space)');
		return [rows[rows.length - 1].getAttribute("aria-rowindex"), t.shown.length + 1]; });
	assert.equal(Number(shown), last);
	assert.ok(await p.evaluate(() => document.querySelectorAll('[data-table="events"] tr').length < 120), "all rows are in the document");
	await close(p);
});

test("doubts come first: cut, and lossy", async browser => {
	for (const [name, word] of [["cut", /cut short/], ["hostile", /lost/]]) {
		const p = await open(browser, page(name));
		assert.match(await p.textContent(".verdict .doubt"), word);
		await close(p);
	}
});

test("hostile names do nothing", async browser => {
	const p = await open(browser, page("hostile"));

	await p.evaluate(() => window.goenvbpf.fillAll());
	await p.waitForTimeout(200);
	assert.equal(await p.evaluate(() => window.pwned), undefined);
	assert.equal(await p.evaluate(() => ({}).polluted ?? Object.keys(Object.prototype).length), 0);
	assert.equal(await p.$$eval("#app script, #app img, #app iframe, #app style, #app [onerror]", all => all.length), 0);
	const text = await p.evaluate(() => document.body.innerText);
	assert.ok(!/[\u202e\u200b\u001b]/.test(text), "what is not seen is there");
	assert.ok(text.includes("a\\u{202e}txt.exe"), "an escape is not shown");
	assert.ok(text.includes("日本語/中文/Grüße"));
	for (const t of ["files", "processes", "events"]) {
		await p.evaluate(t => window.goenvbpf.tables.get(t).copyAll(), t);
		const cells = (await p.evaluate(t => window.goenvbpf.tables.get(t).copied, t)).split("\n").flatMap(l => l.split("\t"));
		assert.deepEqual(cells.filter(c => /^[=+\-@]/.test(c)), [], "formulas");
	}
	assert.deepEqual(p.said, []);
	await close(p);
});

test("nothing but the page's own script runs", async browser => {
	const file = page("warm"), html = readFileSync(file, "utf8"), bad = path("injected.html");
	const policy = /Content-Security-Policy" content="([^"]*)"/.exec(html)[1];

	assert.match(policy, /default-src 'none'/);
	assert.ok(!policy.includes("unsafe"), policy);
	assert.ok(!/<[^>]* on\w+=/.test(html.replace(/<script[\s\S]*?<\/script>/g, "")), "a handler in the markup");
	assert.equal(html.match(/<script>/g).length, 1);
	writeFileSync(bad, html.replace("</body>", "<script>window.pwned = 1</script><img src=x onerror='window.pwned=2'></body>"));
	const p = await open(browser, bad);
	assert.equal(await p.evaluate(() => window.pwned), undefined);
	const asked = [];
	p.on("request", r => asked.push(r.url()));
	await p.evaluate(() => fetch("https://example.org/").catch(() => {}));
	assert.deepEqual(asked.filter(u => !u.startsWith("file:")), []);
	await close(p);
});

test("without a mouse", async browser => {
	const p = await open(browser, page("warm"));

	await p.keyboard.press("Tab");
	assert.match(await p.evaluate(() => document.activeElement.textContent), /findings/);
	for (let i = 0; i < 60 && await p.evaluate(() => document.activeElement.tagName !== "CANVAS"); i++)
		await p.keyboard.press("Tab");
	assert.equal(await p.evaluate(() => document.activeElement.tagName), "CANVAS");
	await p.keyboard.press("ArrowDown");
	assert.match(await p.textContent(".details h3"), /go/);
	await p.keyboard.press("Tab");
	await close(p);
});

test("on paper", async browser => {
	const p = await open(browser, page("warm"));

	await p.emulateMedia({ media: "print" });
	const pdf = await p.pdf();
	assert.ok(pdf.length > 20000);
	assert.ok(!await p.isVisible("nav"));
	await close(p);
});

test("a page is there whole or not at all", async () => {
	const out = path("stopped.html"), child = spawn(tool, ["export", path("million.jsonl"), "--format", "html", "-o", out], { stdio: "ignore" });

	await new Promise(r => setTimeout(r, 500));
	child.kill("SIGINT");
	const signal = await new Promise(r => child.on("exit", (code, sig) => r(sig || code)));
	assert.ok(signal === "SIGINT" || signal === 1, "ended with " + signal);
	assert.deepEqual(readdirSync(dir).filter(n => n.startsWith("stopped")), []);
	writeFileSync(out, "mine");
	assert.throws(() => execFileSync(tool, ["export", path("warm.jsonl"), "--format", "html", "-o", out], { stdio: "ignore" }));
	assert.equal(readFileSync(out, "utf8"), "mine");
	assert.equal(statSync(page("warm")).mode & 0o777, 0o600);
});

test("bundled the same each time", async () => {
	const twice = [page("warm"), page("warm")].map(f => readFileSync(f, "utf8"));

	assert.equal(twice[0], twice[1]);
});

for (const [name, most] of [["million", 40e6], ["random", 40e6]])
	test("1,000,000 events, " + name, async browser => {
		if (name === "random" && !LONG)
			return;
		const file = page(name), p = await open(browser, file, { hash: "s=timeline" });

		assert.ok(statSync(file).size < most, statSync(file).size + " bytes");
		assert.equal(await p.evaluate(() => window.goenvbpf.events.n), await p.evaluate(() => window.goenvbpf.tables.size >= 0 && window.goenvbpf.events.time.length));
		const ready = Number(await p.evaluate(() => document.documentElement.dataset.ready));
		assert.ok(ready < 5000 * PATIENCE, ready + " ms to the first frame");
		assert.equal(await p.evaluate(() => window.goenvbpf.show("events", "err:EACCES") || window.goenvbpf.tables.get("events").shown.length > 0), true);
		assert.deepEqual(p.said, []);
		await close(p);
	});

test("more events than a page shows", async browser => {
	const p = await open(browser, page("many"), { hash: "s=events" });
	const [rows, all] = await p.evaluate(() => { const e = window.goenvbpf.events; let n = e.n; for (const c of e.merged.values()) n += c - 1; return [e.n, n]; });

	assert.ok(rows <= 1000000, rows + " rows");
	assert.equal(all, readFileSync(path("many.jsonl"), "utf8").split('"ts":').length - 1);
	assert.match(await p.textContent("#events .doubt"), /put together/);
	await close(p);
});

const browser = await chromium.launch({ executablePath: process.env.CHROMIUM || "/usr/bin/chromium", args: ["--no-sandbox"] });
let passed = 0, failed = 0;

for (const { name, fn } of tests) {
	if (names.length && !names.some(n => name.includes(n)))
		continue;
	const start = Date.now();
	try {
		await fn(browser);
		passed++;
		console.log(`ok   ${name} (${((Date.now() - start) / 1000).toFixed(1)} s)`);
	} catch (e) {
		failed++;
		console.log(`FAIL ${name} (${((Date.now() - start) / 1000).toFixed(1)} s)\n     ${String(e.message).slice(0, 1500).replaceAll("\n", "\n     ")}`);
		if (!e.code)
			console.log(e.stack);
	}
}
await browser.close();
console.log(`${passed} passed, ${failed} failed, 0 skipped`);
process.exit(failed ? 1 : 0);
