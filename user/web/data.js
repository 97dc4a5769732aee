// What the file carries: the answers, what the words mean, and the events as columns.

function bytesOf(id)
{
	const text = document.getElementById(id).textContent;

	if (Uint8Array.fromBase64)
		return Uint8Array.fromBase64(text);
	const raw = atob(text), out = new Uint8Array(raw.length);
	for (let i = 0; i < raw.length; i++)
		out[i] = raw.charCodeAt(i);
	return out;
}

async function inflate(id)
{
	const packed = bytesOf(id);

	document.getElementById(id).remove();
	return new Uint8Array(await new Response(
		new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"))).arrayBuffer());
}

async function json(id)
{
	return document.getElementById(id) ? JSON.parse(new TextDecoder().decode(await inflate(id))) : null;
}

export async function load()
{
	if (!self.DecompressionStream)
		throw new Error("This browser cannot unpack the page: it needs DecompressionStream " +
			"(Chrome 80, Firefox 113, Safari 16.4, or newer).");
	const [answers, old, terms, head, columns] = await Promise.all([json("data-answers"), json("data-old"),
		json("data-terms"), json("data-event-head"), inflate("data-events")]);
	return { answers, old, terms: new Terms(terms), events: new Events(head, columns) };
}

class Terms {
	constructor(schema)
	{
		this.objects = new Map(Object.entries(schema.$defs || {}));
		this.objects.set("page", schema);
	}

	// What a field of an object means; "" when nobody said.
	of(object, key)
	{
		const o = this.objects.get(object), p = o && o.properties && Object.hasOwn(o.properties, key) &&
			o.properties[key];

		return (p && p.description) || "";
	}
}

export class Events {
	constructor(head, bytes)
	{
		const n = head.rows;
		let at = head.path_bytes;

		this.n = n;
		this.kinds = head.kinds;
		this.outcomes = head.outcomes;
		this.areas = head.areas;
		this.errors = head.errors;
		this.mergedRows = head.merged_rows;
		this.merged = new Map(head.merged);
		this.second = new Map(head.second);
		this.readPaths(bytes.subarray(0, at), head.paths);
		const wide = () => {
			const out = new Uint32Array(n);
			for (let shift = 0; shift < 32; shift += 8, at += n)
				for (let i = 0; i < n; i++)
					out[i] |= bytes[at + i] << shift;
			return out;
		};
		const narrow = () => bytes.slice(at, at += n);
		const steps = wide(), gaps = new Map(head.gaps);
		this.time = new Float64Array(n);
		for (let i = 0, t = 0; i < n; i++)
			this.time[i] = t += steps[i] === 0xffffffff ? gaps.get(i) : steps[i];
		this.path = wide();
		this.proc = wide();
		this.kind = narrow();
		this.outcome = narrow();
		this.area = narrow();
		this.error = narrow();
		this.DONE = this.outcomes.indexOf("done");
		this.ABSENT = this.outcomes.indexOf("absent");
		this.FAILED = this.outcomes.indexOf("failed");
		this.WRITTEN = this.outcomes.indexOf("written");
	}

	readPaths(from, cnt)
	{
		const ends = new Uint32Array(cnt + 1), same = new Uint32Array(cnt), rest = new Uint32Array(cnt);
		const where = new Uint32Array(cnt);
		let at = 0, total = 0;
		const number = () => {
			let v = 0, shift = 0, b;
			do {
				b = from[at++];
				v |= (b & 127) << shift;
				shift += 7;
			} while (b & 128);
			return v;
		};
		for (let i = 0; i < cnt; i++) {
			same[i] = number();
			rest[i] = number();
			where[i] = at;
			at += rest[i];
			total += same[i] + rest[i];
			ends[i + 1] = total;
		}
		const text = new Uint8Array(total);
		for (let i = 0; i < cnt; i++) {
			if (same[i])
				text.copyWithin(ends[i], ends[i - 1], ends[i - 1] + same[i]);
			text.set(from.subarray(where[i], where[i] + rest[i]), ends[i] + same[i]);
		}
		this.pathCount = cnt;
		this.ends = ends;
		this.text = text;
	}

	pathText(id)
	{
		return decoder.decode(this.text.subarray(this.ends[id], this.ends[id + 1]));
	}

	// The first row at or after a time.
	after(t)
	{
		let lo = 0, hi = this.n;

		while (lo < hi) {
			const mid = (lo + hi) >> 1;
			if (this.time[mid] < t)
				lo = mid + 1;
			else
				hi = mid;
		}
		return lo;
	}

	// The row of a proof's time; -1: it is among those that were put together.
	at(ts)
	{
		const i = this.after(ts);

		return i < this.n && this.time[i] === ts && i >= this.mergedRows ? i : -1;
	}

	// 1 for each path that has the text in it, whatever its case.
	pathsWith(needle)
	{
		const found = new Uint8Array(this.pathCount), low = encoder.encode(needle.toLowerCase());
		const { text, ends } = this, n = low.length;

		for (let id = 1; id < this.pathCount; id++) {
			const last = ends[id + 1] - n;
			search: for (let i = ends[id]; i <= last; i++) {
				for (let k = 0; k < n; k++) {
					const c = text[i + k];
					if (c !== low[k] && !(c >= 65 && c <= 90 && c + 32 === low[k]))
						continue search;
				}
				found[id] = 1;
				break;
			}
		}
		return found;
	}

	// What an outcome is to the eye: one of the five colours.
	tone(i)
	{
		switch (this.outcome[i]) {
		case this.FAILED:	return "bad";
		case this.ABSENT:	return "miss";
		case this.WRITTEN:	return "written";
		default:		return this.areas[this.area[i]] === "build cache" ? "good" : "plain";
		}
	}
}

const decoder = new TextDecoder(), encoder = new TextEncoder();
