// “Today” and “Now” beside boxes for days and times: by the clock of the portal, not of the machine.
import { say } from "./say.js";

export function startFilling(scope) {
  for (const button of scope.querySelectorAll("[data-fill-today], [data-fill-now]")) {
    if (button.dataset.started || !document.body.dataset.clock) continue;
    button.dataset.started = "yes";
    button.hidden = false;
    button.addEventListener("click", () => {
      if (button.dataset.fillToday) fillDay(button.dataset.fillToday, portalTime());
      else fill(button.dataset.fillNow, portalTime().toISOString().slice(11, 16));
      say(`${button.firstChild.textContent} filled in`);
    });
  }
}

// What the clock on the portal’s wall says, as if it were UTC
function portalTime() {
  return new Date(Date.parse(`${document.body.dataset.clock}Z`) + performance.now());
}

function fillDay(id, moment) {
  fill(`${id}-day`, moment.getUTCDate());
  fill(`${id}-month`, moment.getUTCMonth() + 1);
  fill(`${id}-year`, moment.getUTCFullYear());
}

function fill(id, value) {
  const box = document.getElementById(id);
  if (!box) return;
  box.value = value;
  box.dispatchEvent(new Event("input", { bubbles: true }));
}
