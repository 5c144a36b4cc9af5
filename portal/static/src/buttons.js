// Buttons that only a script can serve are in the page hidden, and are shown here.
import { say } from "./say.js";

function once(scope, selector, start) {
  for (const button of scope.querySelectorAll(selector)) {
    if (button.dataset.started) continue;
    button.dataset.started = "yes";
    button.hidden = false;
    start(button);
  }
}

export function startCopyButtons(scope) {
  if (!navigator.clipboard) return;
  once(scope, "button[data-copy]", (button) => {
    button.addEventListener("click", async () => {
      const source = document.getElementById(button.dataset.copy);
      if (!source) return;
      try {
        await navigator.clipboard.writeText((source.dataset.plain ?? source.value ?? source.textContent).trim());
      } catch {
        window.getSelection().selectAllChildren(source); // a browser that forbids it can still copy by hand
        say("Your browser does not let the page copy. It is selected: copy it with the keyboard");
        return;
      }
      say(button.dataset.copied || "Copied");
      const words = button.textContent;
      button.textContent = "Copied";
      window.setTimeout(() => { button.textContent = words; }, 2000);
    });
  });
}

export function startPrintButtons(scope) {
  once(scope, "button[data-print]", (button) => {
    for (const advice of document.querySelectorAll("[data-print-advice]")) advice.hidden = true;
    button.addEventListener("click", () => window.print());
  });
}

export function startTickAll(scope) {
  once(scope, "button[data-tick-all]", (button) => {
    button.addEventListener("click", () => {
      const boxes = document.querySelectorAll(`input[type=checkbox][form="${button.dataset.tickAll}"]`);
      for (const box of boxes) box.checked = true;
      say(`${boxes.length} ticked`);
    });
  });
}
