"use strict";

// The token stays behind the # so that it reaches no server log.
const part = (id) => document.getElementById(id);

function show(...ids) {
  for (const each of ["ask", "waiting", "weak", "done", "failed"]) part(each).hidden = !ids.includes(each);
}

async function setPassword(event) {
  event.preventDefault();
  show("waiting");
  try {
    const answer = await fetch("/api/v1/password-resets/confirmation", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ token: location.hash.slice(1), password: part("password").value }),
    });
    if (answer.ok) show("done");
    else if (["weak_password", "invalid_input"].includes((await answer.json()).code)) show("ask", "weak");
    else show("failed");
  } catch {
    show("ask");
  }
}

part("ask").addEventListener("submit", setPassword);
