/** The marks that carry meaning: severity, a clock, who has it. */
import type { DeadlineView } from "../../contract/deadline.ts";
import type { Severity as SeverityName } from "../../contract/ids.ts";
import { useMe, useNames } from "../app/me.ts";
import { Icon, Pie } from "../kit/icons.tsx";
import { useNow } from "../kit/now.ts";
import { Avatar } from "../kit/parts.tsx";
import { at, lengthText } from "../kit/time.ts";
import { t, tParts } from "../kit/words.ts";
import { clockFace, clockShort } from "./clock.ts";

/** Word, bars and fill, in that order of trust. */
export function Severity({ severity, big = false }: { severity: SeverityName; big?: boolean }) {
  return (
    <span className={`sev ${severity.toLowerCase()}${big ? " big" : ""}`}>
      <b aria-hidden="true">
        <i />
        <i />
        <i />
        <i />
      </b>
      {severity}
    </span>
  );
}

const LOOKS = {
  running: "",
  "at risk": "risk",
  over: "over",
  paused: "pause",
  kept: "kept",
  late: "late",
} as const;

/** A clock as a pill; counts in minutes, because only one thing on a page may tick. */
export function ClockPill({ clock, paper = false }: { clock: DeadlineView; paper?: boolean }) {
  const now = useNow(15_000);
  const face = clockFace(clock, now);
  const look = face.standing === "over" && paper ? "late" : LOOKS[face.standing];
  const left = lengthText(Math.abs(at(clock.dueAt) - now));
  const words = paper ? "" : ` ${clockShort(clock.kind)}`;
  return (
    <span
      className={`clk ${look}`}
      title={t("{kind}: due {dueAt}, {source}", {
        kind: clock.kind,
        dueAt: clock.dueAt,
        source: clock.source,
      })}
    >
      {face.standing === "paused" ? (
        <>
          <Icon name="pause" small />
          {t("{clock} paused", { clock: clockShort(clock.kind) })}
        </>
      ) : face.standing === "kept" || face.standing === "late" ? (
        <>
          <Icon name="check" small />
          {face.standing === "kept" ? t("kept") : t("late:")} {face.time}
        </>
      ) : face.standing === "over" ? (
        <>
          {paper ? <Icon name="warning" small /> : null}
          {tParts("{left} over{words}", { left: <b>{left}</b>, words })}
        </>
      ) : (
        <>
          <Pie used={face.used} />
          <b>{left}</b>
          {words}
          {face.standing === "at risk" ? t(", at risk") : ""}
        </>
      )}
    </span>
  );
}

/** A person by name; you are blue, and a role without anybody says so. */
export function Who({ person, avatar = true }: { person: string | null; avatar?: boolean }) {
  const me = useMe();
  const names = useNames();
  if (person === null) return <span className="redink b">{t("nobody")}</span>;
  const mine = person === me.person;
  return (
    <span className="row who-is">
      {avatar ? <Avatar name={names.person(person)} me={mine} /> : null}
      <span className={mine ? "you cut" : "cut"}>
        {names.person(person)}
        {mine ? t(", you") : ""}
      </span>
    </span>
  );
}

/** Calls somebody with one press; nothing where no number is known, and never yourself. */
export function Call({ person, spelled = false }: { person: string | null; spelled?: boolean }) {
  const me = useMe();
  const names = useNames();
  const number = person === null || person === me.person ? null : names.phone(person);
  if (person === null || number === null) return null;
  const label = t("Call {name}, {number}", { name: names.person(person), number });
  return (
    <a className={spelled ? "call spelled" : "call"} href={`tel:${number}`} aria-label={label}>
      <Icon name="phone" small />
      {spelled ? <span className="num">{number}</span> : null}
    </a>
  );
}
