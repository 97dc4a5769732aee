// Numbers as the tool's own pages write them.

export function count(n)
{
	return String(Math.round(n)).replace(/\B(?=(\d{3})+$)/g, ",");
}

export function plural(n, one, many)
{
	return count(n) + " " + (n === 1 ? one : many || one + "s");
}

export function duration(ns)
{
	if (ns === undefined || ns === null || ns < 0)
		return "";
	if (ns < 1e3)
		return ns + " ns";
	if (ns < 1e6)
		return Math.floor(ns / 1e3) + " us";
	if (ns < 1e9)
		return Math.floor(ns / 1e6) + " ms";
	if (ns < 60e9)
		return (Math.floor(ns / 1e7) / 100).toFixed(2) + " s";
	const s = Math.floor(ns / 1e9), m = Math.floor(s / 60);
	if (m < 60)
		return m + " min " + String(s % 60).padStart(2, "0") + " s";
	return Math.floor(m / 60) + " h " + String(m % 60).padStart(2, "0") + " min";
}

// A time of the record: seconds, to the microsecond.
export function time(ns)
{
	return ns === undefined || ns === null || ns < 0 ? "" : (ns / 1e9).toFixed(6) + " s";
}

export function bytes(n)
{
	const units = ["B", "KiB", "MiB", "GiB", "TiB"];
	let u = 0;

	if (n === undefined || n === null)
		return "";
	for (; n >= 1024 && u < units.length - 1; u++)
		n /= 1024;
	return (u ? n.toFixed(1) : n) + " " + units[u];
}

export function share(part, all)
{
	return all ? Math.floor(part * 100 / all) + " %" : "";
}

// As a shell would want it.
export function shellArg(a)
{
	return /^[\w@%+=:,./-]+$/.test(a) ? a : "'" + a.replaceAll("'", "'\\''") + "'";
}

export function command(args)
{
	return args.map(shellArg).join(" ");
}
