// Saves a form as it is typed, and never loses what was typed: not to a lost connection, an ended session,
// or another person who changed the same thing. The words are kept in the page only, never in browser storage.
import { clockTime, element, say } from "./say.js";
import { currentToken, whoIsSignedIn } from "./session.js";

const PAUSE = 1500;
const RETRY = 15_000;

export function startAutosave(scope) {
  const forms = scope.matches?.("form[data-autosave]") ? [scope] : scope.querySelectorAll("form[data-autosave]");
  for (const form of forms) {
    if (form.dataset.started) continue;
    form.dataset.started = "yes";
    new Autosave(form);
  }
}

class Autosave {
  constructor(form) {
    this.form = form;
    this.state = form.querySelector("[data-save-state]");
    this.clash = form.querySelector("[data-save-clash]");
    this.unsaved = false;
    this.stopped = false;
    this.saving = null;
    form.addEventListener("input", () => this.later());
    form.addEventListener("change", () => this.later());
    form.addEventListener("submit", () => this.handOver());
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "hidden") this.now();
      else if (this.waitingForSignIn) this.signedInAgain();
    });
    window.addEventListener("focus", () => this.waitingForSignIn && this.signedInAgain());
    window.addEventListener("beforeunload", (event) => {
      if (this.unsaved && !this.submitted) event.preventDefault();
    });
  }

  later() {
    this.unsaved = true;
    if (this.stopped || this.waitingForSignIn) return;
    window.clearTimeout(this.timer);
    this.timer = window.setTimeout(() => this.now(), PAUSE);
  }

  // The person sends the form: an own save under way at the same time would look like a second person
  handOver() {
    this.submitted = true;
    this.stopped = true;
    window.clearTimeout(this.timer);
    window.setTimeout(() => { this.submitted = false; this.stopped = false; }, 10_000);
  }

  async now() {
    if (!this.unsaved || this.stopped || !this.form.isConnected) return;
    window.clearTimeout(this.timer);
    if (this.saving) {
      this.later();
      return;
    }
    this.unsaved = false;
    this.saving = this.send();
    try {
      await this.saving;
    } finally {
      this.saving = null;
    }
  }

  async send(mayRenew = true) {
    let answer;
    try {
      answer = await fetch(this.form.dataset.autosave, {
        method: "POST",
        body: new FormData(this.form),
        headers: { "X-Autosave": "1", "X-CSRFToken": currentToken() },
        redirect: "manual",
      });
    } catch {
      this.failed("Not saved: the portal could not be reached. What you typed is still here and will be saved when it can be.");
      return;
    }
    if (answer.ok) this.saved(answer);
    else if (answer.status === 401) this.signedOut();
    else if (answer.status === 409) await this.clashed(answer);
    else if (answer.status === 400 && mayRenew) await this.renew();
    else if (answer.status === 422) this.failed(await answer.text(), false);
    else if (answer.status === 413) this.failed("Not saved: the form is too long. Shorten the longest answer.", false);
    else this.failed("Not saved yet. What you typed is still here and we will try again.");
  }

  // The form token is too old: with a fresh one the same words can be sent again
  async renew() {
    const who = await whoIsSignedIn().catch(() => null);
    if (who === "same") await this.send(false);
    else if (who === "other") this.somebodyElse();
    else this.signedOut();
  }

  somebodyElse() {
    this.stopped = true;
    this.unsaved = true;
    this.tell("Someone else is signed in on this device, so this cannot be saved. Copy what you need, then close this page.", true);
  }

  saved(answer) {
    const version = answer.headers.get("X-Version");
    const field = this.form.elements.namedItem("version");
    if (version && field) field.value = version;
    this.tell(`Saved ${clockTime()}`);
  }

  failed(words, again = true) {
    this.unsaved = true;
    this.tell(words, true);
    if (again) this.timer = window.setTimeout(() => this.now(), RETRY);
  }

  signedOut() {
    this.unsaved = true;
    this.waitingForSignIn = true;
    const link = element("a", {
      href: document.body.dataset.signInUrl || "/", target: "_blank", rel: "noopener", className: "govuk-link",
      textContent: "Sign in again (opens in a new tab)",
    });
    this.tell("You are signed out. What you typed is still here. ", true, link);
    this.timer = window.setTimeout(() => this.signedInAgain(), RETRY);
  }

  async signedInAgain() {
    window.clearTimeout(this.timer);
    let who = null;
    try {
      who = await whoIsSignedIn();
    } catch {
      // no connection: ask again later
    }
    if (who === "same") {
      this.waitingForSignIn = false;
      await this.now();
    } else if (who === "other") {
      this.somebodyElse();
    } else {
      this.timer = window.setTimeout(() => this.signedInAgain(), RETRY);
    }
  }

  async clashed(answer) {
    this.unsaved = true;
    this.stopped = true;
    this.tell("Not saved: this was changed somewhere else while you were typing. Compare the two and choose.", true);
    if (!this.clash) return;
    this.clash.innerHTML = await answer.text();
    window.htmx?.process(this.clash);
    this.clash.hidden = false;
    this.clash.tabIndex = -1;
    this.clash.focus();
  }

  tell(words, problem = false, ...more) {
    if (this.state) {
      this.state.classList.toggle("app-save-state--problem", problem);
      this.state.replaceChildren(words, ...more);
    }
    // A problem is read out; that typing was saved is for the eye, and would interrupt someone who listens
    if (problem) say(words);
  }
}
