// Loaded only on pages with a filter: on a phone the filter opens by a button.
import { FilterToggleButton } from "@ministryofjustice/frontend/moj/components/filter-toggle-button/filter-toggle-button.mjs";

for (const panel of document.querySelectorAll('[data-module="moj-filter"]')) {
  new FilterToggleButton(panel, {
    startHidden: false,
    toggleButtonContainer: { selector: ".moj-action-bar__filter" },
    closeButtonContainer: { selector: ".moj-filter__header-action" },
  });
}
