/** Who has this page open now, so that nobody asks into an empty room. */
import { useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { leavePresence, listPresent, stayPresent } from "../../contract/presence.ts";
import { useMe, useNames } from "../app/me.ts";
import { addressOf, call } from "../kit/call.ts";
import { asking, useRoute } from "../kit/client.ts";
import { Avatar } from "../kit/parts.tsx";
import { listText } from "../kit/time.ts";
import { t } from "../kit/words.ts";

/** Three times within what the server lets a silent tab count. */
const AGAIN_MS = 10_000;
/** More stand behind a number, with their names to read. */
const SHOWN = 4;

const TAB = `${Date.now().toString(36)}-${Math.random().toString(36).slice(2, 12)}`;

/** Says that this tab is here while it is in sight, and that it is not any more. */
function useStaying(id: string): void {
  const queries = useQueryClient();
  useEffect(() => {
    const { queryKey } = asking(listPresent, { params: { id } });
    const stay = (): void => {
      if (document.visibilityState === "hidden") return;
      // Without an answer it is not seen, and tried again soon enough.
      call(stayPresent, { params: { id }, body: { tab: TAB } }).then(
        (present) => queries.setQueryData(queryKey, present),
        () => undefined,
      );
    };
    const leave = (): void => {
      const path = addressOf(leavePresence.path, { id, tab: TAB }, {});
      // A page that goes away may still send this much.
      fetch(path, { method: "DELETE", keepalive: true }).catch(() => undefined);
    };
    const look = (): void => (document.visibilityState === "hidden" ? leave() : stay());
    stay();
    const timer = setInterval(stay, AGAIN_MS);
    document.addEventListener("visibilitychange", look);
    window.addEventListener("pagehide", leave);
    return () => {
      clearInterval(timer);
      document.removeEventListener("visibilitychange", look);
      window.removeEventListener("pagehide", leave);
      leave();
    };
  }, [id, queries]);
}

export function Present({ id }: { id: string }) {
  const me = useMe();
  const names = useNames();
  useStaying(id);
  const { data } = useRoute(listPresent, { params: { id } });
  const people = data?.people.map(({ person }) => person) ?? [];
  const others = people.filter((person) => person !== me.person);
  const shown = others.slice(0, SHOWN);
  const all = others.map(names.person);
  return (
    <div className="present" role="group" aria-label={t("Who has this page open")}>
      <span className="r">{t("Here")}</span>
      {others.length === 0 ? (
        <span className="q">{me.person === null ? t("nobody") : t("only you")}</span>
      ) : (
        <span className="faces" title={listText(all)}>
          {shown.map((person) => (
            <Avatar key={person} name={names.person(person)} />
          ))}
          {others.length > 2 ? (
            <>
              <span aria-hidden="true">
                {t("{count} {count:other|others}", { count: others.length })}
              </span>
              <span className="only-read">{listText(all)}</span>
            </>
          ) : (
            <span>{listText(all)}</span>
          )}
        </span>
      )}
    </div>
  );
}
