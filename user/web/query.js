// Which events are shown: words of "proc:12 kind:open outcome:failed area:source err:EACCES from:1 to:2
// path:/exact", and any other word is a part of the path.

export function words(text)
{
	return [...text.matchAll(/(?:(\w+):)?(?:"([^"]*)"|(\S+))/g)]
		.map(m => ({ key: m[1] || "", value: m[2] ?? m[3] ?? "" }));
}

export function word(key, value)
{
	return key + ":" + (/[\s"]/.test(value) ? '"' + String(value).replaceAll('"', "") + '"' : value);
}

// A function of a row's number; null: all rows.
export function matcher(events, text)
{
	const tests = words(text).map(w => test(events, w)).filter(Boolean);

	return tests.length ? i => tests.every(t => t(i)) : null;
}

function byName(names, column, value)
{
	const wanted = names.map(n => n === value || (n && n.startsWith(value)));

	return i => wanted[column[i]];
}

function test(e, w)
{
	switch (w.key) {
	case "proc": {
		const procs = new Set(w.value.split(",").map(Number));
		return i => procs.has(e.proc[i]);
	}
	case "kind":	return byName(e.kinds, e.kind, w.value);
	case "outcome":	return byName(e.outcomes, e.outcome, w.value);
	case "area":	return byName(e.areas, e.area, w.value);
	case "err":	return byName(e.errors, e.error, w.value);
	case "from":	return i => e.time[i] >= Number(w.value) * 1e9;
	case "to":	return i => e.time[i] <= Number(w.value) * 1e9;
	case "path": {
		const ids = e.pathsWith(w.value);
		const exact = new Uint8Array(e.pathCount);
		for (let id = 0; id < ids.length; id++)
			exact[id] = ids[id] && e.pathText(id) === w.value;
		return i => exact[e.path[i]] || exact[e.second.get(i) || 0];
	}
	default: {
		const ids = e.pathsWith(w.key ? w.key + ":" + w.value : w.value);
		return w.value ? i => ids[e.path[i]] || ids[e.second.get(i) || 0] : null;
	}
	}
}

// The numbers of the rows that match, in order.
export function rows(events, text)
{
	const match = matcher(events, text), out = new Uint32Array(events.n);
	let n = 0;

	for (let i = 0; i < events.n; i++)
		if (!match || match(i))
			out[n++] = i;
	return out.subarray(0, n);
}
