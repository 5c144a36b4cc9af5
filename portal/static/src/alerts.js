// A request made by htmx that fails leaves the page as it is; this says so, at the top and aloud.
import { say } from "./say.js";

function place() {
  return document.getElementById("page-alert");
}

function write(title, text) {
  const alert = place();
  if (!alert) return;
  const box = document.createElement("div");
  box.className = "govuk-error-summary";
  box.tabIndex = -1;
  const heading = document.createElement("h2");
  heading.className = "govuk-error-summary__title";
  heading.textContent = title;
  const paragraph = document.createElement("p");
  paragraph.className = "govuk-body";
  paragraph.textContent = text;
  box.append(heading, paragraph);
  alert.replaceChildren(box);
}

function bringIntoView() {
  const box = place()?.firstElementChild;
  if (!box) return;
  box.tabIndex = -1;
  box.focus();
  say(box.innerText);
}

export function listenForFailures() {
  document.addEventListener("htmx:before:request", () => place()?.replaceChildren());
  document.addEventListener("htmx:error", (event) => {
    if (event.detail.ctx?.response) return;
    write("The portal could not be reached", "Nothing has been changed. Check your connection, then try again.");
    bringIntoView();
  });
  // The server's own words arrive out of band with the answer; where none came, say the least that is true
  document.addEventListener("htmx:finally:swap", (event) => {
    const response = event.detail.ctx?.response;
    if (!response || response.status < 400 || response.status === 422 || response.status === 409) return;
    if (!place()?.firstElementChild) {
      write("That did not work", "Nothing has been changed. Reload the page and try again.");
    }
    bringIntoView();
  });
}
