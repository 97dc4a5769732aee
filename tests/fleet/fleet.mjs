// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
// The table of --format clickhouse in the engine itself (chdb), and docs/fleet.md: its questions are asked of a
// made-up fleet, and answer what stands there.
//
//	node fleet.mjs GOENVBPF WORK-FOLDER [--update] RECORD...
//
// GOENVBPF_NODE_MODULES: where chdb and DuckDB are. GOENVBPF_LONG=1: 50,000,000 rows, with times.
// Closes with "N passed, N failed, N skipped".
import { execFileSync, spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const require = createRequire(path.join(process.env.GOENVBPF_NODE_MODULES, 'node_modules', 'x'));
const { Session } = require('chdb');
const here = path.dirname(fileURLToPath(import.meta.url));
const [tool, work, ...rest] = process.argv.slice(2);
const update = rest[0] === '--update';
const records = update ? rest.slice(1) : rest;
const page = path.join(here, '../../docs/fleet.md');
const long = process.env.GOENVBPF_LONG === '1';
const BUILDS = long ? 165000 : 2000;

const session = new Session(path.join(work, 'db'));
const ask = (sql, format = 'JSONEachRow') => session.query(sql, format);
const rows = (sql) => ask(sql).trim().split('\n').filter(Boolean).map((line) => JSON.parse(line));
const run = (...args) => execFileSync(tool, args, { encoding: 'utf8', maxBuffer: 1 << 30, stdio: ['ignore', 'pipe', 'ignore'] });
const statements = (sql) => sql.split(/;\s*\n/).map((s) => s.trim()).filter(Boolean);

let passed = 0, failed = 0;
async function test(name, fn) {
	try {
		const said = await fn();
		passed++;
		console.log(`ok   ${name}${said ? ` (${said})` : ''}`);
	} catch (e) {
		failed++;
		console.log(`FAIL ${name} ${String(e.message).slice(0, 1500)}`);
	}
}
function same(a, b, what) {
	if (JSON.stringify(a) !== JSON.stringify(b))
		throw new Error(`${what}: ${JSON.stringify(a)} is not ${JSON.stringify(b)}`);
}
function refused(fn, what) {
	try {
		fn();
	} catch {
		return;
	}
	throw new Error(`${what} was taken`);
}
function seconds(fn) {
	const start = process.hrtime.bigint();
	fn();
	return Number(process.hrtime.bigint() - start) / 1e9;
}

// --- the rows ---

function load(record, ...args) {
	const file = path.join(work, 'rows.jsonl');
	fs.writeFileSync(file, run('export', record, '--format', 'clickhouse', ...args));
	ask('TRUNCATE TABLE goenvbpf');
	ask(`INSERT INTO goenvbpf SELECT * FROM file('${file}', 'JSONEachRow') SETTINGS input_format_skip_unknown_fields = 0`);
	return fs.readFileSync(file, 'utf8').split('\n').filter(Boolean).length;
}

async function held_against_report(record) {
	const lines = load(record, '--accesses');
	const report = JSON.parse(run('report', '--json', record));
	const check = JSON.parse(spawnSync(tool, ['check', '--json', record], { encoding: 'utf8', maxBuffer: 1 << 30 }).stdout);
	const [all] = rows('SELECT toUInt32(count()) AS n FROM goenvbpf');
	same(all.n, lines, 'rows');
	const kinds = Object.fromEntries(rows('SELECT k, toUInt32(count()) AS n FROM goenvbpf GROUP BY k').map((r) => [r.k, r.n]));
	same(kinds.build, 1, 'build');
	same(kinds.command ?? 0, report.commands.length, 'commands');
	same(kinds.finding ?? 0, check.findings.length, 'findings');
	const accesses = rows(`SELECT toUInt32(count()) AS n FROM goenvbpf WHERE k NOT IN
		('build', 'command', 'package', 'setting', 'finding', 'program')`)[0].n;
	same(accesses, report.accesses.all, 'accesses');
	const [b] = rows("SELECT complete, toUInt32(hits) AS hits, toUInt32(made) AS made FROM goenvbpf WHERE k = 'build'");
	same(Boolean(b.complete), report.complete, 'complete');
	same([b.hits, b.made], [report.cache?.hit ?? 0, report.cache?.made ?? 0], 'hits and made');
	const sorted = (list) => list.map((x) => JSON.stringify(x)).sort();
	same(sorted(rows("SELECT name, severity FROM goenvbpf WHERE k = 'finding'")),
	     sorted(check.findings.map((f) => ({ name: f.rule, severity: f.severity }))), 'what was found');
}

// --- the fleet ---

// A month of 200 hosts: each build is one of those that were recorded. Some hosts lose their cache, some have an
// older Go, some flip a flag: what docs/fleet.md's questions are to find.
function make_fleet() {
	ask('TRUNCATE TABLE goenvbpf');
	ask('CREATE TABLE recorded AS goenvbpf ENGINE = Memory');
	ask(`INSERT INTO recorded SELECT * FROM file('${path.join(here, 'builds.jsonl.gz')}', 'JSONEachRow')
		SETTINGS input_format_skip_unknown_fields = 0`);
	ask(`CREATE TABLE steps ENGINE = Memory AS SELECT tags['step'] AS step, record AS of FROM recorded WHERE k = 'build'`);
	ask(`CREATE TABLE planned ENGINE = Memory AS SELECT
			number AS n, number % 200 AS h, cityHash64(number) % 100 AS dice,
			toDateTime64('2026-10-01 00:00:00', 9, 'UTC') + toIntervalSecond(cityHash64(number, 1) % (31 * 86400)) AS at,
			multiIf(h % 20 = 7, 'old', h % 50 = 11 AND dice < 80, 'cold', dice < 4, 'cold', dice < 60, 'warm', dice < 80, 'edit',
				dice < 84 AND h % 4 = 1, 'flip', dice < 95, 'test', 'broken') AS step
		FROM numbers(${BUILDS})`);
	const columns = rows("SELECT name FROM system.columns WHERE table = 'goenvbpf' AND database = currentDatabase()").map((r) => r.name);
	const host = "concat('ci-', leftPad(toString(p.h), 3, '0'))";
	const made = {
		host,
		record: `concat(${host}, '/', toString(p.n))`,
		start: 'p.at',
		time: "p.at + toIntervalNanosecond(dateDiff('nanosecond', recorded.start, recorded.time))",
	};
	// by parts, as hosts would send it
	const step = Math.ceil(BUILDS / 20);
	return seconds(() => {
		for (let from = 0; from < BUILDS; from += step)
			ask(`INSERT INTO goenvbpf SELECT ${columns.map((c) => `${made[c] ?? `recorded.${c}`} AS ${c}`).join(', ')}
				FROM (SELECT * FROM planned JOIN steps USING step WHERE n >= ${from} AND n < ${from + step}) AS p
				JOIN recorded ON recorded.record = p.of`);
	});
}

// --- docs/fleet.md ---

// Blocks: ```sql, and behind it the answer, which ends with the next line that is empty.
async function ask_questions() {
	const text = fs.readFileSync(page, 'utf8');
	let out = '', at = 0, n = 0;
	for (const block of text.matchAll(/```sql\n([^]*?)```\n\n((?:\|.*\n)+)/g)) {
		n++;
		const title = text.slice(text.lastIndexOf('\n### ', block.index) + 5, block.index).split('\n')[0];
		await test(`docs/fleet.md: ${title}`, () => {
			let answer;
			const took = seconds(() => { answer = ask(block[1].trim().replace(/;$/, ''), 'Markdown'); });
			if (update) {
				out += text.slice(at, block.index) + `\`\`\`sql\n${block[1]}\`\`\`\n\n${answer}`;
				at = block.index + block[0].length;
			} else if (!long) {
				same(answer.split('\n'), block[2].split('\n'), 'the answer');
			}
			return `${took.toFixed(2)} s`;
		});
	}
	if (update)
		fs.writeFileSync(page, out + text.slice(at));
	await test('docs/fleet.md has ten questions', () => same(n, 10, 'questions'));
}

async function ask_duckdb(record) {
	const { DuckDBInstance } = require('@duckdb/node-api');
	const text = fs.readFileSync(page, 'utf8');
	const blocks = [...text.matchAll(/```duckdb\n([^]*?)```\n/g)].map((m) => m[1]);
	same(blocks.length, 2, 'blocks of DuckDB');
	const db = await DuckDBInstance.create(':memory:');
	const connection = await db.connect();
	const wanted = JSON.parse(run('report', '--json', record)).accesses.all;
	const dir = process.cwd();
	process.chdir(work);
	fs.copyFileSync(record, 'build.jsonl');
	try {
		const got = [];
		for (const sql of blocks)
			got.push((await connection.runAndReadAll(sql)).getRowObjectsJson());
		const n = (await connection.runAndReadAll("SELECT count(*) AS n FROM 'build.parquet' WHERE call IS NOT NULL")).getRowObjectsJson();
		same(Number(n[0].n), wanted, 'accesses in the Parquet file');
		if (!got[0].length)
			throw new Error('the first question has no answer');
	} finally {
		process.chdir(dir);
	}
}

// --- all of it ---

await test('the table is taken', () => {
	for (const s of statements(run('export', '--format', 'clickhouse', '--schema')))
		ask(s);
	if (!rows("SELECT engine_full AS e FROM system.tables WHERE name = 'goenvbpf'")[0].e.includes('TTL'))
		throw new Error('what is old stays for ever');
	ask('ALTER TABLE goenvbpf REMOVE TTL');		// what the tests load grows old
});
await test('the tables of a cluster are SQL', () => {
	const all = statements(run('export', '--format', 'clickhouse', '--schema', '--cluster', "hosts of `east`"));
	same(all.length, 2, 'statements');
	for (const s of all)
		ask(`EXPLAIN AST ${s}`);
	refused(() => ask(`EXPLAIN AST ${all[0].replace('ENGINE', 'ENGIN')}`), 'a broken statement');
});
await test('an unknown key and a wrong type are refused', () => {
	const insert = (row) => ask(`INSERT INTO goenvbpf SETTINGS input_format_skip_unknown_fields = 0 FORMAT JSONEachRow ${row}`);
	refused(() => insert('{"host":"a","k":"build","hosst":"b"}'), 'an unknown key');
	refused(() => insert('{"host":"a","k":"build","hits":"many"}'), 'a wrong type');
});
for (const record of records)
	await test(`rows of ${path.basename(record)} against report and check`, () => held_against_report(record));
await test('a month of 200 hosts', () => {
	const took = make_fleet();
	const [size] = rows(`SELECT toUInt32(sum(rows)) AS n, toUInt64(sum(bytes_on_disk)) AS bytes FROM system.parts
		WHERE active AND table = 'goenvbpf'`);
	const [n] = rows('SELECT count() AS n, uniqExact(host) AS hosts FROM goenvbpf');
	same(Number(n.hosts), 200, 'hosts');
	if (long && Number(n.n) < 50e6)
		throw new Error(`only ${n.n} rows`);
	return `${n.n} rows in ${took.toFixed(1)} s, ${(Number(size.bytes) / size.n).toFixed(1)} bytes a row on disk`;
});
await ask_questions();
await test('DuckDB and Parquet', () => ask_duckdb(records[0]));
session.cleanup();
console.log(`${passed} passed, ${failed} failed, 0 skipped`);
process.exit(failed ? 1 : 0);
