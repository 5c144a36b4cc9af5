// Starts what makes pages easier. Every page works without any of it.
import {
  createAll, Button, CharacterCount, Checkboxes, ErrorSummary, NotificationBanner, Radios, ServiceNavigation, SkipLink,
} from "govuk-frontend";
import { startAddAnother } from "./add_another.js";
import { listenForFailures } from "./alerts.js";
import { startAutosave } from "./autosave.js";
import { startCopyButtons, startPrintButtons, startTickAll } from "./buttons.js";
import { startFilling } from "./fill.js";
import { startFilters } from "./filters.js";
import { startFinding } from "./find.js";
import { startGrowing } from "./grow.js";
import { startKeys } from "./keys.js";
import { keepSummary } from "./summary.js";
import { startTimeOutWarning } from "./time_out.js";

// A radio button has no state of being open (ARIA): what an answer reveals follows it, and is named by aria-controls.
class Answers extends Radios {
  static moduleName = Radios.moduleName;

  syncConditionalRevealWithInputState(input) {
    super.syncConditionalRevealWithInputState(input);
    input.removeAttribute("aria-expanded");
  }
}

const GOVUK_COMPONENTS = [
  Answers, Button, CharacterCount, Checkboxes, ErrorSummary, NotificationBanner, ServiceNavigation, SkipLink,
];

function startWithin(scope) {
  for (const component of GOVUK_COMPONENTS) {
    createAll(component, undefined, { scope, onError: () => {} });
  }
  startAutosave(scope);
  startCopyButtons(scope);
  startPrintButtons(scope);
  startTickAll(scope);
  startFilters(scope);
  startFilling(scope);
  startFinding(scope);
  startGrowing(scope);
}

startWithin(document);
startTimeOutWarning();
startKeys();
keepSummary();
listenForFailures();
startAddAnother();

// After a swap the source element is the one swapped in, when the old one went with the swap
document.addEventListener("htmx:after:swap", (event) => {
  const target = event.detail.ctx?.target;
  startWithin(target?.isConnected ? target : document);
});
