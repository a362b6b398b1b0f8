/** The war room: what burns, what ends next, who has it, and everything that can be done about it. */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { lazy, Suspense, useEffect, useRef, useState } from "react";
import { getIncident, type IncidentDetail } from "../../contract/incident.ts";
import { readOverview } from "../../contract/overview.ts";
import { useMe } from "../app/me.ts";
import { useOffers } from "../app/offers.ts";
import { TabTitle } from "../app/TabTitle.tsx";
import { takenOver, useAhead } from "../kit/ahead.ts";
import { call } from "../kit/call.ts";
import { useRoute } from "../kit/client.ts";
import { type Key, useKeys } from "../kit/keys.ts";
import { useLater, useMatches } from "../kit/media.ts";
import { NotYet, RefusedLine, Waiting } from "../kit/parts.tsx";
import { afterIncident } from "./afterIncident.ts";
import { nextClock } from "./clock.ts";
import { Head } from "./Head.tsx";
import { Timeline } from "./Timeline.tsx";
import type { RunSearch } from "../runbook/runsOf.ts";
import type { Group } from "./timelineView.ts";
import { type Verb, VERBS, verbNamed, whyNot } from "./verbs.ts";
import "./room.css";
import { said, t } from "../kit/words.ts";

const route = getRouteApi("/incidents/$id");
/** As in room.css: columns become tabs. */
const NARROW = "(max-width: 1200px)";
const STANDS_MS = 2_500;
const AGAIN_MS = 2_000;

/** On a bad line it is tried again until it is there: the timeline and the verbs do without it. */
const beside = async (): Promise<typeof import("./Beside.tsx")> => {
  try {
    return await import("./Beside.tsx");
  } catch {
    await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
    return beside();
  }
};
const Act = lazy(async () => ({ default: (await beside()).Act }));
const Around = lazy(async () => ({ default: (await beside()).Around }));

export type WarRoomSearch = RunSearch & {
  readonly show?: Group | undefined;
  readonly tab?: Tab | undefined;
};
export type Tab = "act" | "timeline" | "around";

export function WarRoom() {
  const { id } = route.useParams();
  const { data, error, refetch } = useRoute(getIncident, { params: { id } });
  if (data !== undefined) return <Room incident={data} key={data.id} />;
  return <NotYet title={id} what={id} error={error} again={() => void refetch()} />;
}

function Room({ incident }: { incident: IncidentDetail }) {
  const me = useMe();
  const navigate = useNavigate();
  const { show, tab, run, step } = route.useSearch();
  const [open, setOpen] = useState<Verb | null>(null);
  const before = useRef<Element | null>(null);
  const queries = useQueryClient();
  const send = useMutation({
    mutationFn: (verb: Verb) => call(verb.route, { params: { id: incident.id }, body: {} }),
    onSuccess: (reply) => afterIncident(queries, reply),
  });
  const look = (change: WarRoomSearch): void =>
    void navigate({
      to: "/incidents/$id",
      params: { id: incident.id },
      search: (old: WarRoomSearch) => ({ ...old, ...change }),
      replace: true,
    });

  /** A verb without questions is done at once; any other opens its form beside the timeline. */
  const begin = (verb: Verb): void => {
    if (whyNot(verb, incident, me) !== null) return;
    if (verb.fields.length > 0) {
      before.current = document.activeElement;
      look({ tab: "act" });
      return setOpen(verb);
    }
    // While an acknowledge is on its way its button says so; pressing again changes nothing.
    if (!send.isPending) send.mutate(verb);
  };
  const leave = (): void => {
    setOpen(null);
    if (before.current instanceof HTMLElement) before.current.focus();
  };
  useKeys([
    ...VERBS.filter(({ key, placed }) => key !== undefined && placed !== true).map((verb): Key => ({
      keys: verb.key ?? "",
      what: said(verb.label),
      run: () => begin(verb),
    })),
    {
      keys: ".",
      what: t("Jump to the verb of the next clock"),
      run: () => document.querySelector<HTMLElement>(".next .btn")?.focus(),
    },
    ...useNeighbours(incident.id),
  ]);
  useOffers(
    VERBS.filter(({ placed }) => placed !== true).map((verb) => ({
      words: `${said(verb.label)}, ${incident.id}`,
      also: verb.name,
      because: whyNot(verb, incident, me),
      run: () => begin(verb),
    })),
  );
  // On a phone one column is seen: the others are drawn, and kept for times without a network, once it stands.
  const narrow = useMatches(NARROW);
  const later = useLater(STANDS_MS);
  const ahead = useAhead();
  const isDrawn = (name: Tab): boolean => !ahead && (!narrow || later || tab === name);
  useEffect(() => takenOver(), []);
  const refusedFor = (name: string): string | null => whyNot(verbNamed(name), incident, me);
  return (
    <main className="room" data-tab={tab ?? "timeline"}>
      <TabTitle clocks={incident.deadlines} subject={`${incident.id} ${incident.severity}`} />
      <Head
        incident={incident}
        begin={begin}
        sending={send.isPending ? send.variables.route : null}
        refused={<RefusedLine error={send.error} />}
        next={nextClock(incident.deadlines)}
      />
      <div className="room-tabs" role="group" aria-label={t("Part of the page")}>
        {(["act", "timeline", "around"] as const).map((name) => (
          <button
            key={name}
            type="button"
            className="flt"
            aria-pressed={(tab ?? "timeline") === name}
            onClick={() => look({ tab: name })}
          >
            {
              { act: t("Runbook"), timeline: t("Timeline"), around: t("Pages, alerts, tasks") }[
                name
              ]
            }
          </button>
        ))}
      </div>
      <div className="cols">
        {isDrawn("act") ? (
          <Suspense fallback={<ColumnWaits column="act-col" what={t("Runbook")} />}>
            <Act
              incident={incident}
              open={open}
              begin={begin}
              leave={leave}
              run={{ run, step }}
              look={look}
            />
          </Suspense>
        ) : (
          <ColumnWaits column="act-col" what={t("Runbook")} />
        )}
        <Timeline
          incident={incident}
          filter={show ?? "all"}
          setFilter={(group) => look({ show: group === "all" ? undefined : group })}
          noteRefused={refusedFor("note")}
        />
        {isDrawn("around") ? (
          <Suspense fallback={<ColumnWaits column="around" what={t("Pages, alerts, tasks")} />}>
            <Around incident={incident} begin={begin} />
          </Suspense>
        ) : (
          <ColumnWaits column="around" what={t("Pages, alerts, tasks")} />
        )}
      </div>
    </main>
  );
}

/** Keeps a column's place until its part of the script is there. */
function ColumnWaits({ column, what }: { column: string; what: string }) {
  return (
    <div className={`col ${column}`}>
      <Waiting what={what} />
    </div>
  );
}

/** `[` and `]`: from one burning incident to the next. */
function useNeighbours(id: string): readonly Key[] {
  const navigate = useNavigate();
  const { data } = useRoute(readOverview);
  const burning = data?.burning.map((each) => each.id) ?? [];
  const go = (step: number): void => {
    const here = burning.indexOf(id);
    const to = burning[(here + step + burning.length) % Math.max(1, burning.length)];
    if (to !== undefined) void navigate({ to: "/incidents/$id", params: { id: to } });
  };
  return [
    { keys: "[", what: t("Previous burning incident"), run: () => go(-1) },
    { keys: "]", what: t("Next burning incident"), run: () => go(1) },
  ];
}
