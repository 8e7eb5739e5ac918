// The sign-in page. A link from another site arrives without our cookie (SameSite=Strict); if this browser is signed in, go on.

import { t } from "./strings.js";

document.title = `${t.signIn.button} · Varde`;
for (const element of document.querySelectorAll("[data-say]")) element.textContent = t.signIn[element.getAttribute("data-say") ?? ""];

const query = new URLSearchParams(location.search);
const wrong = query.has("token");
document.getElementById("wrong")?.toggleAttribute("hidden", !wrong);
if (!wrong) {
  document.getElementById("next")?.setAttribute("value", location.pathname + location.search);
  const answer = await fetch("/api/v1/version", { headers: { accept: "application/json" } }).catch(() => null);
  if (answer?.ok) location.reload();
} else {
  history.replaceState(null, "", "/");
}
