// One message as a bubble: picture or document, text, keyboard, time, edits.

import { copy, dialog, el, icon, openMenu } from "./dom.js";
import { formatted, safeLink } from "./text.js";

const TIME = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const MOMENT = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium", hourCycle: "h23" });

export const timeOf = (message) => TIME.format(new Date(message.date * 1000));

export function summaryOf(message) {
  const text = message.text ?? message.caption;
  if (message.photo) return text ? `Picture: ${text}` : "Picture";
  if (message.document) return text ? `File: ${text}` : message.document.file_name;
  return text ?? "";
}

export function bubble(message, seat, acts) {
  const mine = message.from.id === seat.userId && !message.by_bot;
  const content = [];
  if (seat.isGroup && !mine) {
    content.push(el("div", { class: "sender" }, message.from.first_name));
  }
  if (message.reply_to_message) content.push(quote(message.reply_to_message, acts));
  if (message.photo) content.push(picture(message, acts));
  if (message.document) content.push(attachment(message.document));
  const text = message.text ?? message.caption;
  if (text) {
    const entities = message.entities ?? message.caption_entities;
    const parts = formatted(text, entities, acts);
    const endsInBlock = ["PRE", "BLOCKQUOTE"].includes(parts.at(-1)?.nodeName);
    content.push(el("div", { class: endsInBlock ? "text ends-in-block" : "text" }, parts));
  }
  content.push(meta(message));
  const classes = ["bubble", message.photo ? "with-picture" : "", text ? "" : "no-text"];
  const box = el("div", { class: classes.join(" ") }, content);
  box.addEventListener("contextmenu", (event) => {
    event.preventDefault();
    openMenu({ x: event.clientX, y: event.clientY }, actions(message, mine, acts));
  });
  const rows = message.reply_markup?.inline_keyboard;
  const column = el("div", { class: "column" }, box,
    rows ? el("div", { class: "keyboard" }, rows.map((row) => keyboardRow(message, row, acts))) : null,
    message.reactions.length ? el("div", { class: "reactions" }, message.reactions.map((one) => el("span", {}, one.emoji ?? ""))) : null);
  return el("article", { class: mine ? "message mine" : "message", dataset: { id: message.message_id } }, column);
}

function meta(message) {
  const parts = [];
  if (message.silent) parts.push(icon("mute"));
  if (message.history.length) {
    parts.push(el("button", { class: "edited", title: "Show what it was before", onclick: () => showHistory(message) }, "edited"));
  }
  parts.push(el("time", { datetime: new Date(message.date * 1000).toISOString(), title: MOMENT.format(new Date(message.date * 1000)) }, timeOf(message)));
  return el("div", { class: "meta" }, parts);
}

function showHistory(message) {
  const versions = [...message.history, message];
  const body = el("ol", { class: "history" }, versions.map((version, index) => {
    const at = index === 0 ? message.date : (version.edit_date ?? message.date);
    const buttons = (version.reply_markup?.inline_keyboard ?? []).flat().map((button) => button.text);
    return el("li", {},
      el("time", {}, MOMENT.format(new Date(at * 1000))),
      el("div", { class: "text" }, formatted(version.text ?? version.caption ?? "", version.entities ?? version.caption_entities)),
      buttons.length ? el("div", { class: "history-buttons" }, buttons.map((label) => el("span", {}, label))) : null);
  }));
  dialog({ title: "Edits of this message", body, actions: [{ label: "Close", primary: true }], className: "tall" });
}

function quote(replied, acts) {
  return el("button", { class: "quote", onclick: () => acts.jumpTo(replied.message_id) },
    el("strong", {}, replied.from.first_name), el("span", {}, summaryOf(replied)));
}

function picture(message, acts) {
  const photo = message.photo.at(-1);
  const image = el("img", {
    src: `/files/${photo.file_unique_id}`,
    width: String(photo.width),
    height: String(photo.height),
    alt: message.caption ?? "Picture",
    loading: "lazy",
  });
  image.addEventListener("load", acts.grown);
  return el("button", { class: "picture", "aria-label": "Enlarge the picture", onclick: () => enlarge(photo) }, image);
}

function enlarge(photo) {
  const node = el("dialog", { class: "lightbox", onclick: () => { node.close(); node.remove(); } },
    el("img", { src: `/files/${photo.file_unique_id}`, alt: "Picture" }));
  document.body.append(node);
  node.showModal();
}

function attachment(file) {
  return el("a", { class: "attachment", href: `/files/${file.file_unique_id}`, download: file.file_name },
    el("span", { class: "file-icon" }, icon("file")),
    el("span", { class: "file-words" }, el("strong", {}, file.file_name), el("small", {}, sizeOf(file.file_size))));
}

function sizeOf(bytes) {
  if (bytes < 1024) return `${bytes} B`;
  return bytes < 1024 * 1024 ? `${(bytes / 1024).toFixed(1)} KB` : `${(bytes / 1024 / 1024).toFixed(1)} MB`;
}

function keyboardRow(message, row, acts) {
  return el("div", { class: "keys" }, row.map((button) => {
    const target = button.url ?? button.web_app?.url;
    if (target !== undefined) {
      const href = safeLink(target);
      return el("a", { class: "key", href, target: "_blank", rel: "noopener noreferrer", title: target }, el("span", {}, button.text), icon("out"));
    }
    if (button.copy_text) {
      return el("button", { class: "key", onclick: () => copy(button.copy_text.text) }, el("span", {}, button.text), icon("copy"));
    }
    const pending = acts.isPending(message.message_id, button.callback_data);
    const style = button.style ? ` ${button.style}` : "";
    return el("button", {
      class: (pending ? "key pending" : "key") + style,
      dataset: { data: button.callback_data ?? "" },
      onclick: () => acts.press(message.message_id, button.callback_data),
    }, el("span", {}, button.text));
  }));
}

function actions(message, mine, acts) {
  const text = message.text ?? message.caption;
  return [
    { label: "Reply", act: () => acts.reply(message) },
    text ? { label: "Copy text", act: () => copy(text) } : null,
    mine ? { label: "Edit", act: () => acts.edit(message) } : null,
    message.history.length ? { label: "Show edits", act: () => showHistory(message) } : null,
  ];
}
