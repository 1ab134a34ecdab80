// Questions before somebody new joins.

import { dialog, el } from "./dom.js";

const field = (name, label, placeholder, required) =>
  el("label", {}, el("span", {}, label), el("input", { name, placeholder, required, maxlength: "32", autocomplete: "off" }));

const actions = [{ label: "Cancel" }, { label: "Create", primary: true }];

export function askForUser() {
  const body = el("div", {},
    field("first_name", "Name", "Carol", true),
    field("username", "Username (optional)", "carol_trades", false));
  return dialog({ title: "New user", body, actions });
}

export async function askForGroup() {
  const body = el("div", {},
    el("p", {}, "Everybody who is here now joins, and so does the bot."),
    field("title", "Title", "Trading desk", true));
  return (await dialog({ title: "New group", body, actions }))?.title;
}
