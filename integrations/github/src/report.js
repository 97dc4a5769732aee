// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
// What becomes of a record: summary, annotations, artifact, verdict.
import * as core from "@actions/core";
import { DefaultArtifactClient } from "@actions/artifact";
import fs from "node:fs";
import path from "node:path";
import { run } from "./observe.js";

// GitHub shows no more of one step, and of one file no more than this.
const MOST_ANNOTATIONS = 10, SUMMARY_MAX = 1 << 20;

async function exported(given, session, format, file, ...more) {
	const to = path.join(session.dir, file);
	const done = await run(given.program, ["export", session.record, "--format", format, "-o", to, ...more]);
	if (done.status)
		throw new Error(done.stderr.trim());
	return to;
}

function baseline(given) {
	return given.baseline ? ["--baseline", given.baseline] : [];
}

async function summarize(given, session) {
	const text = fs.readFileSync(await exported(given, session, "summary", "summary.md", ...baseline(given)), "utf8");
	const file = process.env.GITHUB_STEP_SUMMARY;
	const there = file && fs.existsSync(file) ? fs.statSync(file).size : 0;
	if (there + Buffer.byteLength(text) > SUMMARY_MAX)
		return core.warning("the summary has no room beside what is there already", { title: "goenvbpf" });
	await core.summary.addRaw(text).write();
}

// What of a result an annotation takes; its file is one of the repository.
function annotation(result) {
	const place = result.locations[0].physicalLocation;
	return [result.message.text, { title: `goenvbpf: ${result.ruleId}`,
				       file: decodeURIComponent(place.artifactLocation.uri),
				       startLine: place.region.startLine }];
}

function annotate(sarif) {
	const { results } = JSON.parse(fs.readFileSync(sarif, "utf8")).runs[0];
	for (const [level, tell] of [["error", core.error], ["warning", core.warning]]) {
		const found = results.filter((r) => r.level === level);
		found.slice(0, MOST_ANNOTATIONS).forEach((r) => tell(...annotation(r)));
		if (found.length > MOST_ANNOTATIONS)
			core.info(`${found.length - MOST_ANNOTATIONS} more of level ${level}: the summary has them all`);
	}
}

async function upload(given, session, files) {
	if (!process.env.ACTIONS_RUNTIME_TOKEN || !process.env.ACTIONS_RESULTS_URL)
		return core.info("this runner takes no artifacts");
	try {
		await new DefaultArtifactClient().uploadArtifact(given.artifact, files, session.dir);
	} catch (error) {
		core.warning(`the artifact was not uploaded: ${error.message}`, { title: "goenvbpf" });
	}
}

async function judge(given, session) {
	const done = await run(given.program, ["check", session.record, "--fail-on", given.failOn, ...baseline(given)]);
	core.info(done.stdout.trim());
	if (done.status === 1)
		core.setFailed(`findings of severity ${given.failOn} or above`);
	else if (done.status)
		core.setFailed(`fail-on is '${given.failOn}', and there is no verdict: ${done.stderr.trim() || "evidence was lost"}`);
}

export async function report(given, session) {
	const root = process.env.GITHUB_WORKSPACE ? ["--source-root", process.env.GITHUB_WORKSPACE] : [];
	const sarif = await exported(given, session, "sarif", "goenvbpf.sarif", ...root);
	annotate(sarif);
	if (given.summary)
		await summarize(given, session);
	if (given.artifact) {
		const page = await exported(given, session, "html", "goenvbpf.html", ...baseline(given));
		await upload(given, session, [session.record, page, sarif]);
	}
	if (given.failOn)
		await judge(given, session);
}
