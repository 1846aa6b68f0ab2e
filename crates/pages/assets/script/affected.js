// "Am I affected?" (data-affected): the answer while one types, in the place where the form's own answer would stand.
(() => {
  "use strict";
  const form = document.querySelector("form[data-affected]");
  const place = document.querySelector("[data-answer]");
  if (!form || !place) return;
  let timer = 0;
  let asking = null;
  const make = (tag, text, className) => {
    const element = document.createElement(tag);
    element.textContent = text;
    if (className) element.className = className;
    return element;
  };
  const ask = async () => {
    if (asking) asking.abort();
    const pairs = new URLSearchParams(new FormData(form));
    if (!(pairs.get("installed") || "").trim()) {
      place.replaceChildren();
      return;
    }
    asking = new AbortController();
    try {
      const answer = await fetch(`${form.dataset.affected}?${pairs}`, { signal: asking.signal });
      if (!answer.ok) throw new Error(String(answer.status));
      const said = await answer.json();
      const head = make("p", "");
      head.append(make("span", said.verdict, `badge ${said.tone}`), " ", make("strong", said.asked));
      const list = make("ul", "");
      list.append(...said.because.map((line) => make("li", line)));
      place.replaceChildren(head, list, make("p", said.advice));
    } catch (error) {
      if (error.name !== "AbortError") place.replaceChildren(make("p", "No answer now: use the button."));
    }
  };
  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(ask, 400);
  });
})();
