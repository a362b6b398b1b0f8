/** Silences and maintenance windows as they are shown, wherever they stand. */
import type * as contract from "../../../contract/silence.ts";
import { type Instant, toIso } from "../../base/instant.ts";
import { normalMatchers } from "./matching.ts";
import { type Mute, spanFrom } from "./silence.ts";
import type { MuteCounts } from "./store.ts";

export type MuteFacts = MuteCounts & { readonly holds: number };
export const NO_COUNTS: MuteFacts = { held: 0, wouldHavePaged: 0, holds: 0 };

export function muteView(mute: Mute, counts: MuteFacts, now: Instant): contract.Silence {
  const span = spanFrom(mute, now);
  const running = span !== null && span.from <= now;
  return {
    id: mute.id,
    kind: mute.kind,
    state: span === null ? "expired" : running ? "active" : "pending",
    matchers: [...normalMatchers(mute.matchers)],
    services: [...mute.services],
    reason: mute.reason,
    owner: mute.owner,
    startsAt: toIso(mute.startsAt),
    endsAt: toIso(mute.endsAt),
    now: span === null ? null : { from: toIso(span.from), to: toIso(span.to) },
    recurs: mute.recurs,
    source: mute.source,
    ...counts,
  };
}
