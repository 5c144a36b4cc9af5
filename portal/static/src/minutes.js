// The boxes of a meeting's record, while several write in them. Each saves itself; the server brings together what
// several typed; what others wrote comes in without taking the focus, and never over words that wait to be saved.
import { Box } from "./boxes.js";
import { Line, Review, takeBack } from "./lines.js";
import { clockTime, element, say } from "./say.js";
import { whoIsSignedIn } from "./session.js";

const ASK_AGAIN = 15_000;
const POLL = 4000;
const POLL_ALONE = 15_000;

function start(found) {
  const live = new Live(found);
  if (window.matchMedia("(max-width: 48em)").matches) document.querySelector(".app-agendanav details")?.removeAttribute("open");
  // Whoever comes back to the page as it was left goes on with it
  window.addEventListener("pageshow", (event) => event.persisted && live.poll());
}

// Random and of this tab alone: a page that a browser brings back, or shows twice, is another page
function newPage() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 15) | 64;
  bytes[8] = (bytes[8] & 63) | 128;
  const hex = [...bytes].map((one) => one.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

class Live {
  constructor(found) {
    this.form = found;
    this.page = newPage();
    found.elements.namedItem("page").value = this.page;
    this.state = found.querySelector("[data-live-state]");
    this.here = found.querySelector("[data-live-here]");
    this.boxes = [...found.querySelectorAll("[data-live-box]")].map((one) => new Box(one, this));
    this.lines = [...found.querySelectorAll("[data-line]")].map((one) => new (one.dataset.lineKind === "review" ? Review : Line)(one, this));
    this.said = "";
    this.agenda = null;
    this.tag = "";
    this.stopped = false;
    this.signedOut = false;
    this.others = false;
    found.addEventListener("submit", () => this.handOver());
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "hidden") this.leave();
      else this.back();
    });
    window.addEventListener("pagehide", () => this.leave());
    window.addEventListener("online", () => this.back());
    window.addEventListener("focus", () => this.signedOut && this.signedInAgain());
    window.addEventListener("beforeunload", (event) => {
      if (!this.sent && (this.boxes.some((box) => box.waits && box.tries) || this.lines.some((line) => line.pending) || this.rest)) event.preventDefault();
    });
    // What is decided and given to do is kept when somebody saves
    found.addEventListener("change", (event) => { if (!event.target.closest("[data-live-box], [data-line]")) this.rest = true; });
    found.addEventListener("click", (event) => {
      const undo = event.target.closest("[data-line-undo]");
      if (undo && !this.isStill) {
        event.preventDefault();
        takeBack(undo, this);
      }
    });
    found.addEventListener("keydown", (event) => { if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) this.saveAll(event); });
    this.next(POLL / 2);
  }

  get isStill() {
    return this.stopped || this.signedOut || this.sent;
  }

  time() {
    return clockTime();
  }

  async saveAll(event) {
    event.preventDefault();
    await Promise.all([...this.boxes, ...this.lines].filter((one) => one.waits).map((one) => one.save()));
    if (![...this.boxes, ...this.lines].some((one) => one.waits)) say("Saved");
  }

  // What was added under a heading; not while somebody is on it, and without what this page itself is typing
  shows(html) {
    const made = document.createElement("template");
    made.innerHTML = html;
    const list = made.content.firstElementChild;
    const shown = this.form.querySelector(`[data-said="${list.dataset.said}"]`);
    if (!shown) return true;
    for (const one of list.querySelectorAll(".app-said__typed")) if (this.lines.some((line) => line.id === one.dataset.saidLine)) one.remove();
    if (!list.children.length) list.hidden = true;
    if (shown.innerHTML === list.innerHTML) return true;
    if (shown.contains(document.activeElement) && document.hasFocus() && !this.acting) return false;
    shown.replaceWith(list);
    return true;
  }

  // What must be answered and is, by words, a decision or an action, is marked no more; so are actions of last time
  marks() {
    let open = 0;
    for (const mark of document.querySelectorAll("[data-must]")) {
      const id = mark.dataset.must;
      const written = document.querySelector(`[data-live-done="${id}"]`)?.textContent;
      const added = this.form.querySelector(`[data-said="${id}"] li:not(.app-said__typed)`);
      mark.hidden = Boolean(written || added);
      if (!mark.hidden) open += 1;
    }
    for (const mark of document.querySelectorAll("[data-must-last]")) {
      const rows = this.lines.filter((one) => one.place.dataset.lastOf === mark.dataset.mustLast);
      const unspoken = rows.filter((one) => one.fields.some((field) => field.name.endsWith("-outcome") && !one.was.get(field).at(-1))).length;
      mark.textContent = unspoken ? `must: ${unspoken}` : "";
      open += unspoken;
    }
    document.querySelector("[data-must-number]").textContent = open;
    document.querySelector("[data-must-sum]").hidden = open === 0;
  }

  // Somebody said meanwhile that the meeting is over: what is kept of an action goes on it at once
  isOver(over) {
    for (const line of this.lines) if (over && line instanceof Review) line.isFinal = true;
  }

  // Who is told of what was given, and when: not while somebody is on one of its buttons
  showsSending(html) {
    const shown = this.form.querySelector("[data-sending]");
    if (html === undefined || shown?.contains(document.activeElement)) return;
    const made = document.createElement("template");
    made.innerHTML = html;
    const now = made.content.firstElementChild;
    if (shown && now) shown.replaceWith(now);
    else if (now) this.form.querySelector(".app-savebar").before(now);
    else shown?.remove();
  }

  // Words on their way out go with the form: it counts on from what each box sent last
  handOver() {
    this.sent = true;
    for (const one of [...this.boxes, ...this.lines]) one.handOver();
    window.setTimeout(() => { this.sent = false; }, 10_000);
  }

  leave() {
    if (this.stopped || this.signedOut || this.sent) return;
    for (const box of this.boxes) if (box.waits) box.send({ keepalive: true });
    for (const line of this.lines) line.leave();
  }

  back() {
    if (this.signedOut) this.signedInAgain();
    else {
      for (const one of [...this.boxes, ...this.lines]) if (one.waits) one.save();
      this.poll();
    }
  }

  next(pause) {
    window.clearTimeout(this.timer);
    this.timer = window.setTimeout(() => this.poll(), pause);
  }

  async poll() {
    if (this.stopped || this.signedOut || this.polling || !this.form.isConnected) return;
    window.clearTimeout(this.timer);
    this.polling = true;
    try {
      await this.ask();
    } catch {
      // no connection: ask again later
    } finally {
      this.polling = false;
    }
    if (!this.signedOut) this.next(this.others && document.visibilityState === "visible" ? POLL : POLL_ALONE);
  }

  async ask() {
    const asked = new URL(this.form.dataset.live, window.location.href);
    const within = document.activeElement?.closest?.("[data-live-box]");
    asked.search = new URLSearchParams({
      page: this.page,
      in: within?.dataset.liveBox ?? "",
      said: this.said,
      have: this.boxes.map((box) => `${box.id}:${box.known}`).join(),
    });
    const headers = this.tag ? { "If-None-Match": this.tag } : {};
    const answer = await fetch(asked, { headers, cache: "no-store", redirect: "manual" });
    if (answer.status === 401) this.signOut();
    else if (answer.status === 403 || answer.status === 404) this.stop("You can no longer write in this record. Copy what you need.");
    if (answer.status !== 200) return;
    const told = await answer.json();
    this.tag = answer.headers.get("ETag") ?? "";
    this.others = told.here.length > 0;
    this.here.textContent = told.here.join(". ");
    for (const news of told.boxes) this.boxes.find((box) => box.id === news.id)?.hear(news);
    for (const news of told.last) this.lines.find((line) => line.id === news.id)?.understood(news);
    const shown = Object.values(told.said.items ?? {}).map((one) => this.shows(one));
    this.showsSending(told.said.sending);
    if (told.said.print && shown.every(Boolean)) this.said = told.said.print;
    this.marks();
    const agenda = told.agenda.join();
    if (this.agenda !== null && this.agenda !== agenda) {
      this.tell("The agenda was changed. Save, and you see it as it is now.");
    }
    this.agenda ??= agenda;
  }

  signOut() {
    if (this.signedOut) return;
    this.signedOut = true;
    const link = element("a", {
      href: document.body.dataset.signInUrl || "/", target: "_blank", rel: "noopener", className: "govuk-link",
      textContent: "Sign in again (opens in a new tab)",
    });
    this.tell("You are signed out. What you typed is still here. ", true, link);
    window.clearTimeout(this.timer);
    this.timer = window.setTimeout(() => this.signedInAgain(), ASK_AGAIN);
  }

  // The same person goes on where they were; another one may not
  async signedInAgain() {
    window.clearTimeout(this.timer);
    const who = await whoIsSignedIn().catch(() => null);
    if (who === "same") {
      this.signedOut = false;
      this.tell("");
      this.back();
    } else if (who === "other") {
      this.somebodyElse();
    } else {
      this.timer = window.setTimeout(() => this.signedInAgain(), ASK_AGAIN);
    }
  }

  somebodyElse() {
    this.stop("Someone else is signed in on this device, so this cannot be saved. Copy what you need, then close this page.");
  }

  stop(words) {
    this.stopped = true;
    this.tell(words, true);
  }

  tell(words, problem = false, ...more) {
    this.marks();
    this.state.classList.toggle("app-save-state--problem", problem);
    this.state.replaceChildren(words, ...more);
    // A problem is read out; that typing was saved is for the eye, and would interrupt someone who listens
    if (problem) say(words);
  }
}

const form = document.querySelector("form[data-live]");
if (form) start(form);
