// The report form (data-check): what the checks say while one types, how the thanks will stand, and a question before
// the page is left with something unsent. Nothing is stored, here or at the desk, and nothing is ever stopped. Without
// script the buttons "See the whole report first" and "Check it first" do the same.
(() => {
  "use strict";
  const form = document.querySelector("form[data-check]");
  if (!form) return;
  const PAUSE = 1500; // After the last key, in milliseconds.
  const APART = 4000; // Between two questions.
  const LONGEST = 200000; // Characters; a longer report is checked by its button.
  const touched = new Set();
  let timer = 0;
  let last = 0;
  let asking = null;
  let wait = APART;
  let unsent = false;

  const make = (tag, text, className) => {
    const element = document.createElement(tag);
    if (text) element.textContent = text;
    if (className) element.className = className;
    return element;
  };

  const panel = make("div", "", "live-check");
  const choice = make("label", "", "choice");
  const box = make("input");
  box.type = "checkbox";
  box.checked = true;
  choice.append(box, make("span", "Check while I type. What you type goes to this desk for that, but not your mail address and no files; nothing is stored."));
  const said = make("p", "", "muted");
  said.setAttribute("role", "status");
  panel.append(choice, said);
  form.prepend(panel);

  const clear = () => {
    for (const list of form.querySelectorAll("ul.live")) list.remove();
    for (const field of form.querySelectorAll("[data-live]")) delete field.dataset.live;
  };

  const show = (findings) => {
    clear();
    let shown = 0;
    for (const finding of findings) {
      const control = finding.target && document.getElementById(finding.target);
      const field = control && control.closest(".field");
      if (!field || !touched.has(field)) continue;
      let list = field.querySelector("ul.live");
      if (!list) {
        list = make("ul", "", "findings live");
        field.dataset.live = "yes";
        field.append(list);
      }
      const item = make("li");
      item.append(make("span", finding.words, `badge ${finding.tone}`), ` ${finding.message} `, make("span", finding.remedy, "remedy"));
      list.append(item);
      shown += 1;
    }
    said.textContent = shown === 0 ? "Nothing to mend in what you filled in so far." : `${shown} ${shown === 1 ? "note" : "notes"} at the questions you filled in.`;
  };

  const ask = async () => {
    timer = 0;
    const pairs = new URLSearchParams();
    let length = 0;
    for (const [name, value] of new FormData(form)) {
      if (typeof value !== "string" || name === "contact" || name === "idempotency-key") continue;
      pairs.append(name, value);
      length += value.length;
    }
    if (length > LONGEST) {
      said.textContent = "The report is long now: use the button “Check it first”.";
      return;
    }
    if (asking) asking.abort();
    asking = new AbortController();
    last = Date.now();
    try {
      const answer = await fetch(form.dataset.check, { method: "POST", body: pairs, signal: asking.signal });
      if (!answer.ok) throw new Error(String(answer.status));
      const { findings } = await answer.json();
      wait = APART;
      if (box.checked) show(findings);
    } catch (error) {
      if (error.name === "AbortError") return;
      wait = Math.min(wait * 2, 60000);
      said.textContent = "The checks do not answer now. You can send your report all the same.";
    }
  };

  const soon = () => {
    if (!box.checked) return;
    clearTimeout(timer);
    timer = setTimeout(ask, Math.max(PAUSE, last + wait - Date.now()));
  };

  const thanks = document.querySelector("[data-thanks]");
  const thank = () => {
    const answer = (name) => (new FormData(form).get(name) || "").trim();
    const name = answer("credit.name");
    const link = answer("credit.link");
    if (!name) thanks.textContent = "Nobody is named.";
    else if (answer("credit.consent") !== "yes") thanks.textContent = "Nobody is named: you have not agreed to it.";
    else thanks.textContent = link ? `Thanks to ${name} (${link}).` : `Thanks to ${name}.`;
  };

  form.addEventListener("input", (event) => {
    if (event.target === box) return;
    unsent = true;
    const field = event.target.closest(".field");
    if (field) touched.add(field);
    if (thanks && event.target.name && event.target.name.startsWith("credit.")) thank();
    soon();
  });
  box.addEventListener("change", () => {
    if (box.checked) return soon();
    clearTimeout(timer);
    if (asking) asking.abort();
    clear();
    said.textContent = "Switched off: nothing is sent before you press a button.";
  });
  form.addEventListener("submit", () => {
    unsent = false;
    clearTimeout(timer);
  });
  addEventListener("beforeunload", (event) => {
    if (unsent) event.preventDefault();
  });
})();
