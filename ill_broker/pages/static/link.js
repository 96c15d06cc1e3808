"use strict";

// The token stands behind the # of the letter's link, so that it reaches no server log; it goes with the form alone.
const field = document.getElementById("f-token");
const token = decodeURIComponent(location.hash.slice(1));
if (token) {
  field.value = token;
  history.replaceState(null, "", location.pathname + location.search);
}
if (field.value && field.getAttribute("aria-invalid") !== "true") field.closest(".field").hidden = true;
