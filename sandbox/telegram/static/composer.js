// Where the user writes: text, commands with completion, reply keyboards, Start and Unblock.

import { byId, el, icon } from "./dom.js";
import { summaryOf } from "./message.js";

const LONGEST = 4096;

export class Composer {
  constructor(acts) {
    this.acts = acts;
    this.commands = [];
    this.context = null;
    this.chosen = 0;
    this.foot = byId("composer");
    this.list = byId("suggestions");
    this.field = el("textarea", {
      rows: "1", placeholder: "Message", "aria-label": "Message", enterkeyhint: "send", autocomplete: "off", maxlength: String(LONGEST * 4),
      oninput: () => this.changed(),
      onkeydown: (event) => this.key(event),
    });
    this.sendButton = el("button", { class: "send", "aria-label": "Send", onclick: () => this.send() }, icon("send"));
    this.menuButton = el("button", { class: "commands", "aria-label": "Commands", title: "Commands", onclick: () => this.toggleCommands() }, icon("list"));
  }

  show({ person, chat, commands, replyKeyboard }) {
    this.commands = commands;
    const isPrivate = chat.type === "private";
    if (isPrivate && person.blocked) return this.only("Unblock the bot", this.acts.unblock);
    if (isPrivate && !person.started) return this.only("Start", () => this.acts.say("/start"));
    this.menuButton.hidden = commands.length === 0;
    this.foot.replaceChildren(
      this.contextBar(),
      el("div", { class: "writing" }, this.menuButton, this.field, this.sendButton),
      ...(replyKeyboard ? [this.replyKeys(replyKeyboard)] : []));
    this.changed();
  }

  only(label, act) {
    this.list.hidden = true;
    this.foot.replaceChildren(el("button", { class: "button primary big", onclick: act }, label));
  }

  contextBar() {
    if (!this.context) return el("div", { class: "context", hidden: true });
    const { kind, message } = this.context;
    return el("div", { class: "context" },
      el("div", {}, el("strong", {}, kind === "edit" ? "Edit message" : `Reply to ${message.from.first_name}`), el("span", {}, summaryOf(message))),
      el("button", { class: "round", "aria-label": "Cancel", onclick: () => this.setContext(null) }, icon("close")));
  }

  setContext(context) {
    if (this.context?.kind === "edit") this.field.value = "";
    this.context = context;
    if (context?.kind === "edit") this.field.value = context.message.text;
    this.foot.querySelector(".context")?.replaceWith(this.contextBar());
    this.changed();
    this.field.focus();
  }

  replyKeys(markup) {
    return el("div", { class: "reply-keys" }, markup.keyboard.map((row) =>
      el("div", { class: "keys" }, row.map((key) =>
        el("button", { class: "key", onclick: () => this.acts.say(key.text) }, el("span", {}, key.text))))));
  }

  changed() {
    this.field.style.height = "auto";
    this.field.style.height = `${Math.min(this.field.scrollHeight, 160)}px`;
    this.sendButton.disabled = this.field.value.trim() === "";
    this.suggest();
  }

  suggest() {
    const typed = /^\/(\w*)$/.exec(this.field.value);
    const found = typed ? this.commands.filter(({ command }) => command.startsWith(typed[1].toLowerCase())) : [];
    this.chosen = 0;
    this.list.hidden = found.length === 0;
    this.list.replaceChildren(...found.map((one, index) =>
      el("button", {
        class: index === 0 ? "suggestion chosen" : "suggestion", role: "option",
        onclick: () => this.pick(one.command),
      }, el("strong", {}, `/${one.command}`), el("span", {}, one.description))));
  }

  toggleCommands() {
    this.field.value = this.field.value === "/" ? "" : "/";
    this.field.focus();
    this.changed();
  }

  pick(command) {
    this.field.value = "";
    this.changed();
    this.acts.say(`/${command}`);
  }

  key(event) {
    const options = [...this.list.children];
    if (!this.list.hidden && ["ArrowDown", "ArrowUp"].includes(event.key)) {
      event.preventDefault();
      options[this.chosen].classList.remove("chosen");
      this.chosen = (this.chosen + (event.key === "ArrowDown" ? 1 : options.length - 1)) % options.length;
      options[this.chosen].classList.add("chosen");
      options[this.chosen].scrollIntoView({ block: "nearest" });
    } else if (!this.list.hidden && event.key === "Tab") {
      event.preventDefault();
      this.field.value = `${options[this.chosen].firstChild.textContent} `;
      this.changed();
    } else if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      if (this.list.hidden) this.send();
      else options[this.chosen].click();
    } else if (event.key === "Escape") {
      if (this.context) this.setContext(null);
      else this.list.hidden = true;
    }
  }

  async send() {
    const text = this.field.value;
    if (!text.trim()) return;
    const context = this.context;
    this.context = null;
    this.field.value = "";
    this.foot.querySelector(".context")?.replaceWith(this.contextBar());
    this.changed();
    this.field.focus();
    if (context?.kind === "edit") await this.acts.saveEdit(context.message, text);
    else await this.acts.say(text, context?.message.message_id);
  }
}
