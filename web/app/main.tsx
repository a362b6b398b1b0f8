/** The web app: who has it open is asked first; signed out, it says how to get in. */
import "../kit/tokens.css";
import "../kit/kit.css";
import "../incident/marks.css";
import "./shell.css";
import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { lazy, startTransition, StrictMode, Suspense, useEffect } from "react";
import { createRoot } from "react-dom/client";
import { readDirectory, readOverview } from "../../contract/overview.ts";
import { whoAmI } from "../../contract/session.ts";
import { readWays } from "../../contract/signIn.ts";
import { call, Refused, setEarly } from "../kit/call.ts";
import { asking, useRoute } from "../kit/client.ts";
import { listenToKeys } from "../kit/keys.ts";
import { setServerNow } from "../kit/now.ts";
import { AskAgain, Waiting } from "../kit/parts.tsx";
import { keepDevice } from "../offline/device.ts";
import { keepForOffline } from "../offline/kept.ts";
import { takeEarly } from "./early.ts";
import { openLive } from "./live.ts";
import { MeProvider } from "./me.ts";
import { speakTheirs } from "./language.ts";
import { answered, queries } from "./queries.ts";
import { router } from "./router.tsx";
import { applyScheme } from "./scheme.ts";
import { t } from "../kit/words.ts";

applyScheme();
listenToKeys();

setEarly(takeEarly);
// What every page asks, and what this one is made of, comes while the rest of the script is still read.
void queries.prefetchQuery(asking(whoAmI));
void queries.prefetchQuery(asking(readOverview));
void queries.prefetchQuery(asking(readDirectory));
const read = router.load().then(answered);

const PATIENCE_MS = 1_500;
const meKey = asking(whoAmI).queryKey;

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
    if (signedIn) openLive(queries, () => void queries.invalidateQueries({ queryKey: meKey }));
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
await Promise.race([read, new Promise((resolve) => setTimeout(resolve, PATIENCE_MS))]);
const overview = queries.getQueryData(asking(readOverview).queryKey);
// Clocks are drawn with the server's time from the first.
if (overview !== undefined) setServerNow(overview.now);
if (root !== null)
  startTransition(() =>
    createRoot(root).render(
      <StrictMode>
        <QueryClientProvider client={queries}>
          <App />
        </QueryClientProvider>
      </StrictMode>,
    ),
  );
// The worker fetches the whole app: nothing that is looked at now waits for that.
if (document.readyState === "complete") afterwards();
else addEventListener("load", afterwards);

function afterwards(): void {
  setTimeout(keepForOffline, 2_000);
}
