/**
 * Draws the first sight of home or of an incident for whoever asks for it, with the answers that they would get; run by the server
 * (`server/app/drawnPage.ts`), and taken over by the app, which draws the same. decisions/0090
 */
import { QueryClientProvider } from "@tanstack/react-query";
import { createMemoryHistory, RouterProvider } from "@tanstack/react-router";
import { renderToString } from "react-dom/server";
import type { Language } from "../../contract/language.ts";
import { standsAhead } from "../kit/ahead.ts";
import { subjectOf } from "../home/homeView.ts";
import { setReadersZone } from "../kit/time.ts";
import { speak } from "../kit/words.ts";
import { de } from "../words/de.ts";
import { type Given, takeGiven } from "./given.ts";
import { MeProvider } from "./me.ts";
import { makeQueries } from "./queries.ts";
import { makeRouter } from "./router.tsx";

export type Asked = {
  /** Path and query, as they were asked for. */
  readonly address: string;
  readonly given: Given;
  readonly language: Language;
  readonly zone: string;
  readonly now: number;
};

export async function drawPage({ address, given, language, zone, now }: Asked) {
  const queries = makeQueries();
  takeGiven(queries, given);
  const router = makeRouter(queries, createMemoryHistory({ initialEntries: [address] }));
  await router.load();
  // From here on nothing waits, so that nobody else's page is drawn in between.
  speak(language, language === "de" ? de : {});
  setReadersZone(zone);
  standsAhead(now);
  const { incident, overview } = given;
  const subject =
    incident === undefined ? subjectOf(overview) : `${incident.id} ${incident.severity}`;
  const markup = renderToString(
    <QueryClientProvider client={queries}>
      <MeProvider value={given.me}>
        <RouterProvider router={router} />
      </MeProvider>
    </QueryClientProvider>,
  );
  return { title: `${subject} · Tocsin`, markup };
}
