// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
// Begins and ends to observe the job: by the service, where one may be asked, else as root.
import * as core from "@actions/core";
import { execFile, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";

const START_MS = 20_000, END_MS = 60_000;

// The program, to its end: its status and what it said; never a shell.
export async function run(program, args) {
	try {
		const { stdout, stderr } = await promisify(execFile)(program, args, { maxBuffer: 256 << 20 });
		return { status: 0, stdout, stderr };
	} catch (error) {
		if (typeof error.code !== "number")
			throw new Error(`${program}: ${error.code ?? error.message}`);
		return { status: error.code, stdout: error.stdout, stderr: error.stderr };
	}
}

// Where all steps come from: the process called Runner.Worker above us, or who started us.
function runner_pid() {
	for (let pid = process.ppid; pid > 1;) {
		const stat = fs.readFileSync(`/proc/${pid}/stat`, "utf8"), end = stat.lastIndexOf(")");
		if (stat.slice(stat.indexOf("(") + 1, end) === "Runner.Worker")
			return pid;
		pid = Number(stat.slice(end + 2).split(" ")[1]);
	}
	if (process.ppid <= 1)
		throw new Error("the runner is not to be seen from here: in a container job, observe on the host (job hooks)");
	return process.ppid;
}

function has_service() {
	try {
		fs.accessSync(process.env.GOENVBPF_SOCKET || "/run/goenvbpf/socket", fs.constants.W_OK);
		return true;
	} catch {
		return false;
	}
}

function is_running(pid) {
	return fs.existsSync(`/proc/${pid}`) && !/\) Z /.test(fs.readFileSync(`/proc/${pid}/stat`, "utf8"));
}

async function until(holds, ms) {
	const last = Date.now() + ms;
	while (!holds()) {
		if (Date.now() > last)
			return false;
		await sleep(50);
	}
	return true;
}

const as_root = process.getuid() === 0 ? [] : ["sudo", "-n"];

async function begin_by_service(given, session, pid) {
	// Other jobs of this user may have the same name at the same time.
	session.job = `${given.name.replace(/[^A-Za-z0-9._-]/g, "-").replace(/^[._-]+/, "").slice(0, 30) || "job"}-` +
		      `${randomBytes(6).toString("hex")}`;
	const done = await run(given.program, ["job", "start", session.job, "--pid", String(pid)]);
	if (done.status)
		throw new Error(done.stderr.trim());
	core.info(done.stderr.trim());
}

async function begin_as_root(given, session, pid) {
	const [program, ...args] = [...as_root, given.program, "attach", "--pid", String(pid), "-o", session.record];
	const log = fs.openSync(session.log, "w");
	// What the runner kills at the end of a job is what has this variable.
	const child = spawn(program, args, { detached: true, stdio: ["ignore", log, log],
					     env: { ...process.env, RUNNER_TRACKING_ID: "" } });
	const failed = new Promise((_, reject) => child.once("error", reject));
	const said = () => fs.readFileSync(session.log, "utf8").trim();
	session.pid = child.pid;
	const begun = await Promise.race([until(() => / following process /.test(said()) || !is_running(child.pid), START_MS), failed]);
	if (!begun || !is_running(child.pid))
		throw new Error(said() || `${program} says nothing`);
	child.unref();
}

export async function begin(given) {
	const dir = fs.mkdtempSync(path.join(process.env.RUNNER_TEMP || "/tmp", "goenvbpf-"));
	const session = { dir, record: path.join(dir, "record.jsonl.zst"), log: path.join(dir, "goenvbpf.log") };
	await (has_service() ? begin_by_service : begin_as_root)(given, session, runner_pid());
	return session;
}

async function end_process(session) {
	const [program, ...args] = [...as_root, "kill", "-INT", String(session.pid)];
	if (is_running(session.pid))
		await run(program, args);
	if (!await until(() => !is_running(session.pid), END_MS))
		throw new Error(`goenvbpf (process ${session.pid}) does not end`);
}

// The record is whole, or as whole as it can be: what is said of it is said again by all that read it.
export async function end(given, session) {
	if (session.job) {
		const done = await run(given.program, ["job", "stop", session.job, "-o", session.record]);
		core.info(done.stderr.trim());
	} else {
		await end_process(session);
		core.info(fs.readFileSync(session.log, "utf8").trim());
	}
	if (!fs.existsSync(session.record))
		throw new Error("there is no record");
	return session;
}
