/** Open alerts counted by service, rule or incident; each leads to its own. */
import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useRef } from "react";
import { type AlertGroup, type AlertGroupBy, listAlertGroups } from "../../contract/alert.ts";
import { useNames } from "../app/me.ts";
import { call } from "../kit/call.ts";
import { AskAgain, Time, Waiting } from "../kit/parts.tsx";
import { counted } from "../kit/time.ts";
import { said, t } from "../kit/words.ts";
import { VirtualRows } from "../kit/VirtualRows.tsx";
import { type AlertsSearch, NONE } from "./alertsSearch.ts";

const PART = 200;
/** Two lines: what it is, and its numbers. */
const ROW_PX = 52;

export function Groups({ by, search }: { by: AlertGroupBy; search: AlertsSearch }) {
  const names = useNames();
  const { group: _, status, ...narrowed } = search;
  // What is over stands alone: only what is open is counted.
  const query = {
    ...narrowed,
    by,
    status: status === "firing" || status === "acknowledged" ? status : "open",
    limit: PART,
  } as const;
  const list = useInfiniteQuery({
    queryKey: [listAlertGroups.path, {}, query],
    queryFn: ({ pageParam }) =>
      call(listAlertGroups, {
        query: pageParam === undefined ? query : { ...query, cursor: pageParam },
      }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next ?? undefined,
  });
  const groups = list.data?.pages.flatMap(({ items }) => items) ?? [];
  const box = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: groups.length,
    getScrollElement: () => box.current,
    estimateSize: () => ROW_PX,
    overscan: 12,
  });
  const last = virtual.getVirtualItems().at(-1)?.index ?? 0;
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = list;
  useEffect(() => {
    if (hasNextPage && !isFetchingNextPage && last > groups.length - 30) void fetchNextPage();
  }, [last, groups.length, hasNextPage, isFetchingNextPage, fetchNextPage]);
  if (list.error !== null) return <AskAgain error={list.error} again={() => void list.refetch()} />;
  if (list.data === undefined) return <Waiting what={t("the alerts")} />;
  if (groups.length === 0) return <p className="empty">{t("No open alert is like that.")}</p>;
  const nameOf = ({ key, title }: AlertGroup): string => {
    if (by === "service") return names.service(key ?? "");
    if (by === "rule") return key ?? t("no rule matched");
    return key === null ? t("in no incident") : `${key} ${title ?? ""}`;
  };
  return (
    <div
      className="alerts-list"
      ref={box}
      tabIndex={0}
      role="region"
      aria-label={t("Alerts, counted")}
    >
      <VirtualRows
        virtual={virtual}
        row={(item, place) => {
          const group = groups[item.index];
          return group === undefined ? null : (
            <Link
              key={group.key ?? NONE}
              to="/alerts"
              search={{ ...search, group: undefined, [by]: group.key ?? NONE }}
              className="alert-row group-row"
              style={place}
            >
              <span
                className={`dot ${group.firing > 0 ? "firing" : "acknowledged"}`}
                aria-hidden="true"
              />
              <span className={group.severity === "critical" ? "b cut" : "cut"}>
                {nameOf(group)}
              </span>
              <span className="t13 q">
                <Time iso={group.newestAt} />
              </span>
              <span className="t12 q numbers">
                {[
                  counted(group.alerts, "alert"),
                  t("{count} firing", { count: group.firing }),
                  counted(group.signals, "signal"),
                  t("gravest: {severity}", { severity: said(group.severity) }),
                ].join(", ")}
              </span>
            </Link>
          );
        }}
      />
    </div>
  );
}
