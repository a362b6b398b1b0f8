/** How the house itself is, where that is not well. */
import { Link } from "@tanstack/react-router";
import type { Overview } from "../../contract/overview.ts";
import { useNow } from "../kit/now.ts";
import { at, timeText } from "../kit/time.ts";
import { t, tParts } from "../kit/words.ts";

export function House({ overview: { storm, setAside } }: { overview: Overview }) {
  const now = useNow();
  return (
    <>
      {storm === null ? null : (
        <p className="note-box" role="status">
          {storm.oldestAt === null
            ? t("An alert storm: everything that came is decided about.")
            : t(
                "An alert storm: {waiting} signals wait to be decided about, the oldest since {time}.",
                {
                  waiting: storm.waiting,
                  time: timeText(at(storm.oldestAt), { now }),
                },
              )}{" "}
          {storm.incident === null ? null : (
            <Link to="/incidents/$id" params={{ id: storm.incident }}>
              {storm.incident}
            </Link>
          )}
        </p>
      )}
      {setAside === 0 ? null : (
        <p className="note-box">
          {tParts("{count} requests were accepted and could not be stored: {command} says why.", {
            count: setAside,
            command: <code>tocsin intake set-aside</code>,
          })}
        </p>
      )}
    </>
  );
}
