/**
 * What is promised of every adapter, asked of each: its page, its set-up and sample, its table of severities,
 * its way back to the tool, and that a tool which signs is believed only with the right signature. What an
 * adapter cannot promise stands here with the reason.
 */
import { createHash, createHmac } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { TriedFile } from "../../../contract/intake.ts";
import { AlertSeverity } from "../../../contract/signal.ts";
import { type Adapter } from "../../domain/signal/signal.ts";
import { BY_HEADER, BY_PASSWORD } from "./authorization.ts";
import { golden, goldenNames, NOW } from "./golden/samples.ts";
import { ADAPTER_LIST, ADAPTERS } from "./index.ts";
import { joined, readBody } from "./recognise.ts";

const rawBody = Buffer.from('{"till":"open"}');
const SECRET = "a secret";
const hex = (text: Buffer | string, secret = SECRET): string =>
  createHmac("sha256", secret).update(text).digest("hex");
const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");

/** A token over the hash of the body, as Netlify makes it. */
function token(): string {
  const digest = createHash("sha256").update(rawBody).digest("hex");
  const said = `${part({ alg: "HS256", typ: "JWT" })}.${part({ iss: "netlify", sha256: digest })}`;
  return `${said}.${createHmac("sha256", SECRET).update(said).digest("base64url")}`;
}

/** As kubewatch signs, which takes its key for base64. */
const keyed = (): string =>
  createHmac("sha256", Buffer.from(SECRET, "base64")).update(rawBody).digest("hex");

/** As CrowdStrike signs: the time stands behind the body. */
const AT = "2026-11-21T09:58:00Z";
const withTime = (): string =>
  createHmac("sha256", SECRET).update(rawBody).update(AT).digest("base64");

/** Shows the secret in the body itself. */
const IN_BODY: Readonly<Record<string, Buffer>> = {
  statuscake: Buffer.from(`Status=Down&Token=${encodeURIComponent(SECRET)}`),
};

/** The secret as it is, or as a bearer token. */
const isShown = (value: string): boolean => value.endsWith(SECRET);

/** How each tool that can signs. */
const SIGNED: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  auth0: { authorization: SECRET },
  bitbucket: { "x-hub-signature": `sha256=${hex(rawBody)}` },
  checkly: { "x-checkly-signature": hex(rawBody) },
  circleci: { "circleci-signature": `v1=${hex(rawBody)}` },
  cloudflare: { "cf-webhook-auth": SECRET },
  crowdstrike: { "x-cs-primary-signature": withTime(), "x-cs-delivery-timestamp": AT },
  dbt: { authorization: hex(rawBody) },
  flux: { "x-signature": `sha256=${hex(rawBody)}` },
  fivetran: { "x-fivetran-signature-256": hex(rawBody).toUpperCase() },
  gitguardian: {
    timestamp: "1795255080",
    "gitguardian-signature": `sha256=${hex(rawBody, `1795255080${SECRET}`)}`,
  },
  github: { "x-hub-signature-256": `sha256=${hex(rawBody)}` },
  gitlab: { "x-gitlab-token": SECRET },
  grafana: { "x-grafana-alerting-signature": hex(rawBody) },
  hetrixtools: { authorization: `Bearer ${SECRET}` },
  honeybadger: { "honeybadger-token": SECRET },
  honeycomb: { "x-honeycomb-webhook-token": SECRET },
  "incident-io": { authorization: `Bearer ${SECRET}` },
  jira: { "x-hub-signature": `sha256=${hex(rawBody)}` },
  // Its key stands in the configuration in base64.
  kubewatch: { "x-kubewatch-signature": keyed() },
  "monte-carlo": {
    // Python's urlencode of rawBody.
    "x-mcd-signature": createHmac("sha512", SECRET).update("till=open").digest("hex"),
  },
  netlify: { "x-webhook-signature": token() },
  okta: { authorization: SECRET },
  "pagerduty-webhook": { "x-pagerduty-signature": `v1=${hex("other")},v1=${hex(rawBody)}` },
  semgrep: { "x-semgrep-signature-256": hex(rawBody) },
  snyk: { "x-hub-signature": `sha256=${hex(rawBody)}` },
  sonarqube: { "x-sonar-webhook-hmac-sha256": hex(rawBody) },
  sentry: { "sentry-hook-signature": hex(rawBody) },
  vercel: { "x-vercel-signature": createHmac("sha1", SECRET).update(rawBody).digest("hex") },
  "splunk-observability": {
    "x-sfx-signature": Buffer.from(hex(rawBody), "hex").toString("base64"),
  },
};

/** A header of the sender's choice, which those show whose page says how. */
const showsIn = ({ steps }: Adapter["setUp"]): Readonly<Record<string, string>> | undefined => {
  if (steps.includes(BY_HEADER)) return { authorization: `Bearer ${SECRET}` };
  const basic = Buffer.from(`till:${SECRET}`).toString("base64");
  return steps.includes(BY_PASSWORD) ? { authorization: `Basic ${basic}` } : undefined;
};

/** Tells no address that could be followed, or one that only its own server knows. */
const NO_WAY_BACK: Readonly<Record<string, string>> = {
  auth0: "its log has no address for an event",
  aqua: "its body names no console",
  "aws-waf": "a log line",
  cef: "a log line",
  databricks: "its body names no workspace's address",
  dbt: "a file of results",
  email: "a mail",
  falco: "a sensor without pages",
  flux: "an object of a cluster",
  graylog: "its body names no server",
  influxdb: "its row names no server",
  kubewatch: "an object of a cluster",
  kubernetes: "an object of a cluster",
  "kubernetes-audit": "an object of a cluster",
  "kubernetes-object": "an object of a cluster",
  leef: "a log line",
  kapacitor: "its body names no server",
  librenms: "its body names no server",
  modsecurity: "a log line",
  okta: "its log has no address for an event",
  openlineage: "an event without pages",
  qradar: "its body names no console",
  sensu: "its event names no server",
  sentinelone: "its body names no console",
  snort: "a log line",
  suricata: "a sensor without pages",
  sysdig: "its event names no region's address",
  trivy: "an object of a cluster",
  wazuh: "its body names no dashboard",
  "wazuh-form": "its body names no dashboard",
  zeek: "a log line",
  cloudevents: "a protocol: what it carries names one, or not",
};

/** These are set up for an address of their protocol, or are read where they lie. */
const ELSEWHERE: readonly string[] = [
  "alertmanager-api",
  "calendar",
  "email",
  "pagerduty-change",
  "pagerduty-events",
  "pagerduty-events-v1",
  "pagerduty-rest",
];

/** These bring no alerts, or what they tell says not how bad it is. */
const NO_TABLE: readonly string[] = [
  "calendar",
  "indicators",
  "azure-devops",
  "bitbucket",
  "circleci",
  "jenkins",
  "vercel",
  "misp",
  "not-an-alert",
  "pagerduty-change",
  "pagerduty-rest",
  "stix",
];

const FOLDER = new URL("golden/", import.meta.url);
const become = readdirSync(FOLDER)
  .filter((name) => name.endsWith(".expected.json"))
  .flatMap((name) =>
    Object.values(
      JSON.parse(readFileSync(new URL(name, FOLDER), "utf8")) as Record<string, TriedFile>,
    ),
  );

describe.each(ADAPTER_LIST.map((adapter): [string, Adapter] => [adapter.about.id, adapter]))(
  "%s",
  (id, { about, setUp, severities, verify, tokensOf }) => {
    test("names its page, how it is set up, and what its words mean", () => {
      expect(about.docs).toMatch(/^(https:\/\/|docs\/)/);
      expect(Object.keys(severities ?? {}).length > 0).toBe(!NO_TABLE.includes(id));
      for (const ours of Object.values(severities ?? {}))
        expect(AlertSeverity.options).toContain(ours);
      expect(setUp.steps.join(" ").includes("{url}")).toBe(!ELSEWHERE.includes(id));
    });

    test("has a sample that its button can send, read by itself", () => {
      expect(goldenNames()).toContain(setUp.sample);
      const input = { body: golden(setUp.sample), headers: {}, now: NOW };
      const parts = readBody(ADAPTERS, null, input);
      const { signals, changes, indicators, findings } = joined(parts);
      expect([...signals, ...changes, ...indicators, ...findings]).not.toEqual([]);
      if (id !== "generic") expect(parts.map(({ adapter }) => adapter.about.id)).toContain(id);
    });

    test("leads back to the tool, or says why it cannot", () => {
      const alerts = become.filter(({ tool }) => tool === id).flatMap((one) => one.alerts);
      if (alerts.length === 0) return;
      expect(alerts.some(({ link }) => link !== null)).toBe(!Object.hasOwn(NO_WAY_BACK, id));
    });

    test("says how its tokens are described, where it can carry some", () => {
      const described = setUp.steps.filter((step) => step.includes("signedBy"));
      expect(described.length).toBe(tokensOf === undefined ? 0 : 1);
      if (tokensOf !== undefined)
        expect(described.join("")).toMatch(/issuer https:\/\/.*audience.*claims/);
    });

    test("is believed only with the right signature, where it signs", () => {
      const [headers, shown] = [SIGNED[id] ?? showsIn(setUp), IN_BODY[id]];
      expect(verify !== undefined).toBe(headers !== undefined || shown !== undefined);
      if (verify !== undefined && shown !== undefined) {
        const asked = [SECRET, "another", ""].map((secret) =>
          verify({ headers: {}, rawBody: shown, now: NOW }, secret),
        );
        expect(asked).toEqual([true, false, false]);
      }
      if (verify === undefined || headers === undefined) return;
      const ask = (given: Readonly<Record<string, string>>, body = rawBody, secret = SECRET) =>
        verify({ headers: given, rawBody: body, now: NOW }, secret);
      expect(ask(headers)).toBe(true);
      expect(ask({})).toBe(false);
      expect(ask(headers, rawBody, "another")).toBe(false);
      expect(ask(headers, rawBody, "")).toBe(false);
      expect(ask({}, rawBody, "")).toBe(false);
      const showsOnly = SIGNED[id] === undefined || Object.values(headers).some(isShown);
      expect(ask(headers, Buffer.from('{"till":"shut"}'))).toBe(showsOnly);
    });
  },
);
