/**
 * Prefect: the sentence of its notifications, in whatever field a webhook block has put it, and the
 * events of its flow runs as an automation hands them on.
 * https://docs.prefect.io/v3/automate/events/automations-triggers Samples: golden/prefect.*.json
 */
import { type Adapter } from "../../../domain/signal/signal.ts";
import { readObject } from "../items.ts";
import { dig, listAt, textAt, timeAt } from "../paths.ts";
import { type Json, type Reading } from "../reading.ts";
import { recogniseObject, severityBy } from "../telling.ts";
import { momentOf } from "../times.ts";
import { tellCheck } from "./check.ts";

/** “Flow run night/quick-fox entered state `Failed` at 2026-11-21T09:58:00+00:00.” */
const SENTENCE =
  /\bFlow run ([^/\n]{1,200})\/([^\s/]{1,200}) (?:entered|observed in) state [`'"]?([A-Za-z ]{1,40}?)[`'"]? at ([^\n]{1,60})/;
const URL_LINE = /Flow run URL: *(https?:\/\/\S{1,2000})/;
const MESSAGE_LINE = /State message: *([^\n]{1,2000})/;
const EVENT = /^prefect\.flow-run\.([A-Za-z]{1,40})$/;

type Seen = {
  readonly flow: string;
  readonly run: string | null;
  readonly state: string;
  readonly link: string | null;
  readonly message: string | null;
  readonly at: string | null;
};

function seenIn(body: Json): Seen | null {
  const state = EVENT.exec(textAt(body, "event") ?? "")?.[1];
  if (state !== undefined && dig(body, "resource") !== undefined) return ofEvent(body, state);
  for (const name of ["body", "text", "message", "content", "description", "notes"]) {
    const text = textAt(body, name)?.slice(0, 20_000) ?? "";
    const [, flow, run, word, when] = SENTENCE.exec(text) ?? [];
    if (flow === undefined || run === undefined || word === undefined) continue;
    return {
      flow,
      run,
      state: word,
      link: URL_LINE.exec(text)?.[1] ?? null,
      message: MESSAGE_LINE.exec(text)?.[1] ?? null,
      at: when?.trim().replace(/\.$/, "") ?? null,
    };
  }
  return null;
}

function ofEvent(body: Json, state: string): Seen {
  const resource = dig(body, "resource");
  const named = (one: unknown, name: string): string | null => {
    const value = typeof one === "object" && one !== null ? (one as Json)[name] : null;
    return typeof value === "string" && value !== "" ? value : null;
  };
  const flow = listAt(body, "related").find(
    (one) => named(one, "prefect.resource.role") === "flow",
  );
  const run = named(resource, "prefect.resource.name");
  return {
    flow: named(flow, "prefect.resource.name") ?? run ?? "a flow",
    run,
    state,
    link: null,
    message: named(resource, "prefect.state-message"),
    at: named(resource, "prefect.state-timestamp") ?? textAt(body, "occurred"),
  };
}

export const prefect: Adapter = {
  about: {
    id: "prefect",
    name: "Prefect",
    docs: "https://docs.prefect.io/v3/automate/events/automations-triggers",
  },
  setUp: {
    steps: [
      'Add a block of type Custom Webhook: URL {url}, method POST, JSON data {"subject":"{{subject}}","body":"{{body}}"}.',
      "Add an automation for flow runs that enter Failed, Crashed, TimedOut or Completed, whose action sends a notification with that block.",
      "The state Completed matters: it ends the alert of the failure.",
    ],
    sample: "prefect.failed.json",
  },
  severities: { Failed: "error", Crashed: "error", TimedOut: "error", Late: "warning" },
  resendsByContract: false,
  recognise: recogniseObject((body) => seenIn(body) !== null),
  read: readObject("a notification or an event of a flow run", (reading, body) => {
    const seen = seenIn(body);
    if (seen === null)
      return reading.refuse(0, "body", "a sentence such as “Flow run a/b entered state `Failed`”");
    readRun(reading, body, seen);
  }),
};

const STATES = /^(failed|crashed|timedout|late|completed)$/i;

function readRun(reading: Reading, body: Json, seen: Seen): void {
  const word = seen.state.replaceAll(" ", "");
  if (!STATES.test(word)) {
    return reading.find(0, "state", `“${word}”: neither failed nor completed, no alert`);
  }
  const passed = /^completed$/i.test(word);
  tellCheck(reading, 0, {
    key: ["prefect", seen.flow],
    title: passed ? `Flow ${seen.flow} completed` : `Flow ${seen.flow}: ${seen.state}`,
    passed,
    severity: severityBy(prefect.severities!, word),
    product: "Prefect",
    at: momentOf(seen.at) ?? timeAt(reading, 0, body, "occurred"),
    service: seen.flow,
    job: seen.flow,
    link: seen.link,
    labels: { run: seen.run, state: seen.state },
    details: { message: seen.message },
  });
}
