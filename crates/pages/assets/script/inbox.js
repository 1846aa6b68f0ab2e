// Keys of the inbox. Every key moves the focus, follows a link of the row or opens the help; what changes something is a
// form behind the link. The rows take part in the order of Tab as one stop (a roving tabindex), keys are silent while a
// field is being filled in and with Ctrl, Alt or Meta, and can be switched off in the help.
(() => {
  "use strict";
  const table = document.querySelector("table[data-inbox]");
  const help = document.querySelector("dialog[data-inbox-keys]");
  if (!help) return;
  const rows = table ? [...table.tBodies[0].rows] : [];
  const box = help.querySelector("input[type=checkbox]");
  const STORE = "bastide.inbox-keys";

  const remembered = () => {
    try {
      return localStorage.getItem(STORE);
    } catch {
      return null;
    }
  };
  let on = remembered() !== "off";
  box.checked = on;
  box.addEventListener("change", () => {
    on = box.checked;
    try {
      localStorage.setItem(STORE, on ? "on" : "off");
    } catch {
      // Without storage the choice holds for this page.
    }
    mark();
  });

  help.querySelector("[data-inbox-keys-close]").addEventListener("click", () => help.close());

  let at = -1;
  const mark = () => {
    rows.forEach((row, index) => {
      if (on) row.tabIndex = index === Math.max(at, 0) ? 0 : -1;
      else row.removeAttribute("tabindex");
    });
  };
  const go = (index) => {
    if (rows.length === 0) return;
    at = Math.min(Math.max(index, 0), rows.length - 1);
    mark();
    rows[at].focus();
    rows[at].scrollIntoView({ block: "nearest" });
  };
  rows.forEach((row, index) => {
    row.addEventListener("focusin", () => {
      at = index;
      mark();
    });
  });
  mark();

  const current = () => rows[Math.max(at, 0)];
  const follow = (key) => {
    const link = current()?.querySelector(`[data-inbox-key="${CSS.escape(key)}"]`);
    if (link) link.click();
  };
  const open = () => current()?.querySelector("[data-inbox-open]")?.click();
  const keys = {
    j: () => go(at + 1),
    k: () => go(at < 0 ? 0 : at - 1),
    1: () => follow("1"),
    2: () => follow("2"),
    3: () => follow("3"),
    h: () => follow("h"),
    a: () => follow("a"),
    "/": () => document.querySelector("[data-inbox-filter] input[type=search]")?.focus(),
    "?": () => help.showModal(),
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing || help.open) return;
    const place = event.target;
    if (place.closest?.("input:not([type=checkbox]), textarea, select, [contenteditable]")) return;
    if (event.key === "Enter") {
      // Enter on a link, button or summary is theirs.
      if (on && rows.includes(place)) {
        event.preventDefault();
        open();
      }
      return;
    }
    if (!on && event.key !== "?") return;
    const action = keys[event.key.toLowerCase()];
    if (!action) return;
    event.preventDefault();
    action();
  });

  const button = document.createElement("button");
  button.type = "button";
  button.className = "small";
  button.textContent = "Keys";
  button.setAttribute("aria-haspopup", "dialog");
  button.addEventListener("click", () => help.showModal());
  const item = document.createElement("li");
  item.append(button);
  document.querySelector("ul.views")?.append(item);
})();
