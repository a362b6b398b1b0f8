/**
 * AWS WAF's log, one request a line. A request that was blocked, challenged or counted by a rule is a
 * condition of its client and rule; one that passed without a match is told as such and raises nothing.
 * https://docs.aws.amazon.com/waf/latest/developerguide/logging-fields.html Samples: golden/aws-waf.*.json
 */
import { type Adapter } from "../../../domain/signal/signal.ts";
import { readObject } from "../items.ts";
import { dig, listAt, textAt, timeAt } from "../paths.ts";
import { isObject, type Json, type Reading } from "../reading.ts";
import { has, recogniseObject, severityBy } from "../telling.ts";
import { namesIn, tellFinding } from "./finding.ts";

const DID: Readonly<Record<string, string>> = {
  BLOCK: "Blocked",
  CAPTCHA: "Asked for a CAPTCHA",
  CHALLENGE: "Challenged",
  COUNT: "Counted",
};

export const awsWaf: Adapter = {
  about: {
    id: "aws-waf",
    name: "AWS WAF",
    docs: "https://docs.aws.amazon.com/waf/latest/developerguide/logging-fields.html",
  },
  setUp: {
    steps: [
      "Let the web ACL log to Amazon Data Firehose or CloudWatch Logs, with a filter that keeps BLOCK, CAPTCHA, CHALLENGE and COUNT.",
      "Let a function post the lines as they are to {url}.",
    ],
    sample: "aws-waf.block.json",
  },
  // What was done with the request. A blocked one has done no harm; many of them are what a rule is for.
  severities: { BLOCK: "warning", CAPTCHA: "info", CHALLENGE: "info", COUNT: "info" },
  resendsByContract: false,
  recognise: recogniseObject(
    (body) => has(body, "webaclId", "action") && isObject(body["httpRequest"]),
  ),
  read: readObject("one line of AWS WAF's log", (reading, body) => {
    const webAcl = textAt(body, "webaclId");
    const action = textAt(body, "action")?.toUpperCase();
    if (webAcl === null) return reading.refuse(0, "webaclId", "the ARN of a web ACL");
    if (action === undefined)
      return reading.refuse(0, "action", "ALLOW, BLOCK, CAPTCHA, CHALLENGE or COUNT");
    if (action !== "ALLOW")
      return readRequest(reading, body, { webAcl, action, rule: ruleOf(body) });
    const counted = countedBy(body);
    if (counted !== null)
      return readRequest(reading, body, { webAcl, action: "COUNT", rule: counted });
    reading.find(0, "action", "the request was allowed and matched no rule: no alert");
  }),
};

/** The rule that ended the request; in a rule group, the rule inside it. */
function ruleOf(body: Json): string | null {
  const outer = textAt(body, "terminatingRuleId");
  const inner = listAt(body, "ruleGroupList")
    .map((group) => textAt(group, "terminatingRule.ruleId"))
    .find((id) => id !== null);
  return inner == null || inner === outer ? outer : `${outer ?? "rule group"}/${inner}`;
}

/** A rule that matched without ending an allowed request. */
const countedBy = (body: Json): string | null =>
  [
    ...listAt(body, "nonTerminatingMatchingRules"),
    ...listAt(body, "ruleGroupList").flatMap((group) => [
      ...listAt(group, "nonTerminatingMatchingRules"),
      // Rules of a group whose action is overridden to Count.
      ...listAt(group, "excludedRules"),
    ]),
  ]
    .map((rule) => textAt(rule, "ruleId"))
    .find((id) => id !== null) ?? null;

function readRequest(
  reading: Reading,
  body: Json,
  {
    webAcl,
    action,
    rule,
  }: { readonly webAcl: string; readonly action: string; readonly rule: string | null },
): void {
  const client = textAt(body, "httpRequest.clientIp");
  // arn:aws:wafv2:REGION:ACCOUNT:regional/webacl/NAME/ID
  const [region, account] = webAcl.split(":").slice(3, 5);
  const name = webAcl.split("/webacl/")[1]?.split("/")[0] ?? webAcl;
  const hostHeader = listAt(body, "httpRequest.headers").find((one) =>
    /^host$/i.test(textAt(one, "name") ?? ""),
  );
  const matched = listAt(body, "terminatingRuleMatchDetails").concat(
    listAt(body, "nonTerminatingMatchingRules").flatMap((one) => listAt(one, "ruleMatchDetails")),
  );
  tellFinding(reading, 0, {
    uid: [name, action, rule, client],
    title: `${DID[action] ?? action} by ${rule ?? "AWS WAF"}${client === null ? "" : `: requests from ${client}`}`,
    severity: severityBy(awsWaf.severities!, action),
    status: "open",
    firstSeenAt: timeAt(reading, 0, body, "timestamp"),
    product: "AWS WAF",
    rule,
    category: namesIn(matched, "conditionType"),
    resource: name,
    service: textAt(hostHeader, "value") ?? name,
    account,
    region,
    sourceIp: client,
    labels: {
      action,
      country: textAt(body, "httpRequest.country"),
      method: textAt(body, "httpRequest.httpMethod"),
      source: textAt(body, "httpSourceName"),
    },
    details: {
      uri: textAt(body, "httpRequest.uri"),
      args: textAt(body, "httpRequest.args"),
      matched: matched.slice(0, 10),
      requestId: textAt(body, "httpRequest.requestId"),
      wafLabels: namesIn(dig(body, "labels"), "name"),
    },
  });
}
