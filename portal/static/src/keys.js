// Single keys for search and share: those that a page announces (aria-keyshortcuts), never while somebody types.
const TYPED_INTO = "input, textarea, select, [contenteditable]";

export function startKeys() {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing || event.defaultPrevented) return;
    if (event.target.closest?.(TYPED_INTO) || document.querySelector("dialog[open]")) return;
    const leads = document.querySelector(`[aria-keyshortcuts="${CSS.escape(event.key)}"]`);
    if (!leads) return;
    event.preventDefault();
    if (leads.matches(TYPED_INTO)) leads.focus();
    else leads.click();
  });
}
