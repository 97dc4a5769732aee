// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
// The action: begins to observe as a step, ends as what comes after all steps. One file for both, which
// the runner starts twice.
import * as core from "@actions/core";
import { installed } from "./install.js";
import { begin, end } from "./observe.js";
import { report } from "./report.js";

function inputs() {
	const failOn = core.getInput("fail-on");
	if (!["", "error", "warning", "note"].includes(failOn))
		throw new Error(`fail-on: '${failOn}' is none of error, warning, note`);
	const install = core.getInput("install"), sha256 = core.getInput("sha256").toLowerCase();
	if (install && !/^[0-9a-f]{64}$/.test(sha256))
		throw new Error("install: what is run as root needs 'sha256', 64 hexadecimal digits");
	return {
		name: core.getInput("name") || "job",
		failOn,
		baseline: core.getInput("baseline"),
		summary: core.getBooleanInput("summary"),
		artifact: core.getInput("artifact"),
		program: core.getInput("goenvbpf") || "goenvbpf",
		install,
		sha256,
	};
}

// Not to have observed is no reason to fail what would be fine without: unless a verdict was asked for.
function give_up(failOn, why) {
	if (failOn)
		core.setFailed(`fail-on is '${failOn}', and there is no verdict: ${why}`);
	else
		core.warning(why, { title: "goenvbpf" });
}

async function main() {
	const given = inputs();
	core.saveState("begun", "true");
	try {
		given.program = await installed(given);
		core.saveState("session", JSON.stringify({ ...await begin(given), program: given.program }));
	} catch (error) {
		give_up(given.failOn, `nothing is observed: ${error.message}`);
	}
}

async function post() {
	const given = inputs(), kept = core.getState("session");
	if (!kept)
		return;	// it was said why
	try {
		const session = JSON.parse(kept);
		given.program = session.program;
		await report(given, await end(given, session));
	} catch (error) {
		give_up(given.failOn, error.message);
	}
}

// What is wrong in the workflow itself fails the step.
(core.getState("begun") ? post() : main()).catch((error) => core.setFailed(error.message));
