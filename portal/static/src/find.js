// Boxes among which one is found by words: those that do not fit are put away while somebody types.
import { say } from "./say.js";

export function startFinding(scope) {
  for (const box of scope.querySelectorAll("[data-find]")) {
    const all = document.getElementById(box.dataset.find);
    if (!all || box.dataset.started) continue;
    box.dataset.started = "yes";
    const button = box.closest(".app-find")?.querySelector("button");
    if (button) button.hidden = button.disabled = true;
    let waiting;
    const look = () => {
      const words = box.value.toLowerCase().split(/\s+/).filter(Boolean);
      let shown = 0;
      for (const item of all.children) {
        const text = item.textContent.toLowerCase();
        item.hidden = !item.querySelector("input")?.checked && !words.every((word) => text.includes(word));
        if (!item.hidden) shown += 1;
      }
      window.clearTimeout(waiting);
      if (words.length) waiting = window.setTimeout(() => say(`${shown} shown`), 700);
    };
    box.addEventListener("input", look);
    box.addEventListener("keydown", (event) => {
      if (event.key === "Enter") event.preventDefault();
    });
  }
}
