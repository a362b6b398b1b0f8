/** The web app: who has it open is asked first; signed out, it says how to get in. */
import "../kit/tokens.css";
import "../kit/kit.css";
import "../incident/marks.css";
import "./shell.css";
import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { lazy, startTransition, StrictMode, Suspense, useEffect } from "react";
import { createRoot, hydrateRoot } from "react-dom/client";
import { readDirectory, readOverview } from "../../contract/overview.ts";
import { whoAmI } from "../../contract/session.ts";
import { readWays } from "../../contract/signIn.ts";
import { standsAhead } from "../kit/ahead.ts";
import { call, Refused, setEarly } from "../kit/call.ts";
import { asking, useRoute } from "../kit/client.ts";
import { listenToKeys } from "../kit/keys.ts";
import { askForTheRest } from "../incident/useTimeline.ts";
import { setServerNow } from "../kit/now.ts";
import { AskAgain, Waiting } from "../kit/parts.tsx";
import { setZoneDrawn } from "../kit/time.ts";
import { keepDevice } from "../offline/device.ts";
import { keepForOffline, keepGiven } from "../offline/kept.ts";
import { pressAgain, takeEarly } from "./early.ts";
import { addressesOf, type Given, takeGiven } from "./given.ts";
import { openLive } from "./live.ts";
import { MeProvider } from "./me.ts";
import { speakTheirs } from "./language.ts";
import { answered, makeQueries } from "./queries.ts";
import { rememberAsTheyLeave } from "./reader.ts";
import { makeRouter } from "./router.tsx";
import { applyScheme } from "./scheme.ts";
import { t } from "../kit/words.ts";

applyScheme();
listenToKeys();

// A page that the server drew may still be on its way; its answers stand at its end.
if (document.readyState === "loading")
  await new Promise((resolve) => document.addEventListener("DOMContentLoaded", resolve));
const { lang: drawnIn, dataset: drawn } = document.documentElement;
const block = document.getElementById("given")?.textContent ?? null;
const given = block === null ? null : (JSON.parse(block) as Given);

const queries = makeQueries();
const router = makeRouter(queries);
await pause();
setEarly(takeEarly);
if (given !== null) {
  takeGiven(queries, given);
  keepGiven(addressesOf(given));
}
// What every page asks, and what this one is made of, comes while the rest of the script is still read.
void queries.prefetchQuery(asking(whoAmI));
void queries.prefetchQuery(asking(readOverview));
void queries.prefetchQuery(asking(readDirectory));
await pause();
const loaded = router.load();
const read = given === null ? loaded.then(() => answered(queries)) : loaded;

const PATIENCE_MS = 1_500;
const STANDS_MS = 2_000;
const BETWEEN_MS = 100;
const meKey = asking(whoAmI).queryKey;
const stands = isLoaded().then(() => new Promise((resolve) => setTimeout(resolve, STANDS_MS)));

/** The mailed link leads here, signed in or not. */
const setsPassword = location.pathname === "/password";
const NewPassword = lazy(async () => ({
  default: (await import("../account/NewPassword.tsx")).NewPassword,
}));
/** For a session that ends while the app is open; who comes without one gets the door from the server. */
const SignedOut = lazy(async () => {
  const [{ SignedOut: Page }, ways] = await Promise.all([
    import("./SignedOut.tsx"),
    call(readWays).catch(() => ({ provider: null, passkeysNot: null })),
  ]);
  return { default: () => <Page ways={ways} /> };
});

function App() {
  const { data, error, refetch } = useRoute(whoAmI);
  const signedIn = data !== undefined;
  const person = data?.person ?? null;
  useEffect(() => {
    if (!signedIn) return;
    openLive(queries, () => void queries.invalidateQueries({ queryKey: meKey }), stands);
  }, [signedIn]);
  useEffect(() => {
    // Tried again with the next page that is opened.
    if (signedIn) void keepDevice(person).catch(() => undefined);
  }, [signedIn, person]);
  // Any answer that says “signed out” takes what is on the screen away at once.
  useEffect(
    () =>
      queries.getQueryCache().subscribe(({ query }) => {
        const failure = query.state.error;
        if (!(failure instanceof Refused) || failure.status !== 401) return;
        if (query.queryKey[0] !== meKey[0]) void queries.invalidateQueries({ queryKey: meKey });
      }),
    [],
  );
  if (setsPassword || (error instanceof Refused && error.status === 401))
    return <Suspense fallback={null}>{setsPassword ? <NewPassword /> : <SignedOut />}</Suspense>;
  if (data !== undefined)
    return (
      <MeProvider value={data}>
        <RouterProvider router={router} />
      </MeProvider>
    );
  return error === null ? (
    <Waiting what={t("the server")} />
  ) : (
    <AskAgain error={error} again={() => void refetch()} />
  );
}

const root = document.getElementById("app");
await speakTheirs(async () => (await import("../words/de.ts")).de);
// The frame stands already (Frame.tsx). A page that is drawn once, with what it shows, is there sooner than one that is
// drawn anew with each answer; a slow server is not waited for, and drawing lets whoever types or taps go first.
// What the server drew stands until all of it can be taken over.
await Promise.race([
  read,
  ...(given === null ? [new Promise((resolve) => setTimeout(resolve, PATIENCE_MS))] : []),
]);
const overview = queries.getQueryData(asking(readOverview).queryKey);
// Clocks are drawn with the server's time from the first.
if (overview !== undefined) setServerNow(overview.now, given === null ? Date.now() : cameAt());
const page = (
  <StrictMode>
    <QueryClientProvider client={queries}>
      <App />
    </QueryClientProvider>
  </StrictMode>
);
if (root !== null) {
  const drawnAt = Date.parse(drawn["drawn"] ?? "");
  const isTheirs =
    document.documentElement.lang === drawnIn &&
    new Date(drawnAt).getTimezoneOffset() === Number(drawn["offset"]);
  if (isTheirs) {
    standsAhead(drawnAt, pressAgain);
    setZoneDrawn(drawn["zone"]);
    // As the server drew it, without the boundary that a page of script alone has.
    router.ssr = { manifest: undefined };
    startTransition(() => void hydrateRoot(root, page));
  } else {
    standsAhead(null, pressAgain);
    startTransition(() => createRoot(root).render(page));
  }
}
rememberAsTheyLeave();
void afterwards();

/** One after the other, so that whoever types or taps comes between. */
async function afterwards(): Promise<void> {
  // The worker fetches the whole app: nothing that is looked at now waits for that.
  await stands;
  for (const then of [pressAgain, () => askForTheRest(queries), keepForOffline]) {
    then();
    await new Promise((resolve) => setTimeout(resolve, BETWEEN_MS));
  }
}

async function isLoaded(): Promise<void> {
  if (document.readyState === "complete") return;
  await new Promise((resolve) => addEventListener("load", resolve));
}

/** Whoever types or taps goes first. */
function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve));
}

/** When the server's first byte came: its clock was read shortly before. */
function cameAt(): number {
  const [visit] = performance.getEntriesByType("navigation");
  const { responseStart } = visit as PerformanceNavigationTiming;
  return performance.timeOrigin + responseStart;
}
