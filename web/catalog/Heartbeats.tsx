/** How the heartbeats of a service stand. */
import { type HeartbeatView, listHeartbeats } from "../../contract/heartbeat.ts";
import { useRoute } from "../kit/client.ts";
import { Panel, Time } from "../kit/parts.tsx";
import { t, tParts } from "../kit/words.ts";

export function Heartbeats({ service }: { service: string }) {
  const { data } = useRoute(listHeartbeats, { query: { service, limit: 50 } });
  if (data === undefined || data.items.length === 0) return null;
  return (
    <Panel title={t("Heartbeats")}>
      {data.items.map((beat) => (
        <div key={beat.id} className="card-line row">
          <span className={`dot ${isAlarm(beat) ? "firing" : "resolved"}`} aria-hidden="true" />
          <span className="grow cut" title={beat.rhythm}>
            {beat.name}
          </span>
          <span className="q t13 nowrap">
            {beat.startedAt === null
              ? beat.status
              : t("{status}, running", { status: beat.status })}
            {beat.lastPingAt === null ? (
              t(", never heard")
            ) : (
              <>{tParts(", heard {time}", { time: <Time iso={beat.lastPingAt} /> })}</>
            )}
          </span>
        </div>
      ))}
    </Panel>
  );
}

const isAlarm = ({ status }: HeartbeatView): boolean => status === "missed" || status === "failed";
