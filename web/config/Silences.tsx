/** What is muted now and later, by whom and why, what it held back, and its end. */
import { Link } from "@tanstack/react-router";
import { endSilence, listSilences } from "../../contract/silence.ts";
import { may, useMe, useNames } from "../app/me.ts";
import { useSend } from "../kit/client.ts";
import { More, useList } from "../kit/list.tsx";
import { AskAgain, Button, RefusedLine, Time } from "../kit/parts.tsx";
import { later, said, t } from "../kit/words.ts";

const STATES = {
  active: later("in force"),
  pending: later("to come"),
  expired: later("over"),
} as const;

export function Silences() {
  const me = useMe();
  const names = useNames();
  const { data, error, refetch, ...rest } = useList(listSilences, { query: { limit: 200 } });
  const end = useSend(endSilence, (queries) => void queries.invalidateQueries());
  const because = may(me, "silences.write", "any")
    ? null
    : t("This needs the right “{right}”.", { right: "silences.write" });
  return (
    <section className="settings-wide" aria-label={t("Silences")}>
      <h2>{t("Silences")}</h2>
      <p className="t13 q">{t("A silence is made on the page of an alert that it means.")}</p>
      <RefusedLine error={end.error} />
      {error !== null ? <AskAgain error={error} again={() => void refetch()} /> : null}
      {data?.items.length === 0 ? <p className="empty">{t("Nothing is silenced.")}</p> : null}
      {data === undefined || data.items.length === 0 ? null : (
        <table className="stacked">
          <thead>
            <tr>
              <th scope="col">{t("State")}</th>
              <th scope="col">{t("Mutes")}</th>
              <th scope="col">{t("Why")}</th>
              <th scope="col">{t("From")}</th>
              <th scope="col">{t("To")}</th>
              <th scope="col">{t("Holds now")}</th>
              <th scope="col">{t("Would have paged")}</th>
              <th scope="col">{t("End it")}</th>
            </tr>
          </thead>
          <tbody>
            {data.items.map((silence) => (
              <tr key={silence.id}>
                <td className="b">{said(STATES[silence.state])}</td>
                <td className="mono t12 lead">
                  {[...silence.services, ...silence.matchers].join(" ")}
                </td>
                <td className="line">
                  {silence.reason} <span className="q">{names.person(silence.owner)}</span>
                </td>
                <td data-what={t("From")}>
                  <Time iso={silence.now?.from ?? silence.startsAt} />
                </td>
                <td data-what={t("To")}>
                  <Time iso={silence.now?.to ?? silence.endsAt} />
                </td>
                <td data-what={t("Holds now")}>{silence.holds}</td>
                <td data-what={t("Would have paged")}>{silence.wouldHavePaged}</td>
                <td>
                  {silence.kind === "maintenance" ? (
                    <Link
                      to="/settings/$noun"
                      params={{ noun: "maintenance" }}
                      search={{ id: silence.id }}
                    >
                      {silence.source}
                    </Link>
                  ) : silence.state === "expired" ? null : (
                    <Button
                      small
                      because={because}
                      aria-label={t("End the silence of {matchers}", {
                        matchers: silence.matchers.join(" "),
                      })}
                      onClick={() => end.mutate({ params: { id: silence.id } })}
                    >
                      {t("End it")}
                    </Button>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      <More {...rest} />
    </section>
  );
}
