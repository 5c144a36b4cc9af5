// Warns before a session ends, keeps what was typed, and lets one stay. Typing counts as being at work.
import { say } from "./say.js";
import { stayedAtWork, whoIsSignedIn } from "./session.js";

const MINUTE = 60_000;
const TOUCH_EVERY = 5 * MINUTE;

export function startTimeOutWarning() {
  const idle = Number(document.body.dataset.idleSeconds) * 1000;
  const dialog = document.getElementById("time-out");
  if (!idle || !dialog) return;

  const warning = Math.min(3 * MINUTE, idle / 3);
  const otherTabs = "BroadcastChannel" in window ? new BroadcastChannel("portal-session") : null;
  let touchedAt = Date.now();
  let over = false;

  const touched = () => {
    touchedAt = Date.now();
    over = false;
    if (dialog.open) dialog.close();
  };
  const touchedHere = () => {
    touched();
    otherTabs?.postMessage("touched");
  };
  otherTabs?.addEventListener("message", touched);
  touchedHere();

  document.addEventListener("htmx:after:request", (event) => {
    const response = event.detail.ctx?.response;
    if (response && response.status < 400) touchedHere();
  });

  const atWork = () => {
    if (over || dialog.open || Date.now() - touchedAt < Math.min(TOUCH_EVERY, idle / 4)) return;
    touchedAt = Date.now();
    stay();
  };
  document.addEventListener("input", atWork);
  document.addEventListener("keydown", atWork);

  async function stay() {
    try {
      if (await stayedAtWork()) touchedHere();
      else ended();
    } catch {
      // no connection: the warning comes again at the next tick
    }
  }

  function ended() {
    over = true;
    show(dialog.dataset.endedTitle, dialog.dataset.endedText);
  }

  function show(title, text) {
    dialog.querySelector("[data-title]").textContent = title;
    dialog.querySelector("[data-text]").textContent = text;
    dialog.querySelector("[data-stay]").hidden = over;
    dialog.querySelector("[data-sign-in]").hidden = !over;
    if (!dialog.open) dialog.showModal();
    say(`${title}. ${text}`);
  }

  dialog.querySelector("[data-stay]").addEventListener("click", stay);
  dialog.querySelector("[data-close]").addEventListener("click", () => dialog.close());

  window.setInterval(() => {
    if (over) return;
    const left = touchedAt + idle - Date.now();
    if (left <= 0) ended();
    else if (left <= warning && !dialog.open) show(dialog.dataset.warningTitle, dialog.dataset.warningText);
  }, Math.min(10_000, idle / 10));

  document.addEventListener("visibilitychange", async () => {
    if (document.visibilityState !== "visible" || !over) return;
    if ((await whoIsSignedIn().catch(() => null)) === "same") touchedHere();
  });
}
