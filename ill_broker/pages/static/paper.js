"use strict";

// Prints by the button, by P, and by itself where the address asks for it: a desk opens that in a window of its own.
const button = document.querySelector("[data-prints]");
button.hidden = false;
button.addEventListener("click", () => print());
addEventListener("keydown", (event) => {
  if (event.key.toLowerCase() === "p" && !event.ctrlKey && !event.metaKey && !event.altKey && !event.repeat) print();
});
if (new URLSearchParams(location.search).has("print")) addEventListener("load", () => print());
