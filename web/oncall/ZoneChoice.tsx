/** In whose hours the calendar is read: the reader's own, or any other zone's. */
import { t } from "../kit/words.ts";

const HERE = Intl.DateTimeFormat().resolvedOptions().timeZone;
const OTHERS = ["UTC", ...Intl.supportedValuesOf("timeZone")].filter(
  (zone, index, all) => zone !== HERE && all.indexOf(zone) === index,
);

export function ZoneChoice(props: {
  readonly value: string | undefined;
  readonly set: (zone: string | undefined) => void;
}) {
  return (
    <select
      className="input narrow zone"
      aria-label={t("Zone of the times")}
      value={props.value ?? ""}
      onChange={(event) => props.set(event.target.value || undefined)}
    >
      <option value="">{HERE}</option>
      {OTHERS.map((zone) => (
        <option key={zone} value={zone}>
          {zone}
        </option>
      ))}
    </select>
  );
}
