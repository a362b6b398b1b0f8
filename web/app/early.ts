/**
 * What happens while the rest of a page's script is still on the way. It stands alone in its file and knows nothing of
 * the contract, so that it is there at once; early.test.ts holds it to the contract. A page that came drawn with its answers
 * asks nothing: it fetches its script when it has been seen, and keeps what is pressed meanwhile.
 */
const asked = new Map<string, Promise<Response>>();

/** An answer that is on its way already; it is given out once. */
export function takeEarly(address: string): Promise<Response> | undefined {
  const found = asked.get(address);
  asked.delete(address);
  return found;
}

const isDrawn = document.documentElement.dataset["drawn"] !== undefined;
const first = isDrawn ? [] : ["/v1/me", "/v1/overview", "/v1/directory"];
const incident = /^\/incidents\/(INC-\d+)$/.exec(location.pathname)?.[1];
if (incident !== undefined && !isDrawn)
  first.push(`/v1/incidents/${incident}`, `/v1/incidents/${incident}/timeline?limit=500&end=true`);
// Where the runbook stands beside the timeline, its column waits for it.
if (incident !== undefined && innerWidth > 1_200)
  first.push(`/v1/runs?incident=${incident}&limit=50`);

for (const address of first) {
  const answer = fetch(address, { headers: { accept: "application/json" } });
  // Whoever takes it says what failed.
  answer.catch(() => undefined);
  asked.set(address, answer);
}

// Home names the reader's zone: its first use in a browser takes a phone 50 ms, and here the processor has nothing to do yet.
if (location.pathname === "/" && !isDrawn) void Intl.DateTimeFormat().resolvedOptions();

let pressed: HTMLElement | null = null;

function hear(event: Event): void {
  const button = event.target instanceof Element ? event.target.closest("button") : null;
  if (button === null || button.ariaDisabled === "true") return;
  // A form that nobody answers yet would leave the page.
  event.preventDefault();
  pressed?.removeAttribute("aria-busy");
  pressed = button;
  button.ariaBusy = "true";
}

const keys: KeyboardEvent[] = [];

/** A key that may mean something here, as `web/kit/keys.ts` reads them. */
function hearKey(event: KeyboardEvent): void {
  const isChord = event.ctrlKey || event.metaKey;
  if (event.key.length > 1 || event.altKey || (isChord && event.key !== "k")) return;
  // The browser's own meaning of it.
  if (isChord) event.preventDefault();
  keys.push(event);
}

/** Presses again what was pressed last before anything could answer, unless it stands there no more. */
export function pressAgain(): void {
  removeEventListener("click", hear, true);
  removeEventListener("keydown", hearKey, true);
  const button = pressed;
  pressed = null;
  button?.removeAttribute("aria-busy");
  if (button?.isConnected === true) button.click();
  const [event, ...more] = keys.splice(0);
  // Of several nobody knows whether they were words, and words are no verbs.
  if (event === undefined || more.length > 0) return;
  const { key, ctrlKey, metaKey, shiftKey } = event;
  const again = new KeyboardEvent("keydown", { key, ctrlKey, metaKey, shiftKey, bubbles: true });
  // The page names its keys once all of it is there.
  setTimeout(() => document.dispatchEvent(again));
}

const LATEST_MS = 2_000;

/** After the first sight has been painted; where nothing is painted, as in a tab behind others, at once. */
function fetchScript(): void {
  const then = document.querySelector<HTMLTemplateElement>("#then");
  if (then === null) return;
  const { content } = then;
  then.remove();
  document.head.append(document.importNode(content, true));
}

if (isDrawn) {
  addEventListener("click", hear, true);
  addEventListener("keydown", hearKey, true);
  if (document.visibilityState === "hidden") fetchScript();
  else {
    new PerformanceObserver(fetchScript).observe({ type: "paint", buffered: true });
    // Nothing is painted any more when somebody turns to another tab meanwhile.
    document.addEventListener("visibilitychange", fetchScript, { once: true });
    setTimeout(fetchScript, LATEST_MS);
  }
}
