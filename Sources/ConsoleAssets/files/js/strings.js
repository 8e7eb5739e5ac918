// What is said, in the language of the page: the one chosen here, else the one the browser asks for. The server knows both.

import en from "./words/en.js";
import nb from "./words/nb.js";

export const t = document.documentElement.lang === "nb" ? nb : en;

/** Goes on in the other language. */
export function switchLanguage() {
  document.cookie = `varde-language=${t.language.code}; Path=/; SameSite=Strict; Max-Age=31536000`;
  location.reload();
}
