/** An incident is drawn whole, with what its reader may see, or not at all. */
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { brotliDecompressSync } from "node:zlib";
import { afterAll, beforeAll, expect, test } from "vitest";
import { silentLog } from "../base/log.ts";
import type { RequestFacts } from "../base/routes.ts";
import { drawnPage, HOME, incidentSight, type Sight } from "./drawnPage.ts";
import { readerOf } from "./reader.ts";

let builtIn: string;
beforeAll(async () => {
  builtIn = await mkdtemp(join(tmpdir(), "tocsin-drawn-"));
  await mkdir(join(builtIn, "hand"));
  await writeFile(
    join(builtIn, "hand/drawPage.js"),
    `export const drawPage = async ({ address, given, language, zone, now }) => {
       if (given.incident?.severity === "SEV4") throw new Error("a fault of the app");
       const markup = "<h1>" + [address, language, zone, now].join(" ") + "</h1>";
       return { title: "It <burns>", markup };
     };`,
  );
});
afterAll(() => rm(builtIn, { recursive: true }));

const NOW = "2026-07-01T12:00:00.000Z";
const PAGE = `<html lang="%LANGUAGE%" data-scheme="%SCHEME%" data-drawn="%DRAWN%" data-zone="%ZONE%" data-offset="%OFFSET%"><title>%TITLE%</title>%MARKUP%<script type="application/json">%GIVEN%</script>`;
const ANSWERS: Readonly<Record<string, object | null>> = {
  me: { person: "ada" },
  overview: { now: NOW },
  directory: {},
  incident: { id: "INC-7", severity: "SEV1", title: "</script><script>$& %MARKUP%" },
  timeline: { items: [], next: null },
};

async function draw(
  changed: Readonly<Record<string, object | null>> = {},
  headers: RequestFacts["headers"] = {},
  sight: Sight = incidentSight("INC-7"),
) {
  const asked: string[] = [];
  const request = { requestId: "1", headers, address: "::1", rawBody: Buffer.alloc(0) };
  const names = new Map(Object.entries(sight.questions).map(([name, path]) => [path, name]));
  const page = await drawnPage(sight, request, {
    builtIn,
    log: silentLog,
    page: PAGE,
    async ask(path, as) {
      asked.push(as.headers["cookie"] ?? "nobody");
      const answer = { ...ANSWERS, ...changed }[names.get(path) ?? ""] ?? null;
      return answer === null ? null : JSON.stringify(answer);
    },
    readerAt: (at) => readerOf(headers, at),
  });
  return { page, asked };
}

test("every question is asked in the name of whoever asks for the page, and nothing of it is kept", async () => {
  const { page, asked } = await draw({}, { cookie: "tocsin=ada", "accept-language": "en" });
  expect(asked).toEqual(Object.keys(ANSWERS).map(() => "tocsin=ada"));
  expect(page?.headers["cache-control"]).toBe("no-store");
});

test("home is drawn with what is around every page, and asks for no incident", async () => {
  const { page, asked } = await draw({}, { cookie: "tocsin=ada" }, HOME);
  expect(asked).toHaveLength(3);
  const { incident: _, timeline: __, ...around } = ANSWERS;
  const [, given = ""] = /json">(.*)<\/script>$/.exec(String(page?.body)) ?? [];
  expect(JSON.parse(given)).toEqual(around);
});

for (const [promise, changed] of [
  ["what one may not read is not drawn", { incident: null }],
  ["what is too large to come first is not drawn", { directory: { people: "x".repeat(300_000) } }],
  ["a fault of the app leaves its own page", { incident: { id: "INC-7", severity: "SEV4" } }],
] as const)
  test(promise, async () => expect((await draw(changed)).page).toBe(null));

test("words of an incident end no block of data and fill no place of the page", async () => {
  const { page } = await draw({}, { "accept-language": "en", "accept-encoding": "gzip, br" });
  expect(page?.headers["content-encoding"]).toBe("br");
  const text = brotliDecompressSync(page?.body as Buffer).toString();
  const [, before = "", given = "", after] = /^(.*json">)(.*)(<\/script>)$/.exec(text) ?? [];
  expect(before).toContain("<title>It &lt;burns&gt;</title><h1>/incidents/INC-7 en UTC");
  expect(given).not.toContain("<");
  expect(JSON.parse(given)).toEqual(ANSWERS);
  expect(after).toBe("</script>");
});

const told = (words: string): RequestFacts["headers"] => ({
  "accept-language": "en",
  cookie: `tocsin-language=de; tocsin-reader=${words}; c=d`,
});
for (const [promise, headers, reader] of [
  [
    "a browser that told nothing is drawn for in UTC",
    { "accept-language": "de" },
    "de system UTC 0",
  ],
  [
    "who told how they read is drawn for so",
    told(encodeURIComponent("dark -60 Europe/Berlin")),
    "de dark Europe/Berlin -120",
  ],
  ["a zone that is none is UTC", told("light%200%20Atlantis%2FCity"), "de light UTC 0"],
  ["what is no text is nothing told", told("%E0%A4%A"), "de system UTC 0"],
  ["a scheme that is none is the machine's", told("%22onload%200%20UTC"), "de system UTC 0"],
] as const)
  test(promise, () =>
    expect(Object.values(readerOf(headers, Date.parse(NOW))).join(" ")).toBe(reader),
  );
