/** What there is to connect, told by the adapters themselves, and a sample to see that it works. */
import { readFile } from "node:fs/promises";
import * as contract from "../../contract/intake.ts";
import { Refusal } from "../base/errors.ts";
import { toIso } from "../base/instant.ts";
import { bind, type BoundRoute } from "../base/routes.ts";
import type { World } from "../base/world.ts";
import { type Actor, allow } from "../domain/account/account.ts";
import { listIntakeUse } from "../domain/alert/store.ts";
import type { Adapter, ReadResult } from "../domain/signal/signal.ts";
import { bodyOf } from "../edge/inbound/body.ts";
import { ADAPTER_LIST, ADAPTERS } from "../edge/inbound/index.ts";
import { readBody } from "../edge/inbound/recognise.ts";
import { keyOf, titleOf } from "../edge/inbound/telling.ts";
import type { ConfigCache } from "./configCache.ts";
import { shown } from "./intake.ts";
import type { IntakeDoor } from "./intakeDoor.ts";

const GOLDEN = new URL("../edge/inbound/golden/", import.meta.url);

export function intakeToolRoutes(
  world: World,
  cache: ConfigCache,
  door: IntakeDoor,
): readonly BoundRoute<Actor>[] {
  return [
    bind(contract.listIntakeTools, async () => ({
      tools: ADAPTER_LIST.map((adapter) => toolOf(adapter, world.publicUrl)),
    })),
    bind(contract.listKeyUses, async () => ({
      keys: (await listIntakeUse(world.db)).map(({ keyId, adapter, lastUsedAt }) => ({
        key: keyId,
        tool: adapter,
        lastAt: toIso(lastUsedAt),
      })),
    })),
    bind(contract.sendSample, async ({ actor, params, body }) => {
      allow(actor, "config.write", null);
      const adapter = ADAPTERS.get(params.tool);
      if (adapter === undefined) {
        const known = [...ADAPTERS.keys()].join(", ");
        throw new Refusal("signal.tool_unknown", { tool: params.tool, known });
      }
      const config = await cache.read();
      const key = config.get("keys", body.key);
      if (key === null) throw new Refusal("config.unknown", { kind: "keys", id: body.key });
      const raw = await readFile(new URL(adapter.setUp.sample, GOLDEN));
      const read = bodyOf(raw.toString("utf8"));
      const now = world.clock.now();
      const input = { body: read.kind === "body" ? read.body : "", headers: {}, now };
      const parts = readBody(ADAPTERS, null, input).map(({ adapter: own, result }) => ({
        adapter: own,
        result: asSample(result),
      }));
      return shown({
        tool: params.tool,
        ...(await door.accept({ key, config }, parts, { raw, now })),
      });
    }),
  ];
}

/** What the list and docs/tools.md say of an adapter. */
export function toolOf({ about, setUp, severities, verify, tokensOf }: Adapter, publicUrl: string) {
  const url = `${publicUrl}/v1/intake/{key}/${about.id}`;
  return {
    id: about.id,
    name: about.name,
    docs: about.docs,
    url,
    steps: setUp.steps.map((step) => step.replaceAll("{url}", url)),
    severities: { ...severities },
    signs: verify !== undefined,
    tokensOf: tokensOf ?? null,
    sample: setUp.sample,
  };
}

/** Marked for people and rules, and with an identity of its own, so that it ends no real alert. */
function asSample(result: ReadResult): ReadResult {
  return {
    signals: result.signals.map(({ signal, ...rest }) => ({
      ...rest,
      signal: {
        ...signal,
        title: signal.title === "" ? "" : titleOf(`Sample: ${signal.title}`),
        dedupKey: signal.dedupKey === null ? null : keyOf(`sample/${signal.dedupKey}`),
        labels: { ...signal.labels, sample: "true" },
      },
    })),
    refused: result.refused,
    findings: [...result.findings, ...notKept(result)],
  };
}

/** A change that was none would lead people astray, and an indicator would be matched. */
const notKept = ({ changes = [], indicators = [] }: ReadResult): ReadResult["findings"] =>
  Object.entries({ changes, indicators }).flatMap(([field, { length }]) =>
    length === 0
      ? []
      : [{ index: 0, field, finding: `${length} understood; of a sample none is kept` }],
  );
