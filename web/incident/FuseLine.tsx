/** Draws the fuse; a screen reader gets the clocks as a list, a narrow screen gets pills. */
import { useEffect, useMemo, useRef, useState } from "react";
import type { IncidentDetail } from "../../contract/incident.ts";
import { useAhead } from "../kit/ahead.ts";
import { useNow } from "../kit/now.ts";
import { clockText } from "../kit/time.ts";
import { fuseOf, placeLabels } from "./fuse.ts";
import { ClockPill } from "./marks.tsx";
import { t } from "../kit/words.ts";

/** Beside the rail and the next clock, as in room.css; it is measured once it stands. */
const BESIDE_PX = 582;

export function FuseLine({ incident }: { incident: IncidentDetail }) {
  const now = useNow(15_000);
  const box = useRef<HTMLDivElement>(null);
  const ahead = useAhead();
  const [measured, setMeasured] = useState<number | null>(null);
  useEffect(() => {
    if (box.current === null) return;
    const watch = new ResizeObserver(([entry]) =>
      setMeasured((before) => entry?.contentRect.width ?? before),
    );
    watch.observe(box.current);
    return () => watch.disconnect();
  }, []);
  const fuse = useMemo(
    () => fuseOf(incident.declaredAt, incident.deadlines, now),
    [incident.declaredAt, incident.deadlines, now],
  );
  // Where all of it stands is said by styles, and by what has room: the page that comes drawn has neither.
  const placed = (labels: Parameters<typeof placeLabels>[0]) =>
    ahead ? [] : placeLabels(labels, measured ?? Math.max(300, innerWidth - BESIDE_PX));
  const above = placed(fuse.ticks.map(({ id, x, above: text }) => ({ id, x, text })));
  const start = { id: "declared", x: 0, text: t("{time} declared", { time: fuse.declared }) };
  const below = placed([start, ...fuse.ticks.map(({ id, x, below: text }) => ({ id, x, text }))]);
  const clocks = incident.deadlines.filter(({ state }) => state !== "withdrawn");
  const over = incident.state === "closed" || incident.state === "cancelled";
  return (
    <div className="fuse-box">
      <div className="fuse" ref={box} aria-hidden="true">
        {ahead ? null : (
          <>
            <span className="base" />
            <span className="burnt" style={{ width: `${fuse.now}%` }} />
            {fuse.breakAt === null ? null : (
              <span className="break" style={{ left: `${fuse.breakAt}%` }} />
            )}
            {fuse.ticks.map((tick) =>
              tick.riskFrom === null || tick.riskFrom >= tick.x ? null : (
                <span
                  key={`zone ${tick.id}`}
                  className={tick.standing === "over" ? "zone over" : "zone"}
                  style={{ left: `${tick.riskFrom}%`, width: `${tick.x - tick.riskFrom}%` }}
                />
              ),
            )}
            <span className="tick done" style={{ left: 0 }} />
            {fuse.ticks.map((tick) => (
              <span
                key={tick.id}
                className={`tick ${tick.standing === "kept" || tick.standing === "late" ? "done" : ""} ${tick.standing === "paused" ? "maybe" : ""}`}
                style={{ left: `${tick.x}%` }}
              />
            ))}
            {fuse.ticks.map((tick, index) =>
              above[index]?.shown === true ? (
                <span
                  key={`up ${tick.id}`}
                  className={`lab up ${tick.standing === "over" ? "redink" : ""}`}
                  style={{ left: above[index].left }}
                >
                  {tick.above}
                </span>
              ) : null,
            )}
            {[start.text, ...fuse.ticks.map((tick) => tick.below)].map((text, index) =>
              below[index]?.shown === true ? (
                <span key={below[index].id} className="lab dn" style={{ left: below[index].left }}>
                  {text}
                </span>
              ) : null,
            )}
            {over ? null : (
              <span className="now" style={{ left: `${fuse.now}%` }}>
                <i>{clockText(now)}</i>
              </span>
            )}
          </>
        )}
      </div>
      <ol className="fuse-list" aria-label={t("Clocks")} tabIndex={0}>
        {clocks.map((clock) => (
          <li key={clock.id}>
            <ClockPill clock={clock} paper={clock.kind === "postmortem"} />
          </li>
        ))}
      </ol>
    </div>
  );
}
