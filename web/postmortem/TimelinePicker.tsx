/** The incident's timeline beside a section: what is chosen is put in where the caret stands. */
import { useState } from "react";
import { useMe, useNames } from "../app/me.ts";
import { filtered, timelineRows } from "../incident/timelineView.ts";
import { useTimeline } from "../incident/useTimeline.ts";
import { AskAgain, Button, Time, Waiting } from "../kit/parts.tsx";
import { serverNow } from "../kit/now.ts";
import { t } from "../kit/words.ts";
import type { Pick } from "./picked.ts";

/** More are found by searching; nobody reads thousands of lines to choose five. */
const SHOWN = 300;

export function TimelinePicker({ id, put }: { id: string; put: (picks: readonly Pick[]) => void }) {
  const me = useMe();
  const names = useNames();
  const [search, setSearch] = useState("");
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const { data, error, refetch } = useTimeline(id);
  const reader = { now: serverNow(), me: null, person: names.person };
  const entries = timelineRows(data?.entries ?? [], reader).filter((row) => row.kind === "entry");
  const rows = filtered(entries, "all", search).filter((row) => row.kind === "entry");
  const choose = (row: string, isChosen: boolean): void => {
    const next = new Set(chosen);
    if (isChosen) next.add(row);
    else next.delete(row);
    setChosen(next);
  };
  const picks = entries
    .filter((row) => chosen.has(row.id))
    .map(({ iso, sentence, words, author }) => ({
      iso,
      event: [sentence, words].filter((part) => part !== null).join(": "),
      author,
    }));
  const putIn = (): void => {
    put(picks);
    setChosen(new Set());
  };
  return (
    <div className="picker">
      <div className="row editor-bar">
        <input
          className="input grow"
          type="search"
          aria-label={t("Search the timeline")}
          placeholder={t("Search the timeline")}
          value={search}
          onChange={(event) => setSearch(event.target.value)}
        />
        <Button
          small
          look={picks.length > 0 ? "do" : undefined}
          because={picks.length === 0 ? t("Nothing is chosen.") : null}
          onClick={putIn}
        >
          {picks.length === 0 ? t("Put in") : t("Put in {count}", { count: picks.length })}
        </Button>
      </div>
      {error === null ? null : <AskAgain error={error} again={() => void refetch()} />}
      {data === undefined && error === null ? <Waiting what={t("the timeline")} /> : null}
      {data !== undefined && rows.length === 0 ? (
        <p className="empty">{t("No entry has these words.")}</p>
      ) : null}
      <ul
        aria-label={t("Entries of the timeline")}
        onKeyDown={(event) => {
          if (event.key === "Enter" && picks.length > 0) {
            event.preventDefault();
            return putIn();
          }
          if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
          event.preventDefault();
          const boxes = [...event.currentTarget.querySelectorAll("input")];
          const here = boxes.indexOf(event.target as HTMLInputElement);
          boxes[here + (event.key === "ArrowDown" ? 1 : -1)]?.focus();
        }}
      >
        {rows.slice(0, SHOWN).map((row) => (
          <li key={row.id}>
            <label>
              <input
                type="checkbox"
                checked={chosen.has(row.id)}
                onChange={(event) => choose(row.id, event.target.checked)}
              />
              <span className="t12 q nowrap">
                <Time iso={row.iso} />
              </span>
              <span>
                {row.sentence}
                {row.sentence === null || row.words === null ? "" : ": "}
                {row.words}
              </span>
              <span className={row.author === names.person(me.person ?? "") ? "t12 you" : "t12 q"}>
                {row.author}
              </span>
            </label>
          </li>
        ))}
      </ul>
      {rows.length > SHOWN ? (
        <p className="t12 qq">
          {t("{count} more: search for them", { count: rows.length - SHOWN })}
        </p>
      ) : null}
    </div>
  );
}
