// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
// The action: begins to observe as a step, ends as what comes after all steps. One file for both, which
// the runner starts twice.
import * as core from "@actions/core";
import { begin, end } from "./observe.js";
import { report } from "./report.js";

function inputs() {
	const failOn = core.getInput("fail-on");
	if (!["", "error", "warning", "note"].includes(failOn))
		throw new Error(`fail-on: '${failOn}' is none of error, warning, note`);
	return {
		name: core.getInput("name") || "job",
		failOn,
		baseline: core.getInput("baseline"),
		summary: core.getBooleanInput("summary"),
		artifact: core.getInput("artifact"),
		program: core.getInput("goenvbpf") || "goenvbpf",
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
		core.saveState("session", JSON.stringify(await begin(given)));
	} catch (error) {
		give_up(given.failOn, `nothing is observed: ${error.message}`);
	}
}

async function post() {
	const given = inputs(), kept = core.getState("session");
	if (!kept)
		return;	// it was said why
	try {
		await report(given, await end(given, JSON.parse(kept)));
	} catch (error) {
		give_up(given.failOn, error.message);
	}
}

// What is wrong in the workflow itself fails the step.
(core.getState("begun") ? post() : main()).catch((error) => core.setFailed(error.message));
