/** All incidents, newest first; what is filtered by stands in the address. */
import { useInfiniteQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { type IncidentState, listIncidents } from "../../contract/incident.ts";
import { SEVERITIES, type Severity as SeverityName } from "../../contract/ids.ts";
import { useNames } from "../app/me.ts";
import { Choice } from "../kit/Choice.tsx";
import { call } from "../kit/call.ts";
import { useNow } from "../kit/now.ts";
import { AskAgain, Button, Time, Waiting } from "../kit/parts.tsx";
import { useTitle } from "../kit/title.ts";
import { at, lengthText } from "../kit/time.ts";
import { useDeclaring } from "./DeclareForm.tsx";
import { Severity, Who } from "./marks.tsx";
import { said, t } from "../kit/words.ts";

const route = getRouteApi("/incidents");
const STATES = ["open", "declared", "mitigated", "resolved", "closed", "cancelled"] as const;

export function Incidents() {
  useTitle(t("Incidents"));
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const names = useNames();
  const now = useNow();
  const declaring = useDeclaring();
  const query = {
    state: STATES.find((each) => each === search.state) as IncidentState | "open" | undefined,
    severity: SEVERITIES.find((each) => each === search.severity) as SeverityName | undefined,
    service: search.service,
    limit: 50,
  };
  const { data, error, refetch, fetchNextPage, hasNextPage, isFetchingNextPage } = useInfiniteQuery(
    {
      queryKey: [listIncidents.path, {}, query],
      queryFn: ({ pageParam }) =>
        call(listIncidents, {
          query: pageParam === undefined ? query : { ...query, cursor: pageParam },
        }),
      initialPageParam: undefined as string | undefined,
      getNextPageParam: (last) => last.next ?? undefined,
    },
  );
  const incidents = data?.pages.flatMap(({ items }) => items) ?? [];
  const choose = (change: Partial<typeof search>): void =>
    void navigate({ search: (old) => ({ ...old, ...change }), replace: true });
  return (
    <main className="page">
      <div className="row headline">
        <h1>{t("Incidents")}</h1>
        <span className="grow" />
        {declaring.button}
      </div>
      {declaring.form}
      <div className="filters">
        <Choice
          label={t("State")}
          options={STATES}
          value={search.state}
          set={(state) => choose({ state })}
        />
        <Choice
          label={t("Severity")}
          options={SEVERITIES}
          value={search.severity}
          set={(severity) => choose({ severity })}
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
      </div>
      {error !== null ? <AskAgain error={error} again={() => void refetch()} /> : null}
      {data === undefined && error === null ? <Waiting what={t("the incidents")} /> : null}
      {data !== undefined && incidents.length === 0 ? (
        <p className="empty">
          {t("No incident is like that. Home shows how to send an alert that declares one.")}
        </p>
      ) : null}
      {incidents.length === 0 ? null : (
        <div className="rows panel" role="table" aria-label={t("Incidents")}>
          {incidents.map((incident) => {
            const open = incident.state === "declared" || incident.state === "mitigated";
            const end = incident.resolvedAt ?? incident.closedAt;
            return (
              <div key={incident.id} className="incident-row" role="row">
                <span role="cell">
                  <Severity severity={incident.severity} />
                </span>
                <span role="cell" className="cut">
                  <Link to="/incidents/$id" params={{ id: incident.id }} className="b">
                    {incident.title}
                  </Link>
                  <br />
                  <span className="q t13">
                    {incident.id}, {incident.services.map(names.service).join(", ")}
                    {incident.restricted ? t(", restricted") : ""}
                  </span>
                </span>
                <span role="cell" className="t13">
                  <Who person={incident.commander} />
                </span>
                <span role="cell" className="t13">
                  {open ? <b>{said(incident.state)}</b> : said(incident.state)}
                  <br />
                  <span className="q">
                    {open && incident.acknowledgedAt === null ? (
                      <span className="redink">{t("nobody has it")}</span>
                    ) : open ? (
                      t("burns for {length}", { length: lengthText(now - at(incident.detectedAt)) })
                    ) : end === null ? (
                      ""
                    ) : (
                      t("after {length}", { length: lengthText(at(end) - at(incident.detectedAt)) })
                    )}
                  </span>
                </span>
                <span role="cell" className="t13 q">
                  <Time iso={incident.declaredAt} />
                </span>
              </div>
            );
          })}
        </div>
      )}
      {hasNextPage ? (
        <p className="further">
          <Button onClick={() => void fetchNextPage()}>
            {isFetchingNextPage ? t("Asking") : t("Show older incidents")}
          </Button>
        </p>
      ) : null}
    </main>
  );
}
