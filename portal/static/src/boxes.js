// One box of a meeting's record: it saves itself, and takes in what others wrote where nobody types.
import { clockTime, element, say } from "./say.js";
import { currentToken, whoIsSignedIn } from "./session.js";

const PAUSE = 800;
const LONGEST = 2000;
const RETRY = [2000, 4000, 8000, 15_000];

export class Box {
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
