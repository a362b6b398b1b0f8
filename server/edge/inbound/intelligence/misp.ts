/**
 * MISP events, alone, as the REST API and feeds give them, or several in a response. Attributes that are
 * meant for detection (`to_ids`) become indicators, those of objects too; the others are context.
 * https://www.misp-project.org/openapi/#tag/Events Samples: golden/misp.*.json
 */
import { type Adapter } from "../../../domain/signal/signal.ts";
import { type ObservableKind } from "../../../domain/signal/observable.ts";
import { readObject } from "../items.ts";
import { dig, listAt, textAt, timeAt } from "../paths.ts";
import { isObject, type Json, type Reading } from "../reading.ts";
import { has, recogniseObject } from "../telling.ts";
import { tellIndicator } from "./indicator.ts";

/** https://www.misp-project.org/datamodels/: types whose value is one or two things joined by a bar. */
const KINDS: Readonly<Record<string, readonly (ObservableKind | null)[]>> = {
  "ip-src": ["ip"],
  "ip-dst": ["ip"],
  ip: ["ip"],
  "ip-src|port": ["ip", null],
  "ip-dst|port": ["ip", null],
  domain: ["domain"],
  hostname: ["domain"],
  "hostname|port": ["domain", null],
  "domain|ip": ["domain", "ip"],
  url: ["url"],
  uri: ["url"],
  email: ["email"],
  "email-src": ["email"],
  "email-dst": ["email"],
  "email-reply-to": ["email"],
  md5: ["md5"],
  sha1: ["sha1"],
  sha256: ["sha256"],
  filename: ["file name"],
  "email-attachment": ["file name"],
  "filename|md5": ["file name", "md5"],
  "filename|sha1": ["file name", "sha1"],
  "filename|sha256": ["file name", "sha256"],
  "malware-sample": ["file name", "md5"],
  attachment: ["file name"],
  "x509-fingerprint-sha1": ["sha1"],
  "x509-fingerprint-sha256": ["sha256"],
  "x509-fingerprint-md5": ["md5"],
};

const isEvent = (one: unknown): one is Json =>
  isObject(one) &&
  typeof one["info"] === "string" &&
  (Array.isArray(one["Attribute"]) || Array.isArray(one["Object"])) &&
  (has(one, "uuid") || has(one, "threat_level_id"));

const asEvent = (body: Json): Json => (isObject(body["Event"]) ? body["Event"] : {});

function eventsOf(body: Json): readonly Json[] | null {
  if (isEvent(body["Event"])) return [body["Event"]];
  if (isEvent(body)) return [body];
  // A search for attributes: they come without the event that they belong to.
  const found = isObject(body["response"]) ? body["response"] : body;
  const alone = listAt(found, "Attribute");
  if (alone.length > 0 && alone.every((one) => isObject(one) && has(one, "type", "value"))) {
    return [{ info: "attributes", Attribute: alone }];
  }
  const list = listAt(body, "response").map((one) =>
    isObject(one) && isObject(one["Event"]) ? one["Event"] : one,
  );
  return list.length > 0 && list.every(isEvent) ? list : null;
}

const UUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i;

/** A feed's manifest, groups, templates and types: what MISP has beside events. */
function besideEvents(body: Json): string | null {
  if (has(body, "SharingGroup", "Organisation")) return "a group that shares";
  if (has(body, "meta-category", "attributes")) return "a template of objects";
  if (dig(body, "result.sane_defaults") !== undefined) return "the types of attributes";
  if (has(body, "Galaxy") || has(body, "GalaxyCluster")) return "a galaxy";
  const [name] = Object.keys(body);
  const isManifest =
    name !== undefined && UUID.test(name) && dig(body, `${name}.info`) !== undefined;
  return isManifest ? "a feed's manifest, which names events without what is in them" : null;
}

/** A line of the index of events: what an event is about, without what is in it. */
const isIndexed = (body: Json): boolean =>
  has(body, "info", "analysis", "threat_level_id") && !isEvent(body);

export const misp: Adapter = {
  about: { id: "misp", name: "MISP", docs: "https://www.misp-project.org/openapi/#tag/Events" },
  setUp: {
    steps: [
      "Make a workflow on “After publish” with the module Webhook to {url}, or have a script post each event's JSON there.",
      "Attributes with the flag IDS become indicators; alerts of the last 90 days are looked through for them.",
    ],
    sample: "misp.event.json",
  },
  resendsByContract: false,
  recognise: recogniseObject((body) =>
    eventsOf(body) !== null || isIndexed(body) || isIndexed(asEvent(body))
      ? 1
      : besideEvents(body) === null
        ? 0
        : 0.8,
  ),
  read: readObject("a MISP event", (reading, body) => {
    const events = eventsOf(body);
    if (events === null && (isIndexed(body) || isIndexed(asEvent(body))))
      return reading.find(0, "Attribute", "an event without its attributes: no indicator");
    const other = besideEvents(body);
    if (events === null && other !== null) return reading.find(0, "body", `${other}: no indicator`);
    if (events === null)
      return reading.refuse(0, "Event", "an object with info, uuid and Attribute");
    let index = 0;
    for (const event of events) index = readEvent(reading, event, index);
  }),
};

/** Attributes count on from `index`; returns where the next event begins. */
function readEvent(reading: Reading, event: Json, from: number): number {
  const attributes = [
    ...listAt(event, "Attribute"),
    ...listAt(event, "Object").flatMap((one) => listAt(one, "Attribute")),
  ];
  const facts = {
    source: `${["MISP", textAt(event, "Orgc.name", "Org.name")].filter(Boolean).join(" ")}: ${textAt(event, "info") ?? ""}`,
    tags: tagsOf(event),
  };
  let passed = 0;
  attributes.forEach((attribute, position) => {
    if (!readAttribute(reading, from + position, attribute, facts)) passed++;
  });
  if (passed > 0 || attributes.length === 0) {
    reading.find(
      from,
      "Attribute",
      `${passed} of ${attributes.length} are context or deleted, not for detection: left out`,
    );
  }
  return from + Math.max(attributes.length, 1);
}

const tagsOf = (holder: unknown): readonly (string | null)[] =>
  listAt(holder, "Tag").map((tag) => textAt(tag, "name"));

function readAttribute(
  reading: Reading,
  index: number,
  attribute: unknown,
  facts: { readonly source: string; readonly tags: readonly (string | null)[] },
): boolean {
  const forDetection = /^(true|1)$/i.test(textAt(attribute, "to_ids") ?? "");
  const deleted = /^(true|1)$/i.test(textAt(attribute, "deleted") ?? "");
  const type = textAt(attribute, "type");
  const value = textAt(attribute, "value");
  if (!forDetection || deleted || type === null || value === null) return false;
  const kinds = Object.hasOwn(KINDS, type) ? KINDS[type]! : null;
  const parts = kinds !== null && kinds.length > 1 ? value.split("|") : [value];
  let told = false;
  (kinds ?? ["other" as const]).forEach((kind, position) => {
    if (kind === null) return;
    const done = tellIndicator(reading, index, {
      kind,
      value: kind === "other" ? `${type}: ${value}` : parts[position],
      source: facts.source,
      validFrom: timeAt(reading, index, attribute, "first_seen", "timestamp"),
      validUntil: expiryOf(reading, index, attribute),
      labels: [textAt(attribute, "category"), ...facts.tags, ...tagsOf(attribute)],
    });
    told ||= done;
  });
  if (!told) reading.find(index, "value", `no ${type.slice(0, 60)}: left out`);
  return true;
}

/** A sighting of the type 2 says from when on the attribute is no longer valid. */
const expiryOf = (reading: Reading, index: number, attribute: unknown) =>
  timeAt(
    reading,
    index,
    listAt(attribute, "Sighting").find((one) => textAt(one, "type") === "2"),
    "date_sighting",
  );
