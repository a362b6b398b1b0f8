/**
 * The first questions of a page, asked while the rest of its script is still on the way. It stands alone in its file and
 * knows nothing of the contract, so that it is there at once; early.test.ts holds it to the contract.
 */
const asked = new Map<string, Promise<Response>>();

/** An answer that is on its way already; it is given out once. */
export function takeEarly(address: string): Promise<Response> | undefined {
  const found = asked.get(address);
  asked.delete(address);
  return found;
}

const first = ["/v1/me", "/v1/overview", "/v1/directory"];
const incident = /^\/incidents\/(INC-\d+)$/.exec(location.pathname)?.[1];
if (incident !== undefined)
  first.push(`/v1/incidents/${incident}`, `/v1/incidents/${incident}/timeline?limit=500`);
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
if (location.pathname === "/") void Intl.DateTimeFormat().resolvedOptions();
