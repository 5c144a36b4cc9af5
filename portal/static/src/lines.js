// Decisions and actions in one line under a heading: kept while they are typed, added by Enter, taken back by a button.
import { say } from "./say.js";
import { currentToken, whoIsSignedIn } from "./session.js";

const PAUSE = 800;
const RETRY = 5000;

export class Line {
  constructor(place, live) {
    this.live = live;
    this.take(place);
  }

  // The markup of a line, new or given back by the server
  take(place) {
    this.place = place;
    this.id = place.dataset.line;
    this.fields = [...place.querySelectorAll("input[type='text'], select")];
    this.was = new Map(this.fields.map((one) => [one, [one.matches("select") ? this.chosen(one) : one.defaultValue]]));
    place.addEventListener("input", () => this.typed());
    place.addEventListener("change", () => this.typed());
    place.addEventListener("keydown", (event) => this.key(event));
    place.addEventListener("focusout", (event) => { if (this.waits && !place.contains(event.relatedTarget)) this.save(); });
    place.querySelector("[data-line-add]")?.addEventListener("click", (event) => {
      event.preventDefault();
      this.add();
    });
    if (this.waits) this.typed();
  }

  chosen(select) {
    return [...select.options].find((one) => one.defaultSelected)?.value ?? "";
  }

  get waits() {
    return (this.pending || this.fields.some((one) => one.value !== this.was.get(one).at(-1))) && (this.isBegun || this.sent);
  }

  // A choice that stands there from before is no beginning
  get isBegun() {
    return this.fields.some((one) => !one.name.endsWith("-category") && one.value.trim());
  }

  key(event) {
    if (event.key !== "Enter" || event.ctrlKey || event.metaKey || !event.target.matches("input")) return;
    event.preventDefault();
    this.add();
  }

  typed() {
    this.place.classList.toggle("app-line-in--begun", this.isBegun);
    window.clearTimeout(this.pause);
    this.pause = window.setTimeout(() => this.save(), PAUSE);
  }

  async save() {
    window.clearTimeout(this.pause);
    if (!this.waits || this.live.isStill || this.sending) return;
    const answer = await this.send("");
    if (answer) {
      this.understood(answer);
      this.live.tell(`Saved ${this.live.time()}`);
    }
    if (this.waits && answer) this.typed();
  }

  leave() {
    if (this.waits) this.send("", { keepalive: true });
  }

  // A form that is sent says of each field what the page had read or sent of it
  handOver() {
    window.clearTimeout(this.pause);
    for (const one of this.place.querySelectorAll("input[name$='-was']")) one.remove();
    for (const [name, value] of this.body("")) {
      if (!name.endsWith("-was")) continue;
      this.place.append(Object.assign(document.createElement("input"), { type: "hidden", name, value }));
    }
  }

  body(what) {
    const body = new URLSearchParams({ kind: this.place.dataset.lineKind, case: this.place.dataset.lineCase, do: what });
    const named = `l-${this.id}-`;
    for (const one of this.fields) {
      body.set(one.name, one.value);
      for (const was of this.was.get(one)) if (was) body.append(`${named}was`, `${one.name.slice(named.length)}=${was}`);
    }
    return body;
  }

  async send(what, { keepalive = false, mayRenew = true } = {}) {
    const body = this.body(what);
    const sent = new Map(this.fields.map((one) => [one, one.value]));
    for (const [one, value] of sent) if (this.was.get(one).at(-1) !== value) this.was.get(one).push(value);
    this.sent = this.sending = true;
    let answer;
    try {
      answer = await fetch(this.place.dataset.lineSave, {
        method: "POST", body, keepalive, redirect: "manual", headers: { "X-Autosave": "1", "X-CSRFToken": currentToken() },
      });
    } catch {
      return this.failed();
    } finally {
      this.sending = false;
    }
    if (answer.status === 400 && mayRenew) {
      const who = await whoIsSignedIn().catch(() => null);
      if (who === "same") return this.send(what, { keepalive, mayRenew: false });
      if (who === "other") this.live.somebodyElse();
      else this.live.signOut();
      return null;
    }
    if (answer.ok) {
      this.pending = false;
      for (const [one, value] of sent) this.was.set(one, [value]);
      return answer.json();
    }
    if (answer.status === 422) return this.refused(answer);
    if (answer.status === 401) this.live.signOut();
    else if (answer.status === 403 || answer.status === 404) this.live.stop("You can no longer write in this record. Copy what you need.");
    else return this.failed();
    return null;
  }

  failed() {
    this.live.tell("Not saved yet. What you typed is still here and we will try again.", true);
    this.pending = true;
    window.clearTimeout(this.pause);
    this.pause = window.setTimeout(() => this.save(), RETRY);
    return null;
  }

  async refused(answer) {
    if (answer.headers.get("Content-Type")?.startsWith("application/json")) {
      const why = await answer.json();
      this.blame(why.field, why.message);
    } else {
      this.live.tell(await answer.text(), true);
    }
    return null;
  }

  blame(name, message) {
    this.forgive();
    const field = this.fields.find((one) => one.name.endsWith(`-${name}`)) ?? this.fields[0];
    const words = Object.assign(document.createElement("p"), { className: "govuk-error-message", id: `${field.id}-error`, textContent: message });
    field.before(words);
    field.setAttribute("aria-describedby", words.id);
    field.setAttribute("aria-invalid", "true");
    field.closest(".govuk-form-group").classList.add("govuk-form-group--error");
    this.goTo(field);
    say(message);
  }

  goTo(field) {
    field.focus();
  }

  forgive() {
    for (const one of this.place.querySelectorAll(".govuk-error-message")) one.remove();
    for (const one of this.place.querySelectorAll(".govuk-form-group--error")) one.classList.remove("govuk-form-group--error");
    for (const one of this.fields) {
      one.removeAttribute("aria-invalid");
      one.removeAttribute("aria-describedby");
    }
  }

  // The day as it was understood, beside what was typed; what somebody else wrote comes in where nobody types
  understood({ by, unclear, fields }) {
    const box = this.fields.find((one) => one.name.endsWith("-by"));
    if (box) {
      let words = this.place.querySelector("[data-line-day]");
      if (!words) {
        words = Object.assign(document.createElement("p"), { className: "app-line-in__day" });
        words.dataset.lineDay = "";
        box.after(words);
      }
      words.textContent = unclear ? "Not understood as a day" : by;
    }
    const named = `l-${this.id}-`;
    for (const one of this.fields) {
      const theirs = fields?.[one.name.slice(named.length)];
      if (theirs === undefined || theirs === one.value || one === document.activeElement) continue;
      if (one.value.trim() === this.was.get(one).at(-1).trim()) {
        one.value = theirs;
        this.was.set(one, [theirs]);
      }
    }
  }

  async add() {
    window.clearTimeout(this.pause);
    if (this.live.isStill || this.adding) return;
    this.adding = true;
    try {
      while (this.sending) await new Promise((done) => { window.setTimeout(done, 50); });
      this.forgive();
      const answer = await this.send("add");
      if (!answer) return;
      const chosen = this.fields.find((one) => one.name.endsWith("-category"))?.value;
      this.live.shows(answer.said);
      this.live.showsSending(answer.sending);
      const made = document.createElement("template");
      made.innerHTML = answer.line;
      const place = made.content.firstElementChild;
      this.place.replaceWith(place);
      this.take(place);
      this.sent = false;
      const category = this.fields.find((one) => one.name.endsWith("-category"));
      if (category) category.value = chosen;
      this.fields[0].focus();
      say(answer.told);
    } finally {
      this.adding = false;
    }
  }

  // What was taken back stands in the line again, where that is empty
  fill(fields) {
    if (this.isBegun) return false;
    const named = `l-${this.id}-`;
    for (const one of this.fields) one.value = fields[one.name.slice(named.length)] ?? "";
    this.typed();
    this.fields[0].focus();
    return true;
  }
}

// The row of an action of last time: what is chosen is kept at once. Where the meeting is over the action follows what
// is kept: it is sent when somebody leaves the row, and not while they go through the answers
export class Review extends Line {
  take(place) {
    this.isFinal = "lineFinal" in place.dataset;
    super.take(place);
  }

  get isBegun() {
    return true;
  }

  key(event) {
    if (event.key !== "Enter" || event.ctrlKey || event.metaKey || !event.target.matches("input")) return;
    event.preventDefault();
    this.save();
  }

  typed() {
    window.clearTimeout(this.pause);
    if (!this.isFinal) this.pause = window.setTimeout(() => this.save(), PAUSE);
  }

  async send(...how) {
    this.forgive();
    const answer = await super.send(...how);
    if (answer) this.live.isOver(answer.over);
    return answer;
  }

  // It is sent while somebody may have gone on: they are told, and stay where they are
  goTo() {
    this.live.tell("Not saved. The reason stands at the action of last time.", true);
  }
}

// The button beside what was added: it is taken back at once, and can be put right and added again
export async function takeBack(button, live) {
  const item = button.closest("[data-said-line]");
  const near = button.closest(".app-lines-in").querySelectorAll("[data-line]");
  const id = item.dataset.saidLine;
  const kind = item.dataset.saidKind;
  const line = live.lines.find((one) => [...near].includes(one.place) && one.place.dataset.lineKind === kind);
  if (!line || live.isStill) return false;
  const address = line.place.dataset.lineSave.replace(line.id, id);
  const body = new URLSearchParams({ kind, case: line.place.dataset.lineCase, do: "take_back" });
  const answer = await fetch(address, {
    method: "POST", body, redirect: "manual", headers: { "X-Autosave": "1", "X-CSRFToken": currentToken() },
  }).catch(() => null);
  if (!answer?.ok) {
    live.tell(answer?.status === 422 ? await answer.text() : "Not taken back. Try again.", true);
    return true;
  }
  const told = await answer.json();
  live.acting = true;
  live.shows(told.said);
  live.showsSending(told.sending);
  live.acting = false;
  if (!line.fill(told.fields)) line.fields[0].focus();
  say(told.told);
  return true;
}
