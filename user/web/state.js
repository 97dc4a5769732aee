// Where the reader is, in the fragment of the URL: it can be sent to a colleague.
const listeners = new Map();
let values = new URLSearchParams(location.hash.slice(1));
let timer = 0;

export function get(key)
{
	return values.get(key) || "";
}

function write()
{
	timer = 0;
	const text = values.toString();
	history.replaceState(null, "", text ? "#" + text : location.pathname + location.search);
}

// Tells all who asked, but by.
export function set(key, value, by)
{
	if (get(key) === String(value || ""))
		return;
	if (value)
		values.set(key, value);
	else
		values.delete(key);
	if (!timer)
		timer = setTimeout(write, 150);
	for (const fn of listeners.get(key) || [])
		if (fn !== by)
			fn(get(key));
}

export function on(key, fn)
{
	listeners.set(key, [...listeners.get(key) || [], fn]);
}

addEventListener("hashchange", () => {
	const before = values;

	values = new URLSearchParams(location.hash.slice(1));
	for (const [key, fns] of listeners)
		if ((before.get(key) || "") !== get(key))
			fns.forEach(fn => fn(get(key)));
});
