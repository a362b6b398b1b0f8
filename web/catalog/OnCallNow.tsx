/** Who a page about a service reaches now, rung by rung: what its escalation policy names, not what sounds like it. */
import type { EscalationPolicy, Target } from "../../contract/escalation.ts";
import { readConfigObject } from "../../contract/configuration.ts";
import { readOverview } from "../../contract/overview.ts";
import { Link } from "@tanstack/react-router";
import { useNames } from "../app/me.ts";
import { Call, Who } from "../incident/marks.tsx";
import { useRoute } from "../kit/client.ts";
import { useNow } from "../kit/now.ts";
import { AskAgain, Waiting } from "../kit/parts.tsx";
import { at, MINUTE } from "../kit/time.ts";
import { t, tParts } from "../kit/words.ts";

export function OnCallNow({ escalation }: { escalation: string | undefined }) {
  const { data, error, refetch } = useRoute(
    readConfigObject,
    { params: { kind: "escalations", id: escalation ?? "-" } },
    { enabled: escalation !== undefined },
  );
  if (escalation === undefined)
    return (
      <p className="empty redink">
        {tParts(
          "Nobody is paged: this service names no escalation policy. Give it one in {link}.",
          {
            link: (
              <Link to="/settings/$noun" params={{ noun: "services" }}>
                {t("Settings")}
              </Link>
            ),
          },
        )}
      </p>
    );
  if (data === undefined)
    return error === null ? (
      <Waiting what={escalation} />
    ) : (
      <AskAgain error={error} again={() => void refetch()} />
    );
  const { steps } = data.body as unknown as EscalationPolicy;
  return (
    <ol>
      {steps.map((step, index) => {
        const waited = steps
          .slice(0, index)
          .reduce((sum, before) => sum + before.timeoutMinutes, 0);
        return (
          <li key={`${index}`} className="card-line rung">
            <span className="q t13">
              {index === 0 ? t("at once") : t("after {waited} min", { waited })}
              {step.when === undefined ? "" : t(", on a condition")}
            </span>
            <span>
              {step.notify.map((target) => (
                <Reached key={JSON.stringify(target)} target={target} />
              ))}
            </span>
          </li>
        );
      })}
    </ol>
  );
}

function Reached({ target }: { target: Target }) {
  const names = useNames();
  const now = useNow();
  const { data } = useRoute(readOverview);
  if ("person" in target)
    return (
      <span className="row wrap">
        <Who person={target.person} />
        <Call person={target.person} spelled />
      </span>
    );
  if ("team" in target)
    return <span>{t("everybody of {team}", { team: names.team(target.team) })}</span>;
  const schedule = data?.onCall.find((each) => each.schedule === target.schedule);
  const span = schedule?.spans.find(
    // Minutes are shown, and what was asked within this one begins when it was asked.
    ({ startsAt, endsAt }) => at(startsAt) <= now + MINUTE && now < at(endsAt),
  );
  return (
    <span className="row wrap">
      <Link to="/oncall" search={{ schedule: target.schedule }} className="t13">
        {schedule?.name ?? target.schedule}
      </Link>
      {data === undefined ? null : <Who person={span?.person ?? null} />}
      <Call person={span?.person ?? null} spelled />
    </span>
  );
}
