// The boxes of a meeting's record, while several write in them. Each saves itself; the server brings together what
// several typed; what others wrote comes in without taking the focus, and never over words that wait to be saved.
import { Line, takeBack } from "./lines.js";
import { clockTime, element, say } from "./say.js";
import { currentToken, whoIsSignedIn } from "./session.js";

const PAUSE = 800;
const LONGEST = 2000;
const RETRY = [2000, 4000, 8000, 15_000];
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
    this.lines = [...found.querySelectorAll("[data-line]")].map((one) => new Line(one, this));
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
    const shown = Object.values(told.said.items ?? {}).map((one) => this.shows(one));
    if (told.said.print && shown.every(Boolean)) this.said = told.said.print;
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
    this.timer = window.setTimeout(() => this.signedInAgain(), RETRY[3]);
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
      this.timer = window.setTimeout(() => this.signedInAgain(), RETRY[3]);
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
    this.state.classList.toggle("app-save-state--problem", problem);
    this.state.replaceChildren(words, ...more);
    // A problem is read out; that typing was saved is for the eye, and would interrupt someone who listens
    if (problem) say(words);
  }
}

class Box {
  constructor(place, live) {
    this.place = place;
    this.live = live;
    this.id = place.dataset.liveBox;
    this.area = place.querySelector("textarea");
    this.fields = {
      seen: place.querySelector("input[name$='-seen']"),
      seq: place.querySelector("input[name$='-seq']"),
    };
    this.seen = Number.parseInt(this.fields.seen.value, 10) || 0;
    this.known = this.seen;
    this.seq = 0;
    this.saved = this.area.defaultValue;
    this.tries = 0;
    this.touched = false;
    this.area.addEventListener("input", () => this.typed());
    place.addEventListener("focusout", (event) => this.left(event.relatedTarget));
    if (this.waits) this.typed(); // the browser filled in what was typed before
    this.done = document.querySelector(`[data-live-done="${this.id}"]`);
    this.grow();
  }

  get waits() {
    return this.area.value !== this.saved;
  }

  get isIdle() {
    return !this.place.contains(document.activeElement) && !this.waits && !this.sending;
  }

  typed() {
    this.grow();
    window.clearTimeout(this.pause);
    this.pause = window.setTimeout(() => this.save(), PAUSE);
    this.longest ??= window.setTimeout(() => this.save(), LONGEST);
  }

  // Whoever goes to the button below is still in the box
  left(to) {
    if (this.waits) this.save();
    else if (!this.place.contains(to)) window.setTimeout(() => this.takeNews());
  }

  clear() {
    window.clearTimeout(this.pause);
    window.clearTimeout(this.longest);
    window.clearTimeout(this.retry);
    this.longest = null;
  }

  // One request of a box at a time; what is typed meanwhile goes with the next
  async save() {
    this.clear();
    const { live } = this;
    if (!this.waits || live.stopped || live.signedOut || live.sent) return;
    if (this.sending) {
      this.again = true;
      return;
    }
    await this.send({});
    if (this.again || (this.waits && !this.tries)) {
      this.again = false;
      this.typed();
    }
  }

  async send({ keepalive = false, want = false, mayRenew = true }) {
    this.seq += 1;
    this.touched = true;
    const sent = { seq: this.seq, text: this.area.value };
    const body = new URLSearchParams({
      page: this.live.page,
      [this.area.name]: sent.text,
      [this.fields.seen.name]: String(this.seen),
      [this.fields.seq.name]: String(sent.seq),
    });
    if (want) body.set("want", "1");
    const headers = { "X-Autosave": "1", "X-CSRFToken": currentToken() };
    this.sending = (this.sending ?? 0) + 1;
    let answer;
    try {
      answer = await fetch(this.place.dataset.liveSave, { method: "POST", body, headers, keepalive, redirect: "manual" });
    } catch {
      this.failed("Not saved: the portal could not be reached. What you typed is still here and will be saved when it can be.");
      return null;
    } finally {
      this.sending -= 1;
    }
    // Only what was sent last counts: an earlier answer knows less than the server does
    if (sent.seq !== this.seq) return null;
    if (answer.ok) return this.kept(sent, answer);
    if (answer.status === 400 && mayRenew) return this.renew(want);
    if (answer.status === 401) this.live.signOut();
    else if (answer.status === 422) this.failed(await answer.text(), false);
    else if (answer.status === 403 || answer.status === 404) this.live.stop("You can no longer write in this record. Copy what you need.");
    else this.failed("Not saved yet. What you typed is still here and we will try again.");
    return null;
  }

  // The form token is too old: with a fresh one the same words can be sent again
  async renew(want) {
    const who = await whoIsSignedIn().catch(() => null);
    if (who === "same") return this.send({ want, mayRenew: false });
    if (who === "other") this.live.somebodyElse();
    else this.live.signOut();
    return null;
  }

  async kept(sent, answer) {
    this.tries = 0;
    this.saved = sent.text;
    if (answer.status === 200) return answer.json();
    const version = Number(answer.headers.get("X-Version"));
    if (answer.headers.get("X-Same") === "1") {
      this.seen = this.known = version;
      this.forget();
    } else {
      this.live.next(0);
    }
    this.live.tell(`Saved ${clockTime()}`);
    return null;
  }

  failed(words, again = true) {
    this.live.tell(words, true);
    if (!again) return;
    window.clearTimeout(this.retry);
    this.retry = window.setTimeout(() => this.save(), RETRY[Math.min(this.tries, 3)]);
    this.tries += 1;
  }

  // What others wrote comes in where nobody types; else the person is told of it, and brings it in
  hear(news) {
    if (news.version <= this.known) return;
    this.known = news.version;
    this.news = news;
    if (!this.takeNews()) this.note();
  }

  takeNews() {
    if (!this.news || !this.isIdle) return false;
    this.setTo(this.news.text, this.news.version);
    const by = this.place.querySelector("[data-live-by]");
    if (by) by.textContent = `${this.news.last}, ${this.news.at}`;
    this.forget();
    return true;
  }

  setTo(text, version) {
    this.area.value = text;
    this.saved = text;
    this.seen = version;
    this.known = Math.max(this.known, version);
    this.touched = true;
    this.grow();
  }

  note() {
    if (this.noted) return;
    const label = this.place.querySelector("label")?.textContent.trim() ?? "";
    const words = `${this.news.by} wrote under ${label} too. Both are kept.`;
    const button = element("button", { type: "button", className: "govuk-button govuk-button--secondary app-live__bring", textContent: "Bring in what was added" });
    button.addEventListener("click", () => this.bringIn());
    this.noted = element("p", { className: "app-live__note" }, words, " ", button);
    this.area.after(this.noted);
    say(words);
  }

  forget() {
    this.news = null;
    this.noted?.remove();
    this.noted = null;
  }

  async bringIn() {
    const caret = this.area.selectionStart;
    const before = this.area.value;
    const answer = await this.send({ want: true });
    if (!answer || this.area.value !== before) {
      if (answer) this.live.tell("You typed on meanwhile. Choose it again.");
      return;
    }
    this.setTo(answer.text, answer.version);
    this.forget();
    this.area.focus();
    const at = placeOf(before, answer.text, caret);
    this.area.setSelectionRange(at, at);
  }

  handOver() {
    this.clear();
    if (!this.touched && !this.waits) return;
    this.seq += 1;
    this.fields.seen.value = `${this.seen}:`;
    this.fields.seq.value = String(this.seq);
  }

  // By itself where the style sheet cannot do it
  grow() {
    if (this.done) this.done.textContent = this.area.value.trim() ? "written" : "";
    if (CSS.supports("field-sizing", "content")) return;
    this.area.style.height = "auto";
    this.area.style.height = `${Math.min(this.area.scrollHeight + 4, window.innerHeight * 0.6)}px`;
  }
}

// Where the caret stands in a text that others added to: behind the same words
function placeOf(before, after, caret) {
  const words = before.slice(Math.max(0, caret - 40), caret);
  const first = after.indexOf(words);
  if (words && first >= 0 && first === after.lastIndexOf(words)) return first + words.length;
  let alike = 0;
  while (alike < caret && before[alike] === after[alike]) alike += 1;
  return alike === caret ? caret : Math.max(0, after.length - (before.length - caret));
}

const form = document.querySelector("form[data-live]");
if (form) start(form);
