/** What waits to be sent, and what became of what was: nothing is sent or dropped silently. */
import { useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { acknowledgeIncident, addNote } from "../../contract/incident.ts";
import { useLostSince } from "../app/live.ts";
import { useMe } from "../app/me.ts";
import { useNow } from "../kit/now.ts";
import { Button, Time } from "../kit/parts.tsx";
import { t, tParts } from "../kit/words.ts";
import "./offline.css";
import { asksFirst, beginQueue, drop, flush, useWaiting, type Waiting } from "./queue.ts";

const TRY_EVERY_MS = 3_000;

export function WaitingBar() {
  const me = useMe();
  const items = useWaiting();
  const who = me.person ?? "administrator";
  useEffect(() => beginQueue(who), [who]);
  const queries = useQueryClient();
  const lost = useLostSince();
  const now = useNow(15_000);
  const open = items.filter(({ outcome }) => outcome === null);
  const again = (also: string | null = null): void =>
    void flush(() => void queries.invalidateQueries(), also);
  useEffect(() => {
    if (open.length === 0) return;
    again();
    const timer = setInterval(() => again(), TRY_EVERY_MS);
    const online = (): void => again();
    addEventListener("online", online);
    return () => {
      clearInterval(timer);
      removeEventListener("online", online);
    };
  }, [open.length, lost]);
  if (items.length === 0) return null;
  return (
    <section className="waiting-bar" aria-label={t("What waits to be sent")} aria-live="polite">
      {open.length === 0 ? null : (
        <b>
          {open.length === 1
            ? t("1 waits to be sent")
            : t("{count} wait to be sent", { count: open.length })}
        </b>
      )}
      <ul>
        {items.map((item) => (
          <li key={item.id} className={item.outcome?.kind ?? "open"}>
            <span>
              <b>{titleOf(item)}</b> <Time iso={new Date(item.at).toISOString()} seconds />
              {": "}
              {stateOf(item, now)}
            </span>
            {item.outcome === null && asksFirst(item, now) ? (
              <Button small onClick={() => again(item.id)}>
                {t("Send it now")}
              </Button>
            ) : null}
            {item.outcome !== null || asksFirst(item, now) ? (
              <Button
                small
                look="bare"
                aria-label={t("Take “{what}” off the list", { what: titleOf(item) })}
                onClick={() => drop(item.id)}
              >
                {item.outcome === null ? t("Drop it") : t("Seen")}
              </Button>
            ) : null}
          </li>
        ))}
      </ul>
    </section>
  );
}

function titleOf({ path, params }: Waiting): string {
  const id = String((params as { id?: unknown } | undefined)?.id ?? "");
  if (path === acknowledgeIncident.path) return t("Acknowledge {id}", { id });
  if (path === addNote.path) return t("Note on {id}", { id });
  return t("Step of {id}", { id });
}

function stateOf(item: Waiting, now: number) {
  if (item.outcome?.kind === "done") return t("sent, and done.");
  if (item.outcome?.kind === "refused") return tParts("not done. {why}", { why: item.outcome.why });
  if (asksFirst(item, now)) return t("not sent yet, and it is old. Is it still meant?");
  return item.path === acknowledgeIncident.path
    ? t("not sent yet, escalation continues.")
    : t("not sent yet.");
}
