/** The page of whoever is not signed in. It comes drawn (drawn.tsx); here it begins to answer. */
import "../kit/tokens.css";
import "../kit/kit.css";
import { useEffect } from "react";
import { createRoot, hydrateRoot } from "react-dom/client";
import type { Ways } from "../account/SignIn.tsx";
import { speakTheirs } from "./language.ts";
import { applyScheme } from "./scheme.ts";
import { SignedOut } from "./SignedOut.tsx";

applyScheme();

/** What is sent before the page can answer waits for it, instead of leaving the page. */
let waiting: HTMLFormElement | null = null;
addEventListener("submit", (event) => {
  if (event.defaultPrevented || !(event.target instanceof HTMLFormElement)) return;
  event.preventDefault();
  waiting = event.target;
});

function Door({ ways }: { ways: Ways }) {
  useEffect(() => {
    if (waiting?.isConnected === true) waiting.requestSubmit();
  }, []);
  return <SignedOut ways={ways} />;
}

const root = document.getElementById("app");
const drawnIn = document.documentElement.lang;
await speakTheirs(async () => (await import("../words/door.ts")).door);
if (root !== null) {
  const page = <Door ways={JSON.parse(root.dataset["ways"] ?? "") as Ways} />;
  // Whoever chose another language than their browser's has it drawn anew.
  if (document.documentElement.lang === drawnIn) hydrateRoot(root, page);
  else createRoot(root).render(page);
}
