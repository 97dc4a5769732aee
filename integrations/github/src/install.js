// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
// The program, where it is not there yet: taken from an address, kept by the runner. It will be run as root, so it
// is what the workflow says by its hash, or it is not run at all.
import * as core from "@actions/core";
import * as tools from "@actions/tool-cache";
import { createHash } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { run } from "./observe.js";

const TOOL = "goenvbpf";

async function is_there(program) {
	try {
		return !(await run(program, ["version"])).status;
	} catch {
		return false;
	}
}

function check(file, wanted) {
	const found = createHash("sha256").update(fs.readFileSync(file)).digest("hex");
	if (found !== wanted)
		throw new Error(`what is at 'install' is not what 'sha256' says: it has ${found}`);
}

// Its path. What is there already goes before: it is of the same version as a service.
export async function installed(given) {
	if (!given.install || await is_there(given.program))
		return given.program;
	// The runner's cache wants a version: other bytes are another one.
	const version = `0.0.0-sha${given.sha256}`;
	let folder = tools.find(TOOL, version);
	if (!folder) {
		const file = await tools.downloadTool(given.install);
		check(file, given.sha256);
		folder = await tools.cacheFile(file, TOOL, TOOL, version);
		core.info(`${TOOL} was taken from ${given.install}`);
	}
	const program = path.join(folder, TOOL);
	check(program, given.sha256);	// others may write to the cache of a runner of one's own
	fs.chmodSync(program, 0o755);
	return program;
}
