/**
 * Any body that nobody knows: an alert with what could be found, and a finding that says so. Names
 * of fields are those that tools share; the rest is kept as details, where a rule can ask for it.
 */
import { type Adapter, clip, type Envelope, fingerprint } from "../../domain/signal/signal.ts";
import { LINES_MAX } from "./body.ts";
import { isObject, type Json, Reading } from "./reading.ts";
import { SEVERITY_WORDS, severityOfWord } from "./severityWords.ts";
import { firstText, joinKey, type Status, tell } from "./telling.ts";
import { tableIn, type TextTable } from "./textTable.ts";
import { momentOf } from "./times.ts";

const TITLE = namesOf(
  "title summary subject headline alert_title incident_title problem_title event_title monitor_title name event_name alert_name incident_name monitor_name display_name alert rule_name rule check_name short_description message msg text alert_message event_message description alert_description event reason error error_message output",
);
const SEVERITY = namesOf(
  "severity level priority criticality urgency impact alert_severity severity_level alert_level alert_priority",
);
const STATUS = namesOf(
  "status state alert_status alert_state current_status current_state new_state event_action action event_type type",
);
const KEY = namesOf(
  "dedup_key deduplication_key fingerprint alert_id incident_key incident_id problem_id id uuid uid key",
);
const LINK = namesOf(
  "link url href permalink html_url web_url alert_url source_url dashboard_url alert_link incident_url issue_url title_link",
);
const SERVICE = namesOf(
  "service service_name application application_name app app_name component project project_name workload",
);
const SOURCE = namesOf("source host host_name instance node node_name device device_name resource");
const TIME = namesOf(
  "started_at starts_at start_time timestamp time created_at date triggered_at occurred_at event_time time_of_alert alert_time datetime",
);

/** event_name, eventName, EventName and “Event name” are one. */
function namesOf(names: string): readonly string[] {
  return names.split(" ").map(plain);
}
function plain(name: string): string {
  return name.toLowerCase().replaceAll(/[^a-z0-9]/g, "");
}

const OVER =
  /^(ok|up|resolved?|recover(y|ed)|closed?|clear(ed)?|normal|healthy|inactive|success|fixed|end(ed)?|done)$/i;
const SEEN = /^(ack|acknowledged?|acked)$/i;

export const genericJson: Adapter = {
  about: { id: "generic", name: "Anything else", docs: "docs/intake.md" },
  severities: SEVERITY_WORDS,
  resendsByContract: false,
  setUp: {
    steps: [
      "Let the tool POST JSON, lines of JSON, a form, CSV with a header or plain text to {url}.",
      "Tocsin takes title, severity, status, identity, link and time from the usual names of fields; the rest stays readable as details. Of CSV each row is an alert where its columns name what is wrong and how bad it is, or whether it is over.",
    ],
    sample: "generic.json",
  },
  read({ body, envelope }) {
    const reading = new Reading();
    if (typeof body === "string" && body.trim() !== "") {
      const table = isMeantAsJson(body) ? null : tableIn(body);
      if (table !== null && tellsRows(table)) {
        reading.find(0, "body", "no tool that is known: read row by row");
        if (table.isCut) reading.find(0, "body", `only its first ${table.rows.length} rows`);
        table.rows.forEach((row, index) => readByNames(reading, row, envelope, index));
        return reading;
      }
      const because = isMeantAsJson(body) ? `, because ${whyNotJson(body)}` : "";
      reading.find(0, "body", `no tool that is known: read as text${because}`);
      const [first = ""] = body.trim().split("\n", 1);
      const title =
        envelope?.subject ??
        (isMeantAsJson(body) ? titleInBroken(body) : null) ??
        (table === null ? first : titleOfTable(table, envelope));
      tell(reading, 0, {
        status: "firing",
        title,
        severity: "warning",
        dedupKey: envelope === undefined ? null : joinKey(envelope.topic, title),
        source: envelope?.topic,
        startedAt: envelope?.at ?? null,
        details: { text: body },
      });
    } else if (isObject(body) && Object.keys(body).length > 0) {
      reading.find(0, "body", "no tool that is known: read by the usual names of fields");
      readByNames(reading, body);
    } else reading.refuse(0, "body", "a JSON object or a text, not empty");
    return reading;
  },
};

/** Where each row says what is wrong, and how bad it is or whether it is over, each is an alert of its own. */
function tellsRows({ rows }: TextTable): boolean {
  const columns = Object.keys(rows[0] ?? {}).map(plain);
  return (
    columns.some((name) => SEVERITY.includes(name) || STATUS.includes(name)) && rows.every(saysWhat)
  );
}

/** What the first row says; the names of columns tell whoever is woken nothing. */
function titleOfTable({ rows, isCut }: TextTable, envelope: Envelope | undefined): string {
  const more = rows.length - 1;
  const said = factsIn(rows[0] ?? {});
  return `${untitled(envelope)}${said}${more > 0 ? `, and ${isCut ? "over " : ""}${more} more ${more === 1 ? "row" : "rows"}` : ""}`;
}

export const isMeantAsJson = (text: string): boolean => /^[[{]\s*["{]/.test(text);

/** A file of lines may be whole, and only longer than one request may be. */
function whyNotJson(text: string): string {
  const [first = "", second] = text.split("\n", 2);
  const isLine = second !== undefined && /^\{.*\}\s*$/.test(first);
  return isLine && text.split("\n", LINES_MAX + 1).length > LINES_MAX
    ? `it has more than ${LINES_MAX} lines: send fewer at once`
    : "its JSON is broken or has no end";
}

const BROKEN_MAX = 64 * 1_024;

/** What stands behind a usual name of a title in JSON that cannot be parsed. */
function titleInBroken(text: string): string | null {
  const fields = new Map<string, string>();
  const pairs = text
    .slice(0, BROKEN_MAX)
    .matchAll(/"([\w .-]{1,40})"\s{0,40}:\s{0,40}"([^"\n]{1,500})/g);
  for (const [, name = "", value = ""] of pairs)
    if (!fields.has(plain(name))) fields.set(plain(name), value);
  return firstText(...TITLE.map((name) => fields.get(name)));
}

/** Tools put the alert on top, or into an object of its own beside what they say of themselves. */
const INNER = [
  "alert",
  "incident",
  "event",
  "content",
  "data",
  "payload",
  "issue",
  "check",
  "monitor",
  "rule",
];

/** By the usual names; what brought the body may know the rest. */
export function readByNames(reading: Reading, body: Json, envelope?: Envelope, index = 0): void {
  const places = placesIn(body);
  const find = (names: readonly string[]): string | null =>
    firstText(...places.flatMap((place) => names.map((name) => place.get(name))));
  const named = find(TITLE) ?? envelope?.subject ?? null;
  const title = named ?? `${untitled(envelope)}${factsIn(body)}`;
  const word = places.map((place) => statusIn(place)).find((status) => status !== null) ?? null;
  const given = find(KEY);
  const service = find(SERVICE);
  const source = find(SOURCE);
  tell(reading, index, {
    status: word ?? "firing",
    title,
    severity: severityOfWord(find(SEVERITY)),
    dedupKey:
      given ??
      (named === null
        ? fingerprint({ topic: envelope?.topic ?? "", content: JSON.stringify(lastingIn(body)) })
        : fingerprint({ title, service: service ?? "", source: source ?? "" })),
    service,
    source,
    link: linkIn(places),
    startedAt: momentOf(find(TIME)) ?? envelope?.at ?? null,
    labels: envelope === undefined ? body : { topic: envelope.topic, ...body },
    details: body,
  });
}

const placesIn = (body: Json): readonly Place[] =>
  [body, ...INNER.map((name) => body[name]).filter(isObject)].map(indexOf);

/** Whether a usual name says what is wrong; what holds only other names may be anything. */
export const saysWhat = (body: Json): boolean =>
  placesIn(body).some((place) => TITLE.some((name) => firstText(place.get(name)) !== null));

const untitled = (envelope: Envelope | undefined): string =>
  envelope === undefined || envelope.topic === ""
    ? "Something that no adapter knows"
    : `A message of ${/[^/:]+$/.exec(envelope.topic)?.[0] ?? envelope.topic}`;

const FACTS_MAX = 4;
const SECRET = /token|secret|passw|auth|credential|cookie|signature|apikey/i;

/** The first things that a nameless body says, since nothing else tells whoever is woken what it is. */
function factsIn(body: Json): string {
  const facts: string[] = [];
  for (const name of Object.keys(body).slice(0, FIELDS_MAX)) {
    const [short, text] = [plain(name), firstText(body[name])];
    if (text !== null && !SECRET.test(short) && !isPassing(short, body[name]))
      facts.push(`${clip(name, 40)} ${clip(text, 60)}`);
    if (facts.length === FACTS_MAX) break;
  }
  return facts.length === 0 ? "" : `: ${facts.join(", ")}`;
}

/**
 * What stays the same while a condition lasts: everything but states, severities and moments, with the
 * names in order. Two nameless bodies are one condition only where nothing else sets them apart.
 */
function lastingIn(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(lastingIn);
  if (!isObject(value)) return value;
  return Object.keys(value)
    .toSorted()
    .filter((name) => !isPassing(plain(name), value[name]))
    .map((name) => [name, lastingIn(value[name])]);
}

function isPassing(name: string, value: unknown): boolean {
  const text = firstText(value);
  if (text === null) return false;
  if (SEVERITY.includes(name)) return true;
  if (STATUS.includes(name) && statusOf(text) !== null) return true;
  if (TIME.includes(name) && momentOf(value) !== null) return true;
  return typeof value === "string" && value.includes(":") && momentOf(value) !== null;
}

type Place = ReadonlyMap<string, unknown>;
const FIELDS_MAX = 500;

/** The fields by their plain names; of two that are the same the first. */
function indexOf(place: Json): Place {
  const fields = new Map<string, unknown>();
  for (const name of Object.keys(place).slice(0, FIELDS_MAX)) {
    const key = plain(name.slice(0, 60));
    if (!fields.has(key)) fields.set(key, place[name]);
  }
  return fields;
}

function statusIn(place: Place): Status | null {
  for (const name of STATUS) {
    const text = firstText(place.get(name));
    if (text === null) continue;
    const status = statusOf(text);
    if (status !== null) return status;
  }
  return null;
}

/** The status that a word means; null for one that may mean anything. */
export function statusOf(word: string): Status | null {
  if (OVER.test(word)) return "resolved";
  if (SEEN.test(word)) return "acknowledged";
  return /^(firing|alerting|triggered|open(ed)?|active|problem|down)$/i.test(word)
    ? "firing"
    : null;
}

/** Only what is an address: other tools put a path or a name there. */
const linkIn = (places: readonly Place[]): string | null =>
  places
    .flatMap((place) => LINK.map((name) => firstText(place.get(name))))
    .find((text) => text !== null && /^https?:\/\//i.test(text)) ?? null;
