// A filter form that applies itself when an answer changes. Without this there is a button, and it stays.

const PAUSE = 400;

export function startFilters(scope) {
  const forms = scope.matches?.("form[data-filter]") ? [scope] : scope.querySelectorAll("form[data-filter]");
  for (const form of forms) {
    if (form.dataset.started) continue;
    form.dataset.started = "yes";
    let waiting;
    form.addEventListener("change", (event) => {
      if (event.target.matches("[data-filter-waits]")) return;
      window.clearTimeout(waiting);
      waiting = window.setTimeout(() => form.requestSubmit(), PAUSE);
    });
  }
}
