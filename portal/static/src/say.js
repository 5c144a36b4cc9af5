// One permanent live region in the page; whatever has to be read out goes through it.

export function say(message) {
  const region = document.getElementById("live-region");
  if (!region) return;
  region.textContent = "";
  // A change after an empty moment is read out even when the words are the same as before
  window.setTimeout(() => { region.textContent = message; }, 60);
}

export function clockTime(moment = new Date()) {
  return moment.toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
}

export function element(tag, options = {}, ...children) {
  const made = Object.assign(document.createElement(tag), options);
  made.append(...children);
  return made;
}
