// The summary of errors keeps to what is still wrong on the page: once a part of it came anew without its error, the
// line goes, and with the last line the summary and “Error:” in the title.
export function keepSummary() {
  document.addEventListener("htmx:after:swap", () => {
    const summary = document.querySelector(".govuk-error-summary");
    if (!summary) return;
    const lines = [...summary.querySelectorAll("li")];
    const led = lines.filter((line) => line.querySelector("a[href^='#']"));
    if (!led.length) return;
    for (const line of led) {
      const box = document.getElementById(line.querySelector("a").hash.slice(1));
      if (!box?.closest(".govuk-form-group--error")) line.remove();
    }
    if (summary.querySelector("li")) return;
    summary.remove();
    document.title = document.title.replace(/^Error: /, "");
  });
}
