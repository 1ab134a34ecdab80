// Light or dark: as the system says, until the user says otherwise.

import { byId, icon } from "./dom.js";

const root = document.documentElement;
const isDark = () => (root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches);

if (localStorage.getItem("theme")) root.dataset.theme = localStorage.getItem("theme");

export function switchTheme() {
  root.dataset.theme = isDark() ? "light" : "dark";
  localStorage.setItem("theme", root.dataset.theme);
  drawTheme();
}

export function drawTheme() {
  byId("theme").replaceChildren(icon("moon"), isDark() ? "Light colours" : "Dark colours");
  document.querySelector('meta[name="theme-color"]').content = getComputedStyle(root).getPropertyValue("--panel").trim();
}
