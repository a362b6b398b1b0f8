/** Alerts: a fast list, its filters in the address, and beside it the one that is looked at. */
import { useInfiniteQuery } from "@tanstack/react-query";
import { getRouteApi, Link, Outlet, useParams } from "@tanstack/react-router";
import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useRef } from "react";
import { type Alert, AlertGroupBy, listAlerts } from "../../contract/alert.ts";
import { AlertSeverity } from "../../contract/signal.ts";
import { useNames } from "../app/me.ts";
import { Choice } from "../kit/Choice.tsx";
import { call } from "../kit/call.ts";
import { useRoute } from "../kit/client.ts";
import { Icon } from "../kit/icons.tsx";
import { useKeys } from "../kit/keys.ts";
import { useMatches } from "../kit/media.ts";
import { AskAgain, Button, Time, Waiting } from "../kit/parts.tsx";
import { useTitle } from "../kit/title.ts";
import { VirtualRows } from "../kit/VirtualRows.tsx";
import { type AlertsSearch, NONE, STATES } from "./alertsSearch.ts";
import { Groups } from "./Groups.tsx";
import "./alerts.css";
import { said, t, tParts } from "../kit/words.ts";

const route = getRouteApi("/alerts");
const PART = 100;
const ROW_PX = 36;
/** On a phone: two lines of title, one of the rest. */
const TALL_PX = 68;
/** A longer list holds still: what is new is offered, not pushed under the pointer. */
const KEPT_FRESH = 2;

export function Alerts() {
  useTitle(t("Alerts"));
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const names = useNames();
  const { group, ...narrowed } = search;
  const query = { ...narrowed, status: search.status ?? "open", limit: PART } as const;
  const list = useInfiniteQuery({
    // Under a name of its own: a long list is not asked for again with every signal.
    queryKey: ["alerts as listed", {}, query],
    queryFn: ({ pageParam }) =>
      call(listAlerts, {
        query: pageParam === undefined ? query : { ...query, cursor: pageParam },
      }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next ?? undefined,
    enabled: group === undefined,
  });
  const alerts = list.data?.pages.flatMap(({ items }) => items) ?? [];
  const { data: newest, dataUpdatedAt } = useRoute(listAlerts, { query: { ...query, limit: 1 } });
  const isShort = (list.data?.pages.length ?? 0) <= KEPT_FRESH;
  const { refetch } = list;
  useEffect(() => {
    if (isShort && dataUpdatedAt > 0 && group === undefined) void refetch();
  }, [dataUpdatedAt, isShort, refetch, group]);
  const hasNewer =
    !isShort && newest?.items[0] !== undefined && newest.items[0].id !== alerts[0]?.id;
  const choose = (change: AlertsSearch): void =>
    void navigate({ search: (old) => ({ ...old, ...change }), replace: true });
  return (
    <main className="alerts">
      <div className="alerts-left">
        <div className="alerts-head">
          <h1>{t("Alerts")}</h1>
          <Choice
            label={t("State")}
            options={STATES}
            value={search.status ?? "open"}
            set={(status) => choose({ status: status as AlertsSearch["status"] })}
            all={null}
          />
          <Choice
            label={t("Severity")}
            options={AlertSeverity.options}
            value={search.severity}
            set={(severity) => choose({ severity: severity as AlertSeverity | undefined })}
          />
          <label className="row t13">
            {t("Service")}
            <select
              className="input narrow"
              value={search.service ?? ""}
              onChange={(event) => choose({ service: event.target.value || undefined })}
            >
              <option value="">{t("all")}</option>
              {names.directory?.services.map((service) => (
                <option key={service.id} value={service.id}>
                  {service.name}
                </option>
              ))}
            </select>
          </label>
          <Choice
            label={t("Counted by")}
            options={AlertGroupBy.options}
            value={group}
            set={(by) => choose({ group: by as AlertsSearch["group"] })}
            all={t("each alone")}
          />
          {(["rule", "incident"] as const).map((name) =>
            search[name] === undefined ? null : (
              <Button key={name} small onClick={() => choose({ [name]: undefined })}>
                {narrowedTo(name, search[name])} <Icon name="cross" small />
                <span className="only-read">{t("Show all again")}</span>
              </Button>
            ),
          )}
          {hasNewer && group === undefined ? (
            <Button small onClick={() => void refetch()}>
              {t("Show newer alerts")}
            </Button>
          ) : null}
        </div>
        {group === undefined ? (
          <List list={list} alerts={alerts} />
        ) : (
          <Groups by={group} search={search} />
        )}
      </div>
      <Outlet />
    </main>
  );
}

function narrowedTo(name: "rule" | "incident", value: string): string {
  if (name === "rule")
    return value === NONE ? t("no rule matched") : t("Rule {rule}", { rule: value });
  return value === NONE ? t("in no incident") : value;
}

type Listed = {
  readonly data: unknown;
  readonly error: Error | null;
  readonly hasNextPage: boolean;
  readonly isFetchingNextPage: boolean;
  readonly fetchNextPage: () => unknown;
  readonly refetch: () => unknown;
};

function List({ list, alerts }: { list: Listed; alerts: readonly Alert[] }) {
  return (
    <>
      {list.error !== null ? (
        <AskAgain error={list.error} again={() => void list.refetch()} />
      ) : null}
      {list.data === undefined && list.error === null ? <Waiting what={t("the alerts")} /> : null}
      {list.data !== undefined && alerts.length === 0 ? (
        <p className="empty">
          {tParts("No alert is like that. {link} shows how to send one.", {
            link: <Link to="/">{t("Home")}</Link>,
          })}
        </p>
      ) : null}
      <Rows
        alerts={alerts}
        more={list.hasNextPage && !list.isFetchingNextPage ? list.fetchNextPage : null}
      />
    </>
  );
}

function Rows({ alerts, more }: { alerts: readonly Alert[]; more: (() => unknown) | null }) {
  const names = useNames();
  const navigate = route.useNavigate();
  const search = route.useSearch();
  const { id: chosen } = useParams({ strict: false });
  const box = useRef<HTMLDivElement>(null);
  const isSmall = useMatches("(max-width: 900px)");
  const virtual = useVirtualizer({
    count: alerts.length,
    getScrollElement: () => box.current,
    estimateSize: () => (isSmall ? TALL_PX : ROW_PX),
    overscan: 16,
  });
  useEffect(() => virtual.measure(), [virtual, isSmall]);
  const last = virtual.getVirtualItems().at(-1)?.index ?? 0;
  useEffect(() => {
    if (more !== null && last > alerts.length - 30) more();
  }, [last, alerts.length, more]);
  const step = (by: number): void => {
    const here = alerts.findIndex(({ id }) => id === chosen);
    const to = Math.max(0, Math.min(alerts.length - 1, here + by));
    const alert = alerts[to];
    if (alert === undefined) return;
    virtual.scrollToIndex(to);
    void navigate({
      to: "/alerts/$id",
      params: { id: alert.id },
      search,
      replace: true,
    });
  };
  useKeys([
    { keys: "ArrowDown", what: t("Next alert"), run: () => step(1) },
    { keys: "ArrowUp", what: t("Alert before"), run: () => step(-1) },
  ]);
  return (
    <div
      className="alerts-list"
      ref={box}
      tabIndex={0}
      role="region"
      aria-label={t("List of alerts")}
    >
      <VirtualRows
        virtual={virtual}
        row={(item, place) => {
          const alert = alerts[item.index];
          return alert === undefined ? null : (
            <Link
              key={alert.id}
              to="/alerts/$id"
              params={{ id: alert.id }}
              search={search}
              className={alert.id === chosen ? "alert-row on" : "alert-row"}
              aria-current={alert.id === chosen ? "true" : undefined}
              style={place}
            >
              <span
                className={`dot ${alert.suppressed === null ? alert.status : "suppressed"}`}
                aria-hidden="true"
              />
              <span className="t12 q">
                {alert.suppressed === null ? said(alert.status) : t("suppressed")}
              </span>
              <span className={alert.severity === "critical" ? "b cut" : "cut"}>{alert.title}</span>
              <span className="t13 q cut">{names.service(alert.service)}</span>
              <span className="t13 q">{said(alert.severity)}</span>
              <span className="t13 qq">{alert.count > 1 ? `× ${alert.count}` : ""}</span>
              <span className="t13 q">
                <Time iso={alert.lastReceivedAt} />
              </span>
              <span className="t13 b">{alert.incident ?? ""}</span>
            </Link>
          );
        }}
      />
    </div>
  );
}
