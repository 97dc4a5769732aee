// Elements, and text in them. Whatever comes from a record becomes a text node and nothing else;
// what a reader would not see in it is shown as an escape.

// Control characters, bidirectional overrides, zero-width and tag characters.
const HIDDEN = /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]/gu;

export function safe(text)
{
	const s = String(text);

	return s.replace(HIDDEN, c => "\\u{" + c.codePointAt(0).toString(16) + "}");
}

export function h(tag, props, ...children)
{
	const at = tag.indexOf("."), el = document.createElement(at < 0 ? tag : tag.slice(0, at));

	if (at >= 0)
		el.className = tag.slice(at + 1).replaceAll(".", " ");
	for (const [key, value] of Object.entries(props || {})) {
		if (value === undefined || value === null || value === false)
			continue;
		if (key.startsWith("on"))
			el.addEventListener(key.slice(2), value);
		else if (key === "title" || key.startsWith("aria-"))
			el.setAttribute(key, safe(value));
		else
			el.setAttribute(key, value === true ? "" : value);
	}
	add(el, children);
	return el;
}

export function add(el, children)
{
	for (const c of [children].flat(Infinity)) {
		if (c === undefined || c === null || c === false)
			continue;
		el.append(c instanceof Node ? c : document.createTextNode(safe(c)));
	}
	return el;
}

export function replace(el, ...children)
{
	el.replaceChildren();
	return add(el, children);
}

// A path of which the end is always seen.
export function path(text)
{
	const slash = text.lastIndexOf("/", text.length - 2);

	return h("span.path", { title: text },
		slash > 0 && h("span.dir", null, text.slice(0, slash + 1)),
		h("span.base", null, slash > 0 ? text.slice(slash + 1) : text));
}

// A word with a colour and a shape, so that neither has to be told apart alone.
const SHAPES = { good: "●", miss: "◆", bad: "▲", written: "■", plain: "○" };

export function badge(tone, text)
{
	return h("span.badge." + tone, null,
		h("span.shape", { "aria-hidden": "true" }, SHAPES[tone] || SHAPES.plain), text);
}

export function announce(text)
{
	let live = document.getElementById("live");

	if (!live) {
		live = h("div.sr", { id: "live", "aria-live": "polite" });
		document.body.append(live);
	}
	live.textContent = safe(text);
}
