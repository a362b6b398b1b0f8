/**
 * What the tools of a company send in a week, drawn from a seed: faults that last and blips that do not, deploys
 * that go wrong, rules that flap, a batch that is loud every night, an outage of a database that pulls its dependants
 * down, a partition of the network with thousands of alerts, maintenance, and what security and cost tools say.
 * Bodies are as the tools write them, so that they go through the adapters.
 */
import { seededChance } from "../../server/base/chance.ts";
import { addMs, HOUR, type Instant, MINUTE, SECOND, toIso } from "../../server/base/instant.ts";
import { NEEDS, secretOf, SERVICES, TEAMS } from "./company.ts";

export type Sent = { readonly at: Instant; readonly secret: string; readonly body: unknown };

type Tool = "prometheus" | "datadog" | "sentry" | "pingdom";
type Level = "critical" | "error" | "warning";

/** A condition that a tool watches, for one stretch of time. */
type Fault = {
  readonly tool: Tool;
  readonly service: string;
  readonly name: string;
  readonly level: Level;
  readonly host?: string;
  /** Instead of one: the same on each of these, told together. */
  readonly hosts?: readonly string[];
  readonly from: Instant;
  readonly to: Instant;
};

const teamOf = (service: string): string =>
  TEAMS.find(({ services }) => services.includes(service))!.id;

type Writer = (fault: Fault, over: boolean, at: Instant) => unknown;

const prometheus: Writer = ({ service, name, level, host, hosts, from, to }, over) => {
  const labels = {
    alertname: name,
    service,
    severity: level === "error" ? "high" : level,
  };
  const status = over ? "resolved" : "firing";
  return {
    version: "4",
    groupKey: `{}:{alertname="${name}",service="${service}"}`,
    status,
    receiver: "tocsin",
    groupLabels: { alertname: name },
    commonLabels: labels,
    commonAnnotations: {},
    externalURL: "https://alertmanager.week.example",
    alerts: (hosts ?? [host]).map((instance) => ({
      status,
      labels: { ...labels, ...(instance !== undefined && { instance }) },
      annotations: { summary: `${name} on ${instance ?? service}` },
      startsAt: toIso(from),
      endsAt: over ? toIso(to) : "0001-01-01T00:00:00Z",
      generatorURL: "https://prometheus.week.example/graph",
    })),
  };
};

const WRITERS: Readonly<Record<Tool, Writer>> = {
  prometheus,
  datadog: ({ service, name, level }, over, at) => ({
    id: `${service}-${name}`,
    alert_id: `${service}-${name}`,
    title: `[${over ? "Recovered" : "Triggered"}] ${name}`,
    alert_title: name,
    alert_transition: over ? "Recovered" : "Triggered",
    alert_type: over ? "success" : level === "warning" ? "warning" : "error",
    alert_priority: level === "critical" ? "P1" : level === "error" ? "P2" : "P3",
    date: String(at),
    link: "https://app.datadoghq.com/monitors/1",
    tags: `service:${service},env:production`,
  }),
  sentry: ({ service, name, level }, over, at) => ({
    action: over ? "resolved" : "created",
    installation: { uuid: "a1" },
    data: {
      issue: {
        id: `${service}-${name}`,
        shortId: service.toUpperCase(),
        title: name,
        level: level === "critical" ? "fatal" : level,
        status: over ? "resolved" : "unresolved",
        permalink: "https://sentry.io/organizations/week/issues/1/",
        project: { id: "1", name: service, slug: service },
        firstSeen: toIso(at),
      },
    },
    actor: { type: "application", id: "sentry", name: "Sentry" },
  }),
  pingdom: ({ service }, over, at) => ({
    check_id: SERVICES.indexOf(service),
    check_name: service,
    check_type: "HTTP",
    check_params: { hostname: `${service}.week.example`, full_url: "https://week.example/" },
    tags: [],
    previous_state: over ? "DOWN" : "UP",
    current_state: over ? "UP" : "DOWN",
    importance_level: "HIGH",
    state_changed_timestamp: Math.floor(at / SECOND),
    long_description: over ? "OK" : "Timeout",
    description: over ? "OK" : "Timeout",
  }),
};

export type WeekOptions = {
  readonly seed: string;
  readonly startsAt: Instant;
  readonly days: number;
  /** Share of the ordinary noise: a short week for a test. */
  readonly share: number;
};

/** Everything that is sent, in the order of time. */
export function weekOf({ seed, startsAt, days, share }: WeekOptions): readonly Sent[] {
  const chance = seededChance(`${seed} week`);
  const between = (low: number, high: number): number => low + chance.fraction() * (high - low);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(chance.fraction() * list.length)]!;
  const faults: Fault[] = [];
  const others: Sent[] = [];
  const at = (day: number, hour: number, minute = 0): Instant =>
    addMs(startsAt, day * 24 * HOUR + hour * HOUR + minute * MINUTE);
  /** More breaks by day, when people change things. */
  const someTime = (day: number): Instant =>
    at(day, chance.fraction() < 0.75 ? between(9, 21) : between(0, 24));
  const times = (mean: number): number => {
    const exact = mean * share;
    return Math.floor(exact) + (chance.fraction() < exact % 1 ? 1 : 0);
  };
  const add = (fault: Omit<Fault, "to">, minutes: number): void =>
    void faults.push({ ...fault, to: addMs(fault.from, Math.round(minutes * MINUTE)) });
  const tell = (when: Instant, team: string, body: unknown): void =>
    void others.push({ at: when, secret: secretOf("other", team), body });

  for (let day = 0; day < days; day++) {
    // Blips: over before anybody could look.
    for (let n = times(70); n > 0; n--)
      add(
        {
          tool: pick(["prometheus", "prometheus", "datadog"]),
          service: pick(SERVICES),
          name: pick(["SlowAnswers", "ErrorRateHigh", "QueueGrows", "MemoryHigh"]),
          level: chance.fraction() < 0.3 ? "error" : "warning",
          from: someTime(day),
        },
        between(0.5, 2.5),
      );
    // Faults that last, seen by more than one tool.
    for (let n = times(5); n > 0; n--) {
      const [service, from] = [pick(SERVICES), someTime(day)];
      const level: Level = chance.fraction() < 0.15 ? "critical" : pick(["error", "warning"]);
      const minutes = between(12, 80);
      add({ tool: "prometheus", service, name: "ErrorRateHigh", level, from }, minutes);
      const later = addMs(from, Math.round(between(10, 90) * SECOND));
      if (chance.fraction() < 0.6)
        add({ tool: "datadog", service, name: "Slow requests", level, from: later }, minutes);
      if (level === "critical")
        add({ tool: "pingdom", service, name: "down", level, from: later }, minutes);
    }
    // Deploys, of which some let errors through until they are taken back.
    for (let n = times(14); n > 0; n--) {
      const [service, when] = [pick(SERVICES), at(day, between(9, 18))];
      tell(when, teamOf(service), deployment(service, when));
      if (chance.fraction() > 0.1) continue;
      const from = addMs(when, 2 * MINUTE);
      for (const error of ["TypeError in handler", "KeyError in view", "Timeout of a client"])
        add({ tool: "sentry", service, name: error, level: "error", from }, between(15, 25));
      add({ tool: "prometheus", service, name: "ErrorRateHigh", level: "error", from }, 20);
    }
    // A rule with a threshold where the value lives: it flaps for two hours.
    const flapping = pick(SERVICES);
    for (let n = Math.ceil(20 * share); n > 0; n--)
      add(
        {
          tool: "prometheus",
          service: flapping,
          name: "DiskBusy",
          level: "error",
          from: at(day, 13, n * 6),
        },
        between(3.2, 4.5),
      );
    // The batch of every night.
    for (let n = Math.ceil(30 * share); n > 0; n--)
      add(
        {
          tool: "prometheus",
          service: "warehouse",
          name: "BatchLoadHigh",
          level: "warning",
          host: `worker-${n}`,
          from: at(day, 2, between(0, 30)),
        },
        between(60, 110),
      );
    // Rules that are true for days and say nothing new: certificates, disks that fill slowly.
    for (let n = times(4); n > 0; n--)
      add(
        {
          tool: "prometheus",
          service: pick(SERVICES),
          name: pick(["CertificateEndsSoon", "DiskFillsIn4Days", "ReplicasMissing"]),
          level: "warning",
          host: `host-${n}`,
          from: at(day, between(7, 20)),
        },
        between(120, 600),
      );
    // A service is gone for a while; that it answers slowly then, and fails, says nothing new.
    gone(faults, SERVICES[(7 + 5 * day) % SERVICES.length]!, at(day, 11, 30));
    tell(at(day, 6), "insight", testRun(toIso(at(day, 6)), chance.fraction() < 0.3));
    for (let n = times(3); n > 0; n--) tell(someTime(day), "guard", probe(n, someTime(day)));
  }

  outage(faults, at(2 % days, 14, 10), share, between);
  if (days > 4) {
    partition(faults, at(4, 3, 20), Math.round(3_000 * share), between);
    tell(at(3, 11), "guard", finding(at(3, 11)));
    tell(at(4, 8), "guard", anomaly(at(4, 8)));
  }
  if (days > 1) maintenance(faults, at(1, 22, 5), share, between);

  const sent = faults.flatMap((fault): Sent[] =>
    [false, true].map((over) => {
      const when = over ? fault.to : fault.from;
      return {
        at: when,
        secret: secretOf(fault.tool, teamOf(fault.service)),
        body: WRITERS[fault.tool](fault, over, when),
      };
    }),
  );
  return [...sent, ...others].toSorted((a, b) => a.at - b.at);
}

type Between = (low: number, high: number) => number;

/** A service does not answer, and everything that measures it says so in its own words until it does again. */
function gone(faults: Fault[], service: string, from: Instant): void {
  const minutes = (later: number): Instant => addMs(from, later * MINUTE);
  const of = { tool: "prometheus", service } as const;
  faults.push({ ...of, name: "ServiceDown", level: "critical", from, to: minutes(40) });
  for (const name of ["SlowAnswers", "ErrorRateHigh"])
    faults.push({ ...of, name, level: "error", from: minutes(1), to: minutes(38) });
}

/** A database is gone, and what needs it, directly or not, fails one after the other. */
function outage(faults: Fault[], from: Instant, share: number, between: Between): void {
  const to = addMs(from, 42 * MINUTE);
  const cause = "orders-db";
  faults.push(
    { tool: "prometheus", service: cause, name: "ServiceDown", level: "critical", from, to },
    { tool: "datadog", service: cause, name: "No connections", level: "critical", from, to },
  );
  const reached = new Set([cause]);
  for (let size = 0; size !== reached.size;) {
    size = reached.size;
    for (const [service, needs] of Object.entries(NEEDS))
      if (needs.some((need) => reached.has(need))) reached.add(service);
  }
  reached.delete(cause);
  for (const service of reached) {
    const late = addMs(from, Math.round(between(40, 300) * SECOND));
    const end = addMs(to, Math.round(between(1, 4) * MINUTE));
    const common = { service, from: late, to: end } as const;
    faults.push({ ...common, tool: "prometheus", name: "ErrorRateHigh", level: "error" });
    if (between(0, 1) < share)
      faults.push(
        { ...common, tool: "datadog", name: "Slow requests", level: "error" },
        { ...common, tool: "sentry", name: "Connection refused", level: "error" },
      );
  }
}

/** Alertmanager tells a group in one message. */
const TOLD_TOGETHER = 25;

/** The network is in two halves: every host of one complains about the other. */
function partition(faults: Fault[], from: Instant, hosts: number, between: Between): void {
  const service = "network";
  const to = addMs(from, 25 * MINUTE);
  faults.push({ tool: "prometheus", service, name: "LinkDown", level: "critical", from, to });
  for (let n = 0; n < hosts; n += TOLD_TOGETHER)
    faults.push({
      tool: "prometheus",
      service,
      name: "PeerUnreachable",
      level: "error",
      hosts: Array.from({ length: TOLD_TOGETHER }, (_, at) => `host-${n + at}`),
      from: addMs(from, Math.round(between(5, 240) * SECOND)),
      to: addMs(to, Math.round(between(0, 120) * SECOND)),
    });
}

/** What is being moved complains all the time, as was announced. */
function maintenance(faults: Fault[], from: Instant, share: number, between: Between): void {
  for (const service of ["search-index", "catalogue"])
    for (let n = Math.ceil(25 * share); n > 0; n--) {
      const start = addMs(from, Math.round(between(0, 90) * MINUTE));
      faults.push({
        tool: "prometheus",
        service,
        name: "ReplicasMissing",
        level: "error",
        host: `index-${n}`,
        from: start,
        to: addMs(start, Math.round(between(5, 20) * MINUTE)),
      });
    }
}

const deployment = (service: string, at: Instant) => ({
  deployment_status: {
    id: at,
    state: "success",
    environment: "production",
    created_at: toIso(at),
    updated_at: toIso(at),
    target_url: "https://github.com/week/actions",
  },
  deployment: { id: at, sha: "4f1c", ref: "main", environment: "production", task: "deploy" },
  repository: {
    name: service,
    full_name: `week/${service}`,
    url: `https://api.github.com/repos/week/${service}`,
    html_url: "https://github.com/week",
  },
  sender: { login: "week-bot" },
});

const testRun = (at: string, fails: boolean) => ({
  metadata: {
    dbt_schema_version: "https://schemas.getdbt.com/dbt/run-results/v5.json",
    generated_at: at,
    invocation_id: at,
  },
  results: ["orders_unique", "orders_fresh", "users_not_null"].map((name, n) => ({
    status: fails && n === 1 ? "fail" : "pass",
    unique_id: `test.warehouse.${name}`,
    timing: [{ name: "execute", started_at: at, completed_at: at }],
    failures: fails && n === 1 ? 12 : 0,
    message: fails && n === 1 ? "Got 12 results, configured to fail if != 0" : null,
  })),
  elapsed_time: 12.5,
  args: {},
});

const probe = (number: number, at: Instant) => ({
  output: `Notice a shell was spawned in a container (host-${number})`,
  priority: "Notice",
  rule: "Terminal shell in container",
  time: toIso(at),
  output_fields: { "container.id": `c${number}`, "user.name": "root" },
});

const finding = (at: Instant) => ({
  version: "0",
  id: "f1",
  "detail-type": "GuardDuty Finding",
  source: "aws.guardduty",
  account: "111122223333",
  time: toIso(at),
  region: "eu-central-1",
  resources: [],
  detail: {
    schemaVersion: "2.0",
    accountId: "111122223333",
    region: "eu-central-1",
    id: "g1",
    type: "UnauthorizedAccess:IAMUser/InstanceCredentialExfiltration.OutsideAWS",
    title: "Credentials of an instance are used from an address outside",
    description: "Credentials of an instance role are used from outside.",
    severity: 8,
    createdAt: toIso(at),
    updatedAt: toIso(at),
    service: { count: 1, archived: false, serviceName: "guardduty" },
    resource: { resourceType: "AccessKey" },
  },
});

const anomaly = (at: Instant) => ({
  accountId: "111122223333",
  anomalyDetailsLink: "https://console.aws.amazon.com/cost-management/home#/anomaly-detection",
  anomalyId: "a1",
  anomalyScore: { currentScore: 0.6, maxScore: 0.7 },
  anomalyStartDate: toIso(at),
  anomalyEndDate: toIso(at),
  dimensionalValue: "Amazon Redshift",
  impact: { maxImpact: 400, totalActualSpend: 900, totalExpectedSpend: 500, totalImpact: 400 },
  monitorArn: "arn:aws:ce::111122223333:anomalymonitor/m",
  rootCauses: [{ service: "Amazon Redshift", region: "eu-central-1", usageType: "Node" }],
  subscriptionId: "s1",
  subscriptionName: "all",
});
