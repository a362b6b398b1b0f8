import fc from "fast-check";
import { expect, test } from "vitest";
import type { Language } from "../../../contract/language.ts";
import { MESSAGES, REASONS, say, sentence, type Text } from "../../../contract/texts.ts";
import { instant, toIso } from "../../base/instant.ts";
import { keyring } from "../../base/crypto.ts";
import type { Incident } from "../incident/incident.ts";
import { pageParts } from "../incident/telling.ts";
import { signedWords, wordsOf } from "./pageParts.ts";
import { fact, worded, type Wording } from "./wording.ts";

const keys = keyring(Buffer.alloc(32, 3));
const world = { publicUrl: "https://tocsin.example" };

type Page = {
  readonly id: string;
  readonly kind: "page" | "notice";
  readonly language: Language;
  readonly incident: Incident;
  readonly lines: readonly Text[];
  readonly subject: Text | undefined;
  readonly asks: "answer" | "nothing" | undefined;
};

/** A page as it was written whole, when its row was decided. */
function wholeWords({ id, kind, language, incident, lines, subject, asks }: Page) {
  const { severity, restricted, commanderId } = incident;
  const name = `INC-${incident.number}`;
  const title = restricted ? say("restricted title") : incident.title;
  const where = [...incident.services, ...incident.regions].join(", ");
  const wording: Wording = {
    kind,
    subject: subject ?? say("page subject", { severity, incident: name, title }),
    lines: [
      ...(restricted ? [] : [say("page what", { severity, services: where, title })]),
      say("page how long", {
        detected: toIso(incident.detectedAt),
        declared: toIso(incident.declaredAt),
      }),
      ...lines,
    ],
    facts: [
      fact("incident", name),
      fact("severity", severity),
      ...(restricted ? [] : [fact("affected", where)]),
      fact("commander", commanderId ?? say("nobody yet")),
    ],
    actions: [
      {
        label: say(asks === "answer" ? "answer" : "acknowledge"),
        url: `https://tocsin.example/a/${id}.${keys.sign("acknowledge", id)}`,
        verb: "acknowledge" as const,
      },
      {
        label: say("open", { incident: name }),
        url: `https://tocsin.example/incidents/${name}`,
        verb: "open" as const,
      },
    ].filter(({ verb }) => asks !== "nothing" || verb === "open"),
    attachments: [],
    thread: { subjectId: name, sentReference: null },
  };
  return worded(wording, language);
}

const text: fc.Arbitrary<Text> = fc.oneof(
  fc.string(),
  fc.constantFrom<Text>(
    say("page next", { next: "2026-11-26T12:00:00.000Z" }),
    say("page command"),
    say("join line", { person: "ada", incident: "INC-7" }),
    sentence(REASONS.shadow, { schedule: "nights" }),
    say("clock line", { deadline: "mitigate", incident: "INC-7", person: say("nobody yet") }),
  ),
);
const at = fc.integer({ min: 0, max: 4_000_000_000_000 }).map(instant);
const incident = fc
  .record({
    number: fc.integer({ min: 1, max: 2_000_000_000 }),
    title: fc.string(),
    severity: fc.constantFrom("SEV1", "SEV4"),
    services: fc.array(fc.string(), { maxLength: 3 }),
    regions: fc.array(fc.string(), { maxLength: 2 }),
    commanderId: fc.option(fc.string({ minLength: 1 })),
    restricted: fc.boolean(),
    detectedAt: at,
    declaredAt: at,
  })
  .map((known) => known as Partial<Incident> as Incident);
const page: fc.Arbitrary<Page> = fc.record({
  id: fc.uuid(),
  kind: fc.constantFrom("page", "notice"),
  language: fc.constantFrom("en", "de"),
  incident,
  lines: fc.array(text, { maxLength: 3 }),
  subject: fc.option(text, { nil: undefined }),
  asks: fc.constantFrom("answer", "nothing", undefined),
});

/** As the row comes back from the store. */
function rowOf({ id, kind, language, incident: about, lines, subject, asks }: Page) {
  const parts = pageParts({ world } as Parameters<typeof pageParts>[0], about, lines, {
    ...(subject !== undefined && { subject }),
    asks,
  });
  const message = JSON.parse(
    JSON.stringify(language === "en" ? parts : { ...parts, language }),
  ) as typeof parts;
  return { id, kind, incidentNumber: about.number, acceptedAt: about.detectedAt, message };
}

test("what a page is made of gives the words that were decided, in every language", () => {
  fc.assert(
    fc.property(page, (each) => {
      expect(signedWords(rowOf(each), keys)).toEqual(wholeWords(each));
    }),
    { numRuns: 300 },
  );
});

test("no row holds a link that works, and a row with whole words says them", () => {
  fc.assert(
    fc.property(page, (each) => {
      const row = rowOf(each);
      const link = keys.sign("acknowledge", each.id);
      expect(JSON.stringify([row, wordsOf(row)])).not.toContain(link);
      const whole = wholeWords(each);
      expect(wordsOf({ ...row, message: whole })).toBe(whole);
    }),
    { numRuns: 50 },
  );
});

test("a sentence of the catalogue is kept by its name, and one that is not in it any more is still said", () => {
  const [about] = fc.sample(incident, { numRuns: 1, seed: 1 });
  const given = { incident: about!, subject: undefined, asks: undefined, language: "en" } as const;
  const row = rowOf({ ...given, id: "1", kind: "page", lines: [say("page last"), "as written"] });
  expect(row.message.lines).toEqual([["page last", {}], "as written"]);
  const older = { ...row.message, lines: [["gone", {}]] } as never;
  expect(MESSAGES).not.toHaveProperty("gone");
  expect(wordsOf({ ...row, message: older }).lines.at(-1)).toBe("gone");
});
