/** An end of an override, moved by keyboard: an hour at a time, a quarter with Shift; Enter keeps. */
import { useNow } from "../kit/now.ts";
import { HOUR, MINUTE, timeText } from "../kit/time.ts";
import { useZone } from "./zone.ts";
import { t } from "../kit/words.ts";

export function Edge(props: {
  readonly label: string;
  readonly at: number;
  readonly least: number;
  readonly most: number;
  readonly set: (at: number) => void;
}) {
  const { label, at, least, most, set } = props;
  const now = useNow();
  const zone = useZone();
  return (
    <span
      className="edge"
      role="slider"
      tabIndex={0}
      aria-label={t("{label}: ← and → move it by an hour, with Shift by 15 minutes", { label })}
      aria-valuemin={Math.round(least / MINUTE)}
      aria-valuemax={Math.round(most / MINUTE)}
      aria-valuenow={Math.round(at / MINUTE)}
      aria-valuetext={timeText(at, { now, zone })}
      onKeyDown={(event) => {
        const way = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
        if (event.key === "Enter") event.currentTarget.closest("form")?.requestSubmit();
        if (way === undefined) return;
        event.preventDefault();
        set(Math.min(most, Math.max(least, at + way * (event.shiftKey ? 15 * MINUTE : HOUR))));
      }}
    >
      {label} {timeText(at, { now, zone })}
    </span>
  );
}
