// The process tree as lanes: one for each process, or, where a process started many, as few as their
// times allow.

const PACK_FROM = 8;

// A process with all program images that it had.
function makeNodes(processes)
{
	const byProc = new Map();

	for (const p of processes) {
		const before = p.after && byProc.get(p.after);
		const node = before || { images: [], children: [], parent: null, failed: 0, accesses: 0 };

		node.images.push(p);
		node.failed += p.failed;
		node.accesses += p.accesses;
		byProc.set(p.proc, node);
	}
	const nodes = [...new Set(byProc.values())];
	for (const n of nodes) {
		const first = n.images[0], parent = first.parent && byProc.get(first.parent);

		n.proc = first.proc;
		n.main = n.images[n.images.length - 1];
		n.start = Math.min(...n.images.map(p => p.start ?? Infinity));
		n.end = Math.max(...n.images.map(p => p.finish ?? Infinity));
		if (parent && parent !== n) {
			n.parent = parent;
			parent.children.push(n);
		}
	}
	return { byProc, roots: nodes.filter(n => !n.parent), nodes };
}

const ORDERS = {
	start: (a, b) => a.start - b.start,
	duration: (a, b) => (b.end - b.start) - (a.end - a.start),
	failures: (a, b) => b.failed - a.failed,
};

export class Lanes {
	constructor(processes, end)
	{
		Object.assign(this, makeNodes(processes));
		for (const n of this.nodes) {
			if (!isFinite(n.start))
				n.start = 0;
			if (!isFinite(n.end))
				n.end = end;
		}
		this.how = new Map();	// of a node's children: "all", "none"; else packed when they are many
		this.pinned = new Set();
		this.order = "start";
		this.layOut();
	}

	isPacked(n)
	{
		return !this.how.get(n) && n.children.length > PACK_FROM;
	}

	// What a click does next: packed → each alone → hidden → packed.
	turn(n)
	{
		const many = n.children.length > PACK_FROM;
		const next = { "": many ? "all" : "none", all: "none", none: "" };

		this.how.set(n, next[this.how.get(n) || ""]);
		this.layOut();
	}

	reveal(node)
	{
		for (let n = node.parent; n; n = n.parent)
			if (this.how.get(n) === "none")
				this.how.set(n, "");
		this.layOut();
		return this.laneOf.get(node);
	}

	layOut()
	{
		this.lanes = [];
		this.laneOf = new Map();
		for (const n of this.roots.slice().sort(ORDERS[this.order]))
			this.place(n, 0);
		if (this.pinned.size) {
			const isPinned = l => l.nodes.some(n => this.pinned.has(n));
			this.lanes = [...this.lanes.filter(isPinned), ...this.lanes.filter(l => !isPinned(l))];
		}
		this.lanes.forEach((l, i) => l.nodes.forEach(n => this.laneOf.set(n, i)));
	}

	place(n, depth)
	{
		this.lanes.push({ owner: n, nodes: [n], depth, packed: false });
		if (this.how.get(n) === "none")
			this.swallow(n, this.lanes[this.lanes.length - 1]);
		else if (this.isPacked(n))
			this.pack(n, depth + 1);
		else
			for (const c of n.children.slice().sort(ORDERS[this.order]))
				this.place(c, depth + 1);
	}

	// The events of those that have no lane of their own.
	swallow(n, lane)
	{
		for (const c of n.children) {
			lane.nodes.push(c);
			this.swallow(c, lane);
		}
	}

	pack(parent, depth)
	{
		const rows = [];

		for (const c of parent.children.slice().sort(ORDERS.start)) {
			let row = rows.find(r => r.end <= c.start);
			if (!row) {
				row = { end: 0, lane: { owner: parent, nodes: [], depth, packed: true, first: !rows.length } };
				rows.push(row);
				this.lanes.push(row.lane);
			}
			row.end = Math.max(c.end, c.start + 1);
			row.lane.nodes.push(c);
			this.swallow(c, row.lane);
		}
	}
}
