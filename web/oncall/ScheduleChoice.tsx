/** One schedule, or all of them. */
import { listSchedules } from "../../contract/schedule.ts";
import { useRoute } from "../kit/client.ts";
import { t, tParts } from "../kit/words.ts";

export function ScheduleChoice(props: {
  readonly value: string | undefined;
  readonly set: (schedule: string | undefined) => void;
}) {
  const { data } = useRoute(listSchedules, { query: { limit: 500 } });
  return (
    <label className="t13">
      {tParts("Schedule {choice}", {
        choice: (
          <select
            className="input narrow"
            value={props.value ?? ""}
            onChange={(event) => props.set(event.target.value || undefined)}
          >
            <option value="">{t("all")}</option>
            {data?.items.map((each) => (
              <option key={each.id} value={each.id}>
                {each.name}
              </option>
            ))}
          </select>
        ),
      })}
    </label>
  );
}
