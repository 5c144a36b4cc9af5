// The server adds and removes items; after it has, focus goes where a person would look next.
import { say } from "./say.js";

export function startAddAnother() {
  document.addEventListener("htmx:before:swap", (event) => {
    const list = event.detail.ctx?.target?.closest?.("[data-add-another]");
    if (list) event.detail.ctx.itemsBefore = list.querySelectorAll("[data-item]").length;
  });
  document.addEventListener("htmx:after:swap", (event) => {
    const before = event.detail.ctx?.itemsBefore;
    if (before === undefined) return;
    const list = document.getElementById(event.detail.ctx.target.id);
    if (!list) return;
    const items = list.querySelectorAll("[data-item]");
    if (items.length > before) {
      focusHeading(items[items.length - 1]);
      say("Added");
    } else if (items.length < before) {
      focusHeading(list);
      say("Removed");
    }
  });
}

function focusHeading(within) {
  const heading = within.querySelector("h2, h3, h4, legend") ?? within;
  heading.tabIndex = -1;
  heading.focus();
}
