/**
 * STIX 2.0 and 2.1: bundles, and the envelopes of a TAXII collection. Indicators are read by their
 * pattern; addresses and names that a relationship ties to an attacker's infrastructure count too.
 * https://docs.oasis-open.org/cti/stix/v2.1/os/stix-v2.1-os.html Samples: golden/stix.*.json
 */
import { type Adapter } from "../../../domain/signal/signal.ts";
import { type ObservableKind } from "../../../domain/signal/observable.ts";
import { readObject } from "../items.ts";
import { dig, textAt, timeAt } from "../paths.ts";
import { isObject, type Json, type Reading } from "../reading.ts";
import { recogniseObject } from "../telling.ts";
import { tellIndicator } from "./indicator.ts";
import { valuesIn } from "./stixPattern.ts";

const STIX_ID = /^[a-z0-9-]+--[0-9a-f-]{36}$/i;

const isStixObject = (one: unknown): boolean =>
  isObject(one) && typeof one["type"] === "string" && STIX_ID.test(textAt(one, "id") ?? "");

/** What is alone is STIX where it says of which version, or when it was made. */
const isAlone = (body: Json): boolean =>
  isStixObject(body) &&
  body["type"] !== "bundle" &&
  ["spec_version", "created", "pattern"].some((name) => Object.hasOwn(body, name));

function objectsOf(body: Json): readonly unknown[] | null {
  if (isAlone(body)) return [body];
  // A draft of 2.0 had a list for each type, and a bundle may have none.
  const objects = body["type"] === "bundle" ? listsIn(body) : body["objects"];
  if (!Array.isArray(objects)) return null;
  const known = body["type"] === "bundle" || (objects.length > 0 && objects.every(isStixObject));
  return known ? objects : null;
}

const listsIn = (body: Json): readonly unknown[] =>
  Object.values(body).flatMap((value) =>
    Array.isArray(value) ? (value as readonly unknown[]) : [],
  );

export const stix: Adapter = {
  about: {
    id: "stix",
    name: "STIX 2.1",
    docs: "https://docs.oasis-open.org/cti/stix/v2.1/os/stix-v2.1-os.html",
  },
  setUp: {
    steps: [
      "Post a bundle as JSON to {url}, by hand or from whatever makes it.",
      "A TAXII 2.1 collection is better polled: see “Indicators” in docs/intake.md.",
    ],
    sample: "stix.bundle.json",
  },
  resendsByContract: false,
  recognise: recogniseObject((body) => (objectsOf(body) === null ? 0 : 1)),
  read: readObject("a STIX bundle", (reading, body) => {
    const objects = objectsOf(body);
    if (objects === null) return reading.refuse(0, "objects", "a list of STIX objects");
    const sources = sourcesOf(objects);
    const tied = tiedTo(objects);
    let others = 0;
    objects.forEach((object, index) => {
      if (textAt(object, "type") === "indicator") readIndicator(reading, index, object, sources);
      else if (tied.has(textAt(object, "id") ?? "")) readTied(reading, index, object, tied);
      else others++;
    });
    if (others > 0 || objects.length === 0) {
      reading.find(
        0,
        "objects",
        `${others} of ${objects.length} are context, not indicators: left out`,
      );
    }
  }),
};

/** Who says it: the names of identities by their id. */
const sourcesOf = (objects: readonly unknown[]): ReadonlyMap<string, string> =>
  new Map(
    objects.flatMap((one) => {
      const [id, name] = [textAt(one, "id"), textAt(one, "name")];
      return textAt(one, "type") === "identity" && id !== null && name !== null
        ? [[id, name] as const]
        : [];
    }),
  );

/** What infrastructure consists of and malware talks to, by id, with the names of either. */
function tiedTo(objects: readonly unknown[]): ReadonlyMap<string, readonly (string | null)[]> {
  const byId = new Map(objects.map((one) => [textAt(one, "id") ?? "", one]));
  const tied = new Map<string, readonly (string | null)[]>();
  for (const one of objects) {
    if (textAt(one, "type") !== "relationship") continue;
    const [source, target] = [textAt(one, "source_ref"), textAt(one, "target_ref")];
    const how = textAt(one, "relationship_type");
    const bad =
      /^(infrastructure|malware)--/.test(source ?? "") &&
      /^(consists-of|communicates-with|beacons-to|exfiltrates-to)$/.test(how ?? "");
    if (!bad || target === null) continue;
    const holder = byId.get(source ?? "");
    tied.set(target, [
      textAt(holder, "name"),
      ...texts(dig(holder, "infrastructure_types")),
      ...texts(dig(holder, "malware_types")),
    ]);
  }
  return tied;
}

const texts = (list: unknown): readonly string[] =>
  Array.isArray(list) ? list.filter((one): one is string => typeof one === "string") : [];

function readIndicator(
  reading: Reading,
  index: number,
  object: unknown,
  sources: ReadonlyMap<string, string>,
): void {
  const pattern = textAt(object, "pattern");
  if (pattern === null) return reading.refuse(index, "pattern", "a text");
  const kind = textAt(object, "pattern_type", "pattern_lang") ?? "stix";
  const facts = {
    source: `STIX ${sources.get(textAt(object, "created_by_ref") ?? "") ?? textAt(object, "name") ?? "feed"}`,
    validFrom: timeAt(reading, index, object, "valid_from", "created"),
    // What has been revoked is over since then.
    validUntil:
      dig(object, "revoked") === true
        ? timeAt(reading, index, object, "modified")
        : timeAt(reading, index, object, "valid_until"),
    labels: [
      textAt(object, "name"),
      ...texts(dig(object, "indicator_types")),
      ...texts(dig(object, "labels")),
    ],
  };
  const values = kind === "stix" ? valuesIn(pattern) : [];
  let told = 0;
  for (const { kind: of, value } of values) {
    if (tellIndicator(reading, index, { ...facts, kind: of, value })) told++;
  }
  if (told > 0) return;
  // Kept to be seen and exported; nothing that a sensor tells can be compared with it.
  tellIndicator(reading, index, { ...facts, kind: "other", value: pattern });
  reading.find(index, "pattern", "names no single address, name or hash: kept, and never matched");
}

/** Observable objects by their type, and where each keeps its value. */
const OBJECT_KINDS: Readonly<
  Record<string, readonly (readonly [kind: ObservableKind, path: string])[]>
> = {
  "ipv4-addr": [["ip", "value"]],
  "ipv6-addr": [["ip", "value"]],
  "domain-name": [["domain", "value"]],
  url: [["url", "value"]],
  "email-addr": [["email", "value"]],
  file: [
    ["sha256", "hashes.SHA-256"],
    ["sha1", "hashes.SHA-1"],
    ["md5", "hashes.MD5"],
    ["file name", "name"],
  ],
};

function readTied(
  reading: Reading,
  index: number,
  object: unknown,
  tied: ReadonlyMap<string, readonly (string | null)[]>,
): void {
  const labels = tied.get(textAt(object, "id") ?? "") ?? [];
  const type = textAt(object, "type") ?? "";
  const kinds = Object.hasOwn(OBJECT_KINDS, type) ? OBJECT_KINDS[type]! : [];
  const told = kinds.filter(([kind, path]) =>
    tellIndicator(reading, index, {
      kind,
      value: textAt(object, path),
      source: `STIX ${labels[0] ?? "feed"}`,
      labels,
    }),
  );
  if (told.length === 0)
    reading.find(index, "type", "tied to an attacker, but no address, name or hash: left out");
}
