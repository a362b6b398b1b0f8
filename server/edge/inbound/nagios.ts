/**
 * Nagios, Icinga and Checkmk: the macros of a notification as JSON, a form or the lines of an
 * environment, whatever prefix they carry, and the events of Icinga 2's API.
 * https://assets.nagios.com/downloads/nagioscore/docs/nagioscore/4/en/macrolist.html
 * https://docs.checkmk.com/latest/en/notifications.html#environment_variables
 * https://icinga.com/docs/icinga-2/latest/doc/12-icinga2-api/#event-stream-types
 * Samples: golden/nagios.*.json
 */
import { type AlertSeverity } from "../../../contract/signal.ts";
import { type Instant } from "../../base/instant.ts";
import { type Adapter, fingerprint } from "../../domain/signal/signal.ts";
import { isObject, type Json, Reading, refusedWhole } from "./reading.ts";
import { at, firstText, has, joinKey, severityBy, type Status, tell } from "./telling.ts";
import { momentOf } from "./times.ts";

/** States of services and hosts; Checkmk shortens them. */
const SEVERITIES = {
  CRITICAL: "critical",
  CRIT: "critical",
  DOWN: "critical",
  UNREACHABLE: "error",
  UNREACH: "error",
  WARNING: "warning",
  WARN: "warning",
  UNKNOWN: "warning",
  UNKN: "warning",
  OK: "info",
  UP: "info",
} satisfies Record<string, AlertSeverity>;

export const nagios: Adapter = {
  about: {
    id: "nagios",
    name: "Nagios, Icinga, Checkmk",
    docs: "https://assets.nagios.com/downloads/nagioscore/docs/nagioscore/4/en/macrolist.html",
  },
  setUp: {
    steps: [
      "Define a notification command that posts the macros to {url}, by their names: HOSTNAME, SERVICEDESC, NOTIFICATIONTYPE, HOSTSTATE, SERVICESTATE, HOSTOUTPUT, SERVICEOUTPUT, TIMET. JSON and forms are read.",
      "Checkmk: a notification script may post its NOTIFY_ variables as they are. Icinga 2: the lines of /v1/events are read too.",
    ],
    sample: "nagios.service-problem.json",
  },
  severities: SEVERITIES,
  resendsByContract: false,
  recognise: ({ body: given }) => {
    const body = typeof given === "string" ? environmentOf(given) : given;
    if (!isObject(body)) return 0;
    return isIcingaEvent(body) || isIcingaObject(body) || isMacros(macrosOf(body)) ? 1 : 0;
  },
  read({ body: given }) {
    const body = typeof given === "string" ? environmentOf(given) : given;
    if (!isObject(body)) return refusedWhole("body", "one JSON object or form with the macros");
    const reading = new Reading();
    if (isIcingaEvent(body)) readIcinga(reading, body);
    else if (isIcingaObject(body)) readObject(reading, body);
    else readMacros(reading, macrosOf(body));
    return reading;
  },
};

const LINES_MAX = 1_000;

/** NAME=value a line, as “env” prints it; null for every other text. */
function environmentOf(text: string): Json | null {
  if (!/^[A-Z][A-Z0-9_]{2,80}=/.test(text)) return null;
  const fields: Record<string, string> = {};
  for (const line of text.split("\n", LINES_MAX)) {
    const [, name, value] = /^([A-Za-z_]\w{0,80})=(.*)$/.exec(line.trimEnd()) ?? [];
    if (name !== undefined && name !== "__proto__") fields[name] = value ?? "";
  }
  return fields;
}

/** NOTIFY_HOSTNAME, NAGIOS_HOSTNAME, $HOSTNAME$, host_name and host.name are the same macro. */
function macrosOf(body: Json): Json {
  const macros: Record<string, unknown> = {};
  for (const name in body) {
    const plain = name
      .replaceAll("$", "")
      .toUpperCase()
      .replace(/^(NOTIFY|NAGIOS|ICINGA2?|OMD|PD)[_.]/, "")
      .replaceAll(/[_.\s-]/g, "");
    if (plain !== "") macros[plain] ??= body[name];
  }
  return macros;
}

const TYPE = /^(PROBLEM|RECOVERY|ACKNOWLEDGEMENT|FLAPPING|DOWNTIME|CUSTOM)/;

const isMacros = (macros: Json): boolean =>
  // A script for another receiver leaves NAME and DESC away.
  (has(macros, "HOST", "WHAT", "NOTIFICATIONTYPE") && has(macros, "STATUS")) ||
  (has(macros, "HOST") &&
    ["STATE", "HOSTSTATE", "SERVICESTATE"].some((name) => has(macros, name)) &&
    TYPE.test(firstText(macros["NOTIFICATIONTYPE"]) ?? "")) ||
  ((has(macros, "HOSTNAME") || has(macros, "HOSTALIAS") || has(macros, "HOSTDISPLAYNAME")) &&
    (has(macros, "NOTIFICATIONTYPE") ||
      ((has(macros, "SERVICESTATE") || has(macros, "HOSTSTATE")) &&
        (has(macros, "SERVICEDESC") ||
          has(macros, "SERVICEOUTPUT") ||
          has(macros, "HOSTOUTPUT")))));

const isIcingaEvent = (body: Json): boolean =>
  typeof body["host"] === "string" &&
  (isObject(body["check_result"]) || has(body, "state")) &&
  /^(StateChange|Notification|Acknowledgement(Set|Cleared)|Flapping|CheckResult)$/.test(
    firstText(body["type"]) ?? "",
  );

/** A host or service as Icinga's API lists it. */
const isIcingaObject = (body: Json): boolean =>
  /^(Host|Service)$/.test(firstText(body["type"]) ?? "") &&
  isObject(body["attrs"]) &&
  has(body["attrs"], "state") &&
  (has(body["attrs"], "last_check_result") || has(body["attrs"], "host_name"));

function readObject(reading: Reading, body: Json): void {
  const { attrs } = body as { attrs: Json };
  const ofHost = body["type"] === "Host";
  const host = firstText(attrs[ofHost ? "name" : "host_name"], attrs["__name"]);
  if (host === null) return reading.refuse(0, "attrs.host_name", "the name of a host");
  const code = Number(attrs["state"]);
  if (firstText(attrs["state_type"]) === "0" && code !== 0)
    return reading.find(0, "attrs.state_type", SOFT);
  tellState(reading, {
    host,
    // Where the short name is left away, the long one is “host!service”.
    service: ofHost
      ? null
      : (firstText(attrs["name"], attrs["__name"]) ?? "").split("!").at(-1) || null,
    state: ofHost ? (code === 0 ? "UP" : "DOWN") : (SERVICE_STATES[code] ?? null),
    type: Number(attrs["acknowledgement"]) > 0 ? "ACKNOWLEDGEMENT" : "",
    output: firstText(at(attrs, "last_check_result", "output")),
    at: momentOf(attrs["last_hard_state_change"]) ?? momentOf(attrs["last_state_change"]),
    link: firstText(attrs["notes_url"], attrs["action_url"]),
    details: { check_result: attrs["last_check_result"], notes: attrs["notes"] },
    labels: { zone: attrs["zone"] },
  });
}

/** Icinga streams what it checks once more before it notifies anybody. */
const isSoft = (body: Json): boolean =>
  body["type"] === "StateChange" &&
  firstText(body["state_type"]) === "0" &&
  firstText(body["state"]) !== "0";
const SOFT = "soft: it is checked again before it counts, no alert";
/** Event handlers run for these too; notifications never do. */
const isSoftMacro = (macros: Json, ofHost: boolean, state: string | null): boolean =>
  macros["NOTIFICATIONTYPE"] === undefined &&
  macros[ofHost ? "HOSTSTATETYPE" : "SERVICESTATETYPE"] === "SOFT" &&
  state !== "OK" &&
  state !== "UP";

function readMacros(reading: Reading, macros: Json): void {
  const host = firstText(
    macros["HOSTNAME"],
    macros["HOSTALIAS"],
    macros["HOSTDISPLAYNAME"],
    macros["HOST"],
  );
  const service = firstText(
    macros["SERVICEDESC"],
    macros["SERVICEDESCRIPTION"],
    macros["SERVICENAME"],
    macros["SERVICEDISPLAYNAME"],
    macros["SERVICE"],
  );
  const ofHost = service === null || firstText(macros["WHAT"])?.toUpperCase() === "HOST";
  const state =
    firstText(
      ofHost ? macros["HOSTSTATE"] : macros["SERVICESTATE"],
      macros["STATE"],
      macros["STATUS"],
    )?.toUpperCase() ?? null;
  if (isSoftMacro(macros, ofHost, state))
    return reading.find(0, ofHost ? "HOSTSTATETYPE" : "SERVICESTATETYPE", SOFT);
  const output = firstText(
    ofHost ? macros["HOSTOUTPUT"] : macros["SERVICEOUTPUT"],
    macros["OUTPUT"],
  );
  tellState(reading, {
    host,
    service: ofHost ? null : service,
    state,
    type: firstText(macros["NOTIFICATIONTYPE"], macros["TYPE"])?.toUpperCase() ?? "",
    output,
    at: timeOf(macros, ofHost),
    link:
      [
        macros[ofHost ? "HOSTACTIONURL" : "SERVICEACTIONURL"],
        macros["URL"],
        macros["HOSTURL"],
        macros["SERVICEURL"],
      ]
        .map((url) => firstText(url))
        .find((url) => url !== null && /^https?:\/\//i.test(url)) ?? checkmkPage(macros, ofHost),
    details: {
      output: firstText(macros["LONGSERVICEOUTPUT"], macros["LONGHOSTOUTPUT"]) ?? output,
      address: macros["HOSTADDRESS"],
      comment: firstText(macros["NOTIFICATIONCOMMENT"], macros["COMMENT"]),
      author: firstText(macros["NOTIFICATIONAUTHOR"]),
    },
    labels: {
      contact: macros["CONTACTNAME"],
      site: macros["OMDSITE"] ?? macros["SITE"],
      hostgroup: macros["HOSTGROUPNAME"] ?? macros["HOSTGROUPNAMES"],
    },
  });
}

/**
 * Checkmk tells paths of its own server, and by the parameters of the script, where its rule has a
 * prefix for addresses, where that server is. As its own scripts join them.
 */
function checkmkPage(macros: Json, ofHost: boolean): string | null {
  const path = firstText(macros[ofHost ? "HOSTURL" : "SERVICEURL"], macros["HOSTURL"]);
  if (path?.startsWith("/") !== true || path.startsWith("//")) return null;
  const [host, site] = [firstText(macros["MONITORINGHOST"]), firstText(macros["OMDSITE"])];
  const automatic = /^(?:automatic_)?(https?)$/.exec(
    firstText(macros["PARAMETERURLPREFIXAUTOMATIC"], macros["PARAMETERURLPREFIX1"]) ?? "",
  )?.[1];
  const prefix = firstText(
    macros["PARAMETERURLPREFIX"],
    macros["PARAMETERURLPREFIXMANUAL"],
    macros["PARAMETERURLPREFIX2"],
    automatic === undefined || host === null ? null : `${automatic}://${host}/${site ?? ""}`,
  );
  if (prefix === null || !/^https?:\/\/./i.test(prefix)) return null;
  return `${prefix.replace(/\/(?:check_mk\/?)?$/, "")}${path}`;
}

type HostState = {
  /** Null where the tool left it away: the service or its output says what is ill, or nothing does. */
  readonly host: string | null;
  readonly service: string | null;
  readonly state: string | null;
  readonly type: string;
  readonly output: string | null;
  readonly at: Instant | null;
  readonly link: string | null;
  readonly details: Json;
  readonly labels: Json;
};

function tellState(reading: Reading, told: HostState): void {
  const { host, service, state, type } = told;
  if (type.startsWith("DOWNTIME")) {
    return reading.find(0, "NOTIFICATIONTYPE", `${type} tells of a planned downtime: no alert`);
  }
  if (host === null && service === null && told.output === null)
    return reading.refuse(0, "host", "the name of a host");
  if (host === null) reading.find(0, "host", "no name of a host: told by what else there is");
  const over = state === "OK" || state === "UP" || type === "RECOVERY";
  const flapping = type.startsWith("FLAPPING");
  const status: Status = flapping
    ? type === "FLAPPINGSTART"
      ? "firing"
      : "resolved"
    : over
      ? "resolved"
      : type.startsWith("ACKNOWLEDGEMENT")
        ? "acknowledged"
        : "firing";
  const subject =
    host === null
      ? (service ?? "A host without a name")
      : service === null
        ? host
        : `${service} on ${host}`;
  tell(reading, 0, {
    status,
    title: flapping
      ? `${subject} is flapping`
      : `${subject} is ${state ?? (over ? "OK" : "in trouble")}${told.output === null ? "" : `: ${told.output}`}`,
    severity: flapping ? "warning" : severityBy(SEVERITIES, state ?? "WARNING"),
    dedupKey: joinKey(
      host,
      service ?? (host === null ? fingerprint({ output: told.output ?? "" }) : ""),
      ...(flapping ? ["flapping"] : []),
    ),
    service: service ?? host,
    source: host,
    link: told.link,
    startedAt: told.at,
    labels: { host, check: service, state, type, ...told.labels },
    details: told.details,
  });
}

/** Epochs are sure; the other macros are local times of a machine whose zone nobody tells. */
const timeOf = (macros: Json, ofHost: boolean): Instant | null =>
  momentOf(macros[ofHost ? "LASTHOSTSTATECHANGE" : "LASTSERVICESTATECHANGE"]) ??
  momentOf(macros["TIMET"]) ??
  momentOf(macros["LASTSTATECHANGE"]) ??
  momentOf(macros["MICROTIME"]) ??
  momentOf(macros["SHORTDATETIME"]) ??
  momentOf(macros["LONGDATETIME"]) ??
  momentOf(macros["DATETIME"]) ??
  momentOf(macros["TIMESTAMP"]);

const SERVICE_STATES = ["OK", "WARNING", "CRITICAL", "UNKNOWN"];

function readIcinga(reading: Reading, body: Json): void {
  if (isSoft(body)) return reading.find(0, "state_type", SOFT);
  if (body["type"] === "CheckResult")
    return reading.find(
      0,
      "type",
      "every check is told of, changes of state by themselves: no alert",
    );
  const service = firstText(body["service"]);
  const code = firstText(body["state"], at(body, "check_result", "state")) ?? "";
  const states = service === null ? ["UP", "UP", "DOWN", "DOWN"] : SERVICE_STATES;
  // State changes of hosts count 0 and 1, their check results like services.
  const state =
    service === null && body["state"] !== undefined
      ? Number(code) === 0
        ? "UP"
        : "DOWN"
      : (states[Number(code)] ?? null);
  tellState(reading, {
    host: firstText(body["host"]),
    service,
    state,
    type:
      firstText(body["notification_type"])?.toUpperCase() ??
      (body["type"] === "AcknowledgementSet"
        ? "ACKNOWLEDGEMENT"
        : body["type"] === "Flapping"
          ? `FLAPPING${body["is_flapping"] === true ? "START" : "STOP"}`
          : ""),
    output: firstText(at(body, "check_result", "output")),
    at: momentOf(body["timestamp"]) ?? momentOf(at(body, "check_result", "execution_end")),
    link: null,
    details: {
      check_result: body["check_result"],
      author: body["author"],
      text: firstText(body["text"], body["comment"]),
    },
    labels: { stateType: body["state_type"] },
  });
}
