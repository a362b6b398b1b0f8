/**
 * The way of an alert into the house: key → adapter → decision → durable commit → reply. Joins the
 * adapters of edge/inbound with the intake desk, which is why it stands in app/.
 */
import * as contract from "../../contract/intake.ts";
import { Refusal } from "../base/errors.ts";
import { bind, type BoundRoute, Raw, type RequestFacts } from "../base/routes.ts";
import type { Actor } from "../domain/account/account.ts";
import type { DecisionColumns } from "../domain/alert/alert.ts";
import type { Arrival, Decide } from "../domain/alert/intake.ts";
import type { Snapshot } from "../domain/config/config.ts";
import { AHEAD_OF_A_STORM, IN_A_STORM, STORM_RULE } from "../domain/alert/storm.ts";
import type { AlertFacts } from "../domain/signal/cel.ts";
import { compileRules, decide, type RuleSet } from "../domain/signal/rules.ts";
import type { SignalProblem } from "../domain/signal/signal.ts";
import { effectiveRules } from "../domain/policy/published.ts";
import {
  pagerDutyAccepted,
  pagerDutyErrors,
  routingKeyOf,
} from "../edge/inbound/pagerDutyEvents.ts";
import { permissionFor, validationOf } from "../edge/inbound/handshakes.ts";
import { ADAPTERS } from "../edge/inbound/index.ts";
import type { ConfigCache } from "./configCache.ts";
import type { IntakeDoor, Taken } from "./intakeDoor.ts";
import { presentedKey } from "./keys.ts";

/** Compiled rules of a snapshot; the defaults come after everything that is configured. */
export function ruleSets(): (config: Snapshot) => RuleSet {
  const compiled = new WeakMap<Snapshot, RuleSet>();
  return (config) => {
    let rules = compiled.get(config);
    if (rules === undefined) {
      rules = compileRules(effectiveRules(config));
      compiled.set(config, rules);
    }
    return rules;
  };
}

/** Decides with the rules on which the flush's own transaction insists, so that no alert meets yesterday's. */
export function decideWith(cache: ConfigCache, rulesOf: (config: Snapshot) => RuleSet): Decide {
  return async (anew) => {
    const { config, basis } = await cache.based(anew);
    const rules = rulesOf(config);
    return { basis, decide: (arrival) => stormy(arrival, decisionFor(config, rules, arrival)) };
  };
}

/** What came in a storm and declares something belongs to the incident of the storm, unless it went ahead. */
function stormy(
  { spooled = false, ahead = false }: Arrival,
  decision: DecisionColumns,
): DecisionColumns {
  if (ahead) return { ...decision, because: `${AHEAD_OF_A_STORM}${decision.because}` };
  if (!spooled || decision.outcome !== "declare") return decision;
  const because = `${IN_A_STORM}${decision.ruleId ?? "none"} would declare it`;
  return { ...decision, ruleId: STORM_RULE, ruleFile: null, ruleLine: null, because };
}

/** What rules ask about, with what the catalogue knows of the service. */
export function factsOf(config: Snapshot, { serviceId, keyId, signal }: Arrival): AlertFacts {
  const service = config.get("services", serviceId)?.body;
  return {
    title: signal.title,
    severity: signal.severity ?? "info",
    source: signal.source,
    service: serviceId,
    tier: service?.tier ?? null,
    team: service?.team ?? null,
    runbook: service?.runbook ?? null,
    key: keyId,
    labels: signal.labels,
    details: signal.details,
  };
}

export function decisionFor(config: Snapshot, rules: RuleSet, arrival: Arrival): DecisionColumns {
  const decision = decide(rules, factsOf(config, arrival));
  const { outcome } = decision;
  const failures = decision.notes.map(
    (note) => `; rule ${note.ruleId} could not be asked: ${note.failure}`,
  );
  return {
    ruleId: decision.ruleId,
    ruleFile: decision.file,
    ruleLine: decision.line,
    outcome: outcome.kind,
    because: `${decision.because}${failures.join("")}`.slice(0, 2_000),
    declareSeverity: outcome.kind === "declare" ? outcome.severity : null,
    autoResolve: outcome.kind === "declare" && outcome.autoResolve,
  };
}

export function intakeRoutes(door: IntakeDoor): readonly BoundRoute<Actor>[] {
  async function validated(key: string, code: object): Promise<Raw> {
    await door.mustKnow(key);
    return asJson(200, code);
  }
  async function allowed(key: string, headers: RequestFacts["headers"]): Promise<Raw> {
    await door.mustKnow(key);
    const permission = permissionFor(headers);
    if (permission !== null) return new Raw("text/plain; charset=utf-8", "", permission);
    throw new Refusal("request.invalid", {
      field: "WebHook-Request-Origin",
      expected: "the name of the host that wants to send, in this header",
    });
  }
  return [
    bind(contract.enqueuePagerDuty, async ({ body, request }) => {
      const secret = routingKeyOf(body) ?? presentedKey(request.headers);
      try {
        const taken = await door.take("pagerduty-events", secret, body, request);
        const [first] = taken.accepted;
        if (first === undefined) return asJson(400, pagerDutyErrors(taken.refused));
        return pagerDutyAccepted(first.dedupKey);
      } catch (error) {
        if (!(error instanceof Refusal) || error.code !== "signal.key_unknown") throw error;
        const problem = { index: 0, field: "routing_key", expected: "the secret of an intake key" };
        return asJson(400, pagerDutyErrors([problem]));
      }
    }),
    bind(contract.postAlertmanagerAlerts, async ({ body, request }) => {
      const taken = await door.take(
        "alertmanager-api",
        presentedKey(request.headers),
        body,
        request,
      );
      mustAcceptAll(taken);
      return {};
    }),
    bind(contract.postAlertmanagerWebhook, async ({ params, body, request }) => {
      const taken = await door.take("alertmanager-webhook", params.key, body, request);
      mustAcceptSome(taken);
      return { accepted: taken.accepted.length, refused: [...taken.refused] };
    }),
    bind(contract.postToTool, async ({ params, body, request }) => {
      const code = validationOf({ headers: request.headers, body });
      if (code !== null) return validated(params.key, code);
      const taken = await door.takeFrom(params.tool, params.key, body, request);
      mustAcceptSome(taken);
      return shown(taken);
    }),
    bind(contract.answerTool, async ({ params, request }) => {
      await door.mustKnow(params.key);
      const answer = ADAPTERS.get(params.tool)?.challenge?.(request.headers) ?? null;
      if (answer !== null) return answer;
      throw new Refusal("request.invalid", {
        field: "tool",
        expected: "a tool that verifies its address, with its header; alerts are sent by POST",
      });
    }),
    bind(contract.askTool, ({ params, request }) => allowed(params.key, request.headers)),
    bind(contract.askAnyTool, ({ params, request }) => allowed(params.key, request.headers)),
    bind(contract.postToAnyTool, async ({ params, body, request }) => {
      const code = validationOf({ headers: request.headers, body });
      if (code !== null) return validated(params.key, code);
      const taken = await door.takeFrom(null, params.key, body, request);
      mustAcceptSome(taken);
      return shown(taken);
    }),
    bind(contract.postSignals, async ({ body, request }) => {
      const type = request.headers["content-type"] ?? "";
      const isEvent =
        type.startsWith("application/cloudevents") ||
        request.headers["ce-specversion"] !== undefined;
      const taken = await door.take(
        isEvent ? "cloudevents" : "tocsin",
        presentedKey(request.headers),
        body,
        request,
      );
      mustAcceptSome(taken);
      return { accepted: [...taken.accepted], refused: [...taken.refused] };
    }),
  ];
}

export const shown = (taken: Taken & { tool: string }) => ({
  tool: taken.tool,
  accepted: [...taken.accepted],
  refused: [...taken.refused],
  findings: taken.findings.slice(0, 100),
  changes: taken.changes,
  indicators: taken.indicators,
});

export const asJson = (status: number, body: unknown): Raw =>
  new Raw("application/json; charset=utf-8", JSON.stringify(body), {}, status);

const problemText = (problem: SignalProblem): string =>
  `item ${problem.index}: ${problem.field} must be ${problem.expected}`;

function refuseItems(taken: Taken): never {
  throw new Refusal("signal.refused", {
    accepted: taken.accepted.length,
    refused: taken.refused.slice(0, 100).map(problemText),
  });
}

export function mustAcceptSome(taken: Taken): void {
  const good = taken.accepted.length + taken.changes + taken.indicators;
  if (good === 0 && taken.refused.length > 0) refuseItems(taken);
}

function mustAcceptAll(taken: Taken): void {
  if (taken.refused.length > 0) refuseItems(taken);
}
