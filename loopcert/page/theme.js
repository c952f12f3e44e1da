"use strict";
for (const part of document.querySelectorAll(".script")) part.hidden = false;

{ // light, dark, or as the system has it
  const root = document.documentElement, button = document.getElementById("theme");
  const names = ["system", "light", "dark"];
  const remembered = (() => {
    try { return localStorage.getItem("theme"); } catch { return null; } // not from disk, maybe
  })();
  const set = (name) => {
    if (name === "system") delete root.dataset.theme; else root.dataset.theme = name;
    button.textContent = `Theme: ${name}`;
    try { localStorage.setItem("theme", name); } catch { /* it is asked again next time */ }
    dispatchEvent(new Event("theme"));
  };
  button.addEventListener("click", () => {
    set(names[(names.indexOf(root.dataset.theme || "system") + 1) % 3]);
  });
  if (names.includes(remembered)) set(remembered);
  matchMedia("(prefers-color-scheme: dark)").addEventListener(
    "change", () => dispatchEvent(new Event("theme")));
}
