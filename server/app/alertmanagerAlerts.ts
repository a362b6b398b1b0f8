/** Open alerts in Alertmanager's wire form, for `amtool alert query`, Grafana and Karma. */
import * as contract from "../../contract/alertmanager.ts";
import { incidentId } from "../../contract/ids.ts";
import { sha256 } from "../base/crypto.ts";
import type { Queryable } from "../base/db.ts";
import { Refusal } from "../base/errors.ts";
import { addMs, type Instant, MINUTE, toIso } from "../base/instant.ts";
import { bind, type BoundRoute } from "../base/routes.ts";
import type { World } from "../base/world.ts";
import { type Actor, readerOf } from "../domain/account/account.ts";
import type { AlertRow } from "../domain/alert/alert.ts";
import { type LabelFilter, listAlerts } from "../domain/alert/store.ts";
import { servicesOfReader } from "../domain/catalog/catalog.ts";
import type { Snapshot } from "../domain/config/config.ts";
import { type Compiled, compileMatcher, valuesOf } from "../domain/silence/matching.ts";
import { inForce, means, mutesOf } from "../domain/silence/silence.ts";
import { listLiveSilences } from "../domain/silence/store.ts";

/** Annotations stand among the labels under this prefix: rules may ask for them. */
const ANNOTATION = "annotation.";
/** What is asked for is shown to people: more than this nobody reads. */
const LISTED = 10_000;
/** The version of Alertmanager whose API this is; tools choose their words by it. */
const SPOKEN = "0.27.0";
/** Tools want to know until when an alert holds: so long, unless it is told again. */
const HOLDS_MS = 5 * MINUTE;

export function alertmanagerAlertRoutes(
  world: World,
  config: (tx: Queryable) => Promise<Snapshot>,
): readonly BoundRoute<Actor>[] {
  const beganAt = world.clock.now();

  async function list(actor: Actor, query: Query): Promise<readonly Shown[]> {
    const now = world.clock.now();
    const asked = { now, filter: matchersFor(query.filter), receiver: receiverOf(query.receiver) };
    const snapshot = await config(world.db);
    const reader = readerOf(actor);
    const services = servicesOfReader(snapshot, reader);
    // The store looks for what has to be equal: it may stand behind more alerts than are listed.
    const wanted = { status: "open", labels: asked.filter.flatMap(equalTo) } as const;
    const rows = await listAlerts(world.db, reader, services, wanted, LISTED, null);
    const mutes = inForce(mutesOf(snapshot, await listLiveSilences(world.db, now)), now);
    return rows
      .map((row) => shownOf(snapshot, mutes, row, now))
      .filter((shown) => isAsked(shown, asked, query));
  }

  return [
    bind(contract.listAlertmanagerAlerts, async ({ actor, query }) =>
      (await list(actor, query)).map(({ alert }) => alert),
    ),
    bind(contract.listAlertmanagerGroups, async ({ actor, query }) =>
      groupsOf(await list(actor, query)),
    ),
    bind(contract.listAlertmanagerReceivers, async () =>
      (await config(world.db)).all("teams").map(({ id }) => ({ name: id })),
    ),
    bind(contract.getAlertmanagerStatus, async () => ({
      cluster: { status: "disabled" as const, peers: [] },
      config: { original: "" },
      uptime: toIso(beganAt),
      versionInfo: {
        version: SPOKEN,
        revision: "",
        branch: "tocsin",
        buildUser: "",
        buildDate: "",
        goVersion: "",
      },
    })),
  ];
}

type Query = {
  readonly filter: readonly string[];
  readonly active: "true" | "false";
  readonly silenced: "true" | "false";
  readonly inhibited: "true" | "false";
  readonly muted: "true" | "false";
  readonly receiver?: string | undefined;
};

type MuteInForce = ReturnType<typeof inForce>[number];
type Shown = { readonly alert: ReturnType<typeof alertOf>; readonly group: string };

/** Ready matchers, or a refusal that says which one cannot be. */
export function matchersFor(texts: readonly string[]): readonly Compiled[] {
  return texts.map((text) => {
    const ready = compileMatcher(text);
    if (typeof ready !== "string") return ready;
    const expected = `a matcher such as alertname=~"Disk.*" (${ready})`;
    throw new Refusal("request.invalid", { field: "filter", expected });
  });
}

/** What stands for a label that an alert does not have, as {@link alertOf} shows it. */
const STANDS_FOR = { alertname: "title", severity: "severity", service: "service_id" } as const;

function equalTo({ matcher: { name, operator, value } }: Compiled): readonly LabelFilter[] {
  if (operator !== "=" || value === "" || name.startsWith(ANNOTATION)) return [];
  const otherwise = Object.hasOwn(STANDS_FOR, name)
    ? STANDS_FOR[name as keyof typeof STANDS_FOR]
    : undefined;
  return [{ name, value, ...(otherwise !== undefined && { otherwise }) }];
}

/** A receiver is asked for by a pattern for its whole name. */
const receiverOf = (pattern: string | undefined): Compiled | null =>
  pattern === undefined || pattern === ""
    ? null
    : matchersFor([`receiver=~"${pattern.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`])[0]!;

type Asked = { readonly filter: readonly Compiled[]; readonly receiver: Compiled | null };

function isAsked({ alert }: Shown, { filter, receiver }: Asked, query: Query): boolean {
  const { state, silencedBy, inhibitedBy, mutedBy } = alert.status;
  if (query.active === "false" && state === "active") return false;
  if (query.silenced === "false" && silencedBy.length > 0) return false;
  if (query.inhibited === "false" && inhibitedBy.length > 0) return false;
  if (query.muted === "false" && mutedBy.length > 0) return false;
  if (receiver !== null && !receiver.matches(() => alert.receivers.map(({ name }) => name)))
    return false;
  const labels: Readonly<Record<string, string>> = alert.labels;
  return filter.every((each) =>
    each.matches((name) => (Object.hasOwn(labels, name) ? [labels[name]!] : [])),
  );
}

function shownOf(
  config: Snapshot,
  mutes: readonly MuteInForce[],
  row: AlertRow,
  now: Instant,
): Shown {
  const values = valuesOf(config, row);
  const by = mutes.filter(({ mute }) => means(mute, row.serviceId, values));
  const group =
    row.incidentNumber === null
      ? `service ${row.serviceId}`
      : `incident ${incidentId(row.incidentNumber)}`;
  return { alert: alertOf(config, row, by, now), group };
}

function alertOf(config: Snapshot, row: AlertRow, by: readonly MuteInForce[], now: Instant) {
  const of = (kind: "silence" | "maintenance"): string[] =>
    by.flatMap(({ mute }) => (mute.kind === kind ? [mute.id] : []));
  const { hold } = row;
  const labels = Object.entries(row.labels);
  const inhibitedBy = hold?.because === "inhibited" && row.incidentNumber === null ? [hold.by] : [];
  const [silencedBy, mutedBy] = [of("silence"), of("maintenance")];
  const isSuppressed = [silencedBy, mutedBy, inhibitedBy].some((each) => each.length > 0);
  const team = config.get("services", row.serviceId)?.body.team;
  return {
    fingerprint: sha256(row.id).toString("hex").slice(0, 16),
    // What the tool itself says under such a name stays as it is.
    labels: {
      alertname: row.title,
      severity: row.severity,
      service: row.serviceId,
      ...Object.fromEntries(labels.filter(([name]) => !name.startsWith(ANNOTATION))),
    },
    annotations: {
      summary: row.title,
      ...Object.fromEntries(
        labels.flatMap(([name, value]) =>
          name.startsWith(ANNOTATION) ? [[name.slice(ANNOTATION.length), value]] : [],
        ),
      ),
      tocsin_alert: row.id,
      tocsin_status: row.status,
      ...(row.incidentNumber !== null && { tocsin_incident: incidentId(row.incidentNumber) }),
    },
    startsAt: toIso(row.startedAt),
    updatedAt: toIso(row.lastReceivedAt),
    endsAt: toIso(addMs(now, HOLDS_MS)),
    generatorURL: row.link ?? "",
    receivers: [{ name: team ?? "nobody" }],
    status: {
      state: isSuppressed ? ("suppressed" as const) : ("active" as const),
      silencedBy,
      inhibitedBy,
      mutedBy,
    },
  };
}

function groupsOf(shown: readonly Shown[]) {
  const groups = new Map<string, Shown[]>();
  for (const one of shown) {
    const name = `${one.group} ${one.alert.receivers[0]!.name}`;
    groups.set(name, [...(groups.get(name) ?? []), one]);
  }
  return [...groups.values()].map((members) => {
    const [{ group, alert }] = members as [Shown];
    const [kind = "", id = ""] = group.split(" ", 2);
    return {
      labels: { [kind]: id },
      receiver: alert.receivers[0]!,
      alerts: members.map((one) => one.alert),
    };
  });
}
