// A text and its entities become DOM nodes. Offsets are UTF-16 units, as JavaScript counts.

import { copy, el } from "./dom.js";

const TAGS = { bold: "strong", italic: "em", underline: "u", strikethrough: "s", blockquote: "blockquote" };

// Only these schemes may be opened, whatever the bot sends.
export function safeLink(target) {
  const withScheme = /^[a-z][a-z0-9+.-]*:/i.test(target) ? target : `http://${target}`;
  try {
    const url = new URL(withScheme);
    return ["http:", "https:", "mailto:", "tg:"].includes(url.protocol) ? url.href : null;
  } catch {
    return null;
  }
}

export function formatted(text, entities = [], { sendCommand } = {}) {
  const sorted = [...entities].sort((a, b) => a.offset - b.offset || b.length - a.length);
  const [nodes] = build(text, sorted, 0, 0, text.length, { sendCommand });
  return nodes.map((node, index) => withoutBlockBreaks(node, nodes[index - 1], nodes[index + 1]));
}

const isBlock = (node) => ["PRE", "BLOCKQUOTE"].includes(node?.nodeName);

// A block begins and ends its own line: the line break beside it would show as an empty line.
function withoutBlockBreaks(node, before, after) {
  if (typeof node !== "string") return node;
  const start = isBlock(before) && node.startsWith("\n") ? 1 : 0;
  const end = isBlock(after) && node.endsWith("\n") ? node.length - 1 : node.length;
  return node.slice(start, Math.max(start, end));
}

function build(text, entities, index, start, end, acts) {
  const nodes = [];
  let position = start;
  while (index < entities.length && entities[index].offset < end) {
    const entity = entities[index];
    const first = Math.max(entity.offset, position);
    const last = Math.min(entity.offset + entity.length, end);
    if (first > position) nodes.push(text.slice(position, first));
    const [inner, next] = build(text, entities, index + 1, first, last, acts);
    nodes.push(wrapped(entity, text.slice(first, last), inner, acts));
    position = Math.max(position, last);
    index = next;
  }
  if (position < end) nodes.push(text.slice(position, end));
  return [nodes, index];
}

function wrapped(entity, plain, inner, { sendCommand }) {
  switch (entity.type) {
    case "code":
      return tappable(el("code", { title: "Tap to copy" }, inner), plain);
    case "pre":
      return tappable(el("pre", { title: "Tap to copy", dataset: { language: entity.language ?? "" } }, inner), plain);
    case "text_link":
      return link(entity.url, inner);
    case "url":
      return link(plain, inner);
    case "email":
      return link(`mailto:${plain}`, inner);
    case "bot_command":
      return el("a", { href: "#", class: "command", onclick: (event) => { event.preventDefault(); sendCommand?.(plain); } }, inner);
    case "spoiler":
      return el("span", { class: "spoiler", title: "Tap to show", onclick: (event) => event.currentTarget.classList.add("shown") }, inner);
    case "expandable_blockquote":
      return el("blockquote", { class: "expandable", onclick: (event) => event.currentTarget.classList.toggle("open") }, inner);
    case "mention":
    case "text_mention":
    case "hashtag":
    case "cashtag":
      return el("span", { class: "tag" }, inner);
    default:
      return TAGS[entity.type] ? el(TAGS[entity.type], {}, inner) : el("span", {}, inner);
  }
}

function tappable(node, plain) {
  node.addEventListener("click", (event) => {
    event.stopPropagation();
    if (getSelection()?.isCollapsed !== false) copy(plain);
  });
  return node;
}

function link(target, inner) {
  const href = safeLink(target);
  if (href === null) return el("span", {}, inner);
  return el("a", { href, target: "_blank", rel: "noopener noreferrer", title: href }, inner);
}
