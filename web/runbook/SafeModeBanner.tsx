/** Dashboards say that their numbers are stale: that is told where it is worked on. */
import { getSafeMode } from "../../contract/run.ts";
import { useRoute } from "../kit/client.ts";
import { Icon } from "../kit/icons.tsx";
import { Time } from "../kit/parts.tsx";
import { t, tParts } from "../kit/words.ts";

export function SafeModeBanner({ incident }: { incident: string | null }) {
  const { data } = useRoute(getSafeMode);
  const on = data?.items.filter((item) => item.on && item.incident === incident) ?? [];
  if (on.length === 0) return null;
  return (
    <div className="banner soon" role="status">
      <Icon name="warning" />
      <ul className="grow">
        {on.map(({ scope, message, since }) => (
          <li key={scope}>
            {tParts("{scope} since {time}. {message}", {
              scope: <b>{t("Safe Mode: {scope}", { scope })}</b>,
              time: <Time iso={since} />,
              message,
            })}
          </li>
        ))}
      </ul>
    </div>
  );
}
