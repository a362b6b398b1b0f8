/** Below the pages: who is paged next, how long the acknowledge counts, and who was asked to join. */
import type { ReactNode } from "react";
import type { IncidentDetail } from "../../contract/incident.ts";
import { useMe, useNames } from "../app/me.ts";
import { Button, Time } from "../kit/parts.tsx";
import { said, t, tParts } from "../kit/words.ts";
import { type Verb, verbNamed, whyNot } from "./verbs.ts";

type AskedProps = { readonly incident: IncidentDetail; readonly begin: (verb: Verb) => void };

export function Next({ incident, begin }: AskedProps) {
  const me = useMe();
  const { escalation, lease } = incident;
  const renew = verbNamed("renew");
  return (
    <>
      {escalation === null || escalation.dueAt === null ? null : (
        <p className="t12 q">
          {tParts("Step {step} of {policy} is paged {time}.", {
            step: escalation.step,
            policy: <span className="mono">{escalation.policy}</span>,
            time: <Time iso={escalation.heldUntil ?? escalation.dueAt} />,
          })}
        </p>
      )}
      {lease === null ? null : (
        <p className="t12 q row">
          <span className="grow">
            {tParts("The acknowledge counts until {time}; then it pages again.", {
              time: <Time iso={lease.until} />,
            })}
          </span>
          <Button small because={whyNot(renew, incident, me)} onClick={() => begin(renew)}>
            {said(renew.label)}
          </Button>
        </p>
      )}
    </>
  );
}

type Request = IncidentDetail["requests"][number];

function answerOf({ answer, answeredAt, askedAt }: Request): ReactNode {
  const time = <Time iso={answeredAt ?? askedAt} />;
  switch (answer) {
    case null:
      return t("no answer yet");
    case "joined":
      return tParts("joined {time}", { time });
    case "declined":
      return tParts("declined {time}", { time });
    case "unanswered":
      return t("did not answer");
    case "over":
      return t("it was over before they answered");
  }
}

export function Requests({ incident }: { incident: IncidentDetail }) {
  const names = useNames();
  return incident.requests.map((request) => (
    <p key={`${request.person} ${request.askedAt}`} className="t12 q">
      {tParts("{asker} asked {person} to join {time}:", {
        asker: names.person(request.askedBy),
        person: <b>{names.person(request.person)}</b>,
        time: <Time iso={request.askedAt} />,
      })}{" "}
      {answerOf(request)}
      {request.message === null ? null : <span className="qq">. {request.message}</span>}
    </p>
  ));
}
