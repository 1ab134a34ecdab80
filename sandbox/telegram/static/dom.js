// Small pieces of page: elements, icons, toasts, dialogs, menus. Text goes in as text, never as HTML.

export const byId = (id) => document.getElementById(id);

export function el(tag, properties = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined || value === null || value === false) continue;
    if (name === "class") node.className = value;
    else if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (name === "dataset") Object.assign(node.dataset, value);
    else if (name in node && name !== "list" && typeof value !== "string") node[name] = value;
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return node;
}

export function icon(name) {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(space, "use");
  use.setAttribute("href", `#i-${name}`);
  svg.append(use);
  return svg;
}

const HUES = [212, 145, 28, 275, 340, 185, 48, 310];

export function avatar(name, id) {
  const letters = name.split(/\s+/).filter(Boolean).slice(0, 2).map((word) => [...word][0]);
  const node = el("span", { class: "avatar", "aria-hidden": "true" }, letters.join("").toUpperCase());
  node.style.setProperty("--hue", HUES[Math.abs(id) % HUES.length]);
  return node;
}

export function toast(text, { bad = false, seconds = 3.2 } = {}) {
  const node = el("div", { class: bad ? "toast bad" : "toast" }, text);
  byId("toasts").append(node);
  setTimeout(() => node.classList.add("gone"), seconds * 1000);
  setTimeout(() => node.remove(), seconds * 1000 + 400);
}

// A dialog that gives back what its buttons return; Escape and a tap beside it give null.
export function dialog({ title, body, actions, className = "" }) {
  return new Promise((resolve) => {
    const close = (value) => {
      node.close();
      node.remove();
      resolve(value);
    };
    const buttons = actions.map(({ label, value, primary }) =>
      el("button", {
        class: primary ? "button primary" : "button",
        type: primary ? "submit" : "button",
        onclick: primary ? undefined : () => close(null),
        dataset: { value: value ?? "" },
      }, label));
    const form = el("form", {
      onsubmit: (event) => {
        event.preventDefault();
        close(Object.fromEntries(new FormData(form)));
      },
    }, title ? el("h2", {}, title) : null, body, el("div", { class: "actions" }, buttons));
    const node = el("dialog", { class: `dialog ${className}` }, form);
    node.addEventListener("cancel", (event) => {
      event.preventDefault();
      close(null);
    });
    node.addEventListener("pointerdown", (event) => {
      if (event.target === node) close(null);
    });
    document.body.append(node);
    node.showModal();
  });
}

export function alertDialog(text) {
  return dialog({ body: el("p", { class: "alert-text" }, text), actions: [{ label: "OK", primary: true }] });
}

export function openMenu(anchor, items) {
  document.querySelector(".menu")?.remove();
  const menu = el("div", { class: "menu", role: "menu" }, items.filter(Boolean).map(({ label, act, bad }) =>
    el("button", {
      role: "menuitem",
      class: bad ? "bad" : "",
      onclick: () => {
        leave();
        act();
      },
    }, label)));
  document.body.append(menu);
  const at = anchor instanceof Element ? anchor.getBoundingClientRect() : { ...anchor, bottom: anchor.y, right: anchor.x };
  const box = menu.getBoundingClientRect();
  const left = Math.min(Math.max(8, at.right - box.width), innerWidth - box.width - 8);
  const below = at.bottom + 6;
  menu.style.left = `${left}px`;
  menu.style.top = `${below + box.height > innerHeight ? Math.max(8, (at.top ?? at.y) - box.height - 6) : below}px`;
  const leave = () => {
    menu.remove();
    removeEventListener("pointerdown", outside, true);
    removeEventListener("keydown", escape, true);
  };
  const outside = (event) => {
    if (!menu.contains(event.target)) leave();
  };
  const escape = (event) => {
    if (event.key === "Escape") leave();
  };
  addEventListener("pointerdown", outside, true);
  addEventListener("keydown", escape, true);
  menu.querySelector("button")?.focus({ preventScroll: true });
}

export async function copy(text, what = "Copied") {
  try {
    await navigator.clipboard.writeText(text);
    toast(what);
  } catch {
    const area = el("textarea", { class: "offscreen" });
    area.value = text;
    document.body.append(area);
    area.select();
    toast(document.execCommand("copy") ? what : "The browser did not let it be copied");
    area.remove();
  }
}
