/**
 * Events of Azure's services by Event Grid, in its own schema or as CloudEvents: the health of machines, what expires in
 * a key vault, what was written or failed to be. What a topic of one's own brings is read as whose it is, where it is known.
 * https://learn.microsoft.com/azure/event-grid/event-schema
 * https://learn.microsoft.com/azure/event-grid/event-schema-health-resources
 * https://learn.microsoft.com/azure/event-grid/event-schema-key-vault
 * https://learn.microsoft.com/azure/event-grid/event-schema-subscriptions
 * Samples: golden/azure-event-grid.*.json
 */
import { type AlertSeverity } from "../../../contract/signal.ts";
import { BY_EVENT_GRID } from "./authorization.ts";
import { type ChangeStatus } from "../../domain/deployment/deployment.ts";
import { type Adapter } from "../../domain/signal/signal.ts";
import { changeTold } from "./changeTold.ts";
import { isObject, type Json, Reading, refusedWhole } from "./reading.ts";
import { at, firstText, has, joinKey, recogniseObject, severityBy, tell } from "./telling.ts";
import { momentOf } from "./times.ts";

/** States of health, whose doing an impairment is, and what the last word of an event's type says. */
const SEVERITIES = {
  Unavailable: "error",
  Degraded: "warning",
  Unknown: "warning",
  Available: "info",
  Unplanned: "error",
  Planned: "warning",
  "Customer Initiated": "info",
  Expired: "error",
  NearExpiry: "warning",
  NewVersionCreated: "info",
  Failed: "error",
  Failure: "error",
} satisfies Record<string, AlertSeverity>;

type GridEvent = {
  readonly id: string;
  readonly topic: string | null;
  readonly subject: string;
  /** As Microsoft.KeyVault.SecretExpired. */
  readonly type: string;
  readonly body: Json;
  readonly data: Json;
  readonly told: ReturnType<typeof momentOf>;
};

export const azureEventGrid: Adapter = {
  about: {
    id: "azure-event-grid",
    name: "Azure Event Grid",
    docs: "https://learn.microsoft.com/azure/event-grid/event-schema",
  },
  setUp: {
    steps: [
      "On the system topic add an event subscription with the endpoint type “Web Hook” and the endpoint {url}; either schema will do. Tocsin answers the question by which Azure validates the address.",
      "Choose types of events that say what is wrong: AvailabilityStatusChanged, SecretNearExpiry, SecretExpired, ResourceWriteFailure.",
      BY_EVENT_GRID,
    ],
    sample: "azure-event-grid.health.json",
  },
  severities: SEVERITIES,
  resendsByContract: false,
  tokensOf: "Microsoft Entra",
  recognise: recogniseObject((body) => eventOf(body) !== null),
  read({ body }) {
    const event = isObject(body) ? eventOf(body) : null;
    if (event === null)
      return refusedWhole("eventType", "a text, beside id, subject, eventTime and data");
    const reading = new Reading();
    const change = /^Microsoft\.Resources\.Resource\w+?(Success|Failure|Cancel)$/.exec(event.type);
    if (event.type.startsWith("Microsoft.EventGrid.Subscription"))
      reading.find(0, "eventType", "of the subscription itself: no alert");
    else if (IS_ROUTINE.test(event.type))
      reading.find(0, "eventType", `${event.type}: nothing is wrong, no alert`);
    else if (change !== null) readChange(reading, event, CHANGE_STATUS[change[1]!]!);
    else if (isObject(at(event.data, "resourceInfo", "properties")))
      readHealth(reading, event, at(event.data, "resourceInfo", "properties") as Json);
    else if (/^Microsoft\.KeyVault\.(Certificate|Key|Secret)/.test(event.type))
      readVault(reading, event);
    else readOther(reading, event);
    return reading;
  },
};

/** What is written, read or pushed all day long. */
const IS_ROUTINE =
  /^Microsoft\.(Storage\.\w+(Created|Deleted|Renamed|TierChanged)|ContainerRegistry\.|AppConfiguration\.|Resources\.ResourceActionSuccess)/;

const CHANGE_STATUS: Readonly<Record<string, ChangeStatus>> = {
  Success: "succeeded",
  Failure: "failed",
  Cancel: "cancelled",
};

/** An event of a service of Azure as CloudEvents 1.0 has it. */
export const isOfAzure = (body: unknown): boolean =>
  isObject(body) &&
  body["specversion"] === "1.0" &&
  /^Microsoft\.\w+\./.test(firstText(body["type"]) ?? "") &&
  isObject(body["data"]);

/** Null for what is in neither of the two schemas. */
function eventOf(body: Json): GridEvent | null {
  const isOwn =
    has(body, "id", "eventType", "eventTime", "subject", "data") &&
    (has(body, "topic") || has(body, "dataVersion") || has(body, "metadataVersion"));
  if (!isOwn && !isOfAzure(body)) return null;
  const [type, id] = [firstText(body[isOwn ? "eventType" : "type"]), firstText(body["id"])];
  if (type === null || id === null) return null;
  const { data } = body;
  return {
    id,
    topic: firstText(body[isOwn ? "topic" : "source"]),
    subject: firstText(body["subject"]) ?? "",
    type,
    body,
    data: isObject(data) ? data : {},
    told: momentOf(body[isOwn ? "eventTime" : "time"]),
  };
}

function readHealth(reading: Reading, event: GridEvent, health: Json): void {
  const target = firstText(health["targetResourceId"], event.subject);
  const name = lastOf(target) ?? "a resource";
  const [state, why] = [firstText(health["availabilityState"]), firstText(health["reason"])];
  const annotation = firstText(health["annotationName"]);
  const cause = firstText(health["context"]);
  const isOurs = cause === "Customer Initiated";
  tell(reading, 0, {
    status: state === "Available" ? "resolved" : "firing",
    title: `${name}: ${state ?? why ?? annotation ?? inWords(event.type)}`,
    severity: severityBy(SEVERITIES, state ?? (isOurs ? cause : health["category"])),
    // Azure writes the same id in capitals and without.
    dedupKey: joinKey(state === null ? "annotation" : "health", target?.toLowerCase(), annotation),
    service: name,
    source: firstText(health["targetResourceType"]),
    link: pageOf(target),
    startedAt: momentOf(health["occurredTime"]) ?? event.told,
    labels: {
      ...labelsOf(event, target),
      state,
      before: health["previousAvailabilityState"],
      annotation,
      context: cause,
      category: health["category"],
    },
    details: { reason: why, summary: health["summary"] },
  });
}

/** What is about to expire is over once there is a new version of it. */
function readVault(reading: Reading, event: GridEvent): void {
  const of = (name: string): string | null => {
    const known = Object.keys(event.data).find((key) => key.trim().toLowerCase() === name);
    return known === undefined ? null : firstText(event.data[known]);
  };
  const [, kind = "", what = ""] =
    /^Microsoft\.KeyVault\.(Certificate|Key|Secret)(\w+)$/.exec(event.type) ?? [];
  const name = of("objectname") ?? event.subject;
  const vault = of("vaultname") ?? lastOf(event.topic);
  tell(reading, 0, {
    status: what === "NewVersionCreated" ? "resolved" : "firing",
    title: `${kind} ${name} of ${vault ?? "a key vault"}: ${inWords(what)}`,
    severity: severityBy(SEVERITIES, what),
    dedupKey: joinKey("vault", vault?.toLowerCase(), kind, name),
    service: vault,
    source: firstText(event.topic),
    link: pageOf(event.topic),
    startedAt: event.told,
    labels: { ...labelsOf(event, event.topic), kind, object: name, version: of("version") },
    details: event.data,
  });
}

function readChange(reading: Reading, event: GridEvent, status: ChangeStatus): void {
  const { data, subject } = event;
  const resource = firstText(data["resourceUri"], subject);
  const name = lastOf(resource) ?? "a resource";
  reading.change(
    0,
    changeTold({
      kind: "configuration",
      dedupKey: joinKey("azure", resource?.toLowerCase(), data["correlationId"] ?? event.id),
      title: `${name}: ${firstText(data["operationName"]) ?? inWords(event.type)} ${status}`,
      status,
      service: name,
      by: firstText(
        at(data, "claims", "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn"),
        at(data, "claims", "name"),
        at(data, "claims", "appid"),
      ),
      link: pageOf(resource),
      at: event.told,
      labels: { ...labelsOf(event, resource), provider: data["resourceProvider"] },
    }),
  );
}

function readOther(reading: Reading, event: GridEvent): void {
  const { data, type, subject } = event;
  const [, last = type] = /([A-Z][a-z]+)$/.exec(type) ?? [];
  const isKnown = type.startsWith("Microsoft.");
  const word =
    firstText(data["severity"], data["level"]) ??
    (has(SEVERITIES, last) ? last : isKnown && "info");
  const status = firstText(data["status"], data["state"]) ?? "";
  tell(reading, 0, {
    status: /^(ok|resolved|recovered|closed)$/i.test(status) ? "resolved" : "firing",
    title: firstText(data["title"], data["message"]) ?? `${lastOf(subject) ?? ""} ${inWords(type)}`,
    severity: severityBy(SEVERITIES, word || null),
    dedupKey: joinKey(event.topic?.toLowerCase(), type, subject === "" ? event.id : subject),
    // A topic is a resource, or a whole subscription.
    service:
      firstText(data["service"]) ??
      lastOf(event.topic?.includes("/providers/") === true ? event.topic : subject),
    source: event.topic,
    link: pageOf(subject) ?? pageOf(event.topic),
    startedAt: event.told,
    labels: labelsOf(event, subject.startsWith("/") ? subject : event.topic),
    details: data,
  });
}

const labelsOf = (event: GridEvent, resource: string | null): Json => {
  const [, subscription = null, group = null] =
    /^\/subscriptions\/([^/]+)(?:\/resourceGroups\/([^/]+))?/i.exec(resource ?? "") ?? [];
  return { type: event.type, subscription, resource_group: group };
};

const lastOf = (path: string | null): string | null =>
  path?.split("/").findLast((part) => part !== "") ?? null;

/** Microsoft.Devices.DeviceDisconnected → device disconnected. */
const inWords = (type: string): string =>
  (type.split(".").at(-1) ?? type).replaceAll(/(?<=[a-z])(?=[A-Z])/g, " ").toLowerCase();

/** The portal opens any resource by its id. */
const pageOf = (resource: string | null): string | null =>
  resource !== null && /^\/subscriptions\//i.test(resource)
    ? `https://portal.azure.com/#resource${encodeURI(resource.toWellFormed())}`
    : null;
