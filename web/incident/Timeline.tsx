/** The timeline: downward, its live edge beside the field one writes in. Nothing moves what one reads. */
import { useVirtualizer } from "@tanstack/react-virtual";
import { memo, type RefObject, useLayoutEffect, useMemo, useRef, useState } from "react";
import { addNote, type IncidentDetail } from "../../contract/incident.ts";
import { useMe, useNames } from "../app/me.ts";
import { useAhead } from "../kit/ahead.ts";
import { useSend } from "../kit/client.ts";
import { Icon } from "../kit/icons.tsx";
import { useKeys } from "../kit/keys.ts";
import { serverNow, useNow } from "../kit/now.ts";
import { VirtualRows } from "../kit/VirtualRows.tsx";
import { AskAgain, Button, RefusedLine, Waiting } from "../kit/parts.tsx";
import { useLater, useMatches } from "../kit/media.ts";
import { at, clockText, dateText, onSameDay } from "../kit/time.ts";
import { afterIncident } from "./afterIncident.ts";
import { countsOf, filtered, type Group, GROUPS, type Row, timelineRows } from "./timelineView.ts";
import { useTimeline } from "./useTimeline.ts";
import { said, t, tParts } from "../kit/words.ts";

/** Older than this, an entry is not new any more. */
const NEW_MS = 4_000;
/** So near to its end, the list is being followed. */
const EDGE_PX = 48;
/** A row of one line, and on a phone, where its author stands below. decisions/0074 */
const ROW_PX = 26;
const NARROW_ROW_PX = 48;
const ON_PHONE = "(max-width: 900px)";
/** Rows beyond those in sight: few until the page stands, then enough for whoever scrolls. */
const BEYOND = { first: 2, then: 12 };
const STANDS_MS = 2_500;
/** So many of the last rows are drawn ahead: more than a tall screen holds. */
const AHEAD_ROWS = 60;

type TimelineProps = {
  readonly incident: IncidentDetail;
  readonly filter: Group | "all";
  readonly setFilter: (group: Group | "all") => void;
  readonly noteRefused: string | null;
};

export function Timeline({ incident, filter, setFilter, noteRefused }: TimelineProps) {
  const me = useMe();
  const names = useNames();
  const today = useNow(3_600_000);
  const ahead = useAhead();
  const { data, error, refetch } = useTimeline(incident.id);
  const [search, setSearch] = useState("");
  const [searching, setSearching] = useState(false);
  const reader = useMemo(
    () => ({ now: today, me: me.person, person: names.person }),
    [today, me.person, names],
  );
  const rows = useMemo(
    () => timelineRows(data?.entries ?? [], reader, data?.whole),
    [data, reader],
  );
  const counts = useMemo(() => countsOf(rows), [rows]);
  const shown = useMemo(() => filtered(rows, filter, search), [rows, filter, search]);
  const list = `${incident.id} ${filter} ${search}`;
  const reading = useRef<Reading | null>(null);
  useKeys([{ keys: "/", what: t("Search the timeline"), run: () => setSearching(true) }]);
  return (
    <section className="col timeline" aria-label={t("Timeline")}>
      <div className="ch">
        <h2>{t("Timeline")}</h2>
        <span className="grow" />
        <span className="tabs" role="group" aria-label={t("Show")}>
          <Filter name="all" label={t("All")} count={counts.all} filter={filter} set={setFilter} />
          {(Object.keys(GROUPS) as Group[]).map((group) => (
            <Filter
              key={group}
              name={group}
              label={said(GROUPS[group])}
              count={counts[group]}
              filter={filter}
              set={setFilter}
            />
          ))}
        </span>
        {searching ? (
          <input
            className="input find"
            type="search"
            aria-label={t("Search the timeline")}
            value={search}
            autoFocus
            onChange={(event) => setSearch(event.target.value)}
            onKeyDown={(event) => {
              if (event.key !== "Escape") return;
              setSearch("");
              setSearching(false);
            }}
          />
        ) : (
          <Button
            look="bare"
            small
            letter="/"
            title={t("Search the timeline")}
            onClick={() => setSearching(true)}
          >
            <Icon name="find" small />
            <span className="only-read">{t("Search the timeline")}</span>
          </Button>
        )}
      </div>
      {error !== null ? <AskAgain error={error} again={() => void refetch()} /> : null}
      {data === undefined && error === null ? <Waiting what={t("the timeline")} /> : null}
      {ahead ? (
        <EntriesAhead rows={shown} today={today} />
      ) : (
        <Entries
          rows={shown}
          today={today}
          key={`${list} ${data?.whole}`}
          list={list}
          reading={reading}
        />
      )}
      <NoteField incident={incident} because={noteRefused} />
    </section>
  );
}

function Filter(props: {
  readonly name: Group | "all";
  readonly label: string;
  readonly count: number;
  readonly filter: Group | "all";
  readonly set: (group: Group | "all") => void;
}) {
  const { count } = props;
  if (count === 0 && props.name !== "all") return null;
  return (
    <button
      type="button"
      className="flt"
      aria-pressed={props.filter === props.name}
      onClick={() => props.set(props.name)}
    >
      {props.label} {count}
    </button>
  );
}

/** What somebody reads above the edge: when the earlier entries come in above it, it stays where it is. */
type Reading = {
  readonly list: string;
  /** The row at the top, and how far its own top is above. */
  readonly row: string;
  readonly hiddenPx: number;
  readonly unseen: number;
  readonly focused: boolean;
};

function Entries(props: {
  readonly rows: readonly Row[];
  readonly today: number;
  readonly list: string;
  readonly reading: RefObject<Reading | null>;
}) {
  const { rows, today, reading } = props;
  const list = useRef<HTMLDivElement>(null);
  const [before] = useState(() => {
    const was = reading.current?.list === props.list ? reading.current : null;
    const index = was === null ? -1 : rows.findIndex(({ id }) => id === was.row);
    return was === null || index === -1 ? null : { ...was, index };
  });
  const [following, setFollowing] = useState(before === null);
  const [seen, setSeen] = useState(rows.length - (before?.unseen ?? 0));
  const [openedAt] = useState(serverNow);
  const rowPx = useMatches(ON_PHONE) ? NARROW_ROW_PX : ROW_PX;
  const stands = useLater(STANDS_MS);
  // The first drawing has the last rows already, before anything is measured.
  const [guess] = useState(() => ({ width: innerWidth, height: innerHeight / 2 }));
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => list.current,
    estimateSize: () => rowPx,
    overscan: stands ? BEYOND.then : BEYOND.first,
    initialRect: guess,
    initialOffset: () =>
      before === null
        ? Math.max(0, rows.length * rowPx - guess.height)
        : before.index * rowPx + before.hiddenPx,
    getItemKey: (index) => rows[index]?.id ?? index,
  });
  useLayoutEffect(() => {
    if (!following) return;
    setSeen(rows.length);
    if (rows.length === 0) return;
    virtual.scrollToIndex(rows.length - 1, { align: "end" });
    // Heights are only known once rows are drawn: then the end is where it is.
    const frame = requestAnimationFrame(() =>
      virtual.scrollToIndex(rows.length - 1, { align: "end" }),
    );
    return () => cancelAnimationFrame(frame);
  }, [rows, following, virtual]);
  useLayoutEffect(() => {
    if (before?.focused === true) list.current?.focus({ preventScroll: true });
  }, [before]);
  const unseen = rows.length - seen;
  return (
    <div className="tl-frame">
      <div
        ref={list}
        className="tl"
        tabIndex={0}
        role="log"
        aria-label={t("Entries, oldest first")}
        onScroll={({ currentTarget: it }) => {
          const atEdge = it.scrollHeight - it.scrollTop - it.clientHeight < EDGE_PX;
          if (atEdge) setSeen(rows.length);
          setFollowing(atEdge);
          const top = virtual.getVirtualItemForOffset(it.scrollTop);
          const row = top && rows[top.index]?.id;
          if (atEdge || row === undefined) reading.current = null;
          else
            reading.current = {
              list: props.list,
              row,
              hiddenPx: it.scrollTop - (top?.start ?? 0),
              unseen,
              focused: it === document.activeElement,
            };
        }}
      >
        <VirtualRows
          virtual={virtual}
          row={(item, place) => {
            const row = rows[item.index];
            return row === undefined ? null : (
              <div
                key={item.key}
                ref={virtual.measureElement}
                data-index={item.index}
                className="tl-row"
                style={place}
              >
                <EntryRow row={row} today={today} openedAt={openedAt} />
              </div>
            );
          }}
        />
      </div>
      {!following && unseen > 0 ? (
        <button
          type="button"
          className="unseen"
          onClick={() => {
            setSeen(rows.length);
            setFollowing(true);
          }}
        >
          {t("{unseen} new", { unseen })}
        </button>
      ) : null}
    </div>
  );
}

/** As the list will stand, at its end: heights are the browser's matter, and nothing in it lives yet. */
function EntriesAhead({ rows, today }: { rows: readonly Row[]; today: number }) {
  return (
    <div className="tl-frame">
      <div className="tl ahead" tabIndex={0} role="group" aria-label={t("Entries, oldest first")}>
        <div>
          {rows.slice(-AHEAD_ROWS).map((row) => (
            <EntryRow key={row.id} row={row} today={today} openedAt={Infinity} />
          ))}
        </div>
      </div>
    </div>
  );
}

type EntryRowProps = { readonly row: Row; readonly today: number; readonly openedAt: number };

const EntryRow = memo(function EntryRow({ row, today, openedAt }: EntryRowProps) {
  if (row.kind === "silence") return <div className="quiet">{row.text}</div>;
  const then = at(row.iso);
  const isNew = then > openedAt && serverNow() - then < NEW_MS;
  const otherDay = !onSameDay(then, today);
  return (
    <div className={`e ${row.look}${row.boxed ? " big" : ""}${isNew ? " new" : ""}`}>
      <time
        dateTime={row.iso}
        title={t("{text} UTC", { text: row.iso.replace("T", " ").replace(/\..*/, "") })}
      >
        {otherDay ? `${dateText(then, { now: today }).replace(/^\w+ /, "")} ` : ""}
        {clockText(then, { seconds: !otherDay })}
      </time>
      <Icon name={row.icon} />
      <span className="said">
        {row.sentence === null ? null : row.look === "state" || row.look === "hot" ? (
          <b>{row.sentence}</b>
        ) : (
          row.sentence
        )}
        {row.words === null ? null : row.sentence === null ? (
          <span className="words">{row.words}</span>
        ) : (
          <span className="box">{row.words}</span>
        )}
      </span>
      <span className={row.mine ? "a you" : "a"}>{row.author}</span>
    </div>
  );
});

const keptNotes = new Map<string, string>();

/** A note may be shown before it has arrived: it harms nobody when it does not. */
function NoteField({ incident, because }: { incident: IncidentDetail; because: string | null }) {
  const [text, setText] = useState(() => keptNotes.get(incident.id) ?? "");
  const field = useRef<HTMLTextAreaElement>(null);
  const send = useSend(addNote, afterIncident);
  const keep = (value: string): void => {
    keptNotes.set(incident.id, value);
    setText(value);
  };
  useKeys([{ keys: "T", what: t("Write a note"), run: () => field.current?.focus() }]);
  const submit = (): void => {
    const words = text.trim();
    if (words === "" || because !== null) return;
    keep("");
    send.mutate(
      { params: { id: incident.id }, body: { text: words } },
      { onError: () => keep(words) },
    );
  };
  return (
    <form
      className="compose"
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      {send.isPending ? (
        <p className="sending t12 qq">
          {tParts("Sending: {text}", { text: send.variables.body?.text })}
        </p>
      ) : null}
      <RefusedLine error={send.error} />
      <div className="compose-field">
        <Icon name="message" />
        <textarea
          ref={field}
          rows={1}
          value={text}
          aria-label={t("Note")}
          placeholder={t("Note what you see. It stays, with your name and the time.")}
          onChange={(event) => keep(event.target.value)}
          onKeyDown={(event) => {
            if (event.key === "Escape") event.currentTarget.blur();
            if (event.key !== "Enter" || event.shiftKey) return;
            event.preventDefault();
            submit();
          }}
        />
        <Button type="submit" small letter="T" because={because} onClick={() => undefined}>
          {t("Note")}
        </Button>
      </div>
    </form>
  );
}
