/** Notes of shifts: what whoever comes was told, what was, and words for whoever has it now. */
import { useState } from "react";
import { addShiftWords, listShiftNotes, type ShiftNote } from "../../contract/shiftNote.ts";
import { useMe, useNames } from "../app/me.ts";
import { useSend } from "../kit/client.ts";
import { useNow } from "../kit/now.ts";
import { More, useList } from "../kit/list.tsx";
import { AskAgain, Button, Panel, RefusedLine, Time, Waiting } from "../kit/parts.tsx";
import { inReadersTime } from "../kit/time.ts";
import { t, tParts } from "../kit/words.ts";
import type { PartSearch } from "./parts.ts";
import { ScheduleChoice } from "./ScheduleChoice.tsx";

export function Notes(props: {
  readonly search: PartSearch;
  readonly choose: (change: PartSearch) => void;
}) {
  const { schedule } = props.search;
  const me = useMe();
  const query = { limit: 50, ...(schedule !== undefined && { schedule }) };
  const { data, error, refetch, ...rest } = useList(listShiftNotes, { query });
  const items = data?.items ?? [];
  // Words go to one's last shift that is over.
  const mine = items.find(({ kind, person }) => kind === "end" && person === me.person);
  return (
    <>
      <div className="row wrap">
        <ScheduleChoice value={schedule} set={(next) => props.choose({ schedule: next })} />
      </div>
      {error === null ? null : <AskAgain error={error} again={() => void refetch()} />}
      {data === undefined && error === null ? <Waiting what={t("the notes")} /> : null}
      {mine === undefined ? null : <Words note={mine} />}
      {data !== undefined && items.length === 0 ? (
        <p className="empty">
          {tParts("No note yet. A schedule with {line} tells who comes what is open.", {
            line: <code>handoffNotes: true</code>,
          })}
        </p>
      ) : null}
      {items.map((note) => (
        <Note key={note.id} note={note} />
      ))}
      <More {...rest} />
    </>
  );
}

function Note({ note }: { note: ShiftNote }) {
  const names = useNames();
  const now = useNow();
  const person = names.person(note.person);
  const { schedule } = note;
  return (
    <Panel
      title={
        note.kind === "start"
          ? t("{person} came on call in {schedule}", { person, schedule })
          : t("{person} handed {schedule} over", { person, schedule })
      }
      aside={
        <span className="q t13">
          <Time iso={note.at} />
        </span>
      }
    >
      <ul className="note-lines">
        {note.lines.map((line, at) => (
          <li key={`${at} ${line}`}>{inReadersTime(line, { now })}</li>
        ))}
      </ul>
      {note.words.map((word) => (
        <blockquote key={word.at + word.by} className="note-words">
          {word.text}
          <footer className="q t13">
            {names.person(word.by)}, <Time iso={word.at} />
          </footer>
        </blockquote>
      ))}
    </Panel>
  );
}

function Words({ note }: { note: ShiftNote }) {
  const [text, setText] = useState("");
  const send = useSend(addShiftWords, (queries) => {
    setText("");
    void queries.invalidateQueries();
  });
  const because = text.trim() === "" ? t("Nothing is written yet.") : null;
  const { schedule } = note;
  return (
    <Panel title={t("Words for whoever has {schedule} now", { schedule })}>
      <form
        className="act-body"
        onSubmit={(event) => {
          event.preventDefault();
          if (because === null && !send.isPending)
            send.mutate({ params: { id: schedule }, body: { text: text.trim() } });
        }}
      >
        <div className="field">
          <label htmlFor="hand-over-words">{t("What they should know of your shift")}</label>
          <textarea
            id="hand-over-words"
            rows={3}
            maxLength={4_000}
            value={text}
            onChange={(event) => setText(event.target.value)}
          />
        </div>
        <RefusedLine error={send.error} />
        {send.isSuccess && text === "" ? (
          <p role="status">{t("It is with your note, and on its way to them.")}</p>
        ) : null}
        <div className="row">
          <Button type="submit" look="do" because={because}>
            {send.isPending ? t("Sending") : t("Add words")}
          </Button>
        </div>
      </form>
    </Panel>
  );
}
