// Sends chosen or dropped files one by one, each with its progress and its own answer. Without it they go together.
import { element, say } from "./say.js";
import { currentToken, whoIsSignedIn } from "./session.js";

class Uploads {
  constructor(form) {
    this.form = form;
    this.list = form.querySelector("[data-upload-list]");
    this.input = form.querySelector("input[type=file]");
    form.addEventListener("submit", (event) => this.sent(event));
    this.dropZone();
    window.addEventListener("beforeunload", (event) => {
      if (this.busy) event.preventDefault();
    });
  }

  dropZone() {
    const zone = this.input.closest(".govuk-form-group");
    zone.classList.add("app-drop");
    zone.append(element("p", { className: "govuk-hint app-drop__hint", textContent: "Or drop files here" }));
    const over = (event) => event.dataTransfer?.types.includes("Files");
    for (const name of ["dragenter", "dragover"]) {
      zone.addEventListener(name, (event) => {
        if (!over(event)) return;
        event.preventDefault();
        zone.classList.add("app-drop--over");
      });
    }
    zone.addEventListener("dragleave", () => zone.classList.remove("app-drop--over"));
    zone.addEventListener("drop", (event) => {
      if (!over(event)) return;
      event.preventDefault();
      zone.classList.remove("app-drop--over");
      this.input.files = event.dataTransfer.files;
      say(`${this.input.files.length} chosen. Press Add to send`);
      this.input.focus();
    });
  }

  // With nothing chosen the server says so on its page, and so it does where another answer is missing
  sent(event) {
    const files = [...this.input.files];
    if (!files.length || this.busy) {
      if (this.busy) event.preventDefault();
      return;
    }
    event.preventDefault();
    this.busy = true;
    // the same for all that were chosen at once: whoever is told of them is told once
    const random = crypto.getRandomValues(new Uint8Array(16));
    this.sending = Array.from(random, (byte) => byte.toString(16).padStart(2, "0")).join("");
    this.list.textContent = "";
    this.all(files).finally(() => { this.busy = false; });
  }

  async all(files) {
    const rows = files.map((file) => this.row(file));
    let added = 0;
    for (const row of rows) {
      const { done, words } = await this.one(row);
      added += done ? 1 : 0;
      row.progress.remove();
      row.state.textContent = words;
      row.state.className = done ? "app-uploads__done" : "govuk-error-message";
    }
    this.input.value = "";
    if (added) await this.showAdded();
    const refused = files.length - added;
    say(refused ? `${added} added, ${refused} not added` : `${added} added`);
  }

  row(file) {
    const progress = element("progress", { max: 100, value: 0, ariaLabel: `Sending ${file.name}` });
    const state = element("span", { textContent: "Waiting" });
    const item = element("li", { className: "app-uploads__file" });
    item.append(element("strong", { className: "app-long", textContent: file.name }), " ", progress, " ", state);
    this.list.append(item);
    return { file, progress, state };
  }

  async one(row) {
    if (row.file.size > Number(this.form.dataset.largest)) {
      const most = Math.floor(this.form.dataset.largest / 1024 / 1024);
      return { done: false, words: `Not added: it must be smaller than ${most} MB` };
    }
    let answer = await this.send(row);
    if (answer.status === 400 && (await whoIsSignedIn().catch(() => null)) === "same") answer = await this.send(row);
    if (answer.status === 200) return { done: true, words: answer.words };
    if (answer.status === 422 || answer.status === 413) {
      return { done: false, words: `Not added: ${answer.words || "it is too large"}` };
    }
    if (answer.status === 401 || answer.status === 400) {
      return { done: false, words: "Not added: you are signed out. Sign in in another tab, then add it again" };
    }
    return { done: false, words: "Not added: the portal could not be reached or refused it. Add it again" };
  }

  send(row) {
    const body = new FormData(this.form);
    body.delete(this.input.name);
    body.append(this.input.name, row.file, row.file.name);
    return new Promise((resolve) => {
      const request = new XMLHttpRequest();
      request.open("POST", this.form.action);
      request.setRequestHeader("X-One-File", this.sending);
      request.setRequestHeader("X-CSRFToken", currentToken());
      request.upload.addEventListener("progress", (event) => {
        if (!event.lengthComputable) return;
        row.progress.value = (100 * event.loaded) / event.total;
        row.state.textContent = event.loaded < event.total ? "Sending" : "Being checked";
      });
      const plain = () => (request.getResponseHeader("Content-Type") ?? "").startsWith("text/plain");
      request.addEventListener("load", () => {
        // a page in its place, such as that to sign in, is no answer to the file
        const known = request.status !== 200 || plain();
        resolve({ status: known ? request.status : 401, words: plain() ? request.responseText : "" });
      });
      request.addEventListener("error", () => resolve({ status: 0, words: "" }));
      request.send(body);
    });
  }

  async showAdded() {
    const there = document.getElementById("added-files");
    const answer = await fetch(this.form.action, { headers: { Accept: "text/html" } }).catch(() => null);
    if (!there || !answer?.ok) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.getElementById("added-files");
    if (fresh) there.replaceWith(document.adoptNode(fresh));
    document.querySelector(".govuk-error-summary")?.remove();
  }
}

for (const form of document.querySelectorAll("form[data-uploads]")) new Uploads(form);
