#!/usr/bin/env node
// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
// What a page of many events costs: bench.mjs PAGE…, with GOENVBPF_NODE_MODULES and CHROMIUM as run.sh sets them.
// Prints for each, medians of three: bytes, ms to the first frame, ms of drawing and between frames while it is moved.
import { createRequire } from "node:module";
import { statSync } from "node:fs";

const { chromium } = createRequire(process.env.GOENVBPF_NODE_MODULES + "/x.js")("playwright-core");
const middle = a => a.sort((x, y) => x - y)[a.length >> 1];
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM || "/usr/bin/chromium", args: ["--no-sandbox"] });

console.log("page                      MB  first frame ms  draw ms p50  p95  frame ms p50  p95  heap MB");
for (const file of process.argv.slice(2)) {
	const first = [], rows = [];
	for (let i = 0; i < 3; i++) {
		const p = await browser.newPage({ viewport: { width: 1600, height: 1000 } });
		await p.goto("file://" + file + "#s=timeline");
		await p.waitForFunction(() => document.documentElement.dataset.ready, null, { timeout: 120000 });
		first.push(Number(await p.evaluate(() => document.documentElement.dataset.ready)));
		rows.push(await p.evaluate(() => new Promise(done => {
			const t = window.goenvbpf.timeline, draws = [], gaps = [];
			let n = 0, last = 0;
			t.showTimes(t.end * 0.1, t.end * 0.4);
			requestAnimationFrame(function step(now) {
				if (last) {
					gaps.push(now - last);
					draws.push(t.drawMs);
				}
				last = now;
				const a = t.end * (0.1 + 0.4 * (n % 120) / 120), k = n < 120 ? 0.3 : n < 240 ? 0.02 : 0.9;
				t.showTimes(Math.min(a, t.end * (1 - k)), Math.min(a, t.end * (1 - k)) + t.end * k);
				if (++n < 300)
					requestAnimationFrame(step);
				else
					done({ draws, gaps, heap: performance.memory ? performance.memory.usedJSHeapSize / 1e6 : 0 });
			});
		})));
		await p.close();
	}
	const of = (key, q) => middle(rows.map(r => r[key].sort((x, y) => x - y)[Math.floor(r[key].length * q)])).toFixed(1);
	console.log(file.split("/").pop().padEnd(24), (statSync(file).size / 1e6).toFixed(1).padStart(5), String(Math.round(middle(first))).padStart(15),
		of("draws", 0.5).padStart(12), of("draws", 0.95).padStart(4), of("gaps", 0.5).padStart(13), of("gaps", 0.95).padStart(4), middle(rows.map(r => r.heap)).toFixed(0).padStart(8));
}
await browser.close();
