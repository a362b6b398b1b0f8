import { expect, test } from "vitest";
import { MESSAGES, say } from "../../../contract/texts.ts";
import { twilioXml } from "../../edge/outbound/callXml.ts";
import { spokenOf } from "../../edge/outbound/phone.ts";
import { fact, worded, type Wording } from "./wording.ts";

const wording: Wording = {
  kind: "page",
  subject: say("page subject", {
    severity: "SEV1",
    incident: "INC-1",
    title: say("restricted title"),
  }),
  lines: [say("joined", { incident: "INC-1", count: 1, titles: "db down" }), "as it was written"],
  facts: [
    fact("commander", say("nobody yet")),
    fact("state", { template: "mitigated", params: {} }),
  ],
  actions: [{ label: say("acknowledge"), url: "https://x/a/1", verb: "acknowledge" }],
  attachments: [],
  thread: null,
};

test("a message is in the words of whoever gets it, down to the words within its sentences", () => {
  expect(worded(wording, "de")).toMatchObject({
    language: "de",
    subject: "[SEV1] INC-1 Ein vertraulicher Vorfall",
    lines: ["Zu INC-1 kam 1 weiterer Alarm hinzu, darunter: db down", "as it was written"],
    facts: [
      { name: "Einsatzleitung", value: "noch niemand" },
      { name: "Zustand", value: "eingedämmt" },
    ],
    actions: [{ label: "Bestätigen" }],
  });
});

test("a message in English says nothing of its language, as versions before wrote it", () => {
  const english = worded(wording, "en");
  expect(english).not.toHaveProperty("language");
  expect(english.lines[0]).toBe("1 more alert joined INC-1, such as: db down");
});

test("a call speaks with a voice of its language", () => {
  const said = { ...worded(wording, "de"), mayRepeat: false };
  expect(twilioXml(spokenOf(said, "https://x/key"))).toMatch(
    /<Say language="de-DE">Drücken Sie die 1, wenn Sie es haben/,
  );
  expect(
    twilioXml(spokenOf({ ...worded(wording, "en"), mayRepeat: false }, "https://x")),
  ).toContain(`<Say>${MESSAGES["call keys"]}</Say>`);
});
