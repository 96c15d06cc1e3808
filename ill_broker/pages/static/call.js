/* The call list by keyboard: a key notes the call of the row at hand, and the next row is at hand. */
"use strict";
(() => {
  const list = document.getElementById("rows");
  if (!list) return;
  document.getElementById("keys").hidden = false;
  const open = () => [...list.querySelectorAll("li:has(form.call)")].filter((row) => !row.dataset.sent);
  let at = null;
  const go = (row) => {
    at?.classList.remove("at-hand");
    at = row ?? null;
    at?.classList.add("at-hand");
    at?.focus();
  };
  // The row after this one, or the first that is left.
  const after = (row) => open().find((other) => row.compareDocumentPosition(other) & Node.DOCUMENT_POSITION_FOLLOWING) ?? open()[0];
  const before = (row) => open().findLast((other) => row.compareDocumentPosition(other) & Node.DOCUMENT_POSITION_PRECEDING);
  list.addEventListener("submit", (event) => {
    const row = event.target.closest("li");
    if (!event.target.matches(".call") || row.dataset.sent) return;
    row.dataset.sent = "1";
    go(after(row));
  }, true);
  list.addEventListener("focusin", (event) => {
    const row = event.target.closest("li:has(form.call)");
    if (row && row !== at && !row.dataset.sent) { at?.classList.remove("at-hand"); at = row; at.classList.add("at-hand"); }
  });
  // What did not reach the service can be tried again.
  for (const failed of ["htmx:sendError", "htmx:responseError", "htmx:timeout"]) {
    document.addEventListener(failed, (event) => {
      const row = event.target.closest?.("li");
      if (row) { delete row.dataset.sent; row.classList.add("not-taken"); go(row); }
    });
  }
  document.addEventListener("keydown", (event) => {
    if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
    if (event.target.closest("input, select, textarea")) return;
    if (event.key === "ArrowDown" && at) { event.preventDefault(); go(after(at)); return; }
    if (event.key === "ArrowUp" && at) { event.preventDefault(); go(before(at) ?? at); return; }
    const button = at?.querySelector(`[data-key="${CSS.escape(event.key.toLowerCase())}"]`);
    if (button) { event.preventDefault(); button.click(); }
  });
  go(open()[0]);
})();
