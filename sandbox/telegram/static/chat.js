// The chat page: who is played, what is shown, what happens. No build step, no library.

import { get, post, Refused, stream } from "./api.js";
import { Composer } from "./composer.js";
import { alertDialog, avatar, byId, el, icon, toast } from "./dom.js";
import { addressIn, openFaucet } from "./faucet.js";
import { bubble, summaryOf, timeOf } from "./message.js";
import { askForGroup, askForUser } from "./people.js";
import { safeLink } from "./text.js";
import { drawTheme, switchTheme } from "./theme.js";

const DAY = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "long" });
const SHOWN_AT_ONCE = 200;
const GROUPED_SECONDS = 300;
const TYPING_SECONDS = 5;
const QUERY_SECONDS = 60;

const world = { users: [], chats: [], bot: {}, settings: {}, revision: 0 };
const messages = new Map();
const nodes = new Map();
const pending = new Map();
const unread = new Map();
const drafts = new Map();
let seat = null;
let source = null;
let typing = null;
let isOnline = true;
let shownFrom = SHOWN_AT_ONCE;

const log = byId("log");
const keyOf = (userId, chatId) => `${userId}:${chatId}`;
const personOf = (userId) => world.users.find((user) => user.id === userId);
const chatOf = (chatId) => world.chats.find((chat) => chat.id === chatId);
const visible = (chatId) => [...(messages.get(chatId)?.values() ?? [])].filter((message) => !message.deleted);

function guarded(act) {
  return async (...values) => {
    try {
      return await act(...values);
    } catch (error) {
      if (error instanceof Refused) toast(error.message, { bad: true });
      else if (error instanceof TypeError) toast("The sandbox does not answer", { bad: true });
      else throw error;
      return null;
    }
  };
}

const say = guarded((text, replyTo) => {
  const body = { text, chat_id: seat.chatId };
  if (replyTo !== undefined) body.reply_to = replyTo;
  scrollToEnd();
  return post(`/control/users/${seat.userId}/say`, body);
});

const acts = {
  say,
  sendCommand: (command) => say(command),
  press: guarded((messageId, data) => post(`/control/users/${seat.userId}/press`, { message_id: messageId, data, chat_id: seat.chatId })),
  saveEdit: guarded((message, text) => post(`/control/users/${seat.userId}/edit`, { message_id: message.message_id, text, chat_id: seat.chatId })),
  unblock: guarded(() => post(`/control/users/${seat.userId}/unblock`)),
  isPending: (messageId, data) => [...pending.values()].some((one) => one.message_id === messageId && one.data === data && one.user_id === seat.userId),
  reply: (message) => composer.setContext({ kind: "reply", message }),
  edit: (message) => composer.setContext({ kind: "edit", message }),
  jumpTo,
  grown: () => { if (atEnd) scrollToEnd(); },
};
const composer = new Composer(acts);

// ---- what is shown ----

function seats() {
  const all = [];
  for (const user of world.users) {
    all.push({ userId: user.id, chatId: user.id, isGroup: false });
    for (const chat of world.chats) {
      const isMember = chat.type !== "private" && chat.members.some(([id, status]) => id === user.id && !["left", "kicked"].includes(status));
      if (isMember) all.push({ userId: user.id, chatId: chat.id, isGroup: true });
    }
  }
  return all;
}

function nameOf(user) {
  return [user.first_name, user.last_name].filter(Boolean).join(" ");
}

function drawPeople() {
  byId("seats").replaceChildren(...seats().map((one) => {
    const user = personOf(one.userId);
    const last = visible(one.chatId).at(-1);
    const count = unread.get(keyOf(one.userId, one.chatId)) ?? 0;
    const chosen = one.userId === seat?.userId && one.chatId === seat?.chatId;
    const title = one.isGroup ? chatOf(one.chatId).title : nameOf(user);
    const preview = last ? summaryOf(last) : user.blocked ? "has blocked the bot" : "not started";
    return el("button", { class: `seat${chosen ? " chosen" : ""}${one.isGroup ? " group" : ""}`, "aria-current": chosen ? "true" : null, onclick: () => sit(one) },
      avatar(title, one.chatId),
      el("span", { class: "seat-words" },
        el("strong", {}, title, one.isGroup ? el("small", {}, ` as ${user.first_name}`) : null),
        el("span", {}, preview)),
      el("span", { class: "seat-side" }, last ? el("time", {}, timeOf(last)) : null, count ? el("b", {}, String(count)) : null));
  }));
  const others = [...unread.values()].reduce((sum, count) => sum + count, 0);
  const user = personOf(seat.userId);
  byId("open-people").replaceChildren(avatar(nameOf(user), user.id), ...(others ? [el("b", { class: "dot" }, String(others))] : []));
  byId("open-people").title = `You are ${nameOf(user)}: switch user`;
  byId("block").replaceChildren(icon("block"), user.blocked ? `Unblock the bot as ${user.first_name}` : `Block the bot as ${user.first_name}`);
  drawTheme();
}

function drawHead() {
  const chat = chatOf(seat.chatId);
  byId("chat-title").textContent = seat.isGroup ? chat.title : world.bot.first_name;
  byId("chat-face").replaceChildren(seat.isGroup ? avatar(chat.title, chat.id) : el("img", { class: "face", src: "/static/icon.svg", alt: "" }));
  const isTyping = typing?.chatId === seat.chatId;
  const status = byId("chat-status");
  status.className = isTyping ? "typing" : "";
  const present = seat.isGroup ? `${chat.members.length + 1} members` : "bot";
  status.textContent = !isOnline ? "connecting…" : isTyping ? typing.words : present;
  document.title = `${world.bot.first_name} · sandbox chat`;
  drawPinned(chat);
}

function drawPinned(chat) {
  const message = messages.get(chat.id)?.get(chat.pinned.at(-1));
  const bar = byId("pinned");
  bar.hidden = !message;
  if (!message) return;
  bar.replaceChildren(icon("pin"), el("span", {}, el("strong", {}, "Pinned message"), el("span", {}, summaryOf(message))));
  bar.onclick = () => jumpTo(message.message_id);
}

function commandsOf() {
  const person = personOf(seat.userId);
  const kinds = [`chat|${seat.chatId}|`, seat.isGroup ? "all_group_chats||" : "all_private_chats||", "default||"];
  for (const kind of kinds) {
    for (const language of [person.language_code, ""]) {
      const found = world.settings.commands?.[`${kind}|${language}`];
      if (found?.length) return found;
    }
  }
  return [];
}

function drawComposer() {
  const latest = visible(seat.chatId).filter((message) => message.by_bot && message.reply_markup && !message.reply_markup.inline_keyboard).at(-1);
  const replyKeyboard = latest?.reply_markup.keyboard ? latest.reply_markup : null;
  composer.show({ person: personOf(seat.userId), chat: chatOf(seat.chatId), commands: commandsOf(), replyKeyboard });
}

function dayOf(message) {
  const date = new Date(message.date * 1000);
  const today = new Date();
  const days = Math.round((new Date(today).setHours(0, 0, 0, 0) - new Date(date).setHours(0, 0, 0, 0)) / 86_400_000);
  return days === 0 ? "Today" : days === 1 ? "Yesterday" : DAY.format(date);
}

function drawLog() {
  const all = visible(seat.chatId);
  const shown = all.slice(-shownFrom);
  const wanted = [];
  if (shown.length < all.length) {
    wanted.push(kept("earlier", () => el("button", { class: "earlier", onclick: () => { shownFrom += SHOWN_AT_ONCE; drawLog(); } }, "Earlier messages")));
  }
  if (!all.length) wanted.push(kept(`empty ${world.bot.first_name}`, welcome));
  shown.forEach((message, index) => {
    const before = shown[index - 1];
    const after = shown[index + 1];
    if (!before || dayOf(before) !== dayOf(message)) {
      wanted.push(kept(`day ${dayOf(message)}`, () => el("div", { class: "day" }, el("span", {}, dayOf(message)))));
    }
    const node = kept(`message ${message.message_id}`, () => bubble(message, seat, acts));
    node.classList.toggle("joined", together(before, message));
    node.classList.toggle("last", !together(message, after));
    wanted.push(node);
  });
  if (typing?.chatId === seat.chatId) {
    wanted.push(kept("typing", () => el("div", { class: "message last dots", "aria-label": "typing" }, el("div", { class: "bubble" }, el("i"), el("i"), el("i")))));
  }
  arrange(log, wanted);
}

function together(first, second) {
  return Boolean(first && second) && first.from.id === second.from.id && second.date - first.date < GROUPED_SECONDS && dayOf(first) === dayOf(second);
}

function kept(key, make) {
  if (!nodes.has(key)) nodes.set(key, make());
  return nodes.get(key);
}

function arrange(parent, wanted) {
  const stay = new Set(wanted);
  for (const child of [...parent.children]) if (!stay.has(child)) child.remove();
  wanted.forEach((node, index) => {
    if (parent.children[index] !== node) parent.insertBefore(node, parent.children[index] ?? null);
  });
}

function welcome() {
  const person = personOf(seat.userId);
  const description = world.settings.texts?.[`description|${person.language_code}`] || world.settings.texts?.["description|"];
  return el("div", { class: "welcome" }, el("img", { src: "/static/icon.svg", alt: "" }),
    el("strong", {}, world.bot.first_name),
    el("p", {}, description || "There are no messages here yet. Press Start, as a user of Telegram would."));
}

function drawAll() {
  drawPeople();
  drawHead();
  drawComposer();
  drawLog();
}

// ---- scrolling ----

let atEnd = true;
let missed = 0;

function scrollToEnd() {
  atEnd = true;
  missed = 0;
  drawToEnd();
  log.scrollTop = log.scrollHeight;
}

function drawToEnd() {
  byId("to-end").hidden = atEnd;
  byId("to-end").lastElementChild.textContent = missed ? String(missed) : "";
}

log.addEventListener("scroll", () => {
  atEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 60;
  if (atEnd) missed = 0;
  drawToEnd();
}, { passive: true });
new ResizeObserver(() => { if (atEnd) log.scrollTop = log.scrollHeight; }).observe(log);
byId("to-end").onclick = scrollToEnd;

function jumpTo(messageId) {
  const node = log.querySelector(`[data-id="${messageId}"]`);
  if (!node) return;
  node.scrollIntoView({ block: "center", behavior: "smooth" });
  node.classList.remove("flash");
  requestAnimationFrame(() => node.classList.add("flash"));
}

// ---- what happens ----

const on = {
  message({ message }) {
    const chatId = message.chat.id;
    const known = messages.get(chatId)?.get(message.message_id);
    if (!messages.has(chatId)) messages.set(chatId, new Map());
    messages.get(chatId).set(message.message_id, message);
    if (!known && message.by_bot && typing?.chatId === chatId) stopTyping();
    if (chatId !== seat.chatId) {
      if (!known) countUnread(message, chatId);
      return drawPeople();
    }
    nodes.delete(`message ${message.message_id}`);
    if (!known && message.from.id === seat.userId) {
      personOf(seat.userId).started = true;
    }
    const wasAtEnd = atEnd;
    drawPeople();
    drawComposer();
    drawLog();
    if (known) kept(`message ${message.message_id}`).classList.add("changed");
    else kept(`message ${message.message_id}`).classList.add("new");
    if (wasAtEnd) scrollToEnd();
    else if (!known) {
      missed += 1;
      drawToEnd();
    }
    drawHead();
  },
  deleted({ chat_id: chatId, message_id: messageId }) {
    const message = messages.get(chatId)?.get(messageId);
    if (message) message.deleted = true;
    drawPeople();
    if (chatId === seat.chatId) drawLog();
  },
  pressed(query) {
    pending.set(query.query_id, query);
    setTimeout(() => settle(query.query_id), QUERY_SECONDS * 1000);
    redraw(query);
  },
  callback_answer(event) {
    settle(event.query_id);
    if (event.user_id !== seat.userId || event.chat_id !== seat.chatId) return;
    const { text, show_alert: showAlert, url } = event.answer;
    if (text) showAlert ? alertDialog(text) : toast(text);
    if (url && safeLink(url)) window.open(safeLink(url), "_blank", "noopener");
  },
  action({ chat_id: chatId, action }) {
    clearTimeout(typing?.timer);
    const words = action === "typing" ? "typing…" : action.startsWith("upload_") ? "sending a file…" : `${action.replaceAll("_", " ")}…`;
    typing = { chatId, words, timer: setTimeout(stopTyping, TYPING_SECONDS * 1000) };
    drawHead();
    drawLog();
    if (atEnd) scrollToEnd();
  },
  pinned({ chat_id: chatId, pinned }) {
    const chat = chatOf(chatId);
    if (chat) chat.pinned = pinned;
    drawHead();
  },
  blocked({ user_id: userId, blocked }) {
    const person = personOf(userId);
    if (person) person.blocked = blocked;
    drawAll();
  },
  user: refresh,
  chat: refresh,
  commands: refresh,
  profile: refresh,
  reset: load,
};

function countUnread(message, chatId) {
  for (const one of seats()) {
    if (one.chatId !== chatId || one.userId === message.from.id) continue;
    const key = keyOf(one.userId, chatId);
    unread.set(key, (unread.get(key) ?? 0) + 1);
  }
}

function settle(queryId) {
  const query = pending.get(queryId);
  pending.delete(queryId);
  if (query) redraw(query);
}

function redraw({ chat_id: chatId, message_id: messageId }) {
  if (chatId !== seat.chatId) return;
  for (const key of log.querySelectorAll(`[data-id="${messageId}"] .key[data-data]`)) {
    key.classList.toggle("pending", acts.isPending(messageId, key.dataset.data));
  }
}

function stopTyping() {
  clearTimeout(typing?.timer);
  typing = null;
  drawHead();
  drawLog();
}

async function refresh() {
  Object.assign(world, await get("/control/state"));
  nodes.delete(`empty ${world.bot.first_name}`);
  if (seat) drawAll();
}

async function load() {
  source?.close();
  await refresh();
  const { revision } = world;
  await Promise.all(world.chats.map(async (chat) => {
    const { messages: all } = await get(`/control/chats/${chat.id}/messages`);
    messages.set(chat.id, new Map(all.map((message) => [message.message_id, message])));
  }));
  const asked = Number(new URLSearchParams(location.search).get("user") ?? localStorage.getItem("user"));
  const user = personOf(seat?.userId ?? asked) ?? world.users[0];
  sit(seat && chatOf(seat.chatId) && personOf(seat.userId) ? seat : { userId: user.id, chatId: user.id, isGroup: false });
  source = stream(revision, {
    change: (event) => on[event.kind]?.(event),
    online: (now) => { isOnline = now; drawHead(); },
  });
}

function sit(one) {
  const key = keyOf(one.userId, one.chatId);
  if (seat) drafts.set(keyOf(seat.userId, seat.chatId), composer.field.value);
  seat = one;
  nodes.clear();
  shownFrom = SHOWN_AT_ONCE;
  unread.delete(key);
  composer.context = null;
  composer.field.value = drafts.get(key) ?? "";
  localStorage.setItem("user", String(one.userId));
  document.body.classList.remove("choosing");
  log.replaceChildren();
  drawAll();
  scrollToEnd();
}

// ---- the page's own buttons ----

byId("open-people").onclick = () => document.body.classList.toggle("choosing");
byId("close-people").onclick = () => document.body.classList.remove("choosing");
document.querySelector(".chat").addEventListener("click", (event) => {
  if (document.body.classList.contains("choosing") && !event.target.closest("#open-people")) document.body.classList.remove("choosing");
});
byId("open-faucet").onclick = () => openFaucet(new URLSearchParams(location.search).get("address") ?? addressIn(visible(seat.chatId)));
byId("new-user").onclick = async () => {
  const given = await askForUser();
  if (given) await meet(guarded(() => post("/control/users", given)), (person) => ({ userId: person.id, chatId: person.id, isGroup: false }));
};
byId("new-group").onclick = async () => {
  const title = await askForGroup();
  const members = [seat.userId, ...world.users.map((user) => user.id).filter((id) => id !== seat.userId)];
  if (title) await meet(guarded(() => post("/control/groups", { title, members })), (group) => ({ userId: seat.userId, chatId: group.id, isGroup: true }));
};
byId("theme").onclick = switchTheme;
byId("block").onclick = () => {
  const person = personOf(seat.userId);
  guarded(() => post(`/control/users/${person.id}/${person.blocked ? "unblock" : "block"}`))();
};

async function meet(create, seatOf) {
  const created = await create();
  if (!created) return;
  await refresh();
  sit(seatOf(created));
}

load();
