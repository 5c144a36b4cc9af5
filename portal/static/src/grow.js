// Boxes of several lines grow with what is typed; where the browser does it by itself (field-sizing), nothing is done.
const GROWS_BY_ITSELF = CSS.supports("field-sizing", "content");

export function startGrowing(scope) {
  if (GROWS_BY_ITSELF) return;
  for (const box of scope.querySelectorAll("textarea")) {
    if (box.dataset.grows) continue;
    box.dataset.grows = "yes";
    box.addEventListener("input", () => grow(box));
    grow(box);
  }
}

function grow(box) {
  if (!box.value) return;
  const room = box.scrollHeight + box.offsetHeight - box.clientHeight;
  const most = 0.7 * window.innerHeight;
  if (room > box.offsetHeight) box.style.height = `${Math.min(room, most)}px`;
}
