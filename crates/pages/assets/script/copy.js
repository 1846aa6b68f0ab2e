// A button "Copy" behind every element marked data-copy, for what people must keep or hand on. Without script the text
// is there to be selected.
(() => {
  "use strict";
  if (!navigator.clipboard) return;
  for (const place of document.querySelectorAll("[data-copy]")) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "small copy";
    button.textContent = "Copy";
    button.setAttribute("aria-label", `Copy ${place.dataset.copy}`);
    const said = document.createElement("span");
    said.setAttribute("role", "status");
    button.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(place.textContent.trim());
        said.textContent = " Copied.";
      } catch {
        said.textContent = " Could not copy; select the text and copy it.";
      }
    });
    place.after(" ", button, said);
  }
})();
